"""The embedded engine: SQLite through APSW, one writer connection in its thread, one reader on the loop's."""

import asyncio
import errno
import fcntl
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from textwire.store.migrator import Words, migrations

from .engine import Fatal, Row, Rows, Statement, Transaction, Unavailable

T = TypeVar("T")

# https://sqlite.org/wal.html: two processes resetting the WAL at once could corrupt it before 3.51.3.
SAFE_VERSION = (3, 51, 3)
WORDS = Words(id="integer primary key", int="integer", table="strict")
CHECKPOINT_PAGES = 8000  # 32 MiB of WAL
CACHE_KIB = 32_768
STATEMENT_CACHE = 256

_encode = msgspec.json.Encoder().encode


def refuse_old(version: str) -> None:
    """Raises Unavailable for a SQLite whose WAL can lose data; `version` as in "3.54.1"."""
    if tuple(int(part) for part in version.split(".")[:3]) < SAFE_VERSION:
        wanted = ".".join(map(str, SAFE_VERSION))
        raise Unavailable(f"SQLite {version} can corrupt its write-ahead log; {wanted} or newer is needed")


@lru_cache(maxsize=1024)
def render(statement: Statement) -> str:
    """The statement in SQLite's words: a batch is one JSON array of arrays, read by json_each."""
    picks = ", ".join(f"value ->> {i} as {name}" for i, (name, _) in enumerate(statement.columns))
    source = f"(select {picks} from json_each(:rows))"
    return statement.text.replace("{rows}", source).replace("{lock}", "").replace("{skip}", "")


def _refusal(error: Exception) -> Exception:
    """Sorts an error: the disk's fault (Fatal), the moment's (Unavailable) or the data's (itself)."""
    if isinstance(error, apsw.IOError):
        return Fatal(str(error))
    if isinstance(error, (apsw.FullError, apsw.BusyError, apsw.CantOpenError, apsw.ReadOnlyError)):
        return Unavailable(str(error))
    return error


class _Writing:
    """A Transaction over the writer connection; its methods never suspend, so a thread can drive them."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._execute = connection.execute

    async def rows(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if statement.columns and not rows:
            return []
        return self._execute(render(statement), _bind(statement, rows, args)).fetchall()

    async def run(self, statement: Statement, rows: Rows = (), **args: Any) -> None:
        if rows or not statement.columns:
            self._execute(render(statement), _bind(statement, rows, args))


def _bind(statement: Statement, rows: Rows, args: dict[str, Any]) -> dict[str, Any]:
    if statement.columns:
        args["rows"] = _encode(rows).decode()
    return args


def _drive(work: Awaitable[T]) -> T:
    """Runs a coroutine that never suspends to its end, without a loop."""
    step = work.__await__()
    try:
        next(step)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("a verb waited for the outside world inside a transaction")


class SQLite:
    """An Engine on one file. `synchronous` is FULL for everybody but the tests that show why."""

    name = "sqlite"

    def __init__(self, path: Path | str, *, synchronous: str = "full") -> None:
        self._path = Path(path)
        self._synchronous = synchronous
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._writer: apsw.Connection | None = None
        self._reader: apsw.Connection | None = None
        self._lock: int | None = None

    async def open(self) -> None:
        refuse_old(apsw.sqlite_lib_version())
        self._lock = _own(self._path)
        try:
            await self._in_thread(self._open_writer)
        except apsw.Error as error:
            raise Unavailable(f"{self._path}: {error}") from error

    def _open_writer(self) -> None:
        writer = apsw.Connection(str(self._path), statementcachesize=STATEMENT_CACHE)
        writer.execute("pragma journal_mode=wal")
        writer.execute(f"pragma synchronous={self._synchronous}")
        writer.execute(f"pragma wal_autocheckpoint={CHECKPOINT_PAGES}")
        writer.execute(f"pragma cache_size=-{CACHE_KIB}")
        writer.execute("pragma secure_delete=fast")
        self._writer = writer

    async def migrate(self) -> None:
        await self._in_thread(self._migrate)
        # Opened last: a read-only connection sees the finished schema and a WAL that exists.
        self._reader = apsw.Connection(
            str(self._path), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=STATEMENT_CACHE
        )
        self._reader.execute("pragma query_only=on")

    def _migrate(self) -> None:
        assert self._writer is not None
        execute = self._writer.execute
        execute("create table if not exists schema_version (version integer primary key) strict")
        [(done,)] = execute("select coalesce(max(version), 0) from schema_version").fetchall()
        assert isinstance(done, int)
        for version, script in migrations(done, WORDS):
            with self._writer:
                execute(script)
                execute("insert into schema_version values (?)", (version,))

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._in_thread(self._transact, work)

    def _transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        writer = self._writer
        if writer is None:
            raise Unavailable("the store is closed")
        try:
            writer.execute("begin immediate")
            result = _drive(work(_Writing(writer)))
            writer.execute("commit")
        except BaseException as error:
            _roll_back(writer)
            if isinstance(error, Exception):
                raise _refusal(error) from error
            raise
        return result

    async def read(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if self._reader is None:
            raise Unavailable("the store is closed")
        if statement.columns and not rows:
            return []
        try:
            return self._reader.execute(render(statement), _bind(statement, rows, args)).fetchall()
        except apsw.Error as error:
            raise _refusal(error) from error

    async def close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        await self._in_thread(self._close_writer)
        self._thread.shutdown()
        if self._lock is not None:
            os.close(self._lock)

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    async def _in_thread(self, call: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)


def _roll_back(writer: apsw.Connection) -> None:
    # After a full disk or an I/O error SQLite may have rolled back by itself.
    if writer.in_transaction:
        try:
            writer.execute("rollback")
        except apsw.Error as error:
            raise Fatal(f"rollback failed: {error}") from error


def _own(path: Path) -> int:
    """Takes the one lock of a database file: one process owns it. Returns the descriptor that holds it."""
    descriptor = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            raise Unavailable(f"{path} is in use by another textwire process") from error
        raise
    return descriptor
