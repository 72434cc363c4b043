"""The harness's own pieces: journals that survive, a mixture that one seed repeats, victims that leave nothing behind."""

import asyncio
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.faults import driver
from tests.faults.driver import Died, Plan, Victim
from tests.faults.journal import Answer, Attempt, Book, Kill, SyncedBook, only, read
from tests.faults.load import Mixture, ids_of

ATTEMPT = Attempt(ref="a", life=1, to=("+447712941234",), text="hello")
ANSWER = Answer(ref="a", life=1, status=201, ids=(2**62,))


def test_entries_come_back_in_order_and_a_torn_last_line_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "book"
    Book(path).note(ATTEMPT, ANSWER)
    with path.open("ab") as file:
        file.write(b'{"type":"answer","ref":"b"')
    entries = list(read(path))
    assert entries == [ATTEMPT, ANSWER]
    assert only(entries, Answer) == [ANSWER]
    assert only(entries, Kill) == []


def test_a_book_that_nobody_wrote_is_empty(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none")) == []


async def test_entries_are_synced_before_keep_returns_and_share_a_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "book", [0]
    real = os.fsync

    def fsync(file: int) -> None:
        real(file)
        synced.append(len(list(read(path))))

    monkeypatch.setattr(os, "fsync", fsync)
    book = SyncedBook(path)

    async def keep(n: int) -> bool:
        mine = replace(ATTEMPT, ref=str(n))
        await book.keep(mine)
        return mine in list(read(path))[: synced[-1]]

    assert all(await asyncio.gather(*(keep(n) for n in range(50))))
    assert len(synced) < 10


def test_one_seed_repeats_the_mixture() -> None:
    def drawn(seed: int) -> list[Attempt]:
        mixture = Mixture(seed)
        return [replace(mixture.next(1), send_at=0) for _ in range(200)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_the_mixture_has_everything_in_it() -> None:
    mixture = Mixture(1)
    drawn = [mixture.next(1) for _ in range(600)]
    assert len({one.ref for one in drawn}) == 600
    endings = {to[-4:] for one in drawn for to in one.to}
    assert {"0001", "0003", "0004", "0005", "0006", "0007", "0008", "0009"} <= endings
    assert {one.policy for one in drawn} == {"resend", "hold", "fail"}
    assert {len(one.to) for one in drawn} == {1, 2, 3, 4, 5}
    assert 50 < sum(len(one.text) > 160 for one in drawn) < 150
    for name in ("once", "send_at", "klass"):
        assert 0 < sum(bool(getattr(one, name)) for one in drawn) < 300, name


def test_an_answers_messages_are_those_of_one_or_of_a_batch() -> None:
    assert ids_of(ATTEMPT, b'{"id":"5","state":"queued"}') == (5,)
    two = replace(ATTEMPT, to=("+1", "+2"))
    assert ids_of(two, b'{"batch":"5","messages":[{"id":"5"},{"id":"6"}]}') == (5, 6)


def plan(tmp_path: Path) -> Plan:
    return Plan(work=str(tmp_path), database=str(tmp_path / "textwire.db"), kills=1, seed=1)


async def test_a_victim_ends_with_its_driver(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    await driver.found(plan(tmp_path).database, tmp_path / "data")
    victim = await Victim.spawn(plan(tmp_path), "")
    try:
        victim.begin(1)
        await victim.ready()
        assert victim._process.stdin is not None
        victim._process.stdin.close()  # as when the driver dies
        async with asyncio.timeout(10):
            assert await victim._process.wait() == 1
    finally:
        await victim.end()


async def test_a_victim_that_dies_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    victim = await Victim.spawn(plan(tmp_path), "no_such_mutation")
    try:
        with pytest.raises(Died, match="KeyError"):
            await victim.ready()
        with pytest.raises(Died, match="exit 1"):
            await victim.kill()
    finally:
        await victim.end()
