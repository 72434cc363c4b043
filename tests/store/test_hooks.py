"""The shelves of hooks, channels and deliveries, where the verbs above do not show them."""

from typing import Any

from msgspec.structs import replace

from textwire.domain.ids import MAX_INT
from textwire.store import channels, deliveries, hooks
from textwire.store.channels import Channel
from textwire.store.deliveries import Delivery
from textwire.store.hooks import Hook
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, ask, do


def hook(key: int, **changes: Any) -> Hook:
    made = Hook(
        key,
        ACCOUNT,
        PRINCIPAL,
        f"hook-{key}",
        "api",
        0,
        "https://x.test",
        1,
        "",
        "sealed",
        "",
        "active",
        0,
        NOW,
    )
    return replace(made, **changes)


def delivery(key: int, event: int = 1, hook: int = 1, segment: int = 0) -> Delivery:
    return Delivery(key, event, hook, segment, ACCOUNT, "pending", 0, 0, "", NOW)


async def keep(store: Store, *made: Hook) -> None:
    for one in made:
        await do(store, hooks.insert, one)


async def test_a_hook_comes_back_as_it_was(house: Store) -> None:
    made = hook(5, types=MAX_INT, number="+1 +2", url="https://ü.test/?a=b&c='d'", correlator="☃")
    await keep(house, made)
    assert await hooks.some(house.engine, [5, 6]) == [made]
    assert await do(house, hooks.picked, [5]) == {5: made}
    assert await do(house, hooks.states, [5, 6]) == {5: "active"}


async def test_active_hooks_are_those_of_the_accounts_asked_for(house: Store) -> None:
    await keep(house, hook(1), hook(2, account=8), hook(3, account=9), hook(4, state="disabled"))
    await do(house, hooks.cancel, [3])
    assert [one.id for one in await hooks.active(house.engine, [ACCOUNT, 8, 9])] == [1, 2]
    assert await hooks.active(house.engine, []) == []


async def test_canceled_hooks_are_shown_to_nobody(house: Store) -> None:
    await keep(house, hook(1), hook(2, state="disabled"))
    await do(house, hooks.cancel, [1])
    assert [one.id for one in await hooks.of_account(house.engine, ACCOUNT, "api")] == [2]
    assert await hooks.one(house.engine, ACCOUNT, "hook-1") is None
    assert await do(house, hooks.count, ACCOUNT) == 1


async def test_the_first_failure_after_a_success_is_remembered(house: Store) -> None:
    await keep(house, hook(1), hook(2))
    await do(house, hooks.failing, [(1, NOW), (2, NOW + 1)])
    await do(house, hooks.failing, [(1, NOW + 5)])
    await do(house, hooks.recovered, [2])
    assert [one.failing_since for one in await hooks.some(house.engine, [1, 2])] == [NOW, 0]


async def test_only_an_active_hook_that_fails_long_enough_is_disabled_and_once(house: Store) -> None:
    await keep(house, hook(1), hook(2), hook(3), hook(4, state="canceled"))
    await do(house, hooks.failing, [(1, NOW), (2, NOW + 1), (4, NOW)])
    before = await hooks.version(house.engine)
    limits = [(key, NOW) for key in (1, 2, 3, 4)]
    assert await do(house, hooks.disable, limits) == [(1, ACCOUNT, "hook-1")]
    assert await hooks.version(house.engine) == before + 1
    assert await do(house, hooks.disable, limits) == []
    assert await hooks.version(house.engine) == before + 1


async def test_a_delivery_is_planned_once_per_event_hook_and_part(house: Store) -> None:
    assert await do(house, deliveries.insert, [delivery(1), delivery(2, segment=7), delivery(3, hook=2)]) == {
        1,
        2,
        3,
    }
    assert await do(house, deliveries.insert, [delivery(4), delivery(5, event=2)]) == {5}
    assert await do(house, deliveries.insert, []) == set()


async def test_deliveries_come_with_their_hook_or_without_one(house: Store) -> None:
    await keep(house, hook(1))
    await do(house, deliveries.insert, [delivery(1), delivery(2, hook=99)])
    assert await do(house, deliveries.with_hooks, [1, 2, 3]) == [
        (delivery(1), hook(1)),
        (delivery(2, hook=99), None),
    ]


async def test_unused_channels_are_old_ones_without_an_active_subscription(house: Store) -> None:
    for key in range(1, 5):
        made = Channel(
            key, ACCOUNT, PRINCIPAL, f"wh-{key}", "webhook", "https://x.test", "", "", 0, NOW + key
        )
        await do(house, channels.insert, made)
    await keep(house, hook(1, channel=1), hook(2, channel=2, state="canceled"))
    assert sorted(await do(house, channels.unused, PRINCIPAL, NOW + 4)) == [2, 3]
    assert await do(house, channels.unused, PRINCIPAL + 1, NOW + 9) == []
    assert await ask(house, "select count(*) from channel") == [(4,)]
