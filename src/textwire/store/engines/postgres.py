"""The outgrow engine: PostgreSQL through asyncpg, one writer connection, a small pool of readers."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg

from textwire.store.migrator import Words, migrations

from .engine import Again, Row, Rows, Statement, Transaction, Unavailable

T = TypeVar("T")

OLDEST = 150_000  # server_version_num
WORDS = Words(id="bigint primary key", int="bigint", table="")
READERS = 4
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 30.0
CLOSE_SECONDS = 2.0
RESOLVE_SECONDS = 5.0  # how long we try to learn what became of a commit whose answer was lost
REPEATS = 5
MIGRATION_LOCK = 7_483_200_113  # any constant: only one process migrates at a time
# The planner knows nothing of the sizes of batches; what it fears is large enough for it to compile a query first.
SETTINGS = {"application_name": "textwire", "jit": "off"}

_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a dying server's last words, read in the middle of a conversation
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.InvalidCatalogNameError,
    asyncpg.exceptions.InvalidAuthorizationSpecificationError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.PostgresSystemError,  # its disk; the server itself stops when an fsync fails
    asyncpg.exceptions.DataCorruptedError,
    asyncpg.exceptions.IndexCorruptedError,
    asyncpg.exceptions.TargetServerAttributeNotMatched,
    OSError,
    asyncio.TimeoutError,
)
# 40P01 and 40001: the victim of a lock order or a serialization conflict repeats its batch.
_LOST_RACE = (asyncpg.exceptions.DeadlockDetectedError, asyncpg.exceptions.SerializationError)


@lru_cache(maxsize=1024)
def render(statement: Statement) -> str:
    """The statement in PostgreSQL's words: a batch is one array per column, read by unnest."""
    arrays = ", ".join(f"${i}::{kind}[]" for i, (_, kind) in enumerate(statement.columns, 1))
    names = ", ".join(name for name, _ in statement.columns)
    source = f"(select * from unnest({arrays}) as batch({names}))"
    text = statement.text.replace("{rows}", source)
    for i, (name, kind) in enumerate(statement.args, len(statement.columns) + 1):
        text = re.sub(rf"(?<!:):{name}\b", f"${i}::{kind}", text)
    return text.replace("{lock}", "for update of m").replace("{skip}", "for update of m skip locked")


def _bind(statement: Statement, rows: Rows, args: dict[str, Any]) -> tuple[Any, ...]:
    columns = tuple(zip(*rows, strict=True)) if statement.columns else ()
    return *columns, *(args[name] for name, _ in statement.args)


def _refusal(error: Exception) -> Exception:
    """Sorts an error: the moment's (Unavailable) or the data's (itself)."""
    if isinstance(error, (*_GONE, *_LOST_RACE)):
        return Unavailable(f"{type(error).__name__}: {error}")
    return error


