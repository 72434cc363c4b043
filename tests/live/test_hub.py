"""What is committed is told in order, to whom it concerns, once: whoever comes when, whatever is missed."""

import asyncio
import random
from typing import Any

import pytest

from tests.store.house import NOW, running
from textwire.domain.event import Event
from textwire.live.limits import Limits
from textwire.store import feed
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .world import LATER, happen, hubbing, reading

ALICE, BOB = 7, 8


async def test_one_who_comes_without_a_place_hears_what_happens_from_then_on(store: Store) -> None:
    async with hubbing(store) as hub:
        await happen(store, ALICE, 3)
        async with reading(hub, ALICE) as reader:
            await happen(store, ALICE, 2)
            await happen(store, BOB, 2)
            await happen(store, ALICE)
            await reader.peer.has(4)
        assert reader.peer.got == ["hello 3", "4", "5", "8"]


async def test_one_who_comes_back_hears_what_it_has_missed_and_then_what_happens(store: Store) -> None:
    async with hubbing(store, Limits(page=3)) as hub:
        await happen(store, ALICE, 10)
        await happen(store, BOB, 10)
        await happen(store, ALICE, 2)
        async with reading(hub, ALICE, 4) as reader:
            await reader.peer.has(9)
            await happen(store, ALICE)
            await reader.peer.has(10)
        assert reader.peer.got == ["hello 4", *map(str, (*range(5, 11), 21, 22, 23))]


async def test_readers_who_come_at_any_moment_of_a_stream_get_all_of_it_once(store: Store) -> None:
    dice = random.Random(7)
    async with hubbing(store, Limits(page=20)) as hub:
        await happen(store, ALICE, 40)

        async def write() -> None:
            for _ in range(60):
                await happen(store, dice.choice((ALICE, ALICE, BOB)), dice.randint(1, 12))
                await asyncio.sleep(0)

        async def read(delay: float, after: int) -> None:
            await asyncio.sleep(delay)
            async with reading(hub, ALICE, after) as reader:
                await writing
                last = await feed.head(store.engine)
                mine = [e.number for e in await feed.of_account(store.engine, ALICE, after, 10_000)]
                assert 100 < len(mine) < last - 100
                await reader.peer.has(len(mine) + 1)
                await asyncio.sleep(0.02)
                assert reader.numbers == mine

        writing = asyncio.create_task(write())
        await asyncio.gather(*(read(n / 200, after) for n, after in enumerate((0, 0, 3, 0, 17, 0, 0, 40))))


async def test_a_thousand_interleaved_events_of_two_accounts_reach_their_own_only(store: Store) -> None:
    async with hubbing(store) as hub, reading(hub, ALICE) as alice, reading(hub, BOB) as bob:
        for n in range(500):
            await asyncio.gather(happen(store, ALICE), happen(store, BOB))
            if n % 100 == 0:
                await asyncio.sleep(0)
        await alice.peer.has(501)
        await bob.peer.has(501)
        theirs = [e.number for e in await feed.of_account(store.engine, BOB, 0, 2_000)]
        assert bob.numbers == theirs
        assert len(alice.numbers) == len(set(alice.numbers)) == 500
        assert set(alice.numbers) | set(theirs) == set(range(1, 1_001))


@pytest.mark.parametrize("heard", [0, 5])
async def test_what_was_too_much_at_once_is_read_from_the_shelf(store: Store, heard: int) -> None:
    async with hubbing(store, Limits(heard=heard)) as hub, reading(hub, ALICE) as reader:
        for _ in range(10):
            await happen(store, ALICE, 7)
        await reader.peer.has(71)
        assert reader.numbers == list(range(1, 71))


async def test_a_slow_reader_is_closed_and_comes_back_for_the_rest(store: Store) -> None:
    limits = Limits(unsent_frames=10)
    async with hubbing(store, limits) as hub, reading(hub, ALICE, limits=limits) as other:
        async with reading(hub, ALICE, limits=limits) as slow:
            await happen(store, ALICE, 4)
            await slow.peer.has(5)
            slow.peer.reads.clear()
            for _ in range(20):
                await happen(store, ALICE, 5)
                await asyncio.sleep(0)
        assert slow.peer.code == 4008
        had = slow.numbers[-1]
        async with reading(hub, ALICE, had, limits=limits) as again:
            await again.peer.has(104 - had + 1)
        assert slow.numbers + again.numbers == list(range(1, 105))
        await other.peer.has(105)
        assert other.numbers == list(range(1, 105))


