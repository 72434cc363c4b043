"""The embedded engine: its disk, its file, its lock, its version."""

import asyncio
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import apsw
import pytest

from textwire.store import accounts, messages
from textwire.store.committer import Unit
from textwire.store.engines import sqlite
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.store.engines.sqlite import SAFE_VERSION, SQLite, refuse_old
from textwire.store.store import FSYNC_EXIT, Store

from .disk import Disk
from .house import STEP, ask, birth, do, running, sql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "textwire.db"


@pytest.fixture
def disk() -> Disk:
    return Disk()


def on(disk: Disk, path: Path, synchronous: str = "full") -> SQLite:
    return SQLite(path, vfs=disk.name, synchronous=synchronous)


async def pragma(store: Store, name: str) -> Any:
    async def inside(unit: Unit) -> Any:
        return (await unit.rows(sql(f"pragma {name}")))[0][0]

    return await do(store, inside)


# --- durability


async def test_the_writer_is_set_up_for_durability(path: Path) -> None:
    async with running(path) as store:
        found = {
            name: await pragma(store, name)
            for name in ("synchronous", "journal_mode", "mmap_size", "foreign_keys", "wal_autocheckpoint")
        }
    assert found == {
        "synchronous": 2,  # FULL
        "journal_mode": "wal",
        "mmap_size": 0,
        "foreign_keys": 1,
        "wal_autocheckpoint": 0,  # ours, which does not keep an fsync error to itself
    }


async def test_nothing_is_answered_before_its_fsync(path: Path, disk: Disk) -> None:
    async with running(on(disk, path)) as store:
        for n in range(1, 51):
            before = len(disk.syncs)
            await do(store, messages.insert_out, [birth(n)])
            assert disk.unsynced("-wal") == 0
            assert [Path(p).name for p in disk.syncs[before:]] == ["textwire.db-wal"]


async def test_the_fsync_test_can_fail(path: Path, disk: Disk) -> None:
    async with running(on(disk, path, "normal")) as store:
        await do(store, messages.insert_out, [birth(1)])
        assert disk.unsynced("-wal") > 0


async def test_many_concurrent_callers_share_fsyncs(path: Path, disk: Disk) -> None:
    async with running(on(disk, path)) as store:
        before = len(disk.syncs)
        await asyncio.gather(*(do(store, messages.insert_out, [birth(n)]) for n in range(1, 401)))
        assert len(disk.syncs) - before <= 4


@pytest.mark.parametrize("code", [apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_WRITE])
async def test_a_refused_fsync_ends_the_store_and_is_never_retried(path: Path, disk: Disk, code: int) -> None:
    deaths: list[BaseException] = []
    refused: list[str] = []

    def refuse(file: str) -> int:
        refused.append(file)
        return code

    async with running(on(disk, path), fatal=deaths.append) as store:
        await do(store, messages.insert_out, [birth(1)])
        disk.refuses = refuse
        answers = await asyncio.gather(
            *(do(store, messages.insert_out, [birth(n)]) for n in range(2, 20)), return_exceptions=True
        )
        assert {type(a) for a in answers} == {Unavailable}
        assert [type(d) for d in deaths] == [Fatal]
        assert len(refused) == 1
        disk.refuses = lambda _: None  # the next fsync would succeed, which is exactly the trap
        with pytest.raises(Unavailable, match="refused"):
            await do(store, messages.insert_out, [birth(30)])
        assert len(refused) == 1
        assert await ask(store, "select id from message") == [(STEP,)]
    assert len(deaths) == 1


