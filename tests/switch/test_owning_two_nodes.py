"""Two processes on one PostgreSQL database sell, and collect, a thing once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.store.house import ACCOUNT, NOW, ask, running, settle
from textwire.clock import ManualClock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.simnet.inventory import Inventory
from textwire.store.store import Store
from textwire.switch.numbers import Numbers
from textwire.switch.owning import MONTH
from textwire.switch.rent import Rents

EUR = 10**8


class Node:
    """One process."""

    def __init__(self, store: Store, node: int) -> None:
        self.clock = ManualClock(NOW)
        self.numbers = Numbers(store, Ids(node), self.clock, self.clock.now, Inventory())
        self.rents = Rents(store, Ids(node, lane=1), self.clock, self.clock.now)


@pytest.fixture
async def cluster(postgres: str) -> AsyncIterator[tuple[Store, list[Node]]]:
    async with running(postgres) as one, running(postgres, owner=2) as other:
        await settle(one, balance=1000 * EUR)
        yield one, [Node(one, 1), Node(other, 2)]


async def test_a_number_is_sold_once(cluster: tuple[Store, list[Node]]) -> None:
    store, nodes = cluster
    for n in range(10):
        number = f"+49157912345{n:02d}"
        outcomes = await asyncio.gather(
            *(node.numbers.buy(ACCOUNT, number) for node in nodes for _ in range(5)), return_exceptions=True
        )
        told = Counter(one.code if isinstance(one, Refusal) else type(one).__name__ for one in outcomes)
        assert told == {"Owned": 1, "number_taken": 9}
    assert await ask(store, f"select balance from account where id = {ACCOUNT}") == [(980 * EUR,)]


async def test_a_month_is_collected_once(cluster: tuple[Store, list[Node]]) -> None:
    store, nodes = cluster
    for n in range(20):
        await nodes[n % 2].numbers.buy(ACCOUNT, f"+49157912345{n:02d}")
    for node in nodes:
        node.clock.advance(3 * MONTH)
    await asyncio.gather(*(node.rents.once() for node in nodes for _ in range(3)))
    for node in nodes:  # whichever was second may have left something
        await node.rents.once()
    paid = await ask(store, "select number, since from rent where until > since")
    assert len(paid) == len(set(paid)) == 20 * 4
    assert await ask(store, f"select balance from account where id = {ACCOUNT}") == [(900 * EUR,)]
