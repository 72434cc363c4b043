"""`textwire doctor`: looks what is wrong with a data directory and its server, and tells how to mend it."""

from typing import TYPE_CHECKING, Final

import click

from textwire.cli import finding, tables
from textwire.cli.migrate import CONFIG, DATABASE
from textwire.cli.plain import line

if TYPE_CHECKING:
    from .findings import Finding

COLOURS: Final = {"ok": "green", "warning": "yellow", "problem": "red"}
URL: Final = click.option("--url", metavar="URL", help="Server. [default: the data directory's]")
KEY: Final = click.option(
    "--key", metavar="KEY", help=f"API key. [default: {finding.KEY}, else the data directory's]"
)


@click.command("doctor", short_help="Look what is wrong, and tell how to mend it.")
@finding.data_option
@DATABASE
@CONFIG
@URL
@KEY
@click.option("--json", "as_json", is_flag=True, help="One finding per line, in JSON.")
def command(
    data: str | None,
    database: str | None,
    config_file: str | None,
    url: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Look at settings, data directory, database, server, certificate, queues and webhooks: what is well, what needs
    a look (warning), and what does not work (problem), each with the command that mends it. Fails if there is a problem.
    """
    from .look import findings

    found: list[Finding] = []
    for one in findings(data, database, config_file, url, key):
        found.append(one)
        if as_json:
            tables.say_json(one)
        else:
            _say(one)
    if not as_json:
        counts = [f"{sum(one.level == level for one in found)} {level}" for level in COLOURS]
        click.echo(", ".join(counts))
    if any(one.level == "problem" for one in found):
        raise click.exceptions.Exit(1)


def _say(one: "Finding") -> None:
    level = click.style(f"{one.level:<8}", fg=COLOURS[one.level])
    click.echo(f"{level} {one.check:<12} {line(one.said)}")
    if one.mend:
        click.echo(f"{'':<21} → {line(one.mend)}")
