"""The database: whether it can be used, is whole, keeps its promises, and has our schema."""

import asyncio
import shlex
from collections.abc import Iterator
from typing import Final

from textwire.store.engines.engine import Unavailable
from textwire.store.glance import file_of, glance
from textwire.store.glance import schema as schema_of
from textwire.store.migrator import latest

from .findings import Case, Finding

CHECKED_BYTES: Final = 2 << 30  # a larger file is not read through here: it would take a while
SLOW: Final = ("synchronous_commit", "fsync", "full_page_writes")
OLDEST: Final = 15


def reachable(case: Case) -> Iterator[Finding]:
    """What the engine says of itself."""
    try:
        yield from asyncio.run(_sqlite(case) if case.config.embedded else _postgres(case))
    except Unavailable as error:
        yield from _absent(case, error)


def _absent(case: Case, error: Unavailable) -> Iterator[Finding]:
    if case.config.embedded and not file_of(case.config.store).exists():
        yield Finding("database", "ok", "there is no database yet: the first start makes it")
    elif case.config.embedded:
        yield Finding(
            "database",
            "problem",
            f"the database cannot be read: {error}",
            f"textwire restore BACKUP{case.at}",
        )
    else:
        yield Finding("database", "problem", f"PostgreSQL cannot be used: {error}", "pg_isready")


def schema(case: Case) -> Iterator[Finding]:
    """Whether program and database speak of the same tables."""
    try:
        found = asyncio.run(_schema(case))
    except Unavailable:
        return
    if found > latest():
        yield Finding("schema", "problem", f"a newer textwire has written this database (schema {found}, this one knows "
                      f"{latest()}); it is refused here", "textwire --version")  # fmt: skip
    elif found < latest():
        yield Finding("schema", "warning", f"the schema is {found}, the next start brings it to {latest()}: make a backup first",
                      f"textwire backup FILE{case.at}")  # fmt: skip
    else:
        yield Finding("schema", "ok", f"the schema is up to date ({found})")


async def _schema(case: Case) -> int:
    async with glance(case.config.store) as looked:
        return await schema_of(looked)


async def _sqlite(case: Case) -> list[Finding]:
    import apsw

    from textwire.store.engines.sqlite import refuse_old

    version = apsw.sqlite_lib_version()
    try:
        refuse_old(version)
    except Unavailable as error:
        return [Finding("database", "problem", str(error), "make run")]
    async with glance(case.config.store) as looked:
        size = int(await looked.ask("page_count")) * int(await looked.ask("page_size"))
        if size > CHECKED_BYTES:
            said = f"SQLite {version}, {size / 1e9:.1f} GB: too large to be read through here"
            return [
                Finding(
                    "database",
                    "ok",
                    said,
                    f"sqlite3 {shlex.quote(str(file_of(case.config.store)))} 'pragma quick_check'",
                )
            ]
        found = await looked.ask("quick_check")
    if found != "ok":
        return [
            Finding(
                "database",
                "problem",
                f"{case.config.store} is damaged: {found}",
                f"textwire restore BACKUP{case.at}",
            )
        ]
    return [Finding("database", "ok", f"SQLite {version}, {size / 1e6:.1f} MB, quick_check ok")]


async def _postgres(case: Case) -> list[Finding]:
    async with glance(case.config.store) as looked:
        version = await looked.ask("server_version")
        off = [name for name in SLOW if await looked.ask(name) == "off"]
    if int(version.split(".")[0].split()[0]) < OLDEST:
        return [
            Finding("database", "problem", f"PostgreSQL {version} is too old, {OLDEST} or newer is needed")
        ]
    if off:
        return [
            Finding("database", "problem", f"{name} is off: an answered message could be lost",
                    f'psql -c "alter system set {name} = on"')
            for name in off
        ]  # fmt: skip
    return [Finding("database", "ok", f"PostgreSQL {version}, fsync and synchronous_commit are on")]
