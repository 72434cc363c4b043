"""Power cuts: what was acknowledged is there afterwards, at whatever moment the light went out (reliability F3).

The disk under the store keeps books of what was synced. A cut is a look into the books: what was durable at that
moment, with nothing, or any torn part, of what was still on its way. The cuts come in the writer's thread, before
each write and sync with a certain chance, so that they fall inside transactions and checkpoints.
"""

import asyncio
import random
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.store.disk import Disk
from tests.store.house import CALLS, STEP, birth, event, running, tell
from textwire.store import messages
from textwire.store.committer import Unit
from textwire.store.engines import sqlite
from textwire.store.engines.sqlite import SQLite

CALLERS, MESSAGES_EACH, MOST_CUTS = 16, 40, 60
# Of a cut before a write or sync: of the log there are about 3,000, of the file, by checkpoints, some 200.
CHANCE = {"textwire.db-wal": 0.01, "textwire.db": 0.06}


class Cut:
    """One power cut: the folder with what was left, what had been acknowledged, and what it fell into."""

    def __init__(self, folder: Path, acknowledged: frozenset[int], disk: Disk) -> None:
        self.folder, self.acknowledged = folder, acknowledged
        self.in_commit, self.in_checkpoint = disk.unsynced("-wal") > 0, disk.unsynced(".db") > 0

    def survivors(self) -> set[int]:
        """Starts SQLite on what is left: it must be in order, and each message there with its segments and event."""
        connection = apsw.Connection(str(self.folder / "textwire.db"))
        try:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            found = {row[0] for row in connection.execute("select id from message")}
            segments = connection.execute("select message, count(*) from segment group by message")
            assert dict(segments) == dict(connection.execute("select id, total from message"))
            assert {row[0] for row in connection.execute("select subject from event")} == found
            numbers = [row[0] for row in connection.execute("select number from event order by number")]
            assert numbers == list(range(1, len(numbers) + 1))
            return {int(i) for i in found}
        finally:
            connection.close()


async def load_with_cuts(folder: Path, seed: int, synchronous: str, torn: bool) -> list[Cut]:
    """Concurrent callers write messages while the power goes out again and again; it goes on in another world."""
    chance = random.Random(seed)
    disk = Disk()
    acknowledged: set[int] = set()
    cuts: list[Cut] = []

    def maybe_cut(path: str) -> None:
        if len(cuts) < MOST_CUTS and chance.random() < CHANCE[Path(path).name]:
            # First what was answered, then what is durable: an answer between the two would be a false alarm.
            answered = frozenset(acknowledged)
            left = folder / f"cut-{len(cuts)}"
            disk.cut(left, chance if torn else None)
            cuts.append(Cut(left, answered, disk))

    async def caller(store: Any, n: int) -> None:
        for i in range(MESSAGES_EACH):
            key = n * MESSAGES_EACH + i + 1
            await store.write(CALLS, lambda unit, key=key: accept(unit, key))
            acknowledged.add(key * STEP)
            await asyncio.sleep(0)

    path = folder / "live" / "textwire.db"
    path.parent.mkdir()
    async with running(SQLite(path, vfs=disk.name, synchronous=synchronous), linger=0, most=5) as store:
        disk.watch = maybe_cut
        await asyncio.gather(*(caller(store, n) for n in range(CALLERS)))
        disk.watch = lambda _: None
    assert len(cuts) > 15
    return cuts


async def accept(unit: Unit, key: int) -> None:
    await messages.insert_out(unit, [birth(key, parts=("a", "b"))])
    await tell(unit, [event(key * STEP)])


@pytest.fixture(autouse=True)
def _checkpoint_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", 100)


SEEDS = [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 60))]


@pytest.mark.parametrize("torn", [False, True], ids=["nothing more", "torn parts"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_what_was_acknowledged_survives_any_power_cut(tmp_path: Path, seed: int, torn: bool) -> None:
    cuts = await load_with_cuts(tmp_path, seed, "full", torn)
    for n, cut in enumerate(cuts):
        lost = cut.acknowledged - cut.survivors()
        assert not lost, f"seed {seed}, cut {n}: {len(lost)} of {len(cut.acknowledged)} lost"
    assert max(len(cut.acknowledged) for cut in cuts) > 200, "the cuts came when there was something to lose"
    assert any(cut.in_commit for cut in cuts)
    assert any(cut.in_checkpoint for cut in cuts)


@pytest.mark.parametrize("synchronous", ["normal", "off"])
async def test_the_same_load_without_full_syncs_loses_messages(tmp_path: Path, synchronous: str) -> None:
    """The proof that the test above can fail, and the reason why FULL is not a setting."""
    lost = 0
    for cut in await load_with_cuts(tmp_path, 1, synchronous, torn=False):
        try:
            survivors = cut.survivors()
        except (apsw.Error, AssertionError):  # not even the tables were left, or not in order
            survivors = set()
        lost += len(cut.acknowledged - survivors)
    assert lost > 0


async def test_a_store_starts_on_what_a_power_cut_left(tmp_path: Path) -> None:
    cuts = await load_with_cuts(tmp_path, 3, "full", torn=True)
    cut = cuts[-1]
    async with running(cut.folder / "textwire.db") as store:
        found = {row[0] for row in await store.read(messages._SOME, [(key,) for key in cut.acknowledged])}
        assert found == cut.acknowledged
        await store.write(CALLS, lambda unit: accept(unit, 10**6))
