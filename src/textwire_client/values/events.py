"""Events, as hooks are told of them and as live readers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from textwire_client.errors import BadAnswer

from .base import Value
from .messages import Message
from .notices import EventDetails, EventNotification, InboundNotification, OutboundNotification


class Event(Value, frozen=True, kw_only=True):
    """Something that happened. `sequence` orders the events of one message, `id` is the same on every repetition."""

    id: str
    type: str
    timestamp: datetime
    sequence: int | None = None
    data: Any = None

    @property
    def message(self) -> Message | None:
        """The message as it was after this event, if the event is about one that is still there."""
        if (
            not self.type.startswith("message.")
            or not isinstance(self.data, dict)
            or self.data.get("deleted")
        ):
            return None
        try:
            return msgspec.convert(self.data, Message, strict=False)
        except msgspec.ValidationError as error:
            raise BadAnswer(f"{self.id} is about no message: {error}") from None

    @property
    def notification(self) -> InboundNotification | OutboundNotification | EventNotification | None:
        """The same under the names of Kandy's `notification.parse`: a text that came in, that was sent, or that was
        deleted; None for anything else, and for a text that is not there any more."""
        if self.type == "message.deleted":
            return self._deletion()
        kind = _TEXTS.get(self.type)
        message = self.message
        if kind is None or message is None:
            return None
        return kind(
            notification_id=self.id, notification_date_time=self.timestamp, message_id=message.id,
            message=message.text, sender_address=message.from_, destination_address=message.to,
            date_time=message.created_at,
        )  # fmt: skip

    def _deletion(self) -> EventNotification:
        data = self.data if isinstance(self.data, dict) else {}
        details = EventDetails(type="MessageDeleted", description="A message has been deleted.")
        return EventNotification(
            notification_id=self.id, notification_date_time=self.timestamp, message_id=str(data.get("id", "")),
            event_details=details,
        )  # fmt: skip


_TEXTS: dict[str, type[InboundNotification] | type[OutboundNotification]] = {
    "message.received": InboundNotification,
    "message.accepted": OutboundNotification,
}
