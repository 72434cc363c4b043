"""The simulated network as the server tells it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .base import Value


class PhoneMessage(Value, frozen=True, kw_only=True):
    """A message as a handset shows it: `in` came to it, `out` its person wrote."""

    id: str
    direction: str
    from_: str
    to: str
    text: str
    at: datetime


class Handset(Value, frozen=True, kw_only=True):
    """A handset."""

    number: str
    state: str
    answer: str | None
    messages: tuple[PhoneMessage, ...]


class Clock(Value, frozen=True, kw_only=True):
    """The clock that messages live by."""

    now: datetime
    frozen: bool
    real: datetime
    ahead_seconds: float


class Range(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Between so many and so many milliseconds."""

    min_ms: int = 0
    max_ms: int = 0


class Loss(Value, frozen=True, kw_only=True):
    """How likely a `response` or a `receipt` is lost."""

    what: str
    probability: float


class Throttle(Value, frozen=True, kw_only=True):
    """How likely a submission is put off, and how many a second are let through."""

    probability: float | None = None
    per_second: int | None = None


class Weather(Value, frozen=True, kw_only=True):
    """The weather of the network; what is left unset is as in a new one."""

    latency: Range | msgspec.UnsetType = msgspec.UNSET
    delivery: Range | msgspec.UnsetType = msgspec.UNSET
    receipt_delay: Range | msgspec.UnsetType = msgspec.UNSET
    loss: tuple[Loss, ...] | msgspec.UnsetType = msgspec.UNSET
    throttle: Throttle | msgspec.UnsetType | None = msgspec.UNSET
    seed: int | msgspec.UnsetType = msgspec.UNSET