async def test_a_refused_fsync_of_a_checkpoint_is_not_kept_secret(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", 400)
    deaths: list[BaseException] = []
    async with running(on(disk, path), fatal=deaths.append) as store:
        disk.refuses = lambda file: apsw.SQLITE_IOERR_FSYNC if file.endswith(".db") else None
        acknowledged = []
        for n in range(1, 200):
            try:
                await do(store, messages.insert_out, [birth(n)])
            except Unavailable:
                break
            acknowledged.append((n * STEP,))
        assert [type(d) for d in deaths] == [Fatal]
        assert acknowledged
        assert await ask(store, "select id from message order by id") == acknowledged
        disk.refuses = lambda _: None


async def test_the_log_is_moved_into_the_file_and_does_not_grow_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", 100)
    async with running(path) as store:
        log = Path(f"{path}-wal")
        migrated = log.stat().st_size  # it is written from its beginning again, and not cut
        for n in range(1, 601):
            await do(store, messages.insert_out, [birth(n)])
        assert log.stat().st_size < max(migrated, 200 * 4096) + 1
        assert path.stat().st_size > 50 * 4096


def test_after_a_refused_fsync_the_process_ends_with_a_status_of_its_own() -> None:
    script = "from textwire.store.store import stop_at_once; stop_at_once(OSError('EIO')); print('went on')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, "went on" in done.stdout) == (FSYNC_EXIT, False)


# --- a full disk


async def limit(store: Store, pages: int) -> None:
    await pragma(store, f"max_page_count = {pages}")


async def test_a_full_disk_refuses_writes_keeps_the_rest_and_recovers_without_a_restart(path: Path) -> None:
    async with running(path) as store:
        await do(store, messages.insert_out, [birth(1)])
        await limit(store, await pragma(store, "page_count") + 8)
        acknowledged = [STEP]
        for n in range(2, 1000):
            try:
                await do(store, messages.insert_out, [birth(n, text="x" * 1000)])
            except Unavailable:
                break
            acknowledged.append(n * STEP)
        assert 1 < len(acknowledged) < 998
        for _ in range(3):
            with pytest.raises(Unavailable, match="full"):
                await do(store, messages.insert_out, [birth(2000, text="x" * 5000)])
            found = [row[0] for row in await ask(store, "select id from message order by id")]
            assert found == acknowledged, "what was answered is readable, what was not is not there"
        await limit(store, 1 << 30)
        await do(store, messages.insert_out, [birth(2000, text="x" * 5000)])
        assert await ask(store, "pragma integrity_check") == [("ok",)]


async def test_all_callers_of_a_batch_hear_of_the_full_disk(path: Path) -> None:
    async with running(path) as store:
        await limit(store, await pragma(store, "page_count"))
        births = [birth(n, text="x" * 4000) for n in range(1, 101)]
        answers = await asyncio.gather(
            *(do(store, messages.insert_out, [b]) for b in births), return_exceptions=True
        )
        assert {type(a) for a in answers} == {Unavailable}
        assert await ask(store, "select count(*) from message") == [(0,)]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (apsw.SQLITE_FULL, Unavailable),
        (apsw.SQLITE_BUSY, Unavailable),
        (apsw.SQLITE_LOCKED, Unavailable),
        (apsw.SQLITE_CANTOPEN, Unavailable),
        (apsw.SQLITE_READONLY, Unavailable),
        (apsw.SQLITE_NOMEM, Unavailable),
        (apsw.SQLITE_IOERR_NOMEM, Unavailable),
        (apsw.SQLITE_IOERR_SHMSIZE, Unavailable),
        (apsw.SQLITE_IOERR_FSYNC, Fatal),
        (apsw.SQLITE_IOERR_DIR_FSYNC, Fatal),
        (apsw.SQLITE_IOERR_WRITE, Fatal),
        (apsw.SQLITE_IOERR_READ, Fatal),
        (apsw.SQLITE_CORRUPT, Fatal),
        (apsw.SQLITE_NOTADB, Fatal),
        (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.ConstraintError),
        (apsw.SQLITE_MISMATCH, apsw.MismatchError),
        (apsw.SQLITE_TOOBIG, apsw.TooBigError),
    ],
)
async def test_an_error_is_the_disks_the_moments_or_the_datas_fault(
    path: Path, code: int, kind: type[Exception]
) -> None:
    async with running(path) as store:

        async def fail(_: Any) -> None:
            raise apsw.exception_for(code)

        with pytest.raises(kind):
            await store.engine.transact(fail)
        await do(store, messages.insert_out, [birth(1)])


async def test_a_damaged_page_met_while_reading_does_not_end_the_process(path: Path) -> None:
    async with running(path) as store:
        engine = store.engine
        assert isinstance(engine, SQLite)
        assert engine._reader is not None

        class Broken:
            def execute(self, *_: Any) -> Any:
                raise apsw.exception_for(apsw.SQLITE_CORRUPT)

            close = engine._reader.close

        engine._reader = Broken()  # type: ignore[assignment]
        with pytest.raises(Unavailable):
            await accounts.setting(engine, "x")


# --- one process owns the file


async def test_a_second_process_on_the_same_file_is_refused_by_name(path: Path) -> None:
    script = """
import asyncio, sys
from textwire.store.engines.sqlite import SQLite
from textwire.store.engines.engine import Unavailable
try:
    asyncio.run(SQLite(sys.argv[1]).open())
except Unavailable as error:
    print(error)
"""

    def other(name: Path) -> str:
        command = [sys.executable, "-c", script, str(name)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()

    link = path.with_name("link.db")
    async with running(path) as store:
        link.symlink_to(path)
        for name in (path, link):
            assert other(name) == f"{path} is in use by another textwire process"
        await do(store, messages.insert_out, [birth(1)])
    assert other(path) == ""


async def test_a_second_engine_of_the_same_process_is_refused_too(path: Path) -> None:
    async with running(path) as store:
        with pytest.raises(Unavailable, match="in use"):
            await Store(SQLite(path)).open()
        await do(store, messages.insert_out, [birth(1)])
    async with running(path):
        pass


async def test_a_failed_open_lets_go_of_the_file(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 400)
    for _ in range(2):
        with pytest.raises(Unavailable, match="not a database"):
            await Store(SQLite(path)).open()


@pytest.mark.parametrize("name", ["missing/textwire.db", "."])
async def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match=str(tmp_path)):
        await Store(SQLite(tmp_path / name)).open()


