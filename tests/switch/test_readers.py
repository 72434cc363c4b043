"""Readers: vendors' channels and subscriptions, each within its account and bounds."""

import asyncio
import re
import uuid
from typing import Any

import pytest

from tests.store.house import ACCOUNT, PRINCIPAL, ask, run
from textwire.domain.event import mask
from textwire.domain.refusal import Refusal
from textwire.store import channels, hooks
from textwire.switch import readers

from .desk_house import FOREIGN_NUMBER, NUMBER, OTHER, PROJECT, SECOND_NUMBER, STRANGER, Verbs
from .test_numbers import refused

URL = "https://customer.test/hook"
TYPES = mask(["message.received", "message.sent"])


async def test_every_change_moves_the_version(verbs: Verbs) -> None:
    seen = [await verbs.version()]

    async def moved() -> bool:
        seen.append(await verbs.version())
        return seen[-1] > seen[-2]

    channel = await verbs.channel()
    found = await verbs.subscribe(channel)
    assert await moved()
    await verbs.subscribe(await verbs.channel())  # goes to the newer channel
    assert await moved()
    await verbs.readers.unsubscribe(ACCOUNT, PRINCIPAL, found.hook.public_id)
    assert await moved()
    await verbs.subscribe(channel)
    assert await moved()
    await verbs.readers.delete_channel(PRINCIPAL, channel)
    assert await moved()


# Channels


@pytest.mark.parametrize(("kind", "prefix"), [("webhook", "wh-"), ("websocket", "ws-")])
async def test_a_channel_is_named_by_its_kind_and_keeps_what_it_was_given(
    verbs: Verbs, kind: Any, prefix: str
) -> None:
    made = await verbs.readers.create_channel(
        ACCOUNT, PRINCIPAL, kind=kind, url=URL, authorization="Basic x", correlator="c", lifetime=3600
    )
    assert re.fullmatch(
        prefix + r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made.public_id
    )
    assert (made.credential, made.correlator, made.lifetime) == ("sealed:Basic x", "c", 3600)
    assert await channels.one(verbs.store.engine, PRINCIPAL, made.public_id) == made
    assert await channels.of_principal(verbs.store.engine, PRINCIPAL) == [made]
    assert await channels.one(verbs.store.engine, STRANGER, made.public_id) is None


async def test_a_channel_without_authorization_keeps_none(verbs: Verbs) -> None:
    made = await verbs.readers.create_channel(ACCOUNT, PRINCIPAL, kind="webhook", url=URL)
    assert made.credential == ""


async def test_a_channels_lifetime_can_be_renewed_by_its_owner(verbs: Verbs) -> None:
    channel = await verbs.channel(kind="websocket", lifetime=60)
    assert (await verbs.readers.renew_channel(PRINCIPAL, channel, 7200)).lifetime == 7200
    kept = await channels.one(verbs.store.engine, PRINCIPAL, channel)
    assert kept is not None
    assert kept.lifetime == 7200
    await refused("not_found", verbs.readers.renew_channel(STRANGER, channel, 1))


async def test_channels_that_nothing_hangs_on_make_room_after_an_hour(
    verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MOST_CHANNELS", 3)
    used, idle, _ = [await verbs.channel() for _ in range(3)]
    await verbs.subscribe(used)
    await refused("too_many_hooks", verbs.channel())
    await verbs.channel(PROJECT)  # a principal's channels are its own
    verbs.clock.advance(readers.IDLE_CHANNEL + 1)
    new = await verbs.channel()
    left = [one.public_id for one in await channels.of_principal(verbs.store.engine, PRINCIPAL)]
    assert left == [used, new]
    assert idle not in left


async def test_deleting_a_channel_ends_what_hangs_on_it(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PRINCIPAL)
    ended: list[int] = []
    verbs.readers.observers.append(ended.extend)
    channel, other = await verbs.channel(), await verbs.channel(url=URL + "/other")
    first, second = await verbs.subscribe(channel), await verbs.subscribe(channel, SECOND_NUMBER)
    stays = await verbs.subscribe(other)
    await refused("not_found", verbs.readers.delete_channel(STRANGER, channel))
    await verbs.readers.delete_channel(PRINCIPAL, channel)
    assert ended == [first.hook.id, second.hook.id]
    assert await verbs.hooks() == [(stays.hook.public_id, "active")]
    await refused("not_found", verbs.readers.delete_channel(PRINCIPAL, channel))


# Subscriptions


@pytest.mark.parametrize("number", ["", NUMBER])
async def test_a_subscription_is_about_the_default_number_or_one_that_is_named(
    verbs: Verbs, number: str
) -> None:
    channel = await verbs.channel(authorization="Bearer x")
    made = await verbs.subscribe(channel, number, correlator="c")
    hook = made.hook
    assert (hook.number, hook.url, hook.secret, hook.correlator) == (NUMBER, URL, "sealed:Bearer x", "c")
    assert made.channel == channel
    assert uuid.UUID(hook.public_id).version == 4
    assert await hooks.subscriptions(verbs.store.engine, PRINCIPAL) == [made]
    assert await hooks.subscriptions(verbs.store.engine, PROJECT) == []


@pytest.mark.parametrize("number", [SECOND_NUMBER, FOREIGN_NUMBER, "+15550009999"])
async def test_a_number_that_is_not_assigned_is_forbidden(verbs: Verbs, number: str) -> None:
    refusal = await refused("sender_forbidden", verbs.subscribe(await verbs.channel(), number))
    assert refusal.field == "number"
    assert await verbs.hooks() == []


async def test_without_a_default_number_one_has_to_be_named(verbs: Verbs) -> None:
    channel = await verbs.channel(PROJECT)
    assert (await refused("no_default_number", verbs.subscribe(channel, principal=PROJECT))).field == "number"


async def test_an_unassignment_of_the_same_batch_counts(verbs: Verbs) -> None:
    channel = await verbs.channel()
    outcomes = await asyncio.gather(
        verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL),
        verbs.subscribe(channel, NUMBER),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], Refusal)


