"""The socket of a channel: who gets in, what is heard, what waits, and when it ends."""

import asyncio
import json
from typing import Any

import pytest

from textwire.live.mail import OVER, REPLACED
from textwire.store import boxes, hooks

from .house import House, Session, Tenant
from .page import Page, opening, socket_channel, subscribed

REMOTE = "+12066417772"
DAY = 86_400


async def text(house: House, tenant: Tenant, said: str, number: int = 0) -> None:
    await house.core.simulated.text(REMOTE, tenant.numbers[number], said)


async def waiting(house: House, tenant: Tenant) -> int:
    """How many letters wait in all boxes of a tenant's user."""
    engine = house.core.store.engine
    found = await hooks.subscriptions(engine, tenant.user.id)
    return sum([len(await boxes.letters(engine, one.hook.channel)) for one in found])


async def until_waiting(house: House, tenant: Tenant, count: int) -> None:
    async with asyncio.timeout(10):
        while await waiting(house, tenant) != count:
            await asyncio.sleep(0.005)


# Who gets in


async def test_the_owner_gets_in_and_hears_nothing_unasked(session: Session) -> None:
    channel = (await socket_channel(session))["callbackURL"]
    async with opening(session, channel) as page:
        assert page.opened
        assert page.frames == []


@pytest.mark.parametrize(
    ("token", "status"), [("", 401), ("x", 401), ("a.b.c", 401)], ids=["no token", "no JWT", "a forged one"]
)
async def test_a_hostile_token_is_refused_by_a_status(session: Session, token: str, status: int) -> None:
    channel = (await socket_channel(session))["callbackURL"]
    async with opening(session, channel, token=token) as page:
        assert page.refused is not None
        assert page.refused[0] == status
        said = json.loads(page.refused[1])["requestError"]["serviceException"]
        assert said["messageId"] == "SVC0001"


async def test_an_id_token_is_no_access_token(house: House, session: Session, ada: Tenant) -> None:
    channel = (await socket_channel(session))["callbackURL"]
    identity = (await house.session(ada, "id_token")).token
    async with opening(session, channel, token=identity) as page:
        assert page.refused is not None
        assert page.refused[0] == 401


async def test_another_users_channel_is_missing_and_his_path_forbidden(
    house: House, session: Session, bob: Tenant
) -> None:
    theirs = await house.session(bob)
    channel = (await socket_channel(theirs))["callbackURL"]
    async with opening(session, channel) as page:
        assert page.refused is not None
        assert page.refused[0] == 404
        foreign = page.refused[1]
    async with opening(session, f"ws-{'0' * 36}") as page:
        assert page.refused == (404, foreign)
    async with opening(session, channel, user=bob.user.public_id) as page:
        assert page.refused is not None
        assert page.refused[0] == 403


async def test_a_webhooks_channel_has_no_socket(session: Session) -> None:
    async with opening(session, await session.channel()) as page:
        assert page.refused is not None
        assert page.refused[0] == 404


async def test_the_first_token_is_good_for_its_channel_after_it_has_expired(
    house: House, session: Session, ada: Tenant
) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as page:
        house.times.after(9 * 3600)
        await asyncio.sleep(0.2)  # the books are kept: it lasts an hour from now on
        assert page.opened
    assert (await session.ask("GET", session.channels)).status == 401
    async with opening(session, channel) as page:
        assert page.opened
    fresh = await house.session(ada)
    later = (await socket_channel(fresh))["callbackURL"]
    async with opening(session, later) as page:
        assert page.refused is not None
        assert page.refused[0] == 401
    async with opening(session, f"ws-{'0' * 36}") as page:
        assert page.refused is not None
        assert page.refused[0] == 401


async def test_a_token_from_after_the_channel_that_has_expired_is_good_for_nothing(
    house: House, session: Session, ada: Tenant
) -> None:
    channel = (await socket_channel(session, channelLifetime=DAY))["callbackURL"]
    house.times.after(60)
    second = await house.session(ada)
    house.times.after(8 * 3600 - 30)  # the first is over, the second lasts half a minute
    async with opening(second, channel) as page:
        assert page.opened
    house.times.after(60)
    async with opening(second, channel) as page:
        assert page.refused is not None
        assert page.refused[0] == 401
    async with opening(session, channel) as page:
        assert page.opened


