"""`textwire migrate`: brings a database up to date before the server does, or shows what that would be."""

import asyncio
from typing import TYPE_CHECKING, Final

import click

from . import finding, tables
from .failures import Failed, Refused

if TYPE_CHECKING:
    from textwire.config import Config
    from textwire.store.migrator import Words

DATABASE: Final = click.option(
    "--database",
    metavar="URL",
    help="sqlite path or postgresql://… [default: textwire.db in the data directory]",
)
CONFIG: Final = click.option(
    "--config", "config_file", metavar="FILE", help="TOML file with the server's settings."
)


@click.command("migrate", short_help="Bring the database's schema up to date.")
@click.option("--dry-run", is_flag=True, help="Change nothing: tell which steps are missing.")
@click.option("--sql", is_flag=True, help="Change nothing: print the missing steps as SQL.")
@finding.data_option
@DATABASE
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def command(
    dry_run: bool,
    sql: bool,
    data: str | None,
    database: str | None,
    config_file: str | None,
    as_json: bool,
) -> None:
    """Bring the database's schema up to date, while no server uses it.

    A server does so itself when it starts; here it can be done beforehand, or be looked at. A database that a
    newer textwire has written is refused and stays as it is. Make a backup first: there is no way back.
    """
    from textwire.store.engines.engine import Unavailable
    from textwire.store.glance import file_of
    from textwire.store.migrator import latest, migrations

    config = finding.settings(data, config_file, database)
    try:
        # A database file that is not there yet has no schema, and no look shall make it.
        there = not config.embedded or file_of(config.store).exists()
        before = asyncio.run(_version(config.store)) if there else 0
        steps = list(migrations(before, _words(config)))
        if steps and not (dry_run or sql):
            config.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            asyncio.run(_apply(config.store))
    except Unavailable as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from None
    missing = [version for version, _ in steps]
    if sql:
        for version, script in steps:
            click.echo(f"-- {version}\n{script.strip()}\ninsert into schema_version values ({version});\n")
    elif as_json:
        tables.say_json({"schema": before, "latest": latest(), "steps": missing, "applied": not dry_run})
    else:
        click.echo(_told(before, latest(), missing, dry_run))


def _told(before: int, newest: int, missing: list[int], dry_run: bool) -> str:
    if not missing:
        return f"the schema is up to date ({newest})"
    steps = f"step{'s' if len(missing) > 1 else ''} {', '.join(map(str, missing))}"
    if dry_run:
        return f"the schema is {before}: {steps} would bring it to {newest}"
    return f"the schema was {before}: {steps} brought it to {newest}"


def _words(config: "Config") -> "Words":
    from textwire.store.engines import sqlite

    if config.embedded:
        return sqlite.WORDS
    from textwire.store.engines import postgres

    return postgres.WORDS


async def _version(database: str) -> int:
    from textwire.store import glance

    async with glance.glance(database) as looked:
        return await glance.schema(looked)


async def _apply(database: str) -> None:
    from textwire.store.store import Store, engine_for

    store = Store(engine_for(database))
    await store.open()
    await store.close()
