"""Watches a topic of the outbox: takes what is due there, at the time it is due and whenever it is woken."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.store import outbox
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

POLL_SECONDS = 1.0  # a hint may be lost; nobody waits longer than this
RETRY_SECONDS = 0.5  # after the store could not be reached

log = structlog.get_logger("textwire.switch")


class Due:
    """One watcher. `take` claims and works off a batch, `room` tells whether there is a place for one."""

    def __init__(
        self, store: Store, clock: Clock, topic: str, take: Callable[[], Awaitable[None]],
        room: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store, self._clock, self._topic = store, clock, topic
        self._take, self._room = take, room
        self._woken = asyncio.Event()
        self.wake = self._woken.set

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            self._woken.clear()
            try:
                due = await outbox.next_due(self._store.engine, self._topic)
                if due is not None and due <= self._clock.now() and self._room():
                    await self._take()
                else:
                    await self._rest(due)
            except (Unavailable, Refusal) as error:
                log.warning("due.postponed", topic=self._topic, error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _rest(self, due: int | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._clock.wait(self._woken, due if self._room() else None)
