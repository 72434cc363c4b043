"""Looks into the house's database from outside, past the house's own engines: reads only."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import asyncpg

Rows = list[tuple[Any, ...]]
GONE_SECONDS = 20.0


def is_postgres(database: str) -> bool:
    """Whether `database` is a URL; otherwise it is the path of a SQLite file."""
    return database.startswith("postgresql://")


async def look(database: str, sql: str) -> Rows:
    """What a query finds.

    On SQLite a read-only connection never checkpoints, so that recovery after a kill stays the victim's work.
    """
    if is_postgres(database):
        connection = await asyncpg.connect(database, timeout=10)
        try:
            return [tuple(row) for row in await connection.fetch(sql, timeout=120)]
        finally:
            await connection.close(timeout=10)
    with closing(apsw.Connection(database, flags=apsw.SQLITE_OPEN_READONLY)) as reader:
        reader.set_busy_timeout(10_000)
        return reader.execute(sql).fetchall()


async def until_gone(database: str) -> None:
    """Waits until the server has noticed that the victim is dead and ended what it was doing for it."""
    if not is_postgres(database):
        return
    sql = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'textwire'"
    async with asyncio.timeout(GONE_SECONDS):
        while await look(database, sql) != [(0,)]:
            await asyncio.sleep(0.01)


async def integrity(database: str) -> str:
    """`ok`, `ok (…)` with what could not be checked, or what is broken."""
    if is_postgres(database):
        return await _amcheck(database)
    [*found] = await look(database, "pragma integrity_check") + await look(
        database, "pragma foreign_key_check"
    )
    return "ok" if found == [("ok",)] else str(found)


async def _amcheck(database: str) -> str:
    connection = await asyncpg.connect(database, timeout=10)
    try:
        await connection.execute("create extension if not exists amcheck")
        await connection.fetch(
            """select bt_index_check(c.oid, true) from pg_class c join pg_index i on i.indexrelid = c.oid
               join pg_am a on a.oid = c.relam
               where a.amname = 'btree' and c.relnamespace = 'public'::regnamespace and i.indisvalid""",
            timeout=120,
        )
    except (asyncpg.UndefinedFileError, asyncpg.FeatureNotSupportedError, asyncpg.InsufficientPrivilegeError):
        return "ok (no amcheck here)"
    except asyncpg.PostgresError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await connection.close(timeout=10)
    return "ok"


def file_of(database: str) -> Path | None:
    """The file of a SQLite database."""
    return None if is_postgres(database) else Path(database)
