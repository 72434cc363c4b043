"""report: what a network says became of a segment moves its message, in any order, any number of times."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import FINAL, Segment, Standing, fold, may_move
from textwire.domain.receipt import Receipt
from textwire.store import messages, outbox, receipts
from textwire.store.committer import Unit
from textwire.store.receipts import Kept


class Folded:
    """A message and its segments while receipts are applied, with the events that come of it."""

    __slots__ = ("events", "message", "segments")

    def __init__(self, message: Standing, segments: list[Segment], events: list[Event]) -> None:
        self.message, self.segments, self.events = message, segments, events

    def apart(self) -> Sequence[Segment]:
        """The segments that have rows of their own."""
        return messages.apart(self.message, self.segments)


def apply(folded: Folded, segment: int, receipt: Receipt) -> bool:
    """Moves one segment by one receipt, forward only; whether anything changed.

    The segment ends in the highest state of all its receipts, so repetition and order cannot matter.
    """
    at = segment - folded.message.id
    old = folded.segments[at]
    if not may_move(old.state, receipt.state):
        return False
    folded.segments[at] = replace(old, state=receipt.state)
    message = folded.message
    state = fold([s.state for s in folded.segments])
    if may_move(message.state, state):
        reason = "" if state == "delivered" else (receipt.error or "receipt")
        folded.message = replace(
            message, state=state, reason=reason, error=receipt.error, sequence=message.sequence + 1
        )
        folded.events.append(_event(folded.message, receipt, segment))
    return True


@lru_cache(maxsize=4096)
def told(**data: str | int) -> str:
    """What an event has to say beside the state, as JSON; mostly it has been said before."""
    return msgspec.json.encode(data).decode()


def _event(message: Standing, receipt: Receipt, segment: int) -> Event:
    data = told(reason=message.reason, error=receipt.error, carrier=receipt.carrier)
    return Event(
        0, message.account, f"message.{message.state}", message.id, message.sequence, message.state, receipt.at,
        data, segment if message.total > 1 else 0,
    )  # fmt: skip


class Report:
    """The write of receipts: joined by (carrier, reference), or parked until their other half comes."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._ids, self._real_now = ids, real_now

    async def run(self, unit: Unit, items: list[Receipt]) -> list[bool]:
        """Whether each receipt found its segment."""
        bound, read = await messages.by_ref(unit, list({(r.carrier, r.ref) for r in items}))
        now = self._real_now()
        kept = []
        for receipt in items:
            segment = bound.get((receipt.carrier, receipt.ref))
            kept.append(Kept(self._ids.take(now), segment.id if segment else 0, receipt))
        await receipts.insert(unit, kept)
        await self._move(unit, [(k.segment, k.receipt) for k in kept if k.segment], bound.values(), read)
        return [bool(k.segment) for k in kept]

    async def _move(
        self, unit: Unit, joined: Sequence[tuple[int, Receipt]], segments: Collection[Segment],
        read: Mapping[int, Standing],
    ) -> None:  # fmt: skip
        owner = {s.id: s.message for s in segments}
        found = await messages.standing(unit, sorted({m for m in owner.values() if m not in read}))
        found |= {m: read[m] for m in owner.values() if m in read}
        parts = await messages.segments_of(unit, list(found.values()))
        folded = {m.id: Folded(m, parts[m.id], []) for m in found.values()}
        moved = {
            segment: folded[owner[segment]]
            for segment, receipt in joined
            if owner[segment] in folded and apply(folded[owner[segment]], segment, receipt)
        }
        changed = {f.message.id: f for f in moved.values()}.values()
        now = max((receipt.at for _, receipt in joined), default=0)
        await messages.move_segments(
            unit, [f.segments[s - f.message.id] for s, f in moved.items() if f.message.total > 1]
        )
        told = [f for f in changed if f.events]
        await messages.save(unit, [f.message for f in told], now)
        await outbox.remove(unit, [f.message.id for f in told if f.message.state in FINAL])
        for item in told:
            unit.events.extend(item.events)
