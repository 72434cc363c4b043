"""The command `textwire`: one table of commands, each imported when it is used."""

import sys
from importlib import import_module
from typing import Any, Final

import click

from textwire import __version__

# name → (module and, behind a colon, what in it is the command if not `command`; its line in the list of commands)
COMMANDS: Final = {
    "serve": ("textwire.cli.serve", "Start the server."),
    "credentials": ("textwire.cli.credentials", "Show the first account's credentials."),
    "env": ("textwire.cli.env", "Print what a shell needs so that a vendor's clients come here."),
    "send": ("textwire.cli.send", "Send a text through a running server."),
    "phone": ("textwire.cli.phone", "Be a simulated handset, here in the terminal."),
    "tail": ("textwire.cli.tail", "Follow events as they happen."),
    "messages": (
        "textwire.cli.own.messages",
        "See what was sent and received, and why a message did not arrive.",
    ),
    "batch": ("textwire.cli.batch", "Send one text to everybody in a CSV file."),
    "batches": ("textwire.cli.own.batches", "See what became of texts to many, and take them back."),
    "preview": ("textwire.cli.own.preview", "Show what a text will be, and what makes it dear."),
    "numbers": ("textwire.cli.own.numbers", "See, buy, assign and release numbers."),
    "senders": (
        "textwire.cli.own.numbers:senders",
        "See and prove numbers of your own that may be sent from.",
    ),
    "hooks": ("textwire.cli.own.hooks", "See and change who is told of events, and what was answered."),
    "opt-outs": ("textwire.cli.own.opt_outs", "See and change who does not want texts."),
    "keys": ("textwire.cli.own.people:keys", "See, make and take away API keys."),
    "users": ("textwire.cli.own.people:users", "See and change the people of the account."),
    "projects": (
        "textwire.cli.own.people:projects",
        "See and change the projects of the account.",
    ),
    "tokens": ("textwire.cli.own.vendors:tokens", "See, make and take away tokens for sipgate's clients."),
    "vonage": ("textwire.cli.own.vendors:vonage", "See and change what Vonage's clients call with."),
    "accounts": ("textwire.cli.own.people:accounts", "See and change accounts."),
    "clock": ("textwire.cli.own.simnet:clock", "See and move the time that messages live by."),
    "network": ("textwire.cli.own.simnet:network", "See and set the weather of the simulated network."),
    "migrate": ("textwire.cli.migrate", "Bring the database's schema up to date."),
    "backup": ("textwire.cli.backup", "Copy the database, while the server runs."),
    "restore": ("textwire.cli.restore", "Make a data directory from a backup."),
    "doctor": ("textwire.cli.doctor", "Look what is wrong, and tell how to mend it."),
    "bench": ("textwire.cli.bench", "Measure this machine with a server of its own."),
}
COMPLETION: Final = (
    'Shell completion: eval "$(_TEXTWIRE_COMPLETE=bash_source textwire)" in the shell\'s start-up file, with '
    "zsh_source or fish_source for those shells."
)


class Lazy(click.Group):
    """A group that imports a command only to run it; the list of commands is the table's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name or "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


@click.group(cls=Lazy, epilog=COMPLETION, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Send and receive text messages on a server of your own, with a simulated phone network inside."""


def main(arguments: list[str] | None = None) -> Any:
    """Runs the command line and exits: 0 done, 1 tried and failed, 2 cannot be done so."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # What a terminal cannot show, or a pipe gets wrong, becomes another character instead of an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return group.main(arguments, prog_name="textwire")
