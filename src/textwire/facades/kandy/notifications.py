"""How Kandy words what happened: the bodies of its notifications, for webhooks and sockets alike."""

import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.domain.event import Event, identifier
from textwire.domain.message import Message
from textwire.hooks.dialect import Notice
from textwire.live.box import Words
from textwire.live.socket import Frame, frame
from textwire.live.told import Told
from textwire.store.hooks import Hook

from .wire import Wire, message_id, message_url, milliseconds, subscription_url

NAME: Final = "kandy"
MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE

# What every subscription hears.
EVENTS: Final[tuple[str, ...]] = (
    "message.received",
    "message.accepted",
    "subscription.canceled",
    "message.deleted",
)
# What becomes of a text: of use to the browser SDK alone, so sockets hear it, and webhooks that ask for it.
OUTCOMES: Final = {
    "message.delivered": "DeliveredToTerminal",
    "message.undelivered": "DeliveryImpossible",
    "message.failed": "DeliveryImpossible",
    "message.rejected": "DeliveryImpossible",
    "message.expired": "DeliveryImpossible",
    "message.canceled": "DeliveryImpossible",
}
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
        return said(notice.event, notice.message, notice.hook)

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        """What the channel was told to present, if anything."""
        return {"Authorization": notice.hook.secret} if notice.hook.secret else {}


def socket_words(user: str) -> Words:
    """The same over the sockets of a user (public identifier): one frame each."""

    def words(told: Told, hook: Hook) -> Frame | None:
        body = said(told.event, told.message, hook, user)
        return None if body is None else frame(body)

    return words


def said(event: Event, message: Message | None, hook: Hook, user: str = "") -> bytes | None:
    """What a subscription is told of an event; `user`: its owner, as far as that is known."""
    words = _WORDS.get(event.type)
    notification = words(_Case(event, message, hook, user)) if words else None
    return None if notification is None else _encode(notification)


class _Case(msgspec.Struct, frozen=True):
    event: Event
    message: Message | None
    hook: Hook
    user: str

    @property
    def at(self) -> int:
        """When it happened, which is when the notification was made."""
        return milliseconds(self.event.at)

    @property
    def id(self) -> str:
        """With the account, so that the first event of another server is not taken for ours."""
        return str(uuid.uuid5(NAMESPACE, f"{identifier(self.event)}/{self.event.account}"))


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


class Deletion(Wire, frozen=True, kw_only=True):
    event_description: str
    event_type: str
    link: list[Link]
    id: str
    date_time: int


class DeletionNotification(msgspec.Struct, frozen=True):
    """A message of a number is gone: said to all who subscribe to the number."""

    deletion: Deletion = msgspec.field(name="smsEventNotification")


class Outcome(Wire, frozen=True, kw_only=True):
    message_id: str
    address: str
    delivery_status: str


class Delivery(Wire, frozen=True, kw_only=True):
    delivery_info: Outcome
    date_time: int
    id: str


class DeliveryNotification(Wire, frozen=True, kw_only=True):
    """What became of a text."""

    delivery_info_notification: Delivery


class _Ended(msgspec.Struct, frozen=True):
    """What the event of a cancellation says: whose subscription it was, and which."""

    principal: str
    subscription: str


class _Deleted(msgspec.Struct, frozen=True):
    """What the event of a deletion says: where the message was, and how each user of the number is called."""

    number: str = ""  # all is empty once the remote has been erased
    remote: str = ""
    users: dict[str, str] = {}


def _inbound(case: _Case) -> InboundNotification | None:
    message = case.message
    if message is None or message.recipient != case.hook.number:
        return None
    text = Inbound(inbound_sms_message=_text(message), date_time=case.at, id=case.id)
    return InboundNotification(inbound_sms_message_notification=text)


def _outbound(case: _Case) -> OutboundNotification | None:
    message = case.message
    if message is None or message.sender != case.hook.number:
        return None
    text = Outbound(outbound_sms_message=_text(message), date_time=case.at, id=case.id)
    return OutboundNotification(outbound_sms_message_notification=text)


def _outcome(case: _Case) -> DeliveryNotification | None:
    message = case.message
    if message is None or message.sender != case.hook.number:
        return None
    outcome = Outcome(
        message_id=message_id(message.id),
        address=message.recipient,
        delivery_status=OUTCOMES[case.event.type],
    )
    return DeliveryNotification(
        delivery_info_notification=Delivery(delivery_info=outcome, date_time=case.at, id=case.id)
    )


def _cancellation(case: _Case) -> CancellationNotification:
    ended = msgspec.json.decode(case.event.data, type=_Ended)
    link = Link(href=subscription_url(ended.principal, ended.subscription), rel="Subscription")
    cancellation = Cancellation(link=[link], date_time=case.at, id=case.id)
    return CancellationNotification(sms_subscription_cancellation_notification=cancellation)


def _deletion(case: _Case) -> DeletionNotification | None:
    gone = msgspec.json.decode(case.event.data, type=_Deleted)
    user = case.user or gone.users.get(str(case.hook.principal), "")
    if gone.number != case.hook.number or not user:
        return None
    link = Link(href=message_url(user, gone.remote, gone.number, case.event.subject), rel="smsMessage")
    deletion = Deletion(
        event_description="A message has been deleted.", event_type="MessageDeleted", link=[link],
        id=case.id, date_time=case.at,
    )  # fmt: skip
    return DeletionNotification(deletion)


def _text(message: Message) -> Text:
    return Text(
        date_time=milliseconds(message.created_at), destination_address=message.recipient, message=message.text,
        message_id=message_id(message.id), sender_address=message.sender,
    )  # fmt: skip


_Words = Callable[[_Case], msgspec.Struct | None]
_WORDS: Final[dict[str, _Words]] = {
    "message.received": _inbound,
    "message.accepted": _outbound,
    "subscription.canceled": _cancellation,
    "message.deleted": _deletion,
    **dict.fromkeys(OUTCOMES, _outcome),
}
