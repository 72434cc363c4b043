"""The message clock: the time that messages live by, which can be stepped and frozen."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count

import msgspec

LATEST_US = 253_370_764_800_000_000
"""9999-01-01T00:00Z: no step goes beyond, so that validities and retries still are dates one can write."""

MAX_NAP_US = 1_000_000
"""The loop's timer follows monotonic time and this clock the wall's: look again at least this often."""

MIN_DEAD = 64
"""So many sleepers that gave up may stay in the heap before a sweep is worth its while."""


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be kept so that a restarted program continues the same time. Both in microseconds."""

    offset: int = 0
    frozen_at: int | None = None


RUNNING = ClockState()


def real_now() -> int:
    """Microseconds UTC of the wall clock."""
    return time.time_ns() // 1000


def _finish(reached: "asyncio.Future[None]") -> None:
    if not reached.done():
        reached.set_result(None)


class _Sleeper:
    """Somebody in the heap; `ring` is None once woken or gone."""

    __slots__ = ("ring",)

    def __init__(self, ring: Callable[[], object]) -> None:
        self.ring: Callable[[], object] | None = ring


class Clock:
    """Real time plus an offset, or a frozen instant; all times are integer microseconds UTC.

    Stepping never goes back; `restore` may. It belongs to one loop's thread; others may only read `now`.
    """

    _ticks = True

    def __init__(self, state: ClockState = RUNNING, *, source: Callable[[], int] = real_now) -> None:
        self._source = source
        self._state = state
        self._heap: list[tuple[int, int, _Sleeper]] = []
        self._order = count()
        self._dead = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> int:
        """The time now."""
        return self._at(self._state)

    def _at(self, state: ClockState) -> int:
        return self._source() + state.offset if state.frozen_at is None else state.frozen_at

    def state(self) -> ClockState:
        """What `restore` or the constructor needs to continue from here."""
        return self._state

    def restore(self, state: ClockState) -> None:
        """Continue from a kept state; `ClockState()` is real time. ValueError when beyond LATEST_US."""
        if self._at(state) > LATEST_US:
            raise ValueError("the clock does not go beyond the year 9998")
        self._state = state
        self._rouse()

    def advance(self, delta_us: int) -> None:
        """Step forward, frozen or not. ValueError for a step back or beyond LATEST_US."""
        if delta_us < 0:
            raise ValueError("the clock only steps forward")
        state = self._state
        if state.frozen_at is None:
            self.restore(ClockState(offset=state.offset + delta_us))
        else:
            self.restore(ClockState(offset=state.offset, frozen_at=state.frozen_at + delta_us))

    def freeze(self) -> None:
        """Stand still at this instant; `advance` still moves it."""
        self.restore(ClockState(offset=self._state.offset, frozen_at=self.now()))

    def unfreeze(self) -> None:
        """Continue from the frozen instant."""
        if self._state.frozen_at is not None:
            self.restore(ClockState(offset=self._state.frozen_at - self._source()))

    async def sleep_until(self, t_us: int) -> None:
        """Return when the clock has reached `t_us`, however it got there. Always lets others run once."""
        if self.now() >= t_us:
            await asyncio.sleep(0)
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = self._park(t_us, partial(_finish, reached))
        try:
            await reached
        finally:
            self._leave(sleeper)

    async def wait(self, event: asyncio.Event, until: int | None) -> bool:
        """Wait for the event or the time `until` (None: for good); return whether the event is set.

        Always lets others run once, so a loop around it cannot starve them.
        """
        if event.is_set() or (until is not None and self.now() >= until):
            await asyncio.sleep(0)
        elif until is None:
            await event.wait()
        else:
            await self._wait_bounded(event, until)
        return event.is_set()

    async def _wait_bounded(self, event: asyncio.Event, until: int) -> None:
        # A timeout scope without a deadline of its own costs no task per waiter; the heap ends it.
        try:
            async with asyncio.timeout(None) as scope:
                sleeper = self._park(until, lambda: scope.reschedule(0.0))
                try:
                    await event.wait()
                finally:
                    self._leave(sleeper)
        except TimeoutError:
            pass

    def _park(self, due: int, ring: Callable[[], object]) -> _Sleeper:
        sleeper = _Sleeper(ring)
        heappush(self._heap, (due, next(self._order), sleeper))
        loop = asyncio.get_running_loop()
        if self._heap[0][2] is sleeper or loop is not self._loop:
            self._loop = loop
            self._arm()
        return sleeper

    def _leave(self, sleeper: _Sleeper) -> None:
        if sleeper.ring is None:
            return
        sleeper.ring = None
        self._dead += 1
        if self._dead > MIN_DEAD and self._dead * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].ring is not None]
            heapify(self._heap)
            self._dead = 0
        self._bury()

    def _bury(self) -> None:
        """Drop those at the top that gave up; without sleepers there is no timer."""
        while self._heap and self._heap[0][2].ring is None:
            heappop(self._heap)
            self._dead -= 1
        if not self._heap:
            self._arm()

    def _rouse(self) -> None:
        """Wake, in order, everybody whose time has come, and arm the timer for the next."""
        now = self.now()
        while self._heap and self._heap[0][0] <= now:
            sleeper = heappop(self._heap)[2]
            ring, sleeper.ring = sleeper.ring, None
            if ring is None:
                self._dead -= 1
            else:
                ring()
        self._arm()

    def _arm(self) -> None:
        """One timer serves all sleepers: it looks at the earliest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        frozen = self._state.frozen_at is not None or not self._ticks
        if frozen or not self._heap or self._loop is None or self._loop.is_closed():
            return
        nap = min(max(self._heap[0][0] - self.now(), 0), MAX_NAP_US)
        # Whole milliseconds, rounded up: uvloop rounds to the nearest and would wake too early.
        self._timer = self._loop.call_later(-(-nap // 1000) / 1000, self._rouse)


class ManualClock(Clock):
    """A clock for tests: it moves by `advance` and `step` alone."""

    _ticks = False

    def __init__(self, start: int = 0) -> None:
        super().__init__(source=lambda: start)

    async def step(self, delta_us: int, *, turns: int = 10) -> None:
        """Advance, then give whoever woke up some turns of the loop."""
        self.advance(delta_us)
        for _ in range(turns):
            await asyncio.sleep(0)
