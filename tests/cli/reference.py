"""Makes the reference of docs/howto/command-line.md from the commands themselves: python -m tests.cli.reference."""

from collections.abc import Iterator
from pathlib import Path

import click

from textwire.cli.main import COMMANDS, group

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "command-line.md"
START = "This part is made from the program: `python -m tests.cli.reference`.\n"
COMMON = {"as_json", "url", "key", "help"}


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that lead to it, in the order of the table."""
    context = click.Context(command)
    if not isinstance(command, click.Group):
        yield path, command
        return
    names = list(COMMANDS) if not path else command.list_commands(context)
    for name in names:
        below = command.get_command(context, name)
        assert below is not None
        yield from commands(below, *path, name)


def lines() -> Iterator[str]:
    """The reference in Markdown."""
    for path, command in commands(group):
        context = click.Context(command, info_name=" ".join(("textwire", *path)))
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        usage = " ".join(["textwire", *path, *(one.make_metavar(context) for one in arguments)])
        yield f"\n**`{usage}`**\n"
        yield f"{command.get_short_help_str(200)}"
        yield from options(command, context)


def options(command: click.Command, context: click.Context) -> Iterator[str]:
    """One line each, but for those that all have."""
    speaks = any(one.name == "url" for one in command.params)
    for one in command.params:
        record = one.get_help_record(context) if isinstance(one, click.Option) else None
        if record is None or one.name in COMMON or (one.name == "data" and speaks):
            continue
        yield f"- `{record[0]}`: {record[1]}"


def page() -> str:
    """The page as it should be."""
    before = PAGE.read_text(encoding="utf-8").partition(START)[0]
    return before + START + "\n".join(lines()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
