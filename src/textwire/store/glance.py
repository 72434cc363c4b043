"""Looks at a database that others may be using: read-only, without owning, making or migrating anything."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import apsw

from .engines.engine import Row, Rows, Statement, Unavailable, statement
from .engines.sqlite import render

CONNECT_SECONDS: Final = 5.0
SETTINGS: Final = {"application_name": "textwire look", "default_transaction_read_only": "on"}


class Glance(Protocol):
    """One database, looked at."""

    engine: str

    async def read(self, asked: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        """What a statement without a batch selects; as an engine reads."""
        ...

    async def ask(self, question: str) -> str:
        """The value of a pragma or a setting."""
        ...


@contextlib.asynccontextmanager
async def glance(database: str) -> AsyncIterator[Glance]:
    """A look at what --database names. Raises Unavailable with the reason."""
    if database.startswith(("postgresql://", "postgres://")):
        async with _postgres(database) as looked:
            yield looked
    else:
        with _sqlite(file_of(database)) as here:
            yield here


def file_of(database: str) -> Path:
    """The file that a --database value names, if it is not a PostgreSQL."""
    return Path(database.removeprefix("sqlite:///").removeprefix("sqlite:"))


async def schema(looked: Glance) -> int:
    """The schema version, 0 for a database that holds nothing of ours."""
    try:
        [(version,)] = await looked.read(statement("select coalesce(max(version), 0) from schema_version"))
    except Unavailable:
        return 0
    return int(version)


class _SQLite:
    engine = "sqlite"

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    async def read(self, asked: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        try:
            return self._connection.execute(render(asked), args).fetchall()
        except apsw.Error as error:
            raise Unavailable(str(error)) from error

    async def ask(self, question: str) -> str:
        try:
            return str(self._connection.pragma(question))
        except apsw.Error as error:
            raise Unavailable(str(error)) from error


@contextlib.contextmanager
def _sqlite(path: Path) -> Iterator[_SQLite]:
    if not path.is_file():
        raise Unavailable(f"there is no database {path} yet")
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise Unavailable(f"{path}: {error}") from error
    with contextlib.closing(connection):
        yield _SQLite(connection)


class _Postgres:
    engine = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def read(self, asked: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        import asyncpg

        from .engines import postgres

        try:
            found: list[Row] = await self._connection.fetch(
                postgres.render(asked), *(args[name] for name, _ in asked.args)
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        return found

    async def ask(self, question: str) -> str:
        return str(await self._connection.fetchval("select current_setting($1, true)", question))


@contextlib.asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[_Postgres]:
    import asyncpg

    try:
        connection = await asyncpg.connect(
            url, timeout=CONNECT_SECONDS, command_timeout=CONNECT_SECONDS, server_settings=SETTINGS
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error
    try:
        yield _Postgres(connection)
    finally:
        connection.terminate()
