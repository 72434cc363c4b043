"""The loop behind time's writes: a beat of this process's lease and a sweep of what is due, every second."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.store import outbox
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .dispatch import Dispatcher
from .receive import Lost, Receive
from .sweep import Due, Sweep, Swept

BEAT_SECONDS = 1.0
BEATS_PER_LEASE = 5  # an idle house writes every fifth beat only
LOST_EVERY = 60  # beats between two looks for parts that wait in vain
CHORE_ROUNDS = 20  # of one chore in one beat

Chore = Callable[[], Awaitable[bool]]
"""A piece of forgetting, bounded: one write. Answers whether there may be more to do."""

log = structlog.get_logger("textwire.switch")


class Upkeep:
    """Sweeps once a beat, and at once when the clock is stepped to a time at which something is due.

    `chores` are done once a minute, and once a beat while they have more to do.
    """

    def __init__(
        self, store: Store, clock: Clock, sweep: Sweep, receive: Receive, dispatcher: Dispatcher,
        real_now: Callable[[], int], wake_hooks: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._clock, self._sweep, self._receive = store, clock, sweep, receive
        self._dispatcher, self._real_now, self._wake_hooks = dispatcher, real_now, wake_hooks
        self._beats, self._swept = 0, False
        self._never = asyncio.Event()
        self.chores: list[Chore] = []
        self._busy: list[Chore] = []

    async def once(self) -> None:
        """One sweep, repeated while more is due; the first runs before the house takes traffic."""
        alone = self._store.engine.exclusive and not self._swept
        while True:
            due = Due(self._clock.now(), self._real_now(), self._dispatcher.here, alone)
            swept: Swept = await self._store.write(self._sweep, due)
            for carrier in swept.carriers:
                self._dispatcher.wake(carrier)
            if not swept.more:
                break
        self._swept = True
        self._wake_hooks()

    async def lost(self) -> None:
        """Gives up on parts that have waited in vain."""
        await self._store.write(self._receive, Lost(self._clock.now()))

    async def tidy(self) -> None:
        """Some rounds of the chores that have more to do."""
        for chore in list(self._busy):
            for _ in range(CHORE_ROUNDS):
                if not await chore():
                    if chore in self._busy:  # nobody else has found it done meanwhile
                        self._busy.remove(chore)
                    break

    async def _is_due(self) -> bool:
        now = self._clock.now()
        dues = [await outbox.next_due(self._store.engine, topic) for topic in ("await", "flight")]
        return any(due is not None and due <= now for due in dues)

    async def run(self) -> None:
        """Sweeps until cancelled."""
        while True:
            try:
                if self._beats % BEATS_PER_LEASE == 0 or await self._is_due():
                    await self.once()
                if self._beats % LOST_EVERY == 0:
                    await self.lost()
                    self._busy = list(self.chores)
                await self.tidy()
                self._beats += 1
                await self._rest()
            except (Unavailable, Refusal) as error:
                log.warning("sweep.postponed", error=str(error))
                await asyncio.sleep(
                    BEAT_SECONDS
                )  # what is due stays due: resting until then would be no rest

    async def _rest(self) -> None:
        due = await outbox.next_due(self._store.engine, "await")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT_SECONDS):
                await self._clock.wait(self._never, due)
