"""The shelf of webhook deliveries."""

import pytest
from msgspec.structs import replace

from textwire.domain.ids import MAX_INT
from textwire.store import deliveries, hooks
from textwire.store.deliveries import Delivery, Outcome
from textwire.store.store import Store

from .house import ACCOUNT, NOW, do
from .test_hooks import hook


def delivery(n: int, **changes) -> Delivery:
    return replace(Delivery(n, 100 + n, 1, 0, ACCOUNT, "pending", 0, 0, "", NOW), **changes)


async def test_a_delivery_comes_back_as_it_was_planned_with_its_hook(store: Store) -> None:
    await do(store, hooks.insert, hook(1))
    planned = [delivery(2, segment=7), delivery(1, error="ü", attempts=3, status=503)]
    assert await do(store, deliveries.insert, planned) == {1, 2}
    assert await do(store, deliveries.with_hooks, [2, 1, 9]) == [(planned[1], hook(1)), (planned[0], hook(1))]


async def test_an_event_planned_twice_is_delivered_once_per_hook_and_part(store: Store) -> None:
    assert await do(store, deliveries.insert, [delivery(1)]) == {1}
    again = [
        delivery(2, event=101),
        delivery(3, event=101, segment=5),
        delivery(4, event=101, hook=2),
        delivery(5, event=102),
    ]
    assert await do(store, deliveries.insert, again) == {3, 4, 5}
    assert [d.id for d, _ in await do(store, deliveries.with_hooks, [1, 2, 3, 4, 5])] == [1, 3, 4, 5]


async def test_a_delivery_outlives_its_hook(store: Store) -> None:
    await do(store, deliveries.insert, [delivery(1)])
    assert await do(store, deliveries.with_hooks, [1]) == [(delivery(1), None)]


async def test_an_outcome_changes_what_it_names_and_nothing_else(store: Store) -> None:
    await do(store, deliveries.insert, [delivery(1), delivery(2)])
    await do(store, deliveries.save, [Outcome(1, "delivered", 2, 204, "", NOW + 5)])
    done = delivery(1, state="delivered", attempts=2, status=204, updated_at=NOW + 5)
    assert [d for d, _ in await do(store, deliveries.with_hooks, [1, 2])] == [done, delivery(2)]


async def test_a_state_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        await do(store, deliveries.insert, [delivery(1, state="lost")])


async def test_the_deliveries_of_a_hook_come_newest_first_in_pages(store: Store) -> None:
    await do(store, deliveries.insert, [delivery(n, hook=1 + (n == 3)) for n in range(1, 6)])
    first = await deliveries.of_hook(store.engine, 1, before=MAX_INT, limit=2)
    rest = await deliveries.of_hook(store.engine, 1, before=first[-1].id, limit=9)
    assert [d.id for d in first + rest] == [5, 4, 2, 1]


async def test_deliveries_that_had_nothing_to_say_are_gone(store: Store) -> None:
    await do(store, deliveries.insert, [delivery(1), delivery(2)])
    await do(store, deliveries.delete, [1, 9])
    assert [d.id for d in await deliveries.of_hook(store.engine, 1, before=MAX_INT, limit=9)] == [2]
