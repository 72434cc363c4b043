"""`textwire backup`: the database of a data directory as one file, while its server runs."""

import shlex
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click

from . import finding, tables
from .failures import Failed, Refused
from .migrate import CONFIG, DATABASE
from .progress import progress


@click.command("backup", short_help="Copy the database, while the server runs.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@finding.data_option
@DATABASE
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def command(
    file: Path, data: str | None, database: str | None, config_file: str | None, as_json: bool
) -> None:
    """Copy the database of a data directory to FILE, which must not exist yet; the server may go on.

    The copy is as of one moment, looked through, on the disk when this ends, and readable by its owner alone. It
    holds no key that opens what is sealed in it: keep DIR/server.key too, and elsewhere. A PostgreSQL is copied with
    its own tools; the command for that is shown.
    """
    from textwire.store import backup
    from textwire.store.engines.engine import Unavailable
    from textwire.store.glance import file_of

    config = finding.settings(data, config_file, database)
    if not config.embedded:
        raise Refused(f"this database is a PostgreSQL; copy it with: {pg_dump(config.store, file)}")
    try:
        with progress("Copying") as moved:
            backup.copy(file_of(config.store), file, moved)
    except Unavailable as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Refused(because(error)) from None
    size = file.stat().st_size
    if as_json:
        tables.say_json({"file": str(file), "bytes": size, "database": config.store})
    else:
        click.echo(
            f"{file} holds the database ({size / 1e6:.1f} MB); keep {config.directory / 'server.key'} too"
        )


def pg_dump(url: str, file: Path) -> str:
    """The command that copies a PostgreSQL; its password stays where libpq finds it itself (PGPASSWORD, ~/.pgpass)."""
    parts = urlsplit(url)
    place = parts.netloc
    if parts.password:
        user, host = parts.username or "", place.rpartition("@")[2]
        place = f"{user}@{host}" if user else host
    shown = urlunsplit(parts._replace(netloc=place))
    return f"pg_dump --format=custom --file={shlex.quote(str(file))} {shlex.quote(shown)}"


def because(error: OSError) -> str:
    """An error of the file system in words."""
    if error.strerror is None:
        return f"{error}: name another"
    return f"{error.filename2 or error.filename}: {error.strerror}"
