"""replay: plans deliveries of what is past, a slice of events at a time, until a hook has been told all it asked for."""

from collections.abc import Callable, Sequence

import msgspec

from textwire.clock import Clock
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import Message
from textwire.hooks.directory import Readers
from textwire.store import deliveries, events, hooks, messages, outbox, replays
from textwire.store.committer import Unit
from textwire.store.deliveries import Delivery
from textwire.store.hooks import Hook
from textwire.store.replays import Replay
from textwire.store.store import Store
from textwire.switch.deliveries import tell_again
from textwire.switch.due import Due

SLICE = 200  # events of one write, whoever's they are


class Slice(msgspec.Struct, frozen=True):
    """The next slice of whichever replay is due; `keys` are identifiers for what it plans."""

    now: int
    first_key: int


class Replaying:
    """The write. Answers whether deliveries have become due."""

    async def run(self, unit: Unit, items: list[Slice]) -> list[bool]:
        return [await self._go_on(unit, item) for item in items]

    async def _go_on(self, unit: Unit, item: Slice) -> bool:
        due = await outbox.due(unit, "replay", item.now, 1)
        found = await replays.some(unit, due)
        if not found:
            await outbox.remove(unit, due)
            return False
        [replay] = found
        hook = (await hooks.picked(unit, [replay.hook])).get(replay.hook)
        past = await events.after(unit, replay.position, replay.last, SLICE)
        if hook is not None and hook.state == "active":
            await self._plan(unit, replay, hook, past, item)
        if hook is None or hook.state != "active" or len(past) < SLICE:
            await replays.delete(unit, due)
            await outbox.remove(unit, due)
        else:
            await replays.move(unit, replay.id, past[-1].number)
            # Behind the others: each replay has its turn.
            await outbox.change(unit, [(replay.id, "replay", item.now, 0)])
        return True

    async def _plan(self, unit: Unit, replay: Replay, hook: Hook, past: Sequence[Event], item: Slice) -> None:
        wanted = await _wanted(unit, hook, past)
        there = await deliveries.keyed(unit, [(e.number, hook.id, e.segment) for e in wanted])
        known = {(d.event, d.segment) for d in there}
        new = [
            Delivery(key, e.number, hook.id, e.segment, hook.account, "pending", 0, 0, "", item.now)
            for key, e in enumerate(wanted, item.first_key)
            if (e.number, e.segment) not in known
        ]
        written = await deliveries.insert(unit, new)
        await outbox.add(unit, [(key, "post", item.now, 0) for key in sorted(written)])
        ended = [d.id for d in there if d.state == "failed" or (replay.again and d.state == "delivered")]
        await tell_again(unit, ended, item.now)


async def _wanted(unit: Unit, hook: Hook, past: Sequence[Event]) -> list[Event]:
    """The events that the hook wants as it is now; notices to one hook alone are not among them."""
    own = [e for e in past if e.account == hook.account and not e.hook]
    found: dict[int, Message] = await messages.within(unit, sorted({e.subject for e in own if e.subject}))
    reader = Readers([hook])
    return [e for e in own if reader.takers(e, found.get(e.subject))]


class Replayer:
    """Goes on with replays that are due; the deliveries are then claimed from the outbox like any retry."""

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], ids: Ids, planned: Callable[[], None]
    ) -> None:
        self._store, self._clock, self._real_now, self._ids = store, clock, real_now, ids
        self._planned, self._replaying = planned, Replaying()
        self._due = Due(store, clock, "replay", self._take_due, lambda: True)
        self.wake, self.run = self._due.wake, self._due.run

    async def _take_due(self) -> None:
        wish = Slice(self._clock.now(), self._ids.take(self._real_now(), SLICE))
        if await self._store.write(self._replaying, wish):
            self._planned()
