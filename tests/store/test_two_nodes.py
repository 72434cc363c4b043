"""Two stores on one PostgreSQL database, as two processes of a cluster have them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from textwire.domain.refusal import Refusal
from textwire.store import accounts, events, idempotency, nodes, outbox
from textwire.store.committer import Unit
from textwire.store.idempotency import Answered
from textwire.store.store import Store

from .house import ACCOUNT, NOW, ask, do, event, running, settle, tell

Pair = tuple[Store, Store]


@pytest.fixture
async def cluster(postgres: str) -> AsyncIterator[Pair]:
    async with running(postgres) as one, running(postgres, owner=2) as other:
        yield one, other


async def test_event_numbers_have_no_gaps_and_follow_the_order_of_commits(cluster: Pair) -> None:
    seen: list[list[int]] = []
    stop = asyncio.Event()

    async def watch() -> None:
        """A reader that goes on from the last number it has seen must never miss one that comes later."""
        last = 0
        while not stop.is_set():
            found = [
                row[0] for row in await ask(cluster[0], f"select number from event where number > {last}")
            ]
            if found:
                seen.append(sorted(found))
                last = max(found)
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    for n in range(40):
        await asyncio.gather(
            *(do(store, tell, [event(n)] * (1 + n % 3)) for store in cluster for _ in range(2))
        )
    [(last,)] = await ask(cluster[0], "select max(number) from event")
    while not seen or seen[-1][-1] < last:
        await asyncio.sleep(0.01)
    stop.set()
    await watching
    assert [n for numbers in seen for n in numbers] == list(range(1, last + 1))
    assert len(seen) > 10, "the reader really read in between"


async def test_observers_hear_their_own_commits_only(cluster: Pair) -> None:
    heard: tuple[list[int], list[int]] = ([], [])
    for store, numbers in zip(cluster, heard, strict=True):
        store.committer.observers.append(
            lambda found, numbers=numbers: numbers.extend(e.number for e in found)
        )
    await asyncio.gather(*(do(store, tell, [event()]) for store in cluster for _ in range(10)))
    assert sorted(heard[0] + heard[1]) == list(range(1, 21))
    assert heard[0] == sorted(heard[0])
    assert heard[1] == sorted(heard[1])
    assert len(await events.by_number(cluster[0].engine, heard[1])) == len(heard[1])


async def test_a_balance_is_spent_once_across_nodes(cluster: Pair) -> None:
    await settle(cluster[0], balance=10)

    class Spend:
        async def run(self, unit: Unit, items: list[int]) -> list[int | Refusal]:
            left = (await accounts.balances(unit, [ACCOUNT]))[ACCOUNT][0]
            await asyncio.sleep(0.05)  # the other node would read the same balance now, were it not locked
            taken = items[:left]
            await accounts.book(unit, [accounts.Entry(i, ACCOUNT, i, "message", -1, NOW) for i in taken])
            return [i if i in taken else Refusal("insufficient_balance") for i in items]

    spend = Spend()
    answers = await asyncio.gather(
        *(cluster[n % 2].write(spend, 1000 + n) for n in range(60)), return_exceptions=True
    )
    assert sum(not isinstance(a, Exception) for a in answers) == 10
    assert await ask(cluster[1], "select balance, (select sum(amount) from ledger) from account") == [(0, 0)]


async def test_one_key_used_on_both_nodes_at_once_has_one_answer(cluster: Pair) -> None:
    key = (ACCOUNT, "POST /api/messages", "abc")
    found_nothing = asyncio.Barrier(2)
    made: list[str] = []

    async def create(unit: Unit, name: str, first: list[bool]) -> str:
        known = await idempotency.find(unit, [key], NOW)
        if first:
            first.clear()
            await asyncio.wait_for(found_nothing.wait(), 10)
        if key in known:
            return known[key].answer
        await idempotency.insert(unit, [Answered(*key, "digest", 201, name, NOW)])
        await accounts.set_setting(unit, f"made by {name}", "yes")
        made.append(name)
        return name

    answers = await asyncio.gather(
        *(do(store, create, name, [True]) for store, name in zip(cluster, "xy", strict=True))
    )
    assert answers in (["x", "x"], ["y", "y"])
    assert len(await ask(cluster[0], "select name from setting")) == 1


async def test_two_nodes_never_claim_the_same_row(cluster: Pair) -> None:
    await do(cluster[0], outbox.add, [(n, "depart:x", NOW, 0) for n in range(1, 201)])

    async def claim(unit: Unit, owner: int) -> list[int]:
        ids = await outbox.due(unit, "depart:x", NOW, 7)
        await asyncio.sleep(0.001)  # the other node looks meanwhile
        await outbox.lease(unit, ids, NOW + 30, owner)
        return ids

    async def work(owner: int) -> list[int]:
        mine: list[int] = []
        while ids := await do(cluster[owner], claim, owner):
            mine += ids
        return mine

    one, other = await asyncio.gather(work(0), work(1))
    assert sorted(one + other) == list(range(1, 201))
    assert one, "both had work"
    assert other, "both had work"


async def test_a_node_takes_over_what_a_dead_one_held(cluster: Pair) -> None:
    dead, alive = cluster
    await do(dead, nodes.beat, 1, NOW + 5)
    await do(alive, nodes.beat, 2, NOW + 50)
    await do(dead, outbox.add, [(1, "flight", NOW, 1), (2, "flight", NOW, 2)])
    assert await do(alive, outbox.orphans, "flight", 2, NOW + 4) == []
    assert await do(alive, outbox.orphans, "flight", 2, NOW + 5) == [1]


async def test_what_one_node_has_written_the_other_reads(cluster: Pair) -> None:
    for n in range(20):
        await do(cluster[n % 2], accounts.set_setting, "turn", str(n))
        assert await accounts.setting(cluster[1 - n % 2].engine, "turn") == str(n)
