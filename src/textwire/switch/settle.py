"""The write that keeps what a carrier answered: state, bindings, event, and what is owed next."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import FINAL, Segment, Standing, State, fold, reach
from textwire.store import accounts, messages, outbox, receipts
from textwire.store.accounts import Entry
from textwire.store.committer import Unit

from . import retry
from .carrier import Accepted, Deferred, Outcome, Rejected, Unanswered
from .report import Folded, apply, told


class Answer(msgspec.Struct, frozen=True):
    """The outcome of one attempt at one message, at `now` (µs, message clock)."""

    message: int
    attempt: int
    outcome: Outcome
    now: int
    receipts: bool = True


class Settle:
    """The write of answers. An answer to an attempt that is not the current one changes nothing."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._ids, self._real_now = ids, real_now

    async def run(self, unit: Unit, items: list[Answer]) -> list[Standing | None]:
        found = await messages.standing(unit, [a.message for a in items])
        answers = [
            (a, m)
            for a in items
            if (m := found.get(a.message)) is not None
            and m.attempts == a.attempt
            and m.state in ("submitting", "ambiguous")
        ]
        segments = await messages.segments_of(unit, [m for _, m in answers])
        settled = [_settle(answer, message, segments[message.id]) for answer, message in answers]
        await self._meet_parked(unit, settled)
        await self._write(unit, settled)
        after = {s.folded.message.id: s.folded.message for s in settled}
        return [after.get(a.message) for a in items]

    async def _meet_parked(self, unit: Unit, settled: list["Settled"]) -> None:
        """Joins receipts that came before the submit response: whichever half came first."""
        refs = {(s.carrier, s.ref): (item, s.id) for item in settled for s in item.folded.segments if s.ref}
        bound = []
        for kept in await receipts.parked(unit, list(refs)):
            item, segment = refs[(kept.receipt.carrier, kept.receipt.ref)]
            apply(item.folded, segment, kept.receipt)
            bound.append((kept.id, segment))
        await receipts.bind(unit, bound)

    async def _write(self, unit: Unit, settled: Sequence["Settled"]) -> None:
        now = max((item.answer.now for item in settled), default=0)
        moved = [item.folded.message for item in settled]
        await messages.bind(unit, [m for m in moved if m.ref], now)
        await messages.save(unit, [m for m in moved if not m.ref], now)
        await messages.save_segments(unit, [s for item in settled for s in item.folded.apart()])
        owing = [(item.folded.message.id, owed(item.folded.message, item.answer)) for item in settled]
        await outbox.change(unit, [(key, *owes, 0) for key, owes in owing if owes])
        await outbox.remove(unit, [key for key, owes in owing if not owes])
        if refused := [item.folded.message.id for item in settled if _nobody_has(item.folded)]:
            await self._refund(unit, refused, now)
        unit.events.extend(event for item in settled for event in item.folded.events)

    async def _refund(self, unit: Unit, refused: Sequence[int], now: int) -> None:
        """What the carrier has refused for good costs nothing."""
        real_now = self._real_now()
        found = (await messages.locked(unit, refused)).values()
        await accounts.book(
            unit,
            [
                Entry(self._ids.take(real_now), m.account, m.id, "refund", m.price * m.total, now)
                for m in found
                if m.price
            ],
        )


def _nobody_has(folded: Folded) -> bool:
    """Whether a message has ended here and no network can have any of it, not even of a copy."""
    message = folded.message
    if message.state != "rejected" or message.possible_duplicate:
        return False
    return not any(segment.ref for segment in folded.segments)


class Settled(NamedTuple):
    """One message with its answer applied."""

    folded: Folded
    answer: Answer


def owed(message: Standing, answer: Answer) -> tuple[str, int] | None:
    """What a message is owed after an answer."""
    if message.state in FINAL:
        return None
    if message.state == "queued":
        return outbox.depart(message.carrier), _again(message, answer)
    if message.state == "ambiguous":
        return "await", min(answer.now + retry.hold(message.klass), message.valid_until)
    # sent: final at a carrier that promises no receipts
    return ("await", message.valid_until + retry.NO_RECEIPT) if answer.receipts else None


def _again(message: Standing, answer: Answer) -> int:
    after = answer.outcome.after if isinstance(answer.outcome, Deferred) else 0
    return min(answer.now + (after or retry.backoff(message.attempts)), message.valid_until)


def _settle(answer: Answer, message: Standing, segments: list[Segment]) -> Settled:
    outcome = answer.outcome
    refs = dict(outcome.refs)
    rest, reason, code = _rest(outcome, message)
    after = [_segment(s, refs, rest) for s in segments]
    state = fold([s.state for s in after])
    if message.state == state:  # still ambiguous
        return Settled(Folded(message, after, []), answer)
    reach(message.state, state)
    ref = after[0].ref if message.total == 1 else ""
    settled = replace(message, state=state, reason=reason, error=code, sequence=message.sequence + 1, ref=ref)
    doubtful = {"segments": [s.state for s in after].count("ambiguous")} if state == "ambiguous" else {}
    return Settled(Folded(settled, after, [_event(settled, answer, code, doubtful)]), answer)


def _segment(segment: Segment, refs: dict[int, str], rest: State) -> Segment:
    if (ref := refs.get(segment.id)) is not None:
        return replace(segment, state="sent", ref=ref)
    if segment.state in ("submitting", "ambiguous"):
        return replace(segment, state=rest)
    return segment


def _rest(outcome: Outcome, message: Standing) -> tuple[State, str, str]:
    """(state, reason, code) for the segments that got no reference."""
    match outcome:
        case Accepted():
            return "sent", "", ""
        case Deferred(reason=reason, code=code, unknown=unknown):
            final = unknown and message.attempts >= retry.UNKNOWN_ATTEMPTS
            return ("rejected" if final else "queued"), reason, code
        case Rejected(reason=reason, code=code):
            return "rejected", reason, code
        case Unanswered(reason=reason):
            return "ambiguous", reason, ""


# What an attempt led to → the event that tells it.
_EVENTS = {"queued": "message.deferred"}


def _event(message: Standing, answer: Answer, code: str, more: dict[str, int]) -> Event:
    data = told(attempt=answer.attempt, carrier=message.carrier, reason=message.reason, error=code, **more)
    return Event(
        0, message.account, _EVENTS.get(message.state, f"message.{message.state}"), message.id,
        message.sequence, message.state, answer.now, data,
    )  # fmt: skip
