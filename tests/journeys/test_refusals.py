"""What the carrier refuses for good costs nothing, unless somebody may have some of it all the same."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from textwire.carriers.simulated.carrier import SimulatedCarrier
from textwire.switch.carrier import (
    Accepted,
    Carrier,
    Deferred,
    Departure,
    Inlet,
    Outcome,
    Rejected,
    Unanswered,
)

from .life import BALANCE, SECOND, Life, living

PRICE = 7_000_000
LONG = "0123456789" * 40  # three segments

Answers = Callable[[Departure], Outcome]


class Scripted:
    """A carrier that answers the attempts at a message as it was told to, the last answer for all that follow."""

    name = "simulated"
    receipts = True
    simulated = True
    window = 4

    def __init__(self, inner: SimulatedCarrier, answers: Sequence[Answers]) -> None:
        self._inner, self._answers = inner, answers

    async def submit(self, departure: Departure) -> Outcome:
        return self._answers[min(departure.attempt, len(self._answers)) - 1](departure)

    async def run(self, inlet: Inlet) -> None:
        await asyncio.Event().wait()


def refused(departure: Departure) -> Outcome:
    return Rejected("refused", code="B")


def put_off(departure: Departure) -> Outcome:
    return Deferred("throttled")


def unknown(departure: Departure) -> Outcome:
    return Deferred("odd", unknown=True)


def unanswered(departure: Departure) -> Outcome:
    return Unanswered("no_answer")


def first_taken(departure: Departure) -> Outcome:
    return Rejected("refused", ((departure.segments[0].id, "r1"),), "B")


def first_taken_then_put_off(departure: Departure) -> Outcome:
    return Deferred("throttled", refs=((departure.segments[0].id, "r1"),))


def taken(departure: Departure) -> Outcome:
    return Accepted(tuple((segment.id, f"r{segment.n}") for segment in departure.segments))


@pytest.mark.parametrize(
    ("answers", "text", "state", "paid"),
    [
        ([refused], "hi", "rejected", 0),
        ([refused], LONG, "rejected", 0),
        ([put_off, refused], "hi", "rejected", 0),
        ([unknown], "hi", "rejected", 0),
        ([taken], "hi", "sent", PRICE),
        ([first_taken], LONG, "sent", 3 * PRICE),
        ([first_taken_then_put_off, refused], LONG, "sent", 3 * PRICE),
        ([unanswered, refused], "hi", "rejected", PRICE),  # the first may have arrived
    ],
)
async def test_what_nobody_can_have_is_paid_back(
    database: str, answers: list[Answers], text: str, state: str, paid: int
) -> None:
    def exits(inner: SimulatedCarrier) -> list[Carrier]:
        return [Scripted(inner, answers)]

    async with living(database, exits=exits) as life:
        [sent] = await life.send(text=text)
        await life.live(sent.id, state, by=60 * SECOND)
        assert await life.balance() == BALANCE - paid


async def test_a_refused_message_is_paid_back_once_and_its_story_ends_there(life: Life) -> None:
    [sent] = await life.send("+447700900003")
    rejected = await life.state(sent.id, "rejected")
    assert (rejected.reason, rejected.attempts) == ("refused", 1)
    assert await life.told(sent.id) == ["message.accepted", "message.rejected"]
    for _ in range(3):
        await life.step(600 * SECOND)
    assert await life.balance() == BALANCE


async def test_the_others_of_a_request_are_paid(life: Life) -> None:
    sent = await life.send("+447700900003", "+447700900123", "+447700910003")
    states = [(await life.state(message.id, "rejected", "sent")).state for message in sent]
    assert states == ["rejected", "sent", "rejected"]
    assert await life.balance() == BALANCE - PRICE
