"""Messages, batches and conversations as the server tells them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from .base import Value

FINAL = frozenset({"delivered", "undelivered", "rejected", "failed", "expired", "canceled", "received"})


class _Any(Value, frozen=True, kw_only=True):
    """What a message has in its short form and in its story."""

    id: str
    direction: str
    state: str
    from_: str
    to: str
    text: str
    encoding: str | None
    price: Decimal
    ref: str | None
    batch: str | None
    class_: str | None
    on_ambiguous: str
    flash: bool
    reason: str | None
    error: str | None
    possible_duplicate: bool
    incomplete: bool
    sequence: int
    send_at: datetime | None
    held_until: datetime | None
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def final(self) -> bool:
        """Whether its state is one in which messages end; a receipt that comes late may still raise it."""
        return self.state in FINAL


class Message(_Any, frozen=True, kw_only=True):
    """A message, sent or received."""

    segments: int
    attempts: int


class SentToMany(Value, frozen=True, kw_only=True):
    """The messages to several recipients, in their order."""

    batch: str
    messages: tuple[Message, ...]


class Segment(Value, frozen=True, kw_only=True):
    """A piece of a message as the network carries it."""

    id: str
    n: int
    text: str
    state: str
    carrier: str | None
    carrier_ref: str | None


class Attempt(Value, frozen=True, kw_only=True):
    """A try to hand a message to a carrier."""

    n: int
    outcome: str
    at: datetime | None = None
    carrier: str | None = None
    reason: str | None = None
    error: str | None = None


class Receipt(Value, frozen=True, kw_only=True):
    """What the network said became of a segment."""

    segment: int
    state: str
    at: datetime
    carrier: str
    error: str | None
    raw: str | None


class Happening(Value, frozen=True, kw_only=True):
    """An entry of a message's timeline."""

    event: str
    type: str
    sequence: int
    state: str
    at: datetime
    segment: int | None
    data: Any = None


class Conversion(Value, frozen=True, kw_only=True):
    """What the sender says came of it: whether the recipient did what it was for."""

    delivered: bool
    at: datetime


class MessageStory(_Any, frozen=True, kw_only=True):
    """A message with everything that happened to it."""

    segments: tuple[Segment, ...]
    attempts: tuple[Attempt, ...]
    receipts: tuple[Receipt, ...]
    timeline: tuple[Happening, ...]
    raw: str | None
    conversion: Conversion | None = None


class Batch(Value, frozen=True, kw_only=True):
    """One text for many."""

    id: str
    state: str
    text: str
    from_: str | None
    ref: str | None
    class_: str | None
    send_at: datetime | None
    total: int
    created_at: datetime
    updated_at: datetime


class CountedBatch(Batch, frozen=True, kw_only=True):
    """A batch with its items counted by state."""

    counts: dict[str, int]


class ItemRefusal(Value, frozen=True, kw_only=True):
    """Why a recipient of a batch gets no message."""

    code: str
    field: str | None
    detail: str


class BatchItem(Value, frozen=True, kw_only=True):
    """What became of one recipient of a batch."""

    n: int
    state: str
    to: str | None
    message: str | None
    refusal: ItemRefusal | None


class Conversation(Value, frozen=True, kw_only=True):
    """All messages between a number of the account's and one elsewhere."""

    number: str
    remote: str
    messages: int
    unread: int
    last: Message | None
    read_at: datetime | None


class Deleted(Value, frozen=True, kw_only=True):
    """How many messages are gone, and how many are kept because they are under way."""

    deleted: int
    kept: int
