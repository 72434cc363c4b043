"""What the callbacks of `client.on` are told."""

from __future__ import annotations

from typing import Literal

from textwire_client.errors import TextwireError

from .base import Value
from .events import Event


class MessagesChange(Value, frozen=True, kw_only=True):
    """A message of a conversation is new, or not what it was: `event` says what happened.

    `destination` is the other end, alone in a tuple; empty for a message that is gone and was never seen here.
    """

    destination: tuple[str, ...]
    message_id: str
    sender: str
    event: Event
    type: Literal["sms"] = "sms"


class ConversationsChange(Value, frozen=True, kw_only=True):
    """A conversation has begun with this message, or was deleted (without one)."""

    destination: tuple[str, ...]
    message_id: str | None = None
    type: Literal["sms"] = "sms"


class SubscriptionChange(Value, frozen=True, kw_only=True):
    """What is subscribed to is different now; `reason` says why, if nobody asked for it."""

    reason: str | None = None


class SubscriptionError(Value, frozen=True, kw_only=True):
    """Subscribing failed, a subscription has ended, or events were missed (then `error` is EventsMissed, and it goes on)."""

    error: TextwireError

    @property
    def message(self) -> str:
        """What is wrong, for people."""
        return str(self.error)


class ServiceSubscriptions(Value, frozen=True, kw_only=True):
    """What is subscribed to: names of services, and the numbers whose texts are told."""

    subscribed: tuple[str, ...]
    numbers: tuple[str, ...]
    is_pending: bool
    available: tuple[str, ...] = ("smsinbound",)
