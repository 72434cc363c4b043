"""Notifications as Kandy's API posts them, read into values. Nothing in them is signed: who posted one is not known."""

# Names and members as in the test fixtures of the vendor's SDKs; `deliveryInfoNotification` as its browser SDK reads it.

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import msgspec

from .errors import BadAnswer
from .values.notices import (
    CancellationNotification,
    DeliveryNotification,
    EventDetails,
    EventNotification,
    InboundNotification,
    KandyNotification,
    OtherNotification,
    OutboundNotification,
)

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST = 253_402_300_799_999  # the year 9999 ends
SECONDS_BELOW = 10**11  # some of the vendor's samples have seconds where others have milliseconds

_Moment = Annotated[int, msgspec.Meta(ge=0, le=LAST)]


class _Wire(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _Text(_Wire, frozen=True):
    date_time: _Moment
    destination_address: str
    message: str
    message_id: str
    sender_address: str


class _Notice(_Wire, frozen=True):
    id: str
    date_time: _Moment


class _In(_Notice, frozen=True):
    text: _Text = msgspec.field(name="inboundSMSMessage")


class _Out(_Notice, frozen=True):
    text: _Text = msgspec.field(name="outboundSMSMessage")


class _Link(_Wire, frozen=True):
    href: str


class _Cancellation(_Notice, frozen=True):
    link: Annotated[list[_Link], msgspec.Meta(min_length=1)]


class _Event(_Cancellation, frozen=True):
    event_type: str
    event_description: str = ""


class _Info(_Wire, frozen=True):
    message_id: str
    address: str
    delivery_status: str


class _Delivery(_Notice, frozen=True):
    delivery_info: _Info


def _texts(kind: Any, to: Any) -> Callable[[msgspec.Raw], Any]:
    def read(raw: msgspec.Raw) -> Any:
        notice = msgspec.json.decode(raw, type=kind)
        text: _Text = notice.text
        return to(
            message_id=text.message_id, message=text.message, sender_address=text.sender_address,
            destination_address=text.destination_address, date_time=_moment(text.date_time), **_head(notice),
        )  # fmt: skip

    return read


def _cancellation(raw: msgspec.Raw) -> CancellationNotification:
    notice = msgspec.json.decode(raw, type=_Cancellation)
    return CancellationNotification(subscription_id=_last(notice.link), **_head(notice))


def _event(raw: msgspec.Raw) -> EventNotification:
    notice = msgspec.json.decode(raw, type=_Event)
    details = EventDetails(type=notice.event_type, description=notice.event_description)
    return EventNotification(message_id=_last(notice.link), event_details=details, **_head(notice))


def _delivery(raw: msgspec.Raw) -> DeliveryNotification:
    notice = msgspec.json.decode(raw, type=_Delivery)
    info = notice.delivery_info
    return DeliveryNotification(
        message_id=info.message_id, destination_address=info.address, delivery_status=info.delivery_status,
        **_head(notice),
    )  # fmt: skip


READERS: dict[str, Callable[[msgspec.Raw], KandyNotification]] = {
    "inboundSMSMessageNotification": _texts(_In, InboundNotification),
    "outboundSMSMessageNotification": _texts(_Out, OutboundNotification),
    "smsSubscriptionCancellationNotification": _cancellation,
    "smsEventNotification": _event,
    "deliveryInfoNotification": _delivery,
}


def read(body: bytes) -> KandyNotification:
    """The notification of a body; BadAnswer if it is none."""
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        if len(members) != 1:
            raise BadAnswer(f"a notification of Kandy's has one member, not {len(members)}")
        [(name, raw)] = members.items()
        reader = READERS.get(name)
        if reader is not None:
            return reader(raw)
        return OtherNotification(name=name, data=msgspec.json.decode(raw, type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer(f"not a notification of Kandy's: {error}") from None


def _head(notice: _Notice) -> dict[str, Any]:
    return {"notification_id": notice.id, "notification_date_time": _moment(notice.date_time)}


def _moment(value: int) -> datetime:
    return EPOCH + timedelta(milliseconds=value if value >= SECONDS_BELOW else value * 1000)


def _last(links: list[_Link]) -> str:
    """What a link is about: the last piece of its address."""
    name = links[0].href.rstrip("/").rpartition("/")[2]
    if not name:
        raise BadAnswer("a link that leads to nothing")
    return name
