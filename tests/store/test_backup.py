"""Copies of an embedded database: as of one moment, looked through, private, and never over anything."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from textwire.store import accounts, backup
from textwire.store.engines.engine import Unavailable
from textwire.store.migrator import latest

from .house import do, running


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    path = tmp_path / "textwire.db"
    async with running(path) as store:
        await do(store, accounts.set_setting, "kept", "yes")
    return path


def setting(path: Path) -> str:
    return str(apsw.Connection(str(path)).execute("select value from setting where name = 'kept'").get)


def test_a_copy_is_private_whole_and_can_be_put_into_place(source: Path, tmp_path: Path) -> None:
    copied, restored = tmp_path / "copy", tmp_path / "restored.db"
    backup.copy(source, copied)
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert backup.check(copied) == latest()
    backup.restore(copied, restored)
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    assert setting(restored) == "yes"
    assert not list(tmp_path.glob(".*.partial"))


async def test_a_copy_is_of_one_moment_though_there_are_writes_between_its_steps(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write would make a copy without a transaction of its own begin again, or mix two moments."""
    monkeypatch.setattr(backup, "STEP", 4)
    steps = 0
    other = apsw.Connection(str(source))

    def write(done: int, total: int) -> None:
        nonlocal steps
        if done < total:
            steps += 1
            other.execute("update setting set value = 'no' where name = 'kept'")

    async with running(source):  # its own connections beside ours
        await asyncio.to_thread(backup.copy, source, tmp_path / "copy", write)
    assert steps > 3
    assert setting(tmp_path / "copy") == "yes"
    assert setting(source) == "no"


@pytest.mark.parametrize("work", [backup.copy, backup.restore])
def test_nothing_is_overwritten(work: Callable[[Path, Path], None], source: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(FileExistsError):
        work(source, there)
    assert there.read_text() == "mine"


@pytest.mark.parametrize("companion", ["-wal", "-shm", "-journal"])
def test_no_backup_is_put_beside_the_write_ahead_log_of_another_database(
    companion: str, source: Path, tmp_path: Path
) -> None:
    """SQLite would apply it to the backup."""
    (tmp_path / f"new.db{companion}").touch()
    with pytest.raises(FileExistsError, match=companion):
        backup.restore(source, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_what_is_not_there_cannot_be_copied(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no database"):
        backup.copy(tmp_path / "none", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_page_is_found_before_a_backup_is_put_into_place(source: Path, tmp_path: Path) -> None:
    backup.copy(source, tmp_path / "copy")
    content = bytearray((tmp_path / "copy").read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(Unavailable, match=r"damaged|cannot be used"):
        backup.restore(tmp_path / "copy", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
    assert not list(tmp_path.glob(".*.partial"))


def test_a_reference_to_a_row_that_is_not_there_is_found(source: Path) -> None:
    apsw.Connection(str(source)).execute(
        "insert into number (number, account, created_at) values ('+1', 999, 0)"
    )
    with pytest.raises(Unavailable, match="refers to one that is not there"):
        backup.check(source)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    apsw.Connection(str(tmp_path / "other")).execute("create table t (n)")
    (tmp_path / "noise").write_text("no database at all" * 1000)
    for name in ("other", "noise"):
        with pytest.raises(Unavailable):
            backup.check(tmp_path / name)


def test_a_backup_of_a_newer_program_is_refused_in_words_that_help(source: Path, tmp_path: Path) -> None:
    apsw.Connection(str(source)).execute("insert into schema_version values (9999)")
    backup_file = tmp_path / "copy"
    with pytest.raises(Unavailable, match="use the newer textwire"):
        backup.copy(source, backup_file)
    assert not backup_file.exists()


def test_a_copy_that_was_cut_short_does_not_stand_in_the_way_of_the_next(
    source: Path, tmp_path: Path
) -> None:
    (tmp_path / ".copy.partial").write_text("half")
    backup.copy(source, tmp_path / "copy")
    assert setting(tmp_path / "copy") == "yes"