# What is heard


async def test_texts_both_ways_and_what_became_of_them_are_heard(
    house: House, ada: Tenant, session: Session
) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as page:
        sent = await session.send(REMOTE, text="hello")
        await text(house, ada, "hi :)")
        frames = await page.has(3)
    names = sorted(name for frame in frames for name in frame)
    assert names == [
        "deliveryInfoNotification", "inboundSMSMessageNotification", "outboundSMSMessageNotification",
    ]  # fmt: skip
    said = {name: inner for frame in frames for name, inner in frame.items()}
    key = sent.json["outboundSMSMessageRequest"]["resourceURL"].rpartition("/")[2]
    assert said["deliveryInfoNotification"]["deliveryInfo"] == {
        "messageId": key, "address": REMOTE, "deliveryStatus": "DeliveredToTerminal",
    }  # fmt: skip
    assert said["outboundSMSMessageNotification"]["outboundSMSMessage"]["messageId"] == key
    assert said["inboundSMSMessageNotification"]["inboundSMSMessage"]["message"] == "hi :)"
    assert len({inner["id"] for inner in said.values()}) == 3
    assert all(inner["dateTime"] > 10**12 for inner in said.values())


async def test_a_webhook_hears_of_the_same_under_the_same_ids_but_not_what_became_of_it(
    house: House, session: Session
) -> None:
    socket = await subscribed(session)
    await session.subscribe(await session.channel("http://one.example/"))
    await session.subscribe(await session.channel("http://two.example/"), **{"x-deliveryInfo": True})
    async with opening(session, socket) as page:
        await session.send(REMOTE, text="hello")
        frames = await page.has(2)
        posts = await house.mailbox.first(3)
    heard = {name: inner["id"] for frame in frames for name, inner in frame.items()}
    by_place: dict[str, dict[str, str]] = {}
    for post in posts:
        name, inner = post.said
        by_place.setdefault(post.url, {})[name] = inner["id"]
    assert by_place["http://two.example/"] == heard
    assert by_place["http://one.example/"] == {
        "outboundSMSMessageNotification": heard["outboundSMSMessageNotification"]
    }


async def test_other_numbers_and_other_peoples_are_not_heard_of(
    house: House, ada: Tenant, session: Session, bob: Tenant
) -> None:
    other = await house.session(bob)
    mine, theirs = await subscribed(session), await subscribed(other)
    async with opening(session, mine) as page, opening(other, theirs) as foreign:
        await text(house, ada, "for nobody", number=1)
        await text(house, bob, "for bob")
        await text(house, ada, "for ada")
        await page.has(1)
        await foreign.has(1)
    assert (page.said, foreign.said) == (["for ada"], ["for bob"])


async def test_one_channel_hears_of_several_numbers(house: House, ada: Tenant, session: Session) -> None:
    channel = await subscribed(session)
    await session.subscribe(channel, destinationAddress=ada.numbers[1])
    async with opening(session, channel) as page:
        await text(house, ada, "one")
        await text(house, ada, "two", number=1)
        await page.has(2)
    assert sorted(page.said) == ["one", "two"]


async def test_what_was_before_the_subscription_is_not_heard(
    house: House, ada: Tenant, session: Session
) -> None:
    await text(house, ada, "long ago")
    channel = str((await socket_channel(session))["callbackURL"])
    async with opening(session, channel) as page:
        await text(house, ada, "before")
        await session.subscribe(channel)
        await text(house, ada, "after")
        await page.has(1)
    assert page.said == ["after"]


async def test_after_unsubscribing_nothing_is_heard_and_the_socket_stays(
    house: House, ada: Tenant, session: Session
) -> None:
    channel = str((await socket_channel(session))["callbackURL"])
    url = (await session.subscribe(channel)).json["subscription"]["resourceURL"]
    async with opening(session, channel) as page:
        await session.ask("DELETE", url)
        await text(house, ada, "for nobody")
        page.say({"connCheck": {"interval": 30}})
        assert await page.has(1) == [{"connAck": {}}]
        await session.subscribe(channel)
        await text(house, ada, "again")
        await page.has(2)
        assert page.said == ["again"]
        assert not page.closed


