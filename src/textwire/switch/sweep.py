"""The writes that time brings: receipts that never came, holds that end, processes that died."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from textwire.domain.event import Event
from textwire.domain.ids import MAX_INT, Ids
from textwire.domain.message import Message, Segment, State, move
from textwire.store import idempotency, messages, nodes, outbox
from textwire.store.committer import Unit
from textwire.store.events import FAILOVER

from . import retry
from .claim import close

MOST = 500
LEASE = 15 * retry.SECOND  # how long a process counts as alive after its last beat (real clock)


class Due(msgspec.Struct, frozen=True):
    """What is due at `now` (message clock) and who is alive at `real` (real clock).

    `here`: the messages that this process has in flight, whose answer may still come. `alone`: no other process
    can be at work on this database, so that whoever held something before is gone.
    """

    now: int
    real: int
    here: frozenset[int] = frozenset()
    alone: bool = False
    lease: int = LEASE


class Swept(msgspec.Struct, frozen=True):
    """What a sweep has done: carriers with messages to send again, and whether more is due."""

    carriers: frozenset[str]
    more: bool


class Sweep:
    """The write of a sweep."""

    def __init__(self, ids: Ids, real_now: Callable[[], int], epoch: int) -> None:
        self._ids, self._real_now, self._epoch = ids, real_now, epoch

    async def run(self, unit: Unit, items: list[Due]) -> list[Swept]:
        return [await self._sweep(unit, due) for due in items]

    async def _sweep(self, unit: Unit, due: Due) -> Swept:
        await nodes.beat(unit, self._epoch, due.real + due.lease)
        await idempotency.purge(unit, due.now)
        gone = MAX_INT if due.alone else due.real
        await self._adopt(unit, due, gone)
        ids = await outbox.due(unit, "await", due.now, MOST)
        found = list((await messages.locked(unit, ids)).values())
        ended = [_ended(m, due.now) for m in found]
        await close(
            unit, [m for m in ended if m.state not in ("queued", "ambiguous")], due.now, self._ids, due.real
        )
        again = [m for m in ended if m.state == "queued"]
        await self._again(unit, again, due.now)
        held = [m for m in ended if m.state == "ambiguous"]
        await outbox.change(unit, [(m.id, "await", m.valid_until, 0) for m in held])
        return Swept(frozenset(m.carrier for m in again), len(ids) == MOST)

    async def _again(self, unit: Unit, again: Sequence[Message], now: int) -> None:
        segments = await messages.segments_of(unit, again)
        await messages.save(unit, again, now)
        await messages.move_segments(
            unit,
            [
                replace(s, state="queued")
                for m in again
                for s in messages.apart(m, segments[m.id])
                if s.state == "ambiguous"
            ],
        )
        await outbox.change(unit, [(m.id, outbox.depart(m.carrier), now, 0) for m in again])
        unit.events.extend(_event(m, "message.deferred", now) for m in again)

    async def _adopt(self, unit: Unit, due: Due, gone: int) -> None:
        """Takes over what dead processes held, and what no carrier answered in time."""
        for topic in ("hook", "post", FAILOVER):
            await outbox.lease(unit, await outbox.orphans(unit, topic, self._epoch, gone), due.now, 0)
        late = [i for i in await outbox.due(unit, "flight", due.now, MOST) if i not in due.here]
        dead = await outbox.orphans(unit, "flight", self._epoch, gone)
        found = [
            m
            for m in (await messages.locked(unit, sorted({*late, *dead}))).values()
            if m.state == "submitting"
        ]
        reasons = dict.fromkeys(late, "no_answer") | dict.fromkeys(dead, "crash")
        await self._doubt(unit, found, reasons, due.now)
        await nodes.bury(unit, due.real)

    async def _doubt(self, unit: Unit, found: Sequence[Message], reasons: dict[int, str], now: int) -> None:
        segments = await messages.segments_of(unit, found)
        doubtful = [
            replace(m, state=move(m.state, "ambiguous"), reason=reasons[m.id], sequence=m.sequence + 1)
            for m in found
        ]
        await messages.save(unit, doubtful, now)
        await messages.move_segments(
            unit,
            [
                replace(s, state="ambiguous")
                for m in doubtful
                for s in messages.apart(m, segments[m.id])
                if s.state == "submitting"
            ],
        )
        await outbox.change(
            unit, [(m.id, "await", min(now + retry.hold(m.klass), m.valid_until), 0) for m in doubtful]
        )
        unit.events.extend(_doubtful(m, segments[m.id], now) for m in doubtful)


def _ended(message: Message, now: int) -> Message:
    """What a message becomes whose wait is over."""
    if message.state == "sent":
        return _to(message, "expired", "no_receipt")
    if message.state != "ambiguous":
        raise AssertionError(f"a {message.state} message waits for a receipt")
    if now >= message.valid_until:
        return _to(message, "expired", "ambiguous")
    if message.on_ambiguous == "fail":
        return _to(message, "failed", "ambiguous")
    if message.on_ambiguous == "resend" and not message.possible_duplicate:
        return replace(_to(message, "queued", "ambiguous"), possible_duplicate=1)
    return message  # held until somebody decides or its validity ends


def _to(message: Message, state: State, reason: str) -> Message:
    move(message.state, state)
    return replace(message, state=state, reason=reason, sequence=message.sequence + 1)


def _doubtful(message: Message, segments: Sequence[Segment], now: int) -> Event:
    count = sum(s.state == "submitting" for s in segments)
    return _event(message, "message.ambiguous", now, carrier=message.carrier, segments=count)


def _event(message: Message, kind: str, now: int, **more: str | int) -> Event:
    said = {"reason": message.reason, "attempt": message.attempts, **more}
    data = msgspec.json.encode(said).decode()
    return Event(0, message.account, kind, message.id, message.sequence, message.state, now, data)