async def test_what_happens_while_one_catches_up_is_bounded_in_memory_and_not_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.live.follower.AHEAD", 10)
    async with hubbing(store, Limits(page=5)) as hub:
        await happen(store, ALICE, 40)
        reader_task = reading(hub, ALICE, 0, limits=Limits(unsent_frames=4))
        async with reader_task as reader:
            reader.peer.reads.clear()
            for _ in range(6):
                await happen(store, ALICE, 7)
            reader.peer.reads.set()
            await reader.peer.has(83)
            assert reader.peer.code == 0
            assert reader.numbers == list(range(1, 83))


async def test_a_place_beyond_what_is_kept_is_a_gap(store: Store) -> None:
    limits = Limits(kept_events=5, kept=1_000)
    async with hubbing(store, limits) as hub:
        await happen(store, ALICE, 20)
        for after, now, said in (
            (3, NOW + 1_001, "hello 15 gap"),  # neither among the last five nor young
            (3, NOW + 1_000, "hello 3"),
            (15, LATER, "hello 15"),
            (20, LATER, "hello 20"),
            (21, LATER, "hello 20 gap"),  # the store was set back
            (0, NOW, "hello 0"),
        ):
            async with reading(hub, ALICE, after, now=now) as reader:
                assert reader.peer.got[0] == said
                await reader.peer.has(1 + 20 - int(said.split()[1]))


async def test_while_nobody_listens_nothing_is_kept_or_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hubbing(store) as hub:
        async with reading(hub, ALICE):
            pass
        reads: list[Any] = []
        monkeypatch.setattr(store.engine, "read", lambda *args, **more: reads.append(args))
        for _ in range(10):
            await happen(store, ALICE, 10)
        await asyncio.sleep(0.01)
        assert (reads, list(hub._heard), hub._position) == ([], [], None)


async def test_a_store_that_is_away_for_a_while_delays_and_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.live.hub.RETRY_SECONDS", 0.01)
    async with hubbing(store) as hub, reading(hub, ALICE) as reader:
        real, fails = store.engine.read, [True] * 3

        async def read(*args: Any, **more: Any) -> Any:
            if fails:
                fails.pop()
                raise Unavailable("gone")
            return await real(*args, **more)

        monkeypatch.setattr(store.engine, "read", read)
        await happen(store, ALICE, 3, kind="message.accepted")
        await reader.peer.has(4)
        assert reader.numbers == [1, 2, 3]
        assert not fails


async def test_what_is_addressed_to_one_webhook_is_told_nobody_else(store: Store) -> None:
    async with hubbing(store) as hub, reading(hub, ALICE, 0) as reader:
        await happen(store, ALICE, hook=5)
        await happen(store, ALICE)
        await reader.peer.has(2)
        assert reader.numbers == [2]
        async with reading(hub, ALICE, 0) as again:
            await again.peer.has(2)
            assert again.numbers == [2]


async def test_the_commits_of_other_processes_are_told_in_their_place(postgres: str) -> None:
    async with running(postgres) as here, running(postgres) as there, hubbing(here) as hub:
        await happen(there, ALICE, 2)
        async with reading(hub, ALICE, 0) as reader, reading(hub, ALICE) as later:
            for n in range(40):
                await happen(here if n % 3 else there, ALICE, 3)
            await happen(there, ALICE)
            await reader.peer.has(124)
            await later.peer.has(122)
            assert reader.numbers == list(range(1, 124))
            assert later.numbers == list(range(3, 124))


async def test_a_reader_whose_words_fail_harms_no_other(store: Store) -> None:
    def broken(event: Event, message: Any) -> Any:
        raise RuntimeError

    async with hubbing(store) as hub, reading(hub, ALICE) as bad, reading(hub, ALICE) as good:
        bad.follower._words = broken
        await happen(store, ALICE)
        await happen(store, ALICE)
        await good.peer.has(3)
        assert (good.numbers, bad.numbers, bad.peer.code) == ([1, 2], [], 1011)
