"""The hub: hears what is committed, and tells it to those who follow an account, in order and nothing twice."""

import asyncio
from collections import deque
from typing import Final, Protocol

import structlog

from textwire.domain.event import Event
from textwire.domain.ids import MAX_INT
from textwire.store import feed, messages
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .limits import LIMITS, Limits
from .told import Told

RETRY_SECONDS: Final = 0.5  # after the store could not be read
POLL_SECONDS: Final = 0.5  # between two looks for what other processes have committed

log = structlog.get_logger("textwire.live")


class Ear(Protocol):
    """A follower of one account. `hear` gets events in the order of their numbers, maybe some again."""

    account: int

    def hear(self, told: list[Told]) -> None: ...


class Hub:
    """Event numbers are given in the order of commits, so whoever knows a number knows what is missing after it.

    Commits are heard from the committer; what it did not tell (another process's commits, or too much at once)
    shows as a hole in the numbers and is read from the shelf. While nobody listens, nothing is done or kept.
    """

    def __init__(self, store: Store, limits: Limits = LIMITS) -> None:
        self.store, self.limits = store, limits
        self._ears: dict[int, list[Ear]] = {}
        self._position: int | None = None  # everything up to here was told; None: nobody listens
        self._heard: deque[list[Event]] = deque()
        self._waiting, self._torn = 0, False
        self._woken = asyncio.Event()
        store.committer.observers.append(self.observe)

    def observe(self, told: list[Event]) -> None:
        """The events of a commit."""
        if not self._ears or not told:
            return
        if self._waiting + len(told) > self.limits.heard:
            self._torn = True
        else:
            self._heard.append(told)
            self._waiting += len(told)
        self._woken.set()

    async def join(self, ear: Ear) -> None:
        """From now on `ear` hears what is committed; what it reads after this is all there was before."""
        self._ears.setdefault(ear.account, []).append(ear)
        if self._position is None:
            head = await feed.head(self.store.engine)
            if self._position is None and self._ears:
                self._position = head
        self._woken.set()

    def leave(self, ear: Ear) -> None:
        """`ear` hears nothing any more."""
        others = self._ears.get(ear.account, [])
        if ear in others:
            others.remove(ear)
        if not others:
            self._ears.pop(ear.account, None)
        if not self._ears:
            self._position, self._torn, self._waiting = None, False, 0
            self._heard.clear()

    async def run(self) -> None:
        """Tells until cancelled."""
        while True:
            try:
                await self._rest()
                await self._tell_what_there_is()
            except Unavailable as error:
                log.warning("live.postponed", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._woken.set()  # what was to be told is still waiting

    async def _rest(self) -> None:
        """Until something is heard; where others commit too, no longer than POLL_SECONDS."""
        if self._ears and not self.store.engine.exclusive:
            timer = asyncio.get_running_loop().call_later(POLL_SECONDS, self._woken.set)
            await self._woken.wait()
            timer.cancel()
        else:
            await self._woken.wait()
        self._woken.clear()

    async def _tell_what_there_is(self) -> None:
        while self._heard and self._position is not None:
            batch = self._heard[0]
            if batch[-1].number > self._position:
                await self._fill(batch[0].number)
                await self._tell(batch)
            if self._heard and self._heard[0] is batch:  # else everybody has left meanwhile
                self._heard.popleft()
                self._waiting -= len(batch)
        if self._torn or not self.store.engine.exclusive:
            self._torn = False
            await self._fill(MAX_INT)

    async def _fill(self, before: int) -> None:
        """Reads and tells what was not heard of before an event."""
        while self._position is not None and self._position + 1 < before:
            found = await feed.of_all(self.store.engine, self._position, before, self.limits.page)
            if not found:
                return
            await self._tell(found)

    async def _tell(self, batch: list[Event]) -> None:
        wanted: dict[int, list[Event]] = {}
        for event in batch:
            if event.account in self._ears and not event.hook:
                wanted.setdefault(event.account, []).append(event)
        told = await worded(self.store, [event for events in wanted.values() for event in events])
        by_account: dict[int, list[Told]] = {}
        for one in told:
            by_account.setdefault(one.event.account, []).append(one)
        for account, events in by_account.items():
            for ear in tuple(self._ears.get(account, ())):
                _told(ear, events)
        if self._position is not None:
            self._position = max(self._position, batch[-1].number)


async def worded(store: Store, events: list[Event]) -> list[Told]:
    """Events with their messages; those that are addressed to one webhook are nobody else's."""
    plain = [event for event in events if not event.hook]
    subjects = list({event.subject for event in plain if event.subject})
    found = await messages.some(store.engine, subjects) if subjects else {}
    return [Told(event, found.get(event.subject)) for event in plain]


def _told(ear: Ear, events: list[Told]) -> None:
    """One follower's fault is nobody else's."""
    try:
        ear.hear(events)
    except Exception as error:
        log.error("live.failed", error=type(error).__name__)
