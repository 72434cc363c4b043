"""A text to a number of this server is kept before its sender hears that it was delivered."""

import asyncio
import contextlib
from collections.abc import Iterable

from textwire.carriers.simulated.carrier import SimulatedCarrier
from textwire.clock import ManualClock
from textwire.domain.arrival import Arrival
from textwire.domain.message import Segment
from textwire.domain.receipt import Receipt
from textwire.simnet.network import Network
from textwire.store.engines.engine import Unavailable
from textwire.store.messages import Outstanding
from textwire.switch.carrier import Departure

START = 1_800_000_000_000_000  # µs
SECOND = 1_000_000
OURS = "+447700900001"


class Ear:
    """An Inlet that writes down what it hears, in order; while `deaf` it cannot keep arrivals."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.deaf = False

    async def report(self, receipts: list[Receipt]) -> None:
        self.heard += [receipt.state for receipt in receipts]

    async def receive(self, arrivals: list[Arrival]) -> None:
        if self.deaf:
            raise Unavailable("away")
        self.heard += [arrival.text for arrival in arrivals]

    async def outstanding(self, carrier: str) -> list[Outstanding]:
        return []


async def ours(numbers: Iterable[str]) -> set[str]:
    return set(numbers) & {OURS}


def departure() -> Departure:
    segment = Segment(1, 1, 1, "", "submitting", "simulated", "")
    return Departure(
        id=1, attempt=1, sender="+16139998877", recipient=OURS, text="hello", encoding="gsm7", reference=0,
        total=1, segments=(segment,), valid_until=START + 3600 * SECOND, carrier="simulated",
    )  # fmt: skip


async def heard(ear: Ear) -> list[str]:
    """What the house hears of one text to itself within a second."""
    clock = ManualClock(START)
    carrier = SimulatedCarrier(Network(), clock, ours)
    running = asyncio.create_task(carrier.run(ear))
    submitting = asyncio.create_task(carrier.submit(departure()))
    try:
        for _ in range(20):
            await clock.step(SECOND // 20)
        assert submitting.done()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return ear.heard


async def test_the_text_is_kept_before_its_receipt() -> None:
    assert await heard(Ear()) == ["hello", "delivered"]


async def test_there_is_no_receipt_while_the_text_cannot_be_kept() -> None:
    ear = Ear()
    ear.deaf = True
    assert await heard(ear) == []
