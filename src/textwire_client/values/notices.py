"""What webhooks of Kandy's API are told, under the names that its SDKs' `notification.parse` gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from .base import Value


class _Notice(Value, frozen=True, kw_only=True):
    """What each has: remember `notification_id`, it is the same when a notification comes again."""

    notification_id: str
    notification_date_time: datetime


class _Text(_Notice, frozen=True, kw_only=True):
    """A text; `date_time` is when it was sent or received."""

    message_id: str
    message: str
    sender_address: str
    destination_address: str
    date_time: datetime


class InboundNotification(_Text, frozen=True, kw_only=True):
    """A text has come in."""

    type: Literal["inbound"] = "inbound"


class OutboundNotification(_Text, frozen=True, kw_only=True):
    """A text was sent, by this program or another one that uses the number."""

    type: Literal["outbound"] = "outbound"


class CancellationNotification(_Notice, frozen=True, kw_only=True):
    """A subscription has ended, because its number is not one's own any more."""

    subscription_id: str
    type: Literal["subscriptionCancel"] = "subscriptionCancel"


class EventDetails(Value, frozen=True, kw_only=True):
    """What happened: `MessageDeleted` is the only type that is known."""

    type: str
    description: str


class EventNotification(_Notice, frozen=True, kw_only=True):
    """Something happened to a message."""

    message_id: str
    event_details: EventDetails
    type: Literal["event"] = "event"


class DeliveryNotification(_Notice, frozen=True, kw_only=True):
    """What became of a text; Kandy's SDKs know none such and hand over what is inside."""

    message_id: str
    destination_address: str
    delivery_status: str
    type: Literal["delivery"] = "delivery"


class OtherNotification(Value, frozen=True, kw_only=True):
    """One of a kind that is not known here: its `name`, and what is inside as it came."""

    name: str
    data: dict[str, Any]
    type: Literal["other"] = "other"


KandyNotification: TypeAlias = (
    InboundNotification
    | OutboundNotification
    | CancellationNotification
    | EventNotification
    | DeliveryNotification
    | OtherNotification
)
