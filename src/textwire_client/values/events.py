"""Events, as hooks are told of them and as live readers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from .base import Value
from .messages import Message


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
        return msgspec.convert(self.data, Message, strict=False)