async def test_taking_a_number_away_is_the_last_that_is_heard_of_it(
    house: House, ada: Tenant, session: Session
) -> None:
    channel = str((await socket_channel(session))["callbackURL"])
    url = (await session.subscribe(channel)).json["subscription"]["resourceURL"]
    async with opening(session, channel) as page:
        await text(house, ada, "last")
        await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
        await text(house, ada, "for nobody")
        await session.subscribe(channel, destinationAddress=ada.numbers[1])
        await text(house, ada, "other", number=1)
        frames = await page.has(3)
    assert [next(iter(frame)) for frame in frames] == [
        "inboundSMSMessageNotification", "smsSubscriptionCancellationNotification", "inboundSMSMessageNotification",
    ]  # fmt: skip
    assert frames[1]["smsSubscriptionCancellationNotification"]["link"] == [
        {"href": url, "rel": "Subscription"}
    ]
    assert page.said == ["last", "other"]


# What waits


async def test_what_happened_while_nobody_was_connected_comes_in_order_once_and_then_goes_on(
    house: House, ada: Tenant, session: Session
) -> None:
    channel = await subscribed(session)
    for n in range(20):
        await text(house, ada, f"text {n}")
    await until_waiting(house, ada, 20)
    async with opening(session, channel) as page:
        await text(house, ada, "text 20")
        await page.has(21)
        assert page.said == [f"text {n}" for n in range(21)]


async def test_what_certainly_arrived_does_not_come_again_and_what_may_not_have_does(
    house: House, ada: Tenant, session: Session
) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as page:
        await text(house, ada, "arrived")
        await page.has(1)
        await page.until(lambda: page.asked)
        page.answer()
        await until_waiting(house, ada, 0)
        await text(house, ada, "lost")
        first = (await page.has(2))[1]
    async with opening(session, channel) as page:
        again = (await page.has(1))[0]
    assert page.said == ["lost"]
    assert again == first  # under the same id, which the SDK drops


async def test_a_box_keeps_the_newest_thousand(
    house: House, ada: Tenant, session: Session, monkeypatch: Any
) -> None:
    channel = await subscribed(session)
    engine = house.core.store.engine
    [one] = await hooks.subscriptions(engine, ada.user.id)
    letters = [boxes.Letter(one.hook.channel, 10_000 + n, one.hook.id) for n in range(1_200)]
    await house.core.store.write(_Filing(), letters)
    kept = await boxes.letters(engine, one.hook.channel)
    assert [letter.event for letter in kept] == list(range(10_200, 11_200))
    async with opening(session, channel) as page:
        assert page.opened


class _Filing:
    async def run(self, unit: Any, items: list[list[boxes.Letter]]) -> list[None]:
        return [await boxes.file(unit, letters) for letters in items]


# Replaced, ended


async def test_a_newer_socket_takes_the_channel_over(house: House, ada: Tenant, session: Session) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as first:
        async with opening(session, channel) as second:
            await first.until(lambda: first.closed)
            assert first.closed == REPLACED != 1000
            await text(house, ada, "for the second")
            await second.has(1)
        assert first.frames == []
        assert house.mail.boxes == {}


async def test_a_socket_that_another_process_replaced_is_closed(house: House, session: Session) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as page:
        [box] = house.mail.boxes.values()
        await house.core.store.write(_Holding(), (box.channel.id, 5, 2**62))
        await page.until(lambda: page.closed)
        assert page.closed == REPLACED


class _Holding:
    async def run(self, unit: Any, items: list[tuple[int, int, int]]) -> list[None]:
        await boxes.hold(unit, items)
        return [None for _ in items]


async def test_deleting_the_channel_ends_its_socket_for_good(session: Session) -> None:
    channel = await subscribed(session)
    async with opening(session, channel) as page:
        assert (await session.ask("DELETE", f"{session.channels}/{channel}")).status == 204
        await page.until(lambda: page.closed)
        assert page.closed == OVER
    async with opening(session, channel) as page:
        assert page.refused is not None
        assert page.refused[0] == 404
    assert (await session.subscribe(channel)).refusal == (400, "SVC0002", ["notifyURL"])


