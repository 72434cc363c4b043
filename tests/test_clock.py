import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textwire.clock import LATEST_US, MAX_NAP_US, MIN_DEAD, Clock, ClockState, ManualClock, real_now

SECOND = 1_000_000
DAY = 86_400 * SECOND


class Wall:
    """A source of real time in the test's hand."""

    def __init__(self, now: int = 1000 * SECOND) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


async def turns(n: int = 10) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


def spied_timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays that were asked of the running loop."""
    delays: list[float] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def spy(delay: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        delays.append(delay)
        return call_later(delay, callback, *args)

    monkeypatch.setattr(loop, "call_later", spy)
    return delays


# Telling the time


def test_a_fresh_clock_shows_the_wall_clock() -> None:
    before = time.time_ns() // 1000
    shown = Clock().now()
    assert before <= shown <= real_now()


def test_advance_adds_to_real_time() -> None:
    wall = Wall()
    clock = Clock(source=wall)
    clock.advance(DAY)
    wall.now += 7
    assert clock.now() == 1000 * SECOND + DAY + 7


def test_a_frozen_clock_stands_and_can_still_be_stepped() -> None:
    wall = Wall()
    clock = Clock(source=wall)
    clock.freeze()
    wall.now += SECOND
    assert clock.now() == 1000 * SECOND
    clock.advance(5)
    assert clock.now() == 1000 * SECOND + 5


def test_a_thawed_clock_continues_from_the_frozen_instant() -> None:
    wall = Wall()
    clock = Clock(source=wall)
    clock.freeze()
    clock.advance(DAY)
    wall.now += 3 * SECOND
    clock.unfreeze()
    assert clock.now() == 1000 * SECOND + DAY
    wall.now += 4
    assert clock.now() == 1000 * SECOND + DAY + 4


def test_freezing_twice_and_thawing_twice_change_nothing() -> None:
    wall = Wall()
    clock = Clock(source=wall)
    clock.freeze()
    wall.now += 50
    clock.freeze()
    assert clock.now() == 1000 * SECOND
    clock.unfreeze()
    wall.now += 50
    clock.unfreeze()
    assert clock.now() == 1000 * SECOND + 50


def test_the_clock_never_steps_back() -> None:
    clock = Clock(source=Wall())
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_step_beyond_the_last_year_is_refused_and_changes_nothing(frozen: bool) -> None:
    clock = Clock(source=Wall())
    if frozen:
        clock.freeze()
    before = clock.state()
    with pytest.raises(ValueError, match="9998"):
        clock.advance(LATEST_US)
    assert clock.state() == before


def test_the_last_year_itself_can_be_reached() -> None:
    clock = ManualClock(5)
    clock.advance(LATEST_US - 5)
    assert clock.now() == LATEST_US


def test_a_state_beyond_the_last_year_is_not_restored() -> None:
    clock = Clock(source=Wall())
    with pytest.raises(ValueError, match="9998"):
        clock.restore(ClockState(frozen_at=LATEST_US + 1))
    assert clock.now() == 1000 * SECOND


@given(st.lists(st.one_of(st.integers(0, DAY), st.sampled_from(["freeze", "unfreeze"]))))
def test_a_kept_state_continues_the_same_time(steps: list[int | str]) -> None:
    wall = Wall()
    clock = Clock(source=wall)
    for step in steps:
        if isinstance(step, int):
            clock.advance(step)
        else:
            getattr(clock, step)()
        wall.now += 13
    reborn = Clock(clock.state(), source=wall)
    wall.now += 17
    assert reborn.now() == clock.now()


# Waiting for a time


async def test_a_time_that_has_passed_is_not_waited_for_but_lets_others_run() -> None:
    clock = ManualClock(100)
    ran = asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)
    await clock.sleep_until(100)
    assert ran.is_set()


async def test_a_sleeper_wakes_with_the_real_clock() -> None:
    clock = Clock()
    due = clock.now() + 3000
    await asyncio.wait_for(clock.sleep_until(due), 5)
    assert clock.now() >= due


async def test_a_sleeper_wakes_when_the_clock_is_advanced_to_its_time_and_not_before() -> None:
    clock = ManualClock(0)
    sleeper = asyncio.create_task(clock.sleep_until(100))
    await clock.step(99)
    assert not sleeper.done()
    await clock.step(1)
    assert sleeper.done()


async def test_a_frozen_clock_wakes_nobody_until_it_is_stepped() -> None:
    clock = Clock()
    clock.freeze()
    sleeper = asyncio.create_task(clock.sleep_until(clock.now() + 1))
    await turns()
    assert not sleeper.done()
    clock.advance(1)
    await turns()
    assert sleeper.done()


async def test_thawing_starts_the_timer_again() -> None:
    clock = Clock()
    clock.freeze()
    sleeper = asyncio.create_task(clock.sleep_until(clock.now() + 2000))
    await turns()
    clock.unfreeze()
    await asyncio.wait_for(sleeper, 5)


async def test_freezing_disarms_a_timer_that_was_under_way() -> None:
    clock = Clock(source=Wall())
    sleeper = asyncio.create_task(clock.sleep_until(clock.now() + 1000))
    await turns()
    assert clock._timer is not None
    clock.freeze()
    assert clock._timer is None
    sleeper.cancel()


async def test_restoring_a_later_time_wakes_sleepers() -> None:
    clock = ManualClock(0)
    sleeper = asyncio.create_task(clock.sleep_until(DAY))
    await turns()
    clock.restore(ClockState(offset=DAY))
    await turns()
    assert sleeper.done()


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock = ManualClock(0)
    woken: list[int] = []

    async def sleep(due: int) -> None:
        await clock.sleep_until(due)
        woken.append(due)

    tasks = [asyncio.create_task(sleep(due)) for due in (30, 10, 20, 10)]
    await turns()
    await clock.step(DAY)
    assert woken == [10, 10, 20, 30]
    assert all(task.done() for task in tasks)


async def test_a_canceled_sleeper_disturbs_nobody() -> None:
    clock = ManualClock(0)
    gone = asyncio.create_task(clock.sleep_until(10))
    stays = asyncio.create_task(clock.sleep_until(20))
    await turns()
    gone.cancel()
    await turns()
    await clock.step(20)
    assert gone.cancelled()
    assert stays.done()


async def test_a_sleeper_canceled_in_the_moment_it_wakes_stays_canceled() -> None:
    clock = ManualClock(0)
    sleeper = asyncio.create_task(clock.sleep_until(10))
    await turns()
    sleeper.cancel()
    clock.advance(10)
    await turns()
    assert sleeper.cancelled()


# Waiting for an event or a time


async def test_wait_ends_with_the_event() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(event, 100))
    await turns()
    event.set()
    assert await waiter is True


async def test_wait_ends_with_the_time() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(event, 100))
    await turns()
    await clock.step(100)
    assert waiter.done()
    assert await waiter is False


async def test_wait_without_a_time_waits_for_the_event_alone() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(event, None))
    await clock.step(DAY)
    assert not waiter.done()
    event.set()
    assert await waiter is True


async def test_wait_for_what_is_already_there_returns_at_once() -> None:
    clock, event = ManualClock(5), asyncio.Event()
    assert await clock.wait(event, 5) is False
    event.set()
    assert await clock.wait(event, DAY) is True


async def test_a_loop_around_a_passed_time_lets_others_run() -> None:
    clock, event = ManualClock(5), asyncio.Event()
    stop = asyncio.create_task(turns(3))
    rounds = 0
    while not stop.done():
        await clock.wait(event, 5)
        rounds += 1
        assert rounds < 100


async def test_event_and_time_together_count_as_the_event() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(event, 100))
    await turns()
    event.set()
    clock.advance(100)
    assert await waiter is True


async def test_a_canceled_wait_is_canceled_even_when_its_time_comes_too() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(event, 100))
    await turns()
    waiter.cancel()
    clock.advance(100)
    await turns()
    assert waiter.cancelled()


async def test_wait_leaves_no_canceling_behind_in_its_task() -> None:
    clock, event = ManualClock(0), asyncio.Event()

    async def twice() -> list[bool]:
        return [await clock.wait(event, 10), await clock.wait(event, 20)]

    waiter = asyncio.create_task(twice())
    await clock.step(10)
    await clock.step(10)
    assert waiter.done()
    assert await waiter == [False, False]
    assert waiter.cancelling() == 0


# One timer, a heap that does not grow


async def test_ten_thousand_sleepers_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = spied_timers(monkeypatch)
    wall = Wall()
    clock = Clock(source=wall)
    sleepers = [asyncio.create_task(clock.sleep_until(wall.now + SECOND + n)) for n in range(10_000)]
    await turns()
    assert len(delays) == 1
    wall.now += DAY
    clock.advance(0)
    await turns()
    assert all(task.done() for task in sleepers)
    assert len(delays) == 1


async def test_an_earlier_sleeper_moves_the_timer_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = spied_timers(monkeypatch)
    wall = Wall()
    clock = Clock(source=wall)
    sleepers = [
        asyncio.create_task(clock.sleep_until(wall.now + delay)) for delay in (500_000, 2500, 900_000)
    ]
    await turns()
    assert delays == [0.5, 0.003]
    for sleeper in sleepers:
        sleeper.cancel()


async def test_the_timer_looks_at_the_wall_clock_again_before_a_far_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delays = spied_timers(monkeypatch)
    wall = Wall()
    clock = Clock(source=wall)
    sleeper = asyncio.create_task(clock.sleep_until(wall.now + DAY))
    await turns()
    assert delays == [MAX_NAP_US / 1e6]
    sleeper.cancel()


async def test_a_timer_that_fires_early_is_armed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = spied_timers(monkeypatch)
    wall = Wall()
    clock = Clock(source=wall)
    sleeper = asyncio.create_task(clock.sleep_until(wall.now + 1000))
    while len(delays) < 3:  # the wall stands still, so every look is an early one
        await asyncio.sleep(0)
    assert not sleeper.done()
    wall.now += 1000
    await asyncio.wait_for(sleeper, 5)


async def test_waits_that_end_early_do_not_pile_up_behind_a_long_one() -> None:
    clock, event = ManualClock(0), asyncio.Event()
    first = asyncio.create_task(clock.sleep_until(5))
    for _ in range(10 * MIN_DEAD):
        waiter = asyncio.create_task(clock.wait(event, DAY))
        await turns(2)
        event.set()
        await waiter
        event.clear()
    assert len(clock._heap) <= 2 * MIN_DEAD + 2
    assert clock._dead == sum(sleeper.ring is None for _, _, sleeper in clock._heap)
    await clock.step(5)
    assert first.done()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(1, 1000), st.booleans()), min_size=3 * MIN_DEAD, max_size=4 * MIN_DEAD))
def test_those_who_stay_wake_in_order_however_many_gave_up(sleepers: list[tuple[int, bool]]) -> None:
    async def story() -> None:
        clock = ManualClock(0)
        woken: list[int] = []

        async def sleep(due: int) -> None:
            await clock.sleep_until(due)
            woken.append(due)

        tasks = [asyncio.create_task(sleep(due)) for due, _ in sleepers]
        await turns(2)
        for task, (_, stays) in zip(tasks, sleepers, strict=True):
            if not stays:
                task.cancel()
        await turns(3)
        assert clock._dead == sum(sleeper.ring is None for _, _, sleeper in clock._heap)
        for _ in range(10):
            await clock.step(100, turns=3)
        assert woken == sorted(due for due, stays in sleepers if stays)
        assert (clock._dead, clock._heap) == (0, [])

    asyncio.run(story())


async def test_no_timer_is_left_when_the_last_sleeper_goes() -> None:
    clock = Clock(source=Wall())
    sleeper = asyncio.create_task(clock.sleep_until(DAY * 365))
    await turns()
    assert clock._timer is not None
    sleeper.cancel()
    await turns()
    assert clock._timer is None
    assert clock._heap == []


def test_a_clock_serves_one_loop_after_another() -> None:
    clock = Clock()

    async def nap() -> None:
        await asyncio.wait_for(clock.sleep_until(clock.now() + 1000), 5)

    asyncio.run(nap())
    asyncio.run(nap())


async def test_a_manual_clock_moves_by_advance_alone() -> None:
    clock = ManualClock(42)
    clock.freeze()
    clock.unfreeze()
    assert clock.now() == 42
    clock.advance(8)
    assert clock.now() == 50
    sleeper = asyncio.create_task(clock.sleep_until(51))
    await turns()
    assert clock._timer is None
    sleeper.cancel()
