"""The embedded engine: SQLite through APSW, one writer connection in its thread, one reader on the loop's."""

import asyncio
import contextlib
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
Bindings = dict[str, Any] | list[Any]

# https://sqlite.org/wal.html: two processes resetting the WAL at once could corrupt it before 3.51.3.
SAFE_VERSION = (3, 51, 3)
WORDS = Words(id="integer primary key", int="integer", table="strict")
CHECKPOINT_PAGES = 8000  # 32 MiB of WAL
CHECKED_BYTES = 1 << 30  # a larger file is not read through at every start: 300 MB take 1.5 s
CACHE_KIB = 32_768
BUSY_MS = 5_000  # how long the writer's thread waits for another hand on the file, say an sqlite3 shell
STATEMENT_CACHE = 512
SIZES = (1, 8, 64, 256)  # of batches that have a statement of their own; in between, rows of nulls fill up
CACHED_SQL = 16_000  # APSW keeps no longer text in its cache of statements
SWITCH_INTERVAL = 0.0005
"""What a process that runs this engine gives `sys.setswitchinterval` (s).

With CPython's 5 ms the writer thread waits that long for the GIL whenever it comes out of SQLite beside a busy
loop, and falls to a few batches a second.
"""

# Kinds of I/O error in which no file's content is in doubt: memory, or room for the WAL's index, ran out.
_HARMLESS = frozenset({apsw.SQLITE_IOERR_NOMEM, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP})
_NOT_NOW = (
    apsw.FullError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.PermissionsError,
    apsw.NoMemError,
    apsw.ProtocolError,
    apsw.InterruptError,
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[Any, ...]]).decode


def refuse_old(version: str) -> None:
    """Raises Unavailable for a SQLite whose WAL can lose data; `version` as in "3.54.1"."""
    if tuple(int(part) for part in version.split(".")[:3]) < SAFE_VERSION:
        wanted = ".".join(map(str, SAFE_VERSION))
        raise Unavailable(f"SQLite {version} can corrupt its write-ahead log; {wanted} or newer is needed")


@lru_cache(maxsize=1024)
def render(statement: Statement, size: int = 0) -> str:
    """The statement in SQLite's words.

    A batch is a list of `size` rows of values (short ones end in rows of nulls, which do not count), or for size
    0 one JSON array of arrays of any length.
    """
    if size:
        marks = f"({','.join('?' * len(statement.columns))})"
        picks = ", ".join(f"column{i} as {name}" for i, (name, _) in enumerate(statement.columns, 1))
        source = f"(select {picks} from (values {','.join([marks] * size)}) where column1 is not null)"
    else:
        picks = ", ".join(f"value ->> {i} as {name}" for i, (name, _) in enumerate(statement.columns))
        source = f"(select {picks} from json_each(:rows))"
    return statement.text.replace("{rows}", source).replace("{lock}", "").replace("{skip}", "")


@lru_cache(maxsize=1024)
def largest(statement: Statement) -> int:
    """How many rows of values one execution takes; 0 for a statement that reads its batch as JSON."""
    if statement.args or statement.text.count("{rows}") != 1:
        return 0
    return next((size for size in reversed(SIZES) if len(render(statement, size)) < CACHED_SQL), 0)


def _refusal(error: Exception) -> Exception:
    """Sorts an error: the disk's fault (Fatal), the moment's (Unavailable) or the data's (itself)."""
    if isinstance(error, apsw.IOError) and getattr(error, "extendedresult", 0) in _HARMLESS:
        return Unavailable(str(error))
    if isinstance(error, (apsw.IOError, apsw.CorruptError, apsw.NotADBError)):
        return Fatal(str(error))
    if isinstance(error, _NOT_NOW):
        return Unavailable(str(error))
    return error


