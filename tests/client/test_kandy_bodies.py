"""Notifications of Kandy's API become values; what is none is refused in one way, whatever it is."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from textwire_client import (
    BadAnswer,
    CancellationNotification,
    DeliveryNotification,
    EventDetails,
    EventNotification,
    InboundNotification,
    Notification,
    OtherNotification,
    OutboundNotification,
)

AT, NOTED = datetime(2019, 9, 19, 10, 31, 53, 850000, UTC), datetime(2019, 9, 19, 10, 31, 54, 122000, UTC)
TEXT = {
    "dateTime": 1568889113850, "destinationAddress": "+15202241139", "message": "hi :)",
    "messageId": "SM1-1568889114-1020821-00-66406cba", "senderAddress": "+12066417772",
}  # fmt: skip
HEAD = {"dateTime": 1568889114122, "id": "5ceb215a-163e-44f8-bbe2-d372d227ef44"}
INBOUND = {"inboundSMSMessageNotification": {"inboundSMSMessage": TEXT, **HEAD}}
LINK = [{"href": "/cpaas/smsmessaging/v1/u/inbound/subscriptions/544f12a3", "rel": "Subscription"}]
READ: dict[str, Any] = {"notification_id": HEAD["id"], "notification_date_time": NOTED}
FIELDS: dict[str, Any] = {
    "message_id": TEXT["messageId"], "message": "hi :)", "sender_address": "+12066417772",
    "destination_address": "+15202241139", "date_time": AT,
}  # fmt: skip


def parse(body: Any) -> Any:
    return Notification().parse(body, signed=False)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (INBOUND, InboundNotification(**READ, **FIELDS)),
        (
            {"outboundSMSMessageNotification": {"outboundSMSMessage": TEXT, **HEAD}},
            OutboundNotification(**READ, **FIELDS),
        ),
        (
            {"smsSubscriptionCancellationNotification": {"link": LINK, **HEAD}},
            CancellationNotification(**READ, subscription_id="544f12a3"),
        ),
        (
            {
                "smsEventNotification": {
                    "eventDescription": "A message has been deleted.",
                    "eventType": "MessageDeleted",
                    "link": [{"href": "/a/messages/SM1-1", "rel": "smsMessage"}],
                    **HEAD,
                }
            },
            EventNotification(
                **READ,
                message_id="SM1-1",
                event_details=EventDetails(type="MessageDeleted", description="A message has been deleted."),
            ),
        ),
        (
            {
                "deliveryInfoNotification": {
                    "deliveryInfo": {
                        "messageId": "m",
                        "address": "+1",
                        "deliveryStatus": "DeliveredToTerminal",
                    },
                    **HEAD,
                }
            },
            DeliveryNotification(
                **READ, message_id="m", destination_address="+1", delivery_status="DeliveredToTerminal"
            ),
        ),
        ({"presence": {"a": [1]}}, OtherNotification(name="presence", data={"a": [1]})),
    ],
)
def test_every_kind_has_a_value_with_the_names_of_the_vendors_parse(body: Any, value: Any) -> None:
    assert parse(body) == value
    assert parse(msgspec.json.encode(body)) == value
    assert parse(msgspec.json.encode(body).decode()) == value


def test_the_types_are_the_vendors() -> None:
    assert [
        kind.__struct_defaults__[-1]
        for kind in (InboundNotification, OutboundNotification, CancellationNotification, EventNotification)
    ] == ["inbound", "outbound", "subscriptionCancel", "event"]


def test_seconds_are_told_from_milliseconds() -> None:
    body = {"inboundSMSMessageNotification": {"inboundSMSMessage": TEXT, "id": "n", "dateTime": 1568889114}}
    assert parse(body).notification_date_time == datetime(2019, 9, 19, 10, 31, 54, tzinfo=UTC)


def without(member: str) -> Any:
    return {"inboundSMSMessageNotification": {"inboundSMSMessage": {k: v for k, v in TEXT.items() if k != member}, **HEAD}}  # fmt: skip


def with_(**changes: Any) -> Any:
    return {"inboundSMSMessageNotification": {"inboundSMSMessage": {**TEXT, **changes}, **HEAD}}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b"7", b'"inbound"', b"{", b"\xff\xfe", b'{"a":1,"b":2}', b'{"a":1}', b'{"a":[]}',
        b"[" * 100_000, b'{"a":' * 100_000, b'{"presence":' + b'{"a":' * 100_000, b'{"a":{"b":"\xff"}}',
        b'{"inboundSMSMessageNotification":null}', b'{"inboundSMSMessageNotification":{}}',
        b'{"inboundSMSMessageNotification":{"inboundSMSMessage":{"message":"\xc3\x28"}}}',
        b'{"smsEventNotification":{"id":"a","dateTime":1,"eventType":"x","link":[]}}',
        b'{"smsEventNotification":{"id":"a","dateTime":1,"eventType":"x","link":[{"href":"/"}]}}',
        b'{"smsSubscriptionCancellationNotification":{"id":"a","dateTime":1,"link":{"href":"/a"}}}',
        b'{"id":"evt_1","type":"message.received","timestamp":"2030-01-01T00:00:00Z","sequence":1,"data":{}}',
        without("message"), without("senderAddress"), without("dateTime"),
        with_(message=None), with_(message=7), with_(message=["hi"]), with_(senderAddress={}), with_(dateTime="soon"),
        with_(dateTime=-1), with_(dateTime=1e400), with_(dateTime=10**18), with_(dateTime=1.5),
        {"inboundSMSMessageNotification": object()}, {1: 2}, {"a": float("nan")}, {("a",): 1},
        b'{"presence":{"a":"' + b"x" * 600_000 + b'"}}',
    ],
)  # fmt: skip
def test_what_is_no_notification_is_refused(body: Any) -> None:
    with pytest.raises(BadAnswer):
        parse(body)


@pytest.mark.parametrize("given", [None, 7, object(), [INBOUND]])
def test_what_is_no_body_at_all_is_a_mistake_of_the_caller(given: Any) -> None:
    with pytest.raises(TypeError):
        parse(given)


def test_a_recursive_mapping_is_refused() -> None:
    body: dict[str, Any] = {}
    body["presence"] = body
    with pytest.raises(BadAnswer):
        parse(body)


def test_the_check_cannot_be_skipped_by_mixing_the_two_ways() -> None:
    notification = Notification("whsec_" + "QUFB" * 8)
    with pytest.raises(TypeError):
        notification.parse(INBOUND)
    with pytest.raises(TypeError, match="secret"):
        notification.parse(INBOUND, {}, signed=False, secret="whsec_QUFB")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="authorization"):
        notification.parse(b"", {}, authorization="x")  # type: ignore[call-overload]