async def test_a_lifetime_counts_only_while_nobody_is_connected(house: House, session: Session) -> None:
    channel = (await socket_channel(session, channelLifetime=60))["callbackURL"]
    house.times.after(59)
    async with opening(session, channel) as page:
        assert page.opened
        house.times.after(3600)
        await asyncio.sleep(0.3)  # the books are kept meanwhile
        assert not page.closed
    house.times.after(55)
    async with opening(session, channel) as page:
        assert page.opened
    house.times.after(65)
    async with opening(session, channel) as page:
        assert page.refused is not None
        assert page.refused[0] == 404


async def test_what_is_over_is_gone_with_what_hung_on_it(house: House, ada: Tenant, session: Session) -> None:
    channel = (await socket_channel(session, channelLifetime=60))["callbackURL"]
    other = await subscribed(session, destinationAddress=ada.numbers[1])
    await session.subscribe(channel)
    await text(house, ada, "waits in vain")
    await until_waiting(house, ada, 1)
    house.times.after(61)
    assert (await session.subscribe(channel)).refusal == (400, "SVC0002", ["notifyURL"])
    assert (await session.ask("GET", f"{session.channels}/{channel}")).refusal[0] == 404
    assert not await house.core.desk.readers.expire()
    left = (await session.ask("GET", f"{session.sms}/inbound/subscriptions")).json["subscriptionList"][
        "subscription"
    ]
    assert [one["callbackReference"]["notifyURL"] for one in left] == [other]
    assert await waiting(house, ada) == 0


# Keep-alive


@pytest.mark.parametrize(
    "said", [{"connCheck": {"interval": 30}}, {"connCheck": {"interval": 0.25}}, {"connCheck": {}}, '{"connCheck":null,"x":1}'],
    ids=["whole seconds", "a fraction", "no interval", "null"],
)  # fmt: skip
async def test_a_conn_check_is_answered_by_one_conn_ack(session: Session, said: object) -> None:
    channel = (await socket_channel(session))["callbackURL"]
    async with opening(session, channel) as page:
        page.say(said)
        page.say({"connCheck": {"interval": 30}})
        assert (await page.has(2))[:3] == [{"connAck": {}}] * 2


@pytest.mark.parametrize(
    "said", [{"message_type": "ping"}, {"connAck": {}}, "no JSON", "[]", "7", '{"connAck":', "[" * 30_000, {"other": 1}],
    ids=["keepAlive", "connAck", "no JSON", "a list", "a number", "half an object", "deep", "unknown"],
)  # fmt: skip
async def test_what_needs_no_answer_gets_none_and_ends_nothing(session: Session, said: object) -> None:
    channel = (await socket_channel(session))["callbackURL"]
    async with opening(session, channel) as page:
        page.say(said)
        page.say({"connCheck": {"interval": 30}})
        await page.has(1)
        assert page.frames == [{"connAck": {}}]
        assert not page.closed


async def test_pages_that_say_they_are_servers_are_asked(session: Session) -> None:
    channel = (await socket_channel(session, **{"x-connCheckRole": "server"}))["callbackURL"]
    async with opening(session, channel) as page:
        assert await page.has(1) == [{"connCheck": {"interval": 30}}]


async def test_no_page_is_kept_waiting_by_another_that_does_not_read(
    house: House, ada: Tenant, session: Session
) -> None:
    channel, other = await subscribed(session), await subscribed(session)
    slow = Page()
    never = asyncio.Event()

    async def stuck(message: Any) -> None:
        if message["type"] == "websocket.send":
            await never.wait()

    slow._put = stuck  # type: ignore[method-assign]
    query = f"access_token={session.token}"
    running = asyncio.create_task(slow.run(session, f"{session.channels}/{channel}/websocket", query))
    async with opening(session, other) as page:
        for n in range(30):
            await text(house, ada, f"text {n}")
        await page.has(30)
    slow.leave()
    never.set()
    await asyncio.wait_for(running, 10)
