"""Waiting a moment for what came of a message: the first word counts, and nobody waits longer than he said."""

import asyncio

import pytest

from textwire.domain.event import Event
from textwire.domain.message import STATES
from textwire.switch.outcomes import IMPOSSIBLE, UNDER_WAY, Outcomes

LONG = 60.0  # seconds that no test really waits


def event(message: int, state: str) -> Event:
    return Event(1, 1, f"message.{state}", message, 2, state, 0)


async def waiting(outcomes: Outcomes, *messages: int) -> "asyncio.Task[dict[int, str]]":
    """A task that waits for these, and does so already."""
    task = asyncio.create_task(outcomes.of(messages, LONG))
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("state", sorted(STATES - UNDER_WAY))
async def test_the_first_state_that_is_not_ours_any_more_ends_the_wait(state: str) -> None:
    outcomes = Outcomes()
    task = await waiting(outcomes, 7)
    outcomes.observe([event(7, state)])
    assert await task == {7: state}


@pytest.mark.parametrize("state", sorted(UNDER_WAY))
async def test_a_message_that_is_still_ours_is_waited_for(state: str) -> None:
    outcomes = Outcomes()
    task = await waiting(outcomes, 7)
    outcomes.observe([event(7, state), event(8, "sent"), event(0, "")])
    await asyncio.sleep(0)
    assert not task.done()
    outcomes.observe([event(7, "sent")])
    assert await task == {7: "sent"}


async def test_what_was_taken_first_and_refused_by_its_receipt_was_taken() -> None:
    outcomes = Outcomes()
    task = await waiting(outcomes, 7)
    outcomes.observe([event(7, "sent"), event(7, "rejected")])
    assert await task == {7: "sent"}


async def test_several_are_waited_for_together_and_each_caller_hears_its_own() -> None:
    outcomes = Outcomes()
    both, one = await waiting(outcomes, 1, 2), await waiting(outcomes, 3)
    outcomes.observe([event(2, "rejected"), event(3, "sent")])
    assert await one == {3: "sent"}
    assert not both.done()
    outcomes.observe([event(1, "sent")])
    assert await both == {1: "sent", 2: "rejected"}


async def test_nobody_waits_longer_than_he_said_and_hears_what_there_is_by_then() -> None:
    outcomes = Outcomes()
    task = asyncio.create_task(outcomes.of([1, 2], 0.001))
    await asyncio.sleep(0)
    outcomes.observe([event(1, "sent")])
    assert await task == {1: "sent"}


@pytest.mark.parametrize(("messages", "seconds"), [((), LONG), ((1,), 0.0), ((1,), -1.0)])
async def test_nothing_to_wait_for_or_no_time_is_no_wait(messages: tuple[int, ...], seconds: float) -> None:
    assert await Outcomes().of(messages, seconds) == {}


async def test_whoever_leaves_is_forgotten() -> None:
    outcomes = Outcomes()
    task = await waiting(outcomes, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await outcomes.of([2], 0.001)
    assert not outcomes._waits


def test_what_is_impossible_is_over_and_was_never_taken() -> None:
    assert not IMPOSSIBLE & {"sent", "delivered", "undelivered", "ambiguous", *UNDER_WAY}
