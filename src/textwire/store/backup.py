"""Copies of an embedded database: taken while a server writes to it, looked through, and put into place."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from .engines.engine import Unavailable
from .migrator import latest

STEP: Final = 1024  # pages (4 MiB) between two reports of progress
CHUNK: Final = 1 << 20  # bytes
COMPANIONS: Final = ("", "-wal", "-shm", "-journal")  # what belongs to a database file

Progress = Callable[[int, int], None]
"""Told (pages done, pages in all)."""


def copy(source: Path, target: Path, progress: Progress = lambda done, total: None) -> None:
    """A copy of the database as it is at one moment, whole and durable at `target` when this returns.

    Safe beside a server that writes: all is read in one transaction, which holds back nobody; the write-ahead
    log only grows until it ends. Raises Unavailable, and FileExistsError rather than overwrite anything.
    """
    if not source.is_file():
        raise Unavailable(f"there is no database {source}")
    partial = _fresh(target)
    try:
        _copy(source, partial, progress)
        check(partial, thorough=False)
        _place(partial, target)
    except apsw.Error as error:
        raise Unavailable(f"{source}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(source: Path, target: Path) -> None:
    """Puts a backup that was looked through where a server will use it; as strict as `copy`."""
    for companion in COMPANIONS:
        if (there := target.with_name(target.name + companion)).exists():
            raise FileExistsError(f"{there} is there already")
    partial = _fresh(target)
    try:
        with source.open("rb") as reading, partial.open("wb") as writing:
            while chunk := reading.read(CHUNK):
                writing.write(chunk)
        check(partial)
        _place(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def check(path: Path, *, thorough: bool = True) -> int:
    """The schema version of a database file that nobody uses. Raises Unavailable for one that cannot be used."""
    try:
        with contextlib.closing(_opened(f"{path.absolute().as_uri()}?immutable=1")) as database:
            _sound(database, path, "integrity_check" if thorough else "quick_check")
            return _schema(database, path)
    except apsw.Error as error:
        raise Unavailable(f"{path} cannot be used: {error}") from error


def _copy(source: Path, target: Path, progress: Progress) -> None:
    reading = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
    writing = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READWRITE)
    with contextlib.closing(reading), contextlib.closing(writing):
        reading.execute("pragma query_only=on")
        # One transaction for all steps: without it, each write of the server would make the copy begin again.
        reading.execute("begin; select count(*) from sqlite_schema").fetchall()
        writing.execute("pragma synchronous=off")  # the whole file is synced once, below
        with writing.backup("main", reading, "main") as work:
            while not work.step(STEP):
                progress(work.page_count - work.remaining, work.page_count)
        progress(1, 1)


def _opened(uri: str) -> apsw.Connection:
    return apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)


def _sound(database: apsw.Connection, path: Path, pragma: str) -> None:
    found = database.pragma(pragma, 1)
    if found != "ok":
        raise Unavailable(f"{path} is damaged: {found}")
    if pragma == "integrity_check" and database.execute("pragma foreign_key_check").fetchall():
        raise Unavailable(f"{path} is damaged: a row refers to one that is not there")


def _schema(database: apsw.Connection, path: Path) -> int:
    known = database.execute("select 1 from sqlite_schema where name = 'schema_version'").fetchall()
    if not known:
        raise Unavailable(f"{path} is no database of Textwire")
    [(version,)] = database.execute("select coalesce(max(version), 0) from schema_version").fetchall()
    assert isinstance(version, int)
    if version > latest():
        raise Unavailable(
            f"{path} has schema {version}, this textwire knows {latest()}: use the newer textwire that wrote it"
        )
    return version


def _fresh(target: Path) -> Path:
    """An empty file beside the target that only its owner reads."""
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)  # of a copy that was cut short
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    return partial


def _place(partial: Path, target: Path) -> None:
    """The file under its name: whole and durable, and never in place of another."""
    _sync(partial)
    os.link(partial, target)  # unlike a rename, this refuses to overwrite
    partial.unlink()
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
