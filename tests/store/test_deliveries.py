"""The shelf of webhook deliveries."""

import pytest
from msgspec.structs import replace

from textwire.domain.ids import MAX_INT
from textwire.store import deliveries, hooks
from textwire.store.deliveries import FIRST_TEST, Delivery, Listed, Outcome
from textwire.store.store import Store

from .house import ACCOUNT, NOW, do, event, tell
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
    await do(store, deliveries.save, [Outcome(1, "delivered", 2, 204, "", NOW + 5, "ü", 7)])
    done = delivery(1, state="delivered", attempts=2, status=204, updated_at=NOW + 5, reply="ü", ms=7)
    assert [d for d, _ in await do(store, deliveries.with_hooks, [1, 2])] == [done, delivery(2)]


async def test_a_state_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        await do(store, deliveries.insert, [delivery(1, state="lost")])


async def listed(store: Store, **wanted) -> tuple[list[int], int | None]:
    """Identifiers of a page of hook 1, and where it goes on."""
    found, behind = await deliveries.of_hook(store.engine, 1, **{"before": MAX_INT, "limit": 9, **wanted})
    return [one.delivery.id for one in found], behind


async def test_the_deliveries_of_a_hook_come_newest_first_in_pages(store: Store) -> None:
    await do(store, hooks.insert, hook(1))
    await do(store, deliveries.insert, [delivery(n, hook=1 + (n == 3)) for n in range(1, 6)])
    assert await listed(store, limit=2) == ([5, 4], 4)
    assert await listed(store, limit=2, before=4) == ([2, 1], None)
    assert await listed(store, limit=4) == ([5, 4, 2, 1], None)


@pytest.mark.parametrize("state", ["pending", "delivered", "failed"])
async def test_the_deliveries_of_one_state_are_found_however_far_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(deliveries, "MOST_LOOKED_AT", 3)
    await do(store, hooks.insert, hook(1))
    other = "failed" if state != "failed" else "pending"
    made = [delivery(n, state=state if n in (2, 9, 10) else other) for n in range(1, 11)]
    await do(store, deliveries.insert, made)
    found, behind, pages = [], MAX_INT, 0
    while behind is not None:
        page, behind = await listed(store, state=state, before=behind, limit=2)
        found, pages = found + page, pages + 1
    assert found == [10, 9, 2]
    assert pages == (2 if state == "failed" else 4)  # failures have an index, the others are looked for


async def test_a_delivery_is_listed_with_its_event_and_its_hook(store: Store) -> None:
    await do(store, hooks.insert, hook(1))
    await do(store, tell, [event(5, "message.sent")])
    await do(store, deliveries.insert, [delivery(1, event=1), delivery(2, event=2)])
    found = await deliveries.one(store.engine, ACCOUNT, 1)
    assert found == Listed(delivery(1, event=1), "message.sent", 5, "hook-1")
    assert await deliveries.one(store.engine, ACCOUNT, 2) == Listed(delivery(2, event=2), "", 0, "hook-1")
    assert await deliveries.one(store.engine, ACCOUNT + 1, 1) is None
    await do(store, hooks.delete, [1])
    assert await deliveries.one(store.engine, ACCOUNT, 1) is None


async def test_only_what_has_ended_begins_anew(store: Store) -> None:
    made = [
        delivery(1, state="failed", attempts=10),
        delivery(2, attempts=3),
        delivery(3, state="delivered", attempts=1),
    ]
    await do(store, deliveries.insert, made)
    assert await do(store, deliveries.again, [1, 2, 3, 4], NOW + 5) == [1, 3]
    again = [replace(made[0], state="pending", base=10, updated_at=NOW + 5), made[1]]
    assert [d for d, _ in await do(store, deliveries.with_hooks, [1, 2])] == again


async def test_what_is_older_is_found_by_its_event_and_a_test_by_its_own_time(store: Store) -> None:
    first = FIRST_TEST + 1
    await do(store, tell, [event(at=NOW), event(at=NOW + 10)])
    made = [delivery(1, event=1), delivery(2, event=2), delivery(first, event=first), delivery(4, event=99)]
    await do(store, deliveries.insert, made)
    older = [await do(store, deliveries.older, NOW + 10, 9, tests=tests) for tests in (False, True)]
    assert older == [[1, 4], [first]]  # of what is forgotten nothing is kept either
    assert await do(store, deliveries.older, NOW + 10, 1, tests=False) == [1]


async def test_deliveries_that_had_nothing_to_say_are_gone(store: Store) -> None:
    await do(store, hooks.insert, hook(1))
    await do(store, deliveries.insert, [delivery(1), delivery(2)])
    await do(store, deliveries.delete, [1, 9])
    assert await listed(store) == ([2], None)
