"""Notifications: their wording, their identity, and which subscription hears of what."""

import re
import uuid
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from textwire.domain.event import TYPES, Event
from textwire.domain.message import Message
from textwire.facades.kandy.notifications import EVENTS, OUTCOMES, KandyDialect
from textwire.hooks.dialect import Dialect, Notice
from textwire.store.hooks import Hook

from .house import House, Session, Tenant

LOCAL, REMOTE = "+16139998877", "+12066417772"
MADE_AT, TOLD_AT = 1_568_889_113_850_123, 1_568_889_114_122_456
DIALECT: Dialect = KandyDialect()
HOOK = Hook(5, 3, 7, "sub-1", "kandy", 4, "https://app.example/hook", 0, LOCAL, "", "", "active", 0, MADE_AT)


def message(direction: str, **changes: Any) -> Message:
    sender, recipient = (REMOTE, LOCAL) if direction == "in" else (LOCAL, REMOTE)
    made = Message(
        0x10, 3, 7, "in" if direction == "in" else "out", "received" if direction == "in" else "submitting", sender,
        recipient, "hi 😀", "", 1, 0, "", 0, "", 0, "", "resend", 0, 0, 0, 0, 0, "", "", 1, MADE_AT, MADE_AT, "", 0, "",
    )  # fmt: skip
    return replace(made, **changes)


def notice(kind: str, about: Message | None, **changes: Any) -> Notice:
    subject = changes.pop("subject", 0x10 if about else 0)
    event = Event(42, 3, kind, subject, 1, "", TOLD_AT, changes.pop("data", "{}"))
    made = Notice(identifier="evt_42", event=event, message=about, hook=HOOK, at=TOLD_AT + 1)
    return replace(made, **changes)


def said(given: Notice) -> dict[str, Any]:
    body = DIALECT.body(given)
    assert body is not None
    read: dict[str, Any] = msgspec.json.decode(body)
    return read


def test_an_inbound_text_is_worded_to_the_letter() -> None:
    told = said(notice("message.received", message("in")))
    identifier = told["inboundSMSMessageNotification"]["id"]
    assert told == {
        "inboundSMSMessageNotification": {
            "inboundSMSMessage": {
                "dateTime": 1_568_889_113_850,
                "destinationAddress": LOCAL,
                "message": "hi 😀",
                "messageId": "SM1-0000000000000010",
                "senderAddress": REMOTE,
            },
            "dateTime": 1_568_889_114_122,
            "id": identifier,
        }
    }
    assert str(uuid.UUID(identifier)) == identifier


def test_an_outbound_text_is_worded_to_the_letter() -> None:
    told = said(notice("message.accepted", message("out")))
    assert list(told) == ["outboundSMSMessageNotification"]
    inner = told["outboundSMSMessageNotification"]
    assert set(inner) == {"outboundSMSMessage", "dateTime", "id"}
    assert inner["outboundSMSMessage"] == {
        "dateTime": 1_568_889_113_850,
        "destinationAddress": REMOTE,
        "message": "hi 😀",
        "messageId": "SM1-0000000000000010",
        "senderAddress": LOCAL,
    }


def test_a_cancellation_links_to_the_subscription_that_ended() -> None:
    data = '{"number":"+16139998877","principal":"user-ada","subscription":"sub-1","channel":"wh-1"}'
    told = said(notice("subscription.canceled", None, data=data))
    assert list(told) == ["smsSubscriptionCancellationNotification"]
    inner = told["smsSubscriptionCancellationNotification"]
    href = "/cpaas/smsmessaging/v1/user-ada/inbound/subscriptions/sub-1"
    assert inner["link"] == [{"href": href, "rel": "Subscription"}]
    assert set(inner) == {"link", "dateTime", "id"}


DELETED = '{"number":"+16139998877","remote":"+12066417772","users":{"7":"user-ada","8":"user-bob"}}'


def test_a_deletion_links_to_the_message_under_its_readers_own_name() -> None:
    told = said(notice("message.deleted", None, data=DELETED, subject=0x10))
    assert list(told) == ["smsEventNotification"]
    inner = told["smsEventNotification"]
    assert inner == {
        "eventDescription": "A message has been deleted.",
        "eventType": "MessageDeleted",
        "link": [
            {
                "href": "/cpaas/smsmessaging/v1/user-ada/remoteAddresses/+12066417772/localAddresses/+16139998877"
                "/messages/SM1-0000000000000010",
                "rel": "smsMessage",
            }
        ],
        "id": inner["id"],
        "dateTime": 1_568_889_114_122,
    }


@pytest.mark.parametrize("changes", [{"number": "+16139998878"}, {"principal": 9}])
def test_a_deletion_elsewhere_or_for_who_does_not_use_the_number_says_nothing(
    changes: dict[str, Any],
) -> None:
    given = notice("message.deleted", None, data=DELETED, subject=0x10)
    assert DIALECT.body(replace(given, hook=replace(HOOK, **changes))) is None


@pytest.mark.parametrize(("kind", "status"), list(OUTCOMES.items()))
def test_what_became_of_a_text_is_worded_to_the_letter(kind: str, status: str) -> None:
    told = said(notice(kind, message("out")))
    identifier = told["deliveryInfoNotification"]["id"]
    info = {"messageId": "SM1-0000000000000010", "address": REMOTE, "deliveryStatus": status}
    assert told == {
        "deliveryInfoNotification": {"deliveryInfo": info, "dateTime": 1_568_889_114_122, "id": identifier}
    }
    assert str(uuid.UUID(identifier)) == identifier


