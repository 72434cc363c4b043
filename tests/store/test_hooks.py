"""The shelf of webhooks and channels."""

import pytest
from msgspec.structs import replace

from textwire.store import hooks
from textwire.store.hooks import Channel, Hook, Subscription
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, do

ONE, TWO = "+16139998877", "+447700900001"


def hook(n: int, **changes) -> Hook:
    new = Hook(
        n, ACCOUNT, PRINCIPAL, f"hook-{n}", "own", 0, f"http://127.0.0.1/{n}", 5, "", "sealed", "", "active", 0,
        NOW,
    )  # fmt: skip
    return replace(new, **changes)


def channel(n: int, **changes) -> Channel:
    new = Channel(
        n, ACCOUNT, PRINCIPAL, f"channel-{n}", "webhooks", "http://127.0.0.1", "sealed", "c", 0, NOW + n
    )
    return replace(new, **changes)


async def keep(store: Store, *new: Hook | Channel) -> None:
    for one in new:
        await do(store, hooks.insert if isinstance(one, Hook) else hooks.insert_channel, one)


async def state(store: Store, n: int) -> str:
    return (await do(store, hooks.states, [n]))[n]


async def test_a_hook_comes_back_as_it_was_kept(store: Store) -> None:
    wanted = hook(
        1, channel=3, types=2**17 - 1, number=f"{ONE} {TWO}", correlator="ü", failing_since=NOW, url=""
    )
    await keep(store, wanted)
    assert await hooks.one(store.engine, ACCOUNT, "hook-1") == wanted
    assert await do(store, hooks.find, ACCOUNT, "hook-1") == wanted
    assert await hooks.some(store.engine, [1, 99]) == [wanted]
    assert await do(store, hooks.picked, [1, 99]) == {1: wanted}
    assert await do(store, hooks.states, [1, 99]) == {1: "active"}


async def test_a_foreign_hook_is_missing_like_an_unknown_one(store: Store) -> None:
    await keep(store, hook(1))
    for account, name in ((ACCOUNT + 1, "hook-1"), (ACCOUNT, "hook-2")):
        assert await hooks.one(store.engine, account, name) is None
        assert await do(store, hooks.find, account, name) is None


async def test_hooks_are_listed_by_account_and_dialect_newest_first(store: Store) -> None:
    await keep(
        store, hook(1), hook(2, dialect="kandy"), hook(3), hook(4, account=8), hook(5, state="canceled")
    )
    assert [h.id for h in await hooks.of_account(store.engine, ACCOUNT, "own")] == [3, 1]
    assert await do(store, hooks.count, ACCOUNT) == 3


async def test_only_active_hooks_read_events(store: Store) -> None:
    await keep(store, hook(3), hook(1), hook(2, state="disabled"), hook(4, account=8), hook(5, account=9))
    assert [h.id for h in await hooks.active(store.engine, [ACCOUNT, 8])] == [1, 3, 4]
    assert await hooks.active(store.engine, []) == []


async def test_every_change_of_a_hook_is_seen_in_the_version(store: Store) -> None:
    versions = [await hooks.version(store.engine)]

    async def changed(call, *args) -> None:
        await do(store, call, *args)
        versions.append(await hooks.version(store.engine))

    await changed(hooks.insert, hook(1, failing_since=NOW))
    await changed(hooks.insert, hook(2))
    await changed(hooks.repoint, hook(1, channel=7, url="http://127.0.0.1/new", secret="other", types=9))
    await changed(hooks.disable, [(1, NOW)])
    await changed(hooks.cancel, [1])
    await changed(hooks.delete, [2])
    await changed(hooks.touch)
    assert versions == sorted(set(versions))
    last = versions[-1]
    await changed(hooks.failing, [(1, NOW)])
    await changed(hooks.disable, [(1, NOW)])
    assert versions[-1] == last, "what no reader has to know moves nothing"


async def test_a_repointed_subscription_has_another_channel_and_nothing_else(store: Store) -> None:
    await keep(store, hook(1, channel=3), hook(2, channel=3))
    moved = hook(1, channel=4, url="http://127.0.0.1/x", secret="s", correlator="k", types=1)
    await do(store, hooks.repoint, replace(moved, number="other", dialect="other", state="disabled"))
    assert await hooks.some(store.engine, [1]) == [moved]
    assert await hooks.some(store.engine, [2]) == [hook(2, channel=3)]


