"""The write that gives waiting messages their intent, after judging again what may have changed meanwhile."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import Message, Segment, State, move
from textwire.store import accounts, messages, opt_outs, outbox
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.opt_outs import Veil

from . import retry
from .carrier import Departure
from .judge import Facts, may_send
from .proofs import proofs
from .quiet.nights import REASON, Nights


class Turn(msgspec.Struct, frozen=True):
    """Up to `most` messages may leave by `carrier` now (µs, message clock)."""

    carrier: str
    most: int
    now: int


class Turned(msgspec.Struct, frozen=True):
    """What the turn gave: departures with their intent written; `more`: others are due."""

    departures: tuple[Departure, ...]
    more: bool


class Claim:
    """The write of a turn."""

    def __init__(
        self, ids: Ids, real_now: Callable[[], int], epoch: int, names: Callable[[], bool], veil: Veil,
        nights: Nights,
    ) -> None:  # fmt: skip
        self._ids, self._real_now, self._epoch, self._names = ids, real_now, epoch, names
        self._veil, self._nights = veil, nights

    async def run(self, unit: Unit, items: list[Turn]) -> list[Turned]:
        return [await self._turn(unit, item) for item in items]

    async def _turn(self, unit: Unit, turn: Turn) -> Turned:
        ids = await outbox.due(unit, outbox.depart(turn.carrier), turn.now, turn.most)
        found = await messages.locked(unit, ids)
        facts = await self._facts(unit, list(found.values()))
        leaving, staying, waiting = [], [], []
        for message in found.values():
            end = self._end(message, facts, turn.now)
            if end is not None:
                staying.append(_ended(message, *end))
            elif self._nights.of and (until := self._night(message, turn.now)):
                waiting.append(_waiting(message, until, turn.now))
            else:
                leaving.append(_intent(message))
        departures = await self._let_go(unit, leaving, turn)
        if waiting:
            await self._hold(unit, waiting, turn)
        await close(unit, staying, turn.now, self._ids, self._real_now())
        return Turned(departures, len(ids) == turn.most)

    def _end(self, message: Message, facts: Facts, now: int) -> tuple[State, str] | None:
        """(state, reason) of a message that must not leave any more."""
        if now >= message.valid_until:
            return "expired", "validity"
        if message.rights != "system" and (message.account, message.recipient) in facts.opted_out:
            return "failed", "opted_out"
        if not may_send(
            message.account, message.principal, message.sender, message.rights, self._names(), facts
        ):
            return "failed", "sender_unassigned"
        return None

    def _night(self, message: Message, now: int) -> int:
        if message.rights == "system":
            return 0
        return self._nights.until(message.account, message.klass, message.recipient, now)

    async def _hold(self, unit: Unit, waiting: Sequence[Message], turn: Turn) -> None:
        await messages.hold(unit, waiting)
        await outbox.change(unit, [(m.id, outbox.depart(turn.carrier), m.send_at, 0) for m in waiting])
        unit.events.extend(_held_event(m) for m in waiting)

    async def _let_go(self, unit: Unit, leaving: list[Message], turn: Turn) -> tuple[Departure, ...]:
        segments = await messages.segments_of(unit, leaving)
        waiting = {m.id: [s for s in segments[m.id] if s.state in ("queued", "submitting")] for m in leaving}
        await messages.save(unit, leaving, turn.now)
        await messages.save_segments(
            unit,
            [
                replace(s, state="submitting", carrier=turn.carrier)
                for m in leaving
                for s in messages.apart(m, waiting[m.id])
            ],
        )
        await outbox.change(unit, [(m.id, "flight", turn.now + retry.FLIGHT, self._epoch) for m in leaving])
        return tuple(departure(m, waiting[m.id]) for m in leaving)

    async def _facts(self, unit: Unit, found: Sequence[Message]) -> Facts:
        senders = {(m.account, m.principal, m.sender, m.rights) for m in found if m.rights != "system"}
        out = await opt_outs.opted_out(unit, [(m.account, m.recipient) for m in found], self._veil)
        return Facts(balances={}, answered={}, defaults={}, opted_out=out, **await proofs(unit, senders))


def departure(message: Message, segments: Sequence[Segment]) -> Departure:
    """A message with the segments that are still to leave."""
    return Departure(
        id=message.id, attempt=message.attempts, sender=message.sender, recipient=message.recipient,
        text=message.text, encoding=message.encoding, reference=message.reference, total=message.total,
        segments=tuple(segments), valid_until=message.valid_until, carrier=message.carrier,
        flash=message.flash, klass=message.klass,
    )  # fmt: skip


def _intent(message: Message) -> Message:
    state = "queued" if message.state == "scheduled" else message.state
    move(state, "submitting")
    return replace(message, state="submitting", attempts=message.attempts + 1)


def _waiting(message: Message, until: int, now: int) -> Message:
    """Its validity stands still at night: it counts from the time to send, and that is another one now."""
    return replace(
        message, reason=REASON, send_at=until, valid_until=message.valid_until + until - now,
        sequence=message.sequence + 1, updated_at=now,
    )  # fmt: skip


def _held_event(message: Message) -> Event:
    data = msgspec.json.encode({"reason": message.reason}).decode()
    return Event(
        0,
        message.account,
        "message.deferred",
        message.id,
        message.sequence,
        message.state,
        message.updated_at,
        data,
    )


def _ended(message: Message, state: State, reason: str) -> Message:
    move(message.state, state)
    return replace(message, state=state, reason=reason, sequence=message.sequence + 1)


async def close(unit: Unit, ended: Sequence[Message], now: int, ids: Ids, real_now: int) -> None:
    """Writes messages that ended before (or without) a carrier: no row is owed, segments end with them.

    What never reached a carrier is refunded (decisions 4).
    """
    if not ended:
        return
    segments = await messages.segments_of(unit, ended)
    open_states = ("queued", "submitting", "ambiguous", "sent")
    await messages.save(unit, ended, now)
    await messages.move_segments(
        unit,
        [
            replace(s, state=_segment_end(m.state))
            for m in ended
            for s in messages.apart(m, segments[m.id])
            if s.state in open_states
        ],
    )
    await outbox.remove(unit, [m.id for m in ended])
    await accounts.book(
        unit,
        [
            Entry(ids.take(real_now), m.account, m.id, "refund", m.price * m.total, now)
            for m in ended
            if m.attempts == 0 and m.price
        ],
    )
    unit.events.extend(ended_event(m, now) for m in ended)


def _segment_end(state: State) -> State:
    return "failed" if state == "canceled" else state


def ended_event(message: Message, now: int) -> Event:
    """The event of a message that has just reached its present state."""
    data = msgspec.json.encode({"reason": message.reason, "error": message.error}).decode()
    return Event(
        0, message.account, f"message.{message.state}", message.id, message.sequence, message.state, now, data
    )
