"""Numbers and senders as the server tells them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .base import Value


class Offer(Value, frozen=True, kw_only=True):
    """A number that can be bought."""

    number: str
    country: str
    type: str
    features: tuple[str, ...]
    monthly_price: Decimal
    setup_price: Decimal


class Assignment(Value, frozen=True, kw_only=True):
    """A principal that may use a number."""

    principal: str
    kind: str
    name: str
    default: bool


class Number(Value, frozen=True, kw_only=True):
    """A number that the account owns."""

    number: str
    country: str | None
    type: str | None
    features: tuple[str, ...]
    label: str | None
    state: str
    monthly_price: Decimal
    paid_until: datetime | None
    settings: dict[str, str]
    created_at: datetime
    assignments: tuple[Assignment, ...]


class Payment(Value, frozen=True, kw_only=True):
    """What a number has cost; the one without times is its set-up."""

    id: str
    amount: Decimal
    since: datetime | None
    until: datetime | None


class NumberStory(Number, frozen=True, kw_only=True):
    """A number with its payments."""

    payments: tuple[Payment, ...]


class Sender(Value, frozen=True, kw_only=True):
    """A number elsewhere that the account has proved, or is about to."""

    number: str
    state: str
    verified_at: datetime | None
    expires_at: datetime | None