async def test_a_channel_of_somebody_else_is_not_found(verbs: Verbs) -> None:
    for channel in (await verbs.channel(STRANGER), await verbs.channel(PROJECT), "wh-none"):
        assert (await refused("not_found", verbs.subscribe(channel))).field == "channel"


async def test_a_second_identical_subscription_is_the_first_one(verbs: Verbs) -> None:
    channel = await verbs.channel()
    first = await verbs.subscribe(channel)
    assert await verbs.subscribe(channel) == first
    assert len(await verbs.hooks()) == 1


async def test_a_client_that_starts_again_with_its_address_keeps_its_subscription(verbs: Verbs) -> None:
    old, new = await verbs.channel(authorization="old"), await verbs.channel(authorization="new")
    first = await verbs.subscribe(old)
    again = await verbs.subscribe(new, correlator="second")
    assert again.hook.public_id == first.hook.public_id
    assert (again.channel, again.hook.secret, again.hook.correlator) == (new, "sealed:new", "second")
    assert await hooks.subscriptions(verbs.store.engine, PRINCIPAL) == [again]
    await verbs.readers.delete_channel(PRINCIPAL, old)
    assert len(await verbs.hooks()) == 1


async def test_another_address_or_socket_is_another_subscription(verbs: Verbs) -> None:
    channels = [
        await verbs.channel(),
        await verbs.channel(url=URL + "/other"),
        await verbs.channel(kind="websocket", url=""),
        await verbs.channel(kind="websocket", url=""),
    ]
    made = [await verbs.subscribe(channel) for channel in channels]
    assert len({one.hook.public_id for one in made}) == 4


async def test_a_subscription_that_was_canceled_or_disabled_is_not_taken_up_again(verbs: Verbs) -> None:
    channel = await verbs.channel()
    first = await verbs.subscribe(channel)
    await run(verbs.store, "update hook set state = 'disabled'")
    second = await verbs.subscribe(channel)
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)
    await verbs.numbers.assign(ACCOUNT, NUMBER, PRINCIPAL)
    third = await verbs.subscribe(channel, NUMBER)
    assert len({one.hook.public_id for one in (first, second, third)}) == 3


async def test_a_subscription_is_ended_by_its_principal_alone(verbs: Verbs) -> None:
    ended: list[int] = []
    verbs.readers.observers.append(ended.extend)
    found = await verbs.subscribe(await verbs.channel())
    own, _ = await verbs.webhooks.create(ACCOUNT, PRINCIPAL, url=URL, types=TYPES)
    public_id = found.hook.public_id
    await refused("not_found", verbs.readers.unsubscribe(ACCOUNT, PROJECT, public_id))
    await refused("not_found", verbs.readers.unsubscribe(OTHER, PRINCIPAL, public_id))
    await refused("not_found", verbs.readers.unsubscribe(ACCOUNT, PRINCIPAL, own.public_id))
    await verbs.readers.unsubscribe(ACCOUNT, PRINCIPAL, public_id)
    assert ended == [found.hook.id]
    await refused("not_found", verbs.readers.unsubscribe(ACCOUNT, PRINCIPAL, public_id))
    assert await ask(verbs.store, "select count(*) from channel") == [(1,)]


async def test_the_subscriptions_of_a_channel_can_be_found_by_it(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PRINCIPAL)
    channel = await verbs.channel()
    made = [await verbs.subscribe(channel), await verbs.subscribe(channel, SECOND_NUMBER)]
    await verbs.subscribe(await verbs.channel(url=URL + "/other"))
    kept = await channels.one(verbs.store.engine, PRINCIPAL, channel)
    assert kept is not None
    assert await hooks.of_channel(verbs.store.engine, kept.id) == [one.hook for one in made]
