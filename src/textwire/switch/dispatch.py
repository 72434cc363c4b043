"""dispatch: messages whose turn has come leave by their carrier, each with its intent written before."""

import asyncio
import contextlib
from collections.abc import Sequence

from textwire.clock import Clock
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Draft, Message, Segment
from textwire.domain.refusal import Refusal
from textwire.store import outbox
from textwire.store.engines.engine import Unavailable
from textwire.store.messages import segment_birth
from textwire.store.store import Store

from .carrier import Departure
from .claim import Claim, Turn, Turned, departure
from .flight import RETRY_SECONDS, Flights
from .pacing import Window
from .routing import Routing
from .settle import Settle

BATCH = 200  # how many a turn claims at most
POLL_SECONDS = 1.0  # a hint may be lost; nobody waits longer than this


class Dispatcher:
    """Lets messages leave: those born with their intent at once, the others in turns from the outbox, per carrier."""

    def __init__(self, store: Store, clock: Clock, routing: Routing, claim: Claim, settle: Settle) -> None:
        self._store, self._clock, self._routing = store, clock, routing
        self._claim = claim
        self._flights = Flights(store, clock, routing, settle, lambda name: self.wake(name, queue=False))
        self._resting: dict[str, int] = {}  # carrier → the time that its resting loop waits for
        self._wakes = {name: asyncio.Event() for name in routing.carriers}
        for name, window in routing.windows.items():
            window.on_free = self._wakes[name].set

    @property
    def here(self) -> frozenset[int]:
        """The messages that this process has in flight."""
        return self._flights.here

    def give_back(self, drafts: Sequence[Draft]) -> None:
        """The slots of drafts that were not written."""
        for draft in drafts:
            if draft.birth == "submitting":
                self._routing.windows[draft.carrier].release()

    def hand_on(self, born: Sequence[Message | Refusal], drafts: Sequence[Draft]) -> None:
        """What accept has just committed: those with their intent leave now, the others wake their loop."""
        for message, draft in zip(born, drafts, strict=True):
            if isinstance(message, Refusal):
                continue
            if draft.birth == "submitting":
                self._flights.take_off(_departure(message, draft))
            elif draft.birth == "queued":
                self.wake(draft.carrier)
            elif draft.due_at < self._resting.get(draft.carrier, draft.due_at):
                self.wake(draft.carrier, queue=False)  # due before whatever its loop waits for

    def wake(self, carrier: str, *, queue: bool = True) -> None:
        """Something waits for this carrier; `queue`: newcomers shall not overtake it."""
        if queue:
            self._routing.windows[carrier].queue = True
        self._wakes[carrier].set()

    async def run(self) -> None:
        """Takes turns for every carrier until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name in self._routing.carriers:
                group.create_task(self._take_turns(name))

    async def drain(self, seconds: float) -> None:
        """Waits for what is in flight, at most so long."""
        await self._flights.drain(seconds)

    async def _take_turns(self, name: str) -> None:
        while True:
            try:
                await self._turn_or_rest(name, self._routing.windows[name], self._wakes[name])
            except (Unavailable, Refusal):
                await asyncio.sleep(RETRY_SECONDS)

    async def _turn_or_rest(self, name: str, window: Window, wake: asyncio.Event) -> None:
        wake.clear()
        self._resting[name] = MAX_INT  # what comes while we look wakes us again
        due = await outbox.next_due(self._store.engine, outbox.depart(name))
        if due is None or due > self._clock.now():
            window.queue = False
            await self._rest(name, wake, due)
        elif window.free:
            await self._turn(name, window)
        else:
            window.queue = True  # so that newcomers do not overtake, and a slot that gets free wakes us
            await self._rest(name, wake, None)

    async def _turn(self, name: str, window: Window) -> None:
        """Lets what is due leave, as far as there are slots."""
        slots = window.take(BATCH)
        used = 0
        try:
            turned: Turned = await self._store.write(self._claim, Turn(name, slots, self._clock.now()))
            used = len(turned.departures)
            window.queue = turned.more
            for leaving in turned.departures:
                self._flights.take_off(leaving)
        finally:
            if slots > used:
                window.release(slots - used)

    async def _rest(self, name: str, wake: asyncio.Event, due: int | None) -> None:
        self._resting[name] = due or MAX_INT
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._clock.wait(wake, due)


def _departure(message: Message, draft: Draft) -> Departure:
    state = segment_birth(draft.birth)
    segments = [
        Segment(draft.id + n, draft.id, n + 1, part if draft.total > 1 else "", state, draft.carrier, "")
        for n, part in enumerate(draft.parts)
    ]
    return departure(message, segments)
