"""`textwire restore`: a backup becomes the database of a data directory that has none."""

from pathlib import Path

import click

from . import finding, tables
from .backup import because
from .failures import Failed, Refused
from .migrate import CONFIG

SERVER_KEY = "server.key"


@click.command("restore", short_help="Make a data directory from a backup.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@finding.data_option
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def command(file: Path, data: str | None, config_file: str | None, as_json: bool) -> None:
    """Make a data directory from the backup FILE: it is looked through first, and nothing is ever overwritten.

    The directory must not hold a database yet. Put the server.key of the old one into it, too: without that the
    sealed secrets of webhooks cannot be opened. What was waiting when the backup was made is sent when a
    server starts on it: where the old server went on, that is sent twice.
    """
    from textwire.store import backup
    from textwire.store.engines.engine import Unavailable
    from textwire.store.glance import file_of

    config = finding.settings(data, config_file)
    if not config.embedded:
        raise Refused("this database is a PostgreSQL; put a copy of it back with pg_restore")
    try:
        config.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup.restore(file, file_of(config.store))
    except Unavailable as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Refused(because(error)) from None
    has_key = (config.directory / SERVER_KEY).exists()
    if as_json:
        tables.say_json({"database": config.store, "server_key": has_key})
        return
    click.echo(f"{config.store} is in place; start it with: textwire serve --data {config.data}")
    if not has_key:
        click.echo(
            f"There is no {SERVER_KEY} in {config.data}: put the old one there first, or rotate the secrets of webhooks",
            err=True,
        )
