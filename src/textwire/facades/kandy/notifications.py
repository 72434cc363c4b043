"""How Kandy words what happened: the bodies of its notifications, for webhooks and sockets alike."""

import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.domain.message import Message
from textwire.hooks.dialect import Notice

from .wire import Wire, message_id, milliseconds, subscription_url

NAME: Final = "kandy"
MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
EVENTS: Final = ("message.received", "message.accepted", "subscription.canceled")  # what a subscription hears
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "textwire:kandy:notification")

_encode: Final = msgspec.json.Encoder().encode


class KandyDialect:
    """The Dialect. The vendor's own starter app takes a notification and never answers: see `silence`."""

    name = NAME
    waits: tuple[float, ...] = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR)
    jitter = 0.1
    disables = False
    silence: tuple[float, ...] | None = (5.0, 5.0)

    def body(self, notice: Notice) -> bytes | None:
        """The notification, the same bytes on every attempt; None for what a subscription does not hear of."""
        # With the account, so that the first event of another server is not taken for ours.
        identifier = str(uuid.uuid5(NAMESPACE, f"{notice.identifier}/{notice.event.account}"))
        words = _WORDS.get(notice.event.type)
        said = words(notice, milliseconds(notice.event.at), identifier) if words else None
        return None if said is None else _encode(said)

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        """What the channel was told to present, if anything."""
        return {"Authorization": notice.hook.secret} if notice.hook.secret else {}


class Text(Wire, frozen=True, kw_only=True):
    """A message; `date_time` is when it was received or taken to be sent."""

    date_time: int
    destination_address: str
    message: str
    message_id: str
    sender_address: str


class Inbound(Wire, frozen=True, kw_only=True):
    inbound_sms_message: Text
    date_time: int
    id: str


class InboundNotification(Wire, frozen=True, kw_only=True):
    """A person has texted a number."""

    inbound_sms_message_notification: Inbound


class Outbound(Wire, frozen=True, kw_only=True):
    outbound_sms_message: Text
    date_time: int
    id: str


class OutboundNotification(Wire, frozen=True, kw_only=True):
    """A number has sent a text: said to all who subscribe to the number, so that their views agree."""

    outbound_sms_message_notification: Outbound


class Link(Wire, frozen=True, kw_only=True):
    href: str
    rel: str


class Cancellation(Wire, frozen=True, kw_only=True):
    link: list[Link]
    date_time: int
    id: str


class CancellationNotification(Wire, frozen=True, kw_only=True):
    """A subscription has ended because its number was unassigned."""

    sms_subscription_cancellation_notification: Cancellation


class _Ended(msgspec.Struct, frozen=True):
    """What the event of a cancellation says: whose subscription it was, and which."""

    principal: str
    subscription: str


def _inbound(notice: Notice, at: int, identifier: str) -> InboundNotification | None:
    message = notice.message
    if message is None or not _is_about(notice, message.recipient):
        return None
    text = Inbound(inbound_sms_message=_text(message), date_time=at, id=identifier)
    return InboundNotification(inbound_sms_message_notification=text)


def _outbound(notice: Notice, at: int, identifier: str) -> OutboundNotification | None:
    message = notice.message
    if message is None or not _is_about(notice, message.sender):
        return None
    text = Outbound(outbound_sms_message=_text(message), date_time=at, id=identifier)
    return OutboundNotification(outbound_sms_message_notification=text)


def _cancellation(notice: Notice, at: int, identifier: str) -> CancellationNotification:
    ended = msgspec.json.decode(notice.event.data, type=_Ended)
    link = Link(href=subscription_url(ended.principal, ended.subscription), rel="Subscription")
    cancellation = Cancellation(link=[link], date_time=at, id=identifier)
    return CancellationNotification(sms_subscription_cancellation_notification=cancellation)


def _is_about(notice: Notice, number: str) -> bool:
    """One subscription is about one number."""
    return notice.hook.number == number


def _text(message: Message) -> Text:
    return Text(
        date_time=milliseconds(message.created_at), destination_address=message.recipient, message=message.text,
        message_id=message_id(message.id), sender_address=message.sender,
    )  # fmt: skip


_Words = Callable[
    [Notice, int, str], InboundNotification | OutboundNotification | CancellationNotification | None
]
_WORDS: Final[dict[str, _Words]] = dict(zip(EVENTS, (_inbound, _outbound, _cancellation), strict=True))