async def test_a_canceled_hook_is_kept_until_it_has_heard_so(store: Store) -> None:
    await keep(store, hook(1), hook(2))
    await do(store, hooks.cancel, [1])
    assert await hooks.one(store.engine, ACCOUNT, "hook-1") is None
    assert [h.state for h in await hooks.some(store.engine, [1])] == ["canceled"]
    await do(store, hooks.delete, [1])
    assert await hooks.some(store.engine, [1]) == []
    assert await state(store, 2) == "active"


async def test_a_hook_that_has_failed_for_too_long_is_disabled_once(store: Store) -> None:
    await keep(store, *(hook(n) for n in range(1, 5)))
    await do(store, hooks.failing, [(1, NOW + 1), (2, NOW + 5), (3, NOW + 1)])
    await do(store, hooks.failing, [(1, NOW + 9)])  # the first failure counts
    await do(store, hooks.recovered, [3, 4])
    assert {h.id: h.failing_since for h in await hooks.some(store.engine, [1, 2, 3, 4])} == {
        1: NOW + 1,
        2: NOW + 5,
        3: 0,
        4: 0,
    }
    since = [(n, NOW + 4) for n in (4, 3, 2, 1)]
    assert await do(store, hooks.disable, since) == [(1, ACCOUNT, "hook-1")]
    assert await do(store, hooks.disable, since) == []
    assert [await state(store, n) for n in range(1, 5)] == ["disabled", "active", "active", "active"]


async def test_a_channel_comes_back_as_it_was_kept_and_only_to_its_principal(store: Store) -> None:
    await keep(store, channel(2), channel(1), channel(3, principal=71))
    assert await hooks.channel(store.engine, PRINCIPAL, "channel-1") == channel(1)
    assert await do(store, hooks.find_channel, PRINCIPAL, "channel-1") == channel(1)
    assert await hooks.channel(store.engine, PRINCIPAL, "channel-3") is None
    assert await do(store, hooks.find_channel, PRINCIPAL, "channel-3") is None
    assert await hooks.channels(store.engine, PRINCIPAL) == [channel(1), channel(2)]
    assert await do(store, hooks.count_channels, PRINCIPAL) == 2
    await do(store, hooks.renew_channel, 1, 3600)
    assert await hooks.channel(store.engine, PRINCIPAL, "channel-1") == channel(1, lifetime=3600)
    await do(store, hooks.delete_channels, [1, 99])
    assert await hooks.channels(store.engine, PRINCIPAL) == [channel(2)]


@pytest.fixture
async def subscribed(store: Store) -> Store:
    """Two channels; three subscriptions on the first, of which one is canceled, and a hook of the own API."""
    await keep(store, channel(1), channel(2), hook(9))
    await keep(store, hook(1, channel=1, number=ONE), hook(2, channel=1, number=TWO))
    await keep(store, hook(3, channel=1, number=ONE, state="canceled"))
    await keep(store, hook(4, channel=1, number=ONE, principal=71))
    return store


async def test_subscriptions_come_with_the_name_of_their_channel(subscribed: Store) -> None:
    found = await hooks.subscriptions(subscribed.engine, PRINCIPAL)
    assert found == [
        Subscription(hook(1, channel=1, number=ONE), "channel-1"),
        Subscription(hook(2, channel=1, number=TWO), "channel-1"),
    ]
    await do(subscribed, hooks.delete_channels, [1])
    assert [s.channel for s in await hooks.subscriptions(subscribed.engine, PRINCIPAL)] == ["", ""]


async def test_what_hangs_on_a_channel_is_found_from_both_sides(subscribed: Store) -> None:
    wanted = [hook(1, channel=1, number=ONE), hook(2, channel=1, number=TWO)]
    assert await hooks.of_channel(subscribed.engine, 1) == wanted
    assert await do(subscribed, hooks.hanging_on_channel, 1) == wanted
    assert await hooks.of_channel(subscribed.engine, 2) == []


async def test_what_hangs_on_a_number_of_a_principal_is_its_active_subscriptions(subscribed: Store) -> None:
    found = await do(subscribed, hooks.hanging_on, [(PRINCIPAL, ONE), (72, ONE)])
    assert found == [Subscription(hook(1, channel=1, number=ONE), "channel-1")]
    assert await do(subscribed, hooks.hanging_on, []) == []


async def test_channels_without_a_subscription_are_unused_from_a_time_on(subscribed: Store) -> None:
    assert await do(subscribed, hooks.unused_channels, PRINCIPAL, NOW + 2) == []
    assert await do(subscribed, hooks.unused_channels, PRINCIPAL, NOW + 3) == [2]
    await do(subscribed, hooks.cancel, [1, 2])
    assert await do(subscribed, hooks.unused_channels, PRINCIPAL, NOW + 3) == [1, 2]
