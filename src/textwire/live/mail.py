"""The mail: lays every event into the boxes of those who subscribe over sockets, and hands it to those who are connected."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from textwire.domain.event import BIT, Event
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.store import boxes, events, feed, hooks, messages
from textwire.store.boxes import Letter, Route
from textwire.store.channels import Channel
from textwire.store.engines.engine import Unavailable
from textwire.store.hooks import Hook
from textwire.store.store import Store

from .box import Box
from .letters import Come, File, Hold, Sorted, Stay, Tend
from .told import Told

BATCH: Final = 500  # events of one write
HEARD: Final = 20_000  # events of commits that wait to be sorted; what is beyond is read again
QUIET: Final = 5_000  # events that concern nobody here, after which that is written down
POLL_SECONDS: Final = 0.5  # between two looks for what other processes have committed
RETRY_SECONDS: Final = 0.5  # after the store could not be used
JOIN_SECONDS: Final = 10.0
TEND_SECONDS: Final = 5.0  # between two looks at connected boxes
REPLACED: Final = 4009  # a newer socket has taken the channel over
OVER: Final = 1000  # the channel itself has ended: there is nothing to come back for

log = structlog.get_logger("textwire.live")


class Mail:
    """Durable: an event is on its way from the commit that made it, and leaves a box when it has arrived.

    Events are sorted in the order of their numbers by every process for the sockets that it holds; the first one
    to file them has filed them for all. `wake` when somebody subscribes. While nobody does, nothing is done.
    """

    def __init__(
        self, store: Store, real_now: Callable[[], int], *, tend_seconds: float = TEND_SECONDS
    ) -> None:
        self._store, self._real_now, self._tend_seconds = store, real_now, tend_seconds
        self._file, self._tend, self._hold = File(), Tend(), Hold(real_now)
        self.boxes: dict[int, Box] = {}
        self._accounts: frozenset[int] = frozenset()
        self._version = -1
        self._position: int | None = None  # everything up to here is sorted; None: nobody subscribes
        self._filed = 0
        self._heard: deque[list[Event]] = deque()
        self._waiting, self._torn = 0, True
        self._woken = asyncio.Event()
        self._sorting = asyncio.Lock()
        self.wake = self._woken.set
        store.committer.observers.append(self.observe)

    def observe(self, told: list[Event]) -> None:
        """The events of a commit."""
        if self._position is None or not told:
            return
        if self._waiting + len(told) > HEARD:
            self._torn = True
        else:
            self._heard.append(told)
            self._waiting += len(told)
        self._woken.set()

    async def run(self) -> None:
        """Sorts and tends until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver(), name="mail")
            group.create_task(self._watch(), name="mail books")

    # Connected boxes

    async def join(self, box: Box) -> list[tuple[Told, Hook]]:
        """Puts a socket in the place of the one before; what waits for it. Refusal not_found: the channel is over."""
        channel, before = box.channel, self.boxes.get(box.channel.id)
        if before is not None and before.proved() > 0:
            await self._store.write(self._tend, Stay(channel.id, before.holder, before.arrived, 0))
        await self._store.write(self._hold, Come(channel.id, box.holder, channel.lifetime))
        box.ends_at = boxes.end_of(self._real_now(), channel.lifetime)
        try:
            async with asyncio.timeout(JOIN_SECONDS), self._sorting:
                self._replace(box)
                position = await boxes.position(
                    self._store.engine
                )  # before the letters: it may move meanwhile
                letters = await boxes.letters(self._store.engine, channel.id)
                box.last = max([position, *(letter.event for letter in letters[-1:])])
        except TimeoutError:
            raise Unavailable("the mail is not sorted") from None
        return await self._open(letters)

    async def leave(self, box: Box) -> None:
        """The socket is over; from now on the channel's lifetime counts."""
        if self.boxes.get(box.channel.id) is box:
            del self.boxes[box.channel.id]
        ends_at = boxes.end_of(self._real_now(), box.channel.lifetime)
        stay = Stay(box.channel.id, box.holder, box.proved(), ends_at)
        try:
            await self._store.write(self._tend, stay)
        except (Unavailable, Refusal) as error:  # at the worst it is told again, and ends a little earlier
            log.warning("live.postponed", error=str(error))

    def renew(self, channel: Channel) -> None:
        """The channel has another lifetime now."""
        box = self.boxes.get(channel.id)
        if box is not None:
            box.channel, box.ends_at = channel, 0  # written down at the next look

    def close(self, public_id: str) -> None:
        """The channel of that name has ended."""
        for box in tuple(self.boxes.values()):
            if box.channel.public_id == public_id:
                box.line.end(OVER, "the channel has ended")

    def _replace(self, box: Box) -> None:
        before = self.boxes.get(box.channel.id)
        if before is not None:
            before.line.end(REPLACED, "a newer socket has this channel now")
        self.boxes[box.channel.id] = box

    async def _open(self, letters: list[Letter]) -> list[tuple[Told, Hook]]:
        """Letters with what belongs to them, as far as it is still there."""
        engine = self._store.engine
        found = {e.number: e for e in await events.by_number(engine, [one.event for one in letters])}
        takers = {h.id: h for h in await hooks.some(engine, {one.hook for one in letters})}
        about = await messages.some(engine, list({e.subject for e in found.values() if e.subject}))
        return [
            (Told(event, about.get(event.subject)), takers[one.hook])
            for one in letters
            if (event := found.get(one.event)) is not None and one.hook in takers
        ]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._tend_seconds)
            try:
                await self.look()
            except (Unavailable, Refusal) as error:
                log.warning("live.postponed", error=str(error))

    async def look(self) -> None:
        """One look at all connected boxes: what has arrived, how long they last, and whose channel is not theirs now."""
        held = list(self.boxes.values())
        if not held:
            return
        now = self._real_now()
        stays = [(box, self._stay(box, now)) for box in held]
        due = [(box, stay) for box, stay in stays if stay.arrived or stay.ends_at]
        if due:
            await self._store.write_all(self._tend, [stay for _, stay in due])
        for box, stay in due:
            box.ends_at = stay.ends_at or box.ends_at
        there = await boxes.some(self._store.engine, [box.channel.id for box in held])
        for box in held:
            kept = there.get(box.channel.id)
            if kept is None:
                box.line.end(OVER, "the channel has ended")
            elif kept.holder != box.holder:
                box.line.end(REPLACED, "a newer socket has this channel now")
            box.ask()

    def _stay(self, box: Box, now: int) -> Stay:
        known, full = box.arrived, boxes.end_of(now, box.channel.lifetime)
        arrived = box.proved()
        ends_at = full if box.ends_at - now < (full - now) // 2 else 0
        return Stay(box.channel.id, box.holder, arrived if arrived > known else 0, ends_at)

    # Sorting

    async def _deliver(self) -> None:
        self._woken.set()
        while True:
            try:
                await self._rest()
                while await self.sort():
                    pass
                continue
            except Unavailable as error:
                log.warning("live.postponed", error=str(error))
            except Exception as error:  # what was not sorted is read again
                log.error("live.failed", error=type(error).__name__)
            self._torn = True
            await asyncio.sleep(RETRY_SECONDS)
            self._woken.set()

    async def _rest(self) -> None:
        if self._store.engine.exclusive:
            await self._woken.wait()
        else:
            timer = asyncio.get_running_loop().call_later(POLL_SECONDS, self._woken.set)
            await self._woken.wait()
            timer.cancel()
            self._torn = True
        self._woken.clear()

    async def sort(self) -> bool:
        """Sorts a batch of events; whether there may be more."""
        async with self._sorting:
            if self._position is None:
                await self._look_for_readers()
            batch = await self._next()
            # After the events, so that whoever had subscribed before them is known.
            await self._look_for_readers()
            if not batch or self._position is None:
                return False
            await self._sort([e for e in batch if e.account in self._accounts], batch[-1].number)
            return True

    async def _look_for_readers(self) -> None:
        version = await hooks.version(self._store.engine)
        if version == self._version:
            return
        found = await boxes.accounts(self._store.engine)
        self._version, self._accounts = version, frozenset(found)
        if not found:
            self._position, self._waiting = None, 0
            self._heard.clear()
        elif self._position is None:
            self._filed = await boxes.position(self._store.engine)
            self._position, self._torn = max(self._filed, min(found.values())), True

    async def _next(self) -> list[Event]:
        """The next events, all of them: as heard, or from the shelf where some were not."""
        if self._position is None:
            return []
        while self._heard and self._heard[0][-1].number <= self._position:
            self._take()
        before = self._heard[0][0].number if self._heard else MAX_INT
        if before > self._position + 1 and (self._torn or self._heard):
            missed = await feed.of_all(self._store.engine, self._position, before, BATCH)
            if missed:
                return missed
        batch: list[Event] = []
        while (
            self._heard
            and len(batch) < BATCH
            and (not batch or self._heard[0][0].number == batch[-1].number + 1)
        ):
            batch += self._take()
        if not batch:
            self._torn = False
        return [event for event in batch if event.number > self._position]

    def _take(self) -> list[Event]:
        first = self._heard.popleft()
        self._waiting -= len(first)
        return first

    async def _sort(self, mine: list[Event], upto: int) -> None:
        assert self._position is not None
        told = await self._told(mine)
        routes = await self._routes(told)
        letters, ended = [], []
        for one in told:
            for route in _takers(one, routes):
                letters.append(Letter(route.channel, one.number, route.hook.id))
                if one.event.hook:
                    ended.append(route.hook.id)
                if box := self.boxes.get(route.channel):
                    box.offer(one, route.hook)
        if letters or upto - self._filed > QUIET:
            await self._keep(Sorted(upto, letters, ended))
            self._filed = upto
        self._position = upto

    async def _keep(self, done: Sorted) -> None:
        """Files them in any case: who joins meanwhile waits for it."""
        while True:
            try:
                await self._store.write(self._file, done)
            except (Unavailable, Refusal) as error:
                log.warning("live.postponed", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _told(self, mine: list[Event]) -> list[Told]:
        subjects = list({event.subject for event in mine if event.subject})
        found = await messages.some(self._store.engine, subjects) if subjects else {}
        return [Told(event, found.get(event.subject)) for event in mine if event.type in BIT]

    async def _routes(self, told: list[Told]) -> dict[tuple[int, str] | int, list[Route]]:
        """By (account, number), and for events that are addressed by hook."""
        engine = self._store.engine
        pairs = {(one.event.account, one.own_number) for one in told if not one.event.hook and one.own_number}
        found: dict[tuple[int, str] | int, list[Route]] = {}
        for route in await boxes.routes(engine, pairs) if pairs else []:
            found.setdefault((route.hook.account, route.hook.number), []).append(route)
        addressed = {one.event.hook for one in told if one.event.hook}
        for route in await boxes.addressed(engine, addressed) if addressed else []:
            found[route.hook.id] = [route]
        return found


def _takers(one: Told, routes: dict[tuple[int, str] | int, list[Route]]) -> Iterable[Route]:
    if one.event.hook:
        return routes.get(one.event.hook, ())
    there = routes.get((one.event.account, one.own_number), ())
    return [r for r in there if r.hook.types & one.bit and r.since < one.number <= r.until]