class _Writing:
    """A Transaction over the writer connection; its methods never suspend, so a thread can drive them."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection, self._execute = connection, connection.execute

    async def rows(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if statement.columns and not rows:
            return []
        # Never in pieces: what is in order would not be in order then.
        sql, bindings = (
            _listed(statement, rows) if 0 < len(rows) <= largest(statement) else _json(statement, rows, args)
        )
        if not sql.startswith("select"):
            return self._execute(sql, bindings).fetchall()
        [(text,)] = self._execute(_gathered(self._connection, sql, bindings), bindings)
        return _decode(text)

    async def run(self, statement: Statement, rows: Rows = (), **args: Any) -> None:
        most = largest(statement)
        if not rows:
            if not statement.columns:
                self._execute(*_json(statement, rows, args))
        elif most:
            for start in range(0, len(rows), most):
                self._execute(*_listed(statement, rows[start : start + most]))
        else:
            self._execute(*_json(statement, rows, args))


def _listed(statement: Statement, rows: Rows) -> tuple[str, Bindings]:
    """A batch as values: a third of the time of JSON for rows of many columns, measured."""
    size = next(size for size in SIZES if size >= len(rows))
    values = [value for row in rows for value in row]
    values += [None] * (size * len(statement.columns) - len(values))
    return render(statement, size), values


def _json(statement: Statement, rows: Rows, args: dict[str, Any]) -> tuple[str, Bindings]:
    if statement.columns:
        args["rows"] = _encode(rows).decode()
    return render(statement), args


_gathering: dict[str, str] = {}


def _gathered(connection: apsw.Connection, sql: str, bindings: Bindings) -> str:
    """The select as one row of JSON: a step per row would give up and retake the GIL per row."""
    if (known := _gathering.get(sql)) is None:
        names = ", ".join(f"c{i}" for i in range(_width(connection, sql, bindings)))
        known = f"with t({names}) as ({sql}) select json_group_array(json_array({names})) from t"
        _gathering[sql] = known
    return known


def _width(connection: apsw.Connection, sql: str, bindings: Bindings) -> int:
    """How many columns a statement has, without running it."""
    found = []
    cursor = connection.cursor()

    def look(looked: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        found.append(len(looked.get_description()))
        return False

    cursor.exec_trace = look
    with contextlib.suppress(apsw.ExecTraceAbort):
        cursor.execute(sql, bindings)
    return found[0]


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
    """An Engine on one file.

    `synchronous` is FULL for everybody but the tests that show why; `vfs` names another way to the disk than the
    operating system's, for tests too.
    """

    name = "sqlite"
    exclusive = True

    def __init__(self, path: Path | str, *, synchronous: str = "full", vfs: str | None = None) -> None:
        self._path = Path(path)
        self._synchronous, self._vfs = synchronous, vfs
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._writer: apsw.Connection | None = None
        self._reader: apsw.Connection | None = None
        self._lock: int | None = None
        self._wal_pages = 0

    async def open(self) -> None:
        refuse_old(apsw.sqlite_lib_version())
        try:
            self._lock = _own(self._path)
            _make_private(self._path)
            await self._in_thread(self._open_writer)
        except (apsw.Error, OSError) as error:
            raise Unavailable(f"{self._path}: {error}") from error

    def _open_writer(self) -> None:
        self._writer = writer = self._connect()
        writer.set_busy_timeout(BUSY_MS)
        [(mode,)] = writer.execute("pragma journal_mode=wal").fetchall()
        if mode != "wal":
            raise Unavailable(f"{self._path}: this file system offers no write-ahead log")
        writer.execute(f"pragma synchronous={self._synchronous}")
        writer.execute(f"pragma cache_size=-{CACHE_KIB}")
        # "fast" would leave what was deleted on pages that nobody uses any more; "on" costs nothing measurable.
        writer.execute("pragma secure_delete=on")
        writer.execute("pragma foreign_keys=on")
        self._check(writer)
        # In place of SQLite's own automatic checkpoint, which would keep an fsync error to itself.
        writer.set_wal_hook(self._note_wal)

    def _check(self, writer: apsw.Connection) -> None:
        if self._path.stat().st_size <= CHECKED_BYTES:
            [(found,)] = writer.execute("pragma quick_check(1)").fetchall()
            if found != "ok":
                raise Unavailable(f"{self._path} is damaged, restore a backup: {found}")

    def _connect(self, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE) -> apsw.Connection:
        return apsw.Connection(
            str(self._path), flags=flags, vfs=self._vfs, statementcachesize=STATEMENT_CACHE
        )

    def _note_wal(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    async def migrate(self) -> None:
        try:
            await self._in_thread(self._migrate)
            # Opened last: a read-only connection sees the finished schema and a WAL that exists.
            self._reader = self._connect(apsw.SQLITE_OPEN_READONLY)
            self._reader.execute("pragma query_only=on")
        except apsw.Error as error:
            raise Unavailable(f"{self._path}: {error}") from error

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
        if self._writer is None:
            raise Unavailable("the store is closed")
        return await self._in_thread(self._transact, self._writer, work)

    def _transact(self, writer: apsw.Connection, work: Callable[[Transaction], Awaitable[T]]) -> T:
        try:
            if self._wal_pages >= CHECKPOINT_PAGES:
                self._checkpoint(writer)
            writer.execute("begin immediate")
            result = _drive(work(_Writing(writer)))
            writer.execute("commit")
        except BaseException as error:
            _roll_back(writer)
            if isinstance(error, Exception):
                raise _refusal(error) from error
            raise
        return result

    def _checkpoint(self, writer: apsw.Connection) -> None:
        """Moves the WAL's pages into the file. Without room for that, the WAL still is the truth."""
        with contextlib.suppress(apsw.FullError, apsw.BusyError):
            writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    async def read(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        if self._reader is None:
            raise Unavailable("the store is closed")
        if statement.columns and not rows:
            return []
        try:
            return self._reader.execute(*_json(statement, rows, args)).fetchall()
        except apsw.Error as error:
            refusal = _refusal(error)
            # Nothing was to be written, so nothing is in doubt.
            raise (Unavailable(str(error)) if isinstance(refusal, Fatal) else refusal) from error

    async def forget(self) -> bool:
        if self._writer is None:
            raise Unavailable("the store is closed")
        try:
            return await self._in_thread(self._empty_log, self._writer)
        except apsw.Error as error:
            raise _refusal(error) from error

    def _empty_log(self, writer: apsw.Connection) -> bool:
        """Deleted content is overwritten in the file; the log has it until it is moved and cut off."""
        try:
            writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except (apsw.FullError, apsw.BusyError):
            return False
        self._wal_pages = 0
        return True

    async def close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        writer, self._writer = self._writer, None
        if writer is not None:
            await self._in_thread(writer.close)
        self._thread.shutdown()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

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
    path = path.resolve()
    descriptor = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            raise Unavailable(f"{path} is in use by another textwire process") from error
        raise
    return descriptor


def _make_private(path: Path) -> None:
    """An empty file that only its owner reads: SQLite would make it by the umask. Its WAL takes over the mode."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