async def test_the_files_are_their_owners_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        async with running(path) as store:
            await do(store, messages.insert_out, [birth(1)])
            await ask(store, "select 1")
            modes = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert set(modes) == {f"textwire.db{end}" for end in ("", "-wal", "-shm", ".lock")}
    assert set(modes.values()) == {0o600}


# --- what is on the disk


async def test_a_damaged_file_is_refused_at_the_start(path: Path) -> None:
    async with running(path) as store:
        await do(store, messages.insert_out, [birth(n, text="x" * 500) for n in range(1, 300)])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 64] = b"\xff" * 64
    path.write_bytes(content)
    with pytest.raises(Unavailable, match=str(path)):
        await Store(SQLite(path)).open()


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.17", "2.8.17"])
def test_a_sqlite_that_can_lose_its_log_is_refused(version: str) -> None:
    with pytest.raises(Unavailable, match=r"3\.51\.3"):
        refuse_old(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "3.100.0", "4.0.0", "3.54.1.1"])
def test_a_newer_sqlite_is_taken(version: str) -> None:
    refuse_old(version)


def test_the_sqlite_we_carry_is_new_enough() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= SAFE_VERSION


async def test_an_old_sqlite_is_refused_before_it_touches_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")
    with pytest.raises(Unavailable):
        await Store(SQLite(path)).open()
    assert not path.exists()


# --- threads


async def test_a_verb_that_waits_for_the_outside_world_is_stopped(path: Path) -> None:
    async def wait(unit: Unit) -> None:
        await accounts.set_setting(unit, "half", "done")
        await asyncio.sleep(0)

    async with running(path) as store:
        with pytest.raises(AssertionError, match="outside world"):
            await do(store, wait)
        assert await accounts.setting(store.engine, "half") is None


async def test_one_batch_is_one_call_into_sqlite_per_statement_however_many_rows(path: Path) -> None:
    """`executemany` would take and drop the GIL once per row (the convoy of dependencies §3.7)."""
    calls: list[int] = []
    async with running(path) as store:
        engine = store.engine
        assert isinstance(engine, SQLite)
        for n in (1, 100):
            seen = [0]
            engine._writer.trace_v2(  # type: ignore[union-attr]
                apsw.SQLITE_TRACE_STMT, lambda _, seen=seen: seen.__setitem__(0, seen[0] + 1)
            )
            await do(store, messages.insert_out, [birth(1000 * n + i, parts=("a", "b")) for i in range(n)])
            calls.append(seen[0])
    assert calls[0] == calls[1] == 4, "begin, messages, segments, commit"


async def test_the_writer_makes_progress_beside_a_busy_loop(path: Path) -> None:
    """The GIL convoy: with CPython's own switch interval each step out of SQLite waits 5 ms for a busy thread."""
    commits: dict[float, list[int]] = {0.005: [], sqlite.SWITCH_INTERVAL: []}
    stop = threading.Event()

    def busy() -> None:  # computes as a loop under load does
        while not stop.is_set():
            sum(range(300))

    old = sys.getswitchinterval()
    spinner = threading.Thread(target=busy)
    async with running(path, linger=0) as store:
        spinner.start()
        try:
            for _ in range(9):  # in turns, since the machine's other work comes and goes
                for interval, counts in commits.items():
                    sys.setswitchinterval(interval)
                    counts.append(await _commits_within(store, 0.08))
        finally:
            sys.setswitchinterval(old)
            stop.set()
            spinner.join()
    usual, ours = (statistics.median(counts) for counts in commits.values())
    assert ours > 1.2 * usual > 0, commits


async def _commits_within(store: Store, seconds: float) -> int:
    count, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        await do(store, accounts.set_setting, "beat", "x")
        count += 1
    return count


async def test_reads_answer_on_the_loops_thread_while_the_writer_is_busy(path: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    async def long(unit: Unit) -> None:
        await accounts.set_setting(unit, "long", "done")
        entered.set()
        leave.wait(10)

    async with running(path) as store:
        writing = asyncio.create_task(do(store, long))
        while not entered.is_set():
            await asyncio.sleep(0.001)
        assert await accounts.setting(store.engine, "long") is None
        leave.set()
        await writing
        assert await accounts.setting(store.engine, "long") == "done"