def test_a_retry_repeats_the_same_bytes() -> None:
    first = notice("message.received", message("in"))
    assert DIALECT.body(replace(first, at=first.at + 10**9)) == DIALECT.body(first)


def test_other_events_and_other_servers_have_other_ids() -> None:
    one = notice("message.received", message("in"))
    other_event = replace(one, event=replace(one.event, number=43))
    other_server = replace(one, event=Event(42, 4, "message.received", 0x10, 1, "", TOLD_AT))
    ids = {said(given)["inboundSMSMessageNotification"]["id"] for given in (one, other_event, other_server)}
    assert len(ids) == 3


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind not in {*EVENTS, *OUTCOMES}])
def test_no_other_event_is_worded(kind: str) -> None:
    assert DIALECT.body(notice(kind, message("out"))) is None


@pytest.mark.parametrize(
    ("kind", "direction"),
    [("message.received", "in"), ("message.accepted", "out"), ("message.delivered", "out")],
)
def test_a_message_that_is_gone_or_of_another_number_says_nothing(kind: str, direction: str) -> None:
    assert DIALECT.body(notice(kind, None)) is None
    other = replace(HOOK, number="+16139998878")
    assert DIALECT.body(notice(kind, message(direction), hook=other)) is None


def test_what_the_channel_was_told_to_present_is_presented() -> None:
    plain = notice("message.received", message("in"))
    assert DIALECT.headers(plain, b"") == {}
    sealed = replace(plain, hook=replace(HOOK, secret="Basic Zm9vOmJhcg=="))
    assert DIALECT.headers(sealed, b"") == {"Authorization": "Basic Zm9vOmJhcg=="}


def test_a_webhook_that_swallows_is_tried_twice_more_and_none_is_ever_disabled() -> None:
    assert DIALECT.silence == (5.0, 5.0)
    assert not DIALECT.disables
    assert DIALECT.waits[0] == 5.0
    assert list(DIALECT.waits) == sorted(DIALECT.waits)


# The whole way, with a mailbox in the place of webhooks


async def test_a_text_to_a_number_reaches_every_subscription_of_it_and_no_other(
    house: House, ada: Tenant, session: Session, bob: Tenant
) -> None:
    await session.subscribe(await session.channel("http://one.example/"))
    await session.subscribe(await session.channel("http://two.example/"))
    await session.subscribe(await session.channel("http://spare.example/"), destinationAddress=ada.numbers[1])
    other = await house.session(bob)
    await other.subscribe(await other.channel("http://bob.example/"))
    await house.core.simulated.text(REMOTE, ada.numbers[0], "hi :)")
    posts = await house.mailbox.first(2)
    assert [post.url for post in posts] == ["http://one.example/", "http://two.example/"]
    (name, first), (_, second) = (post.said for post in posts)
    assert name == "inboundSMSMessageNotification"
    assert first == second
    assert first["inboundSMSMessage"]["message"] == "hi :)"
    [kept] = await house.messages(ada)
    assert first["inboundSMSMessage"]["messageId"] == f"SM1-{kept.id:016x}"
    assert all(post.headers["Content-Type"] == "application/json" for post in posts)


async def test_a_sent_text_is_told_to_the_sender_too(house: House, ada: Tenant, session: Session) -> None:
    await session.subscribe(
        await session.channel("http://one.example/", **{"x-authorization": "Bearer mine"})
    )
    sent = await session.send(REMOTE, text="hello")
    [post] = await house.mailbox.first(1)
    name, inner = post.said
    assert name == "outboundSMSMessageNotification"
    url = sent.json["outboundSMSMessageRequest"]["resourceURL"]
    assert inner["outboundSMSMessage"]["messageId"] == url.rpartition("/")[2]
    assert inner["outboundSMSMessage"]["senderAddress"] == ada.numbers[0]
    assert post.headers["Authorization"] == "Bearer mine"


async def test_taking_a_number_away_tells_each_subscription_of_its_end(
    house: House, ada: Tenant, session: Session
) -> None:
    made = [
        await session.subscribe(await session.channel(f"http://{name}.example/")) for name in ("one", "two")
    ]
    await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
    posts = await house.mailbox.first(2)
    links = []
    for post in posts:
        name, inner = post.said
        assert name == "smsSubscriptionCancellationNotification"
        assert re.fullmatch("[0-9a-f-]{36}", inner["id"])
        links.append(inner["link"][0]["href"])
    assert links == [reply.json["subscription"]["resourceURL"] for reply in made]


async def test_after_a_cancellation_nothing_more_is_heard(
    house: House, ada: Tenant, session: Session
) -> None:
    await session.subscribe(await session.channel("http://one.example/"))
    await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
    await house.mailbox.first(1)
    await session.subscribe(await session.channel("http://two.example/"), destinationAddress=ada.numbers[1])
    await house.core.simulated.text(REMOTE, ada.numbers[0], "for nobody")
    await house.core.simulated.text(REMOTE, ada.numbers[1], "for two")
    first, second = await house.mailbox.first(2)
    assert first.said[0] == "smsSubscriptionCancellationNotification"
    assert second.said[1]["inboundSMSMessage"]["message"] == "for two"
