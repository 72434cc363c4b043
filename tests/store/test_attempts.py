"""The shelf of attempts."""

from textwire.store import attempts, deliveries
from textwire.store.attempts import MOST_SHOWN, Attempt
from textwire.store.store import Store

from .house import NOW, do
from .test_deliveries import delivery


def attempt(n: int, delivery: int = 1, **changes) -> Attempt:
    return Attempt(
        **{"delivery": delivery, "n": n, "at": NOW + n, "status": 500, "error": "", "reply": "ü", "ms": 7}
        | changes
    )


async def test_attempts_come_back_in_order_and_one_kept_twice_is_one(store: Store) -> None:
    made = [attempt(n) for n in (2, 1, 3)]
    await do(store, attempts.insert, made)
    await do(store, attempts.insert, [attempt(2, reply="again"), attempt(1, delivery=2)])
    assert await attempts.of_delivery(store.engine, 1) == [made[1], made[0], made[2]]


async def test_of_many_the_last_ones_are_shown(store: Store) -> None:
    await do(store, attempts.insert, [attempt(n) for n in range(1, MOST_SHOWN + 6)])
    shown = await attempts.of_delivery(store.engine, 1)
    assert [one.n for one in shown] == list(range(6, MOST_SHOWN + 6))


async def test_a_first_success_is_spelled_out_once(store: Store) -> None:
    done = [delivery(n, state="delivered", attempts=n, status=204) for n in (1, 2)]
    await do(store, deliveries.insert, [*done, delivery(3), delivery(4, state="delivered", attempts=1)])
    await do(store, attempts.insert, [attempt(1, delivery=4)])
    for _ in range(2):
        await do(store, attempts.spell_out, [1, 2, 3, 4, 9])
    found = {key: await attempts.of_delivery(store.engine, key) for key in (1, 2, 3, 4)}
    assert found == {1: [Attempt(1, 1, NOW, 204, "", "", 0)], 2: [], 3: [], 4: [attempt(1, delivery=4)]}


async def test_attempts_go_with_their_delivery(store: Store) -> None:
    await do(store, attempts.insert, [attempt(1), attempt(1, delivery=2)])
    await do(store, attempts.delete, [1, 7])
    assert await attempts.of_delivery(store.engine, 1) == []
    assert await attempts.of_delivery(store.engine, 2) == [attempt(1, delivery=2)]
