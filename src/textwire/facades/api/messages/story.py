"""How one message looks with all that is known of it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message, Segment
from textwire.facades.api import views
from textwire.facades.api.views import MessageView, Told, stamp
from textwire.store.conversions import Conversion
from textwire.store.receipts import Kept


class SegmentView(msgspec.Struct, frozen=True):
    """A segment; `carrier_ref` is the name that the carrier gave it."""

    id: str
    n: int
    text: str
    state: str
    carrier: str | None
    carrier_ref: str | None


class AttemptView(msgspec.Struct, frozen=True):
    """An attempt, as last heard of; `submitting`: its answer is still out."""

    n: int
    outcome: str
    at: str | None = None
    carrier: str | None = None
    reason: str | None = None
    error: str | None = None


class ReceiptView(msgspec.Struct, frozen=True):
    """What the network reported of a segment."""

    segment: int
    state: str
    at: str
    carrier: str
    error: str | None
    raw: str | None


class EventView(msgspec.Struct, frozen=True):
    """Something that happened; `segment` is the number of the one it happened to, null: to all."""

    event: str
    type: str
    sequence: int
    state: str
    at: str
    segment: int | None
    data: msgspec.Raw


class ConversionView(msgspec.Struct, frozen=True):
    """What the sender says came of it: whether the recipient did what it was for, and when."""

    delivered: bool
    at: str


class StoryView(MessageView, frozen=True, gc=False, kw_only=True):
    """A message, with lists where the short form has numbers."""

    segments: list[SegmentView]  # type: ignore[assignment]
    attempts: list[AttemptView]  # type: ignore[assignment]
    raw: str | None
    receipts: list[ReceiptView]
    timeline: list[EventView]
    conversion: ConversionView | None


def story(
    m: Message,
    segments: Sequence[Segment],
    receipts: Sequence[Kept],
    events: Sequence[Event],
    conversion: Conversion | None = None,
) -> StoryView:
    """All that is known of a message. `segments` and `attempts` have as many entries as the short form says."""
    whole: dict[str, Any] = msgspec.structs.asdict(views.message(m))
    whole["segments"] = [_segment(m, segment) for segment in segments]
    whole["attempts"] = _attempts(m, events)
    return StoryView(
        **whole,
        raw=m.raw or None,
        receipts=[_receipt(m, kept) for kept in receipts],
        timeline=[_entry(event, m) for event in events],
        conversion=ConversionView(conversion.delivered == 1, stamp(conversion.at)) if conversion else None,
    )


def _segment(m: Message, s: Segment) -> SegmentView:
    text = s.text if m.total > 1 else m.text
    return SegmentView(str(s.id), s.n, text, s.state, s.carrier or None, s.ref or None)


def _attempts(m: Message, events: Sequence[Event]) -> list[AttemptView]:
    """One entry per attempt, from what was last heard of it."""
    heard = {told.attempt: (event, told) for event in events if (told := views.told(event)).attempt}
    return [
        _attempt(n, *heard[n]) if n in heard else AttemptView(n, "submitting")
        for n in range(1, m.attempts + 1)
    ]


def _attempt(n: int, event: Event, told: Told) -> AttemptView:
    outcome = event.type.removeprefix("message.")
    return AttemptView(
        n, outcome, stamp(event.at), told.carrier or None, told.reason or None, told.error or None
    )


def _receipt(m: Message, kept: Kept) -> ReceiptView:
    receipt = kept.receipt
    return ReceiptView(
        kept.segment - m.id + 1, receipt.state, stamp(receipt.at), receipt.carrier, receipt.error or None,
        receipt.raw or None,
    )  # fmt: skip


def _entry(event: Event, m: Message) -> EventView:
    segment = event.segment - m.id + 1 if event.segment else None
    return EventView(
        str(event.number), event.type, event.sequence, event.state, stamp(event.at), segment,
        msgspec.Raw(event.data.encode()),
    )  # fmt: skip
