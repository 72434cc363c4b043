"""Hooks and deliveries as the server tells them."""

from __future__ import annotations

from datetime import datetime

from .base import Value


class Hook(Value, frozen=True, kw_only=True):
    """An address that is told of events."""

    id: str
    url: str
    events: tuple[str, ...]
    numbers: tuple[str, ...] | None
    state: str
    failing_since: datetime | None
    old_secret_until: datetime | None
    created_at: datetime


class HookWithSecret(Hook, frozen=True, kw_only=True):
    """A hook with the secret that its calls are signed with, shown this once."""

    secret: str

    def __repr__(self) -> str:
        return f"HookWithSecret(id={self.id!r}, url={self.url!r})"  # never the secret


class DeliveryEvent(Value, frozen=True, kw_only=True):
    """What a delivery is about."""

    id: str
    type: str | None
    message: str | None


class Delivery(Value, frozen=True, kw_only=True):
    """An event and a hook that is to be told of it."""

    id: str
    hook: str
    event: DeliveryEvent
    state: str
    attempts: int
    status: int | None
    error: str | None
    updated_at: datetime


class Attempted(Value, frozen=True, kw_only=True):
    """One call of a hook, and what its endpoint said."""

    at: datetime
    status: int | None
    error: str | None
    reply: str | None
    seconds: float


class DeliveryStory(Delivery, frozen=True, kw_only=True):
    """A delivery with its attempts."""

    log: tuple[Attempted, ...]
    next_attempt_at: datetime | None


class Replay(Value, frozen=True, kw_only=True):
    """A replay that has begun."""

    hook: str
    since: datetime
    delivered: bool