class _Writing:
    """A Transaction over the writer connection."""

    def __init__(self, connection: Any) -> None:
        self._fetch = connection.fetch

    async def rows(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if statement.columns and not rows:
            return []
        found: list[Row] = await self._fetch(render(statement), *_bind(statement, rows, args))
        return found

    async def run(self, statement: Statement, rows: Rows = (), **args: Any) -> None:
        if rows or not statement.columns:
            await self._fetch(render(statement), *_bind(statement, rows, args))


class Postgres:
    """An Engine on one PostgreSQL database, named by a postgresql:// URL."""

    name = "postgres"
    exclusive = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._writer: Any = None
        self._readers: Any = None
        self._turn = asyncio.Lock()
        self._pooling = asyncio.Lock()
        self._closed = False

    async def open(self) -> None:
        try:
            await self._connect()
        except Exception as error:
            raise _refusal(error) from error

    async def _connect(self) -> Any:
        """The writer connection, a new one if it is gone; every one is checked, as a failover may change servers."""
        if self._closed:
            raise Unavailable("the store is closed")
        if self._writer is None or self._writer.is_closed():
            writer = await asyncpg.connect(
                self._url, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS, server_settings=SETTINGS
            )
            try:
                await _check(writer)
            except BaseException:
                writer.terminate()
                raise
            self._writer = writer
        return self._writer

    async def migrate(self) -> None:
        try:
            await self._migrate(await self._connect())
        except Exception as error:
            raise _refusal(error) from error

    async def _migrate(self, writer: Any) -> None:
        async with writer.transaction():
            await writer.execute(f"select pg_advisory_xact_lock({MIGRATION_LOCK})")
            await writer.execute("create table if not exists schema_version (version bigint primary key)")
            done = await writer.fetchval("select coalesce(max(version), 0) from schema_version")
            for version, script in migrations(done, WORDS):
                await writer.execute(script)
                await writer.execute("insert into schema_version values ($1)", version)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self._turn:
            try:
                for _ in range(REPEATS - 1):
                    with contextlib.suppress(*_LOST_RACE, Again):
                        return await self._transact(work)
                return await self._transact(work)
            except Exception as error:
                raise _refusal(error) from error

    async def _transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        writer = await self._connect()
        transaction = writer.transaction()
        try:
            await transaction.start()
            xid = await writer.fetchval("select pg_current_xact_id()::text")
            result = await work(_Writing(writer))
        except BaseException as error:
            await self._undo(transaction, error)
            raise
        try:
            await transaction.commit()
        except Exception as error:
            if isinstance(error, asyncpg.PostgresError) and not isinstance(error, _GONE):
                raise
            if not await self._committed(xid):
                raise
        return result

    async def _undo(self, transaction: Any, error: BaseException) -> None:
        """Ends a transaction that failed; a connection in an unknown state is dropped, which ends it too."""
        try:
            if isinstance(error, _GONE):
                self._drop_writer()
            else:
                await transaction.rollback()
        except (asyncpg.PostgresError, *_GONE):
            self._drop_writer()

    async def _committed(self, xid: str) -> bool:
        """What became of a commit whose answer was lost, asked on a new connection (reliability W11)."""
        self._drop_writer()
        deadline = asyncio.get_running_loop().time() + RESOLVE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                writer = await self._connect()
                status = await writer.fetchval("select pg_xact_status($1::text::xid8)", xid)
            except asyncpg.exceptions.InvalidParameterValueError:
                return False  # a standby took over that has never heard of it
            except _GONE:
                self._drop_writer()
                await asyncio.sleep(0.2)
                continue
            if status != "in progress":
                return bool(status == "committed")
            await asyncio.sleep(0.05)
        return False

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def read(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if statement.columns and not rows:
            return []
        try:
            pool = await self._pool()
            async with pool.acquire(timeout=CONNECT_SECONDS) as reader:
                found: list[Row] = await reader.fetch(render(statement), *_bind(statement, rows, args))
        except Exception as error:
            raise _refusal(error) from error
        return found

    async def _pool(self) -> Any:
        async with self._pooling:
            if self._closed:
                raise Unavailable("the store is closed")
            if self._readers is None:
                self._readers = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=READERS,
                    timeout=CONNECT_SECONDS,
                    command_timeout=COMMAND_SECONDS,
                    server_settings=SETTINGS,
                )
        return self._readers

    async def forget(self) -> bool:
        return True  # autovacuum, and whoever keeps its log, see to it

    async def close(self) -> None:
        self._closed = True
        readers, self._readers = self._readers, None
        if readers is not None:
            readers.terminate()
        async with self._turn:
            writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(*_GONE):
                await writer.close(timeout=CLOSE_SECONDS)


async def _check(connection: Any) -> None:
    show = "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'server_version_num')"
    settings = dict(await connection.fetch(show))
    if int(settings["server_version_num"]) < OLDEST:
        raise Unavailable(f"PostgreSQL {OLDEST // 10_000} or newer is needed")
    for name in ("fsync", "synchronous_commit"):
        if settings[name] == "off":
            raise Unavailable(f"{name} is off: an answered message could be lost; turn it on")
