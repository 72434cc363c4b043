"""The process that gets killed: a whole house whose carrier keeps a journal of its own.

`python -m tests.faults.victim '{"data": …}'` imports everything, then waits for a line `LIFE n` to live.
"""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog
import uvloop

from tests.faults import mutations
from tests.faults.journal import Book, Outcome, Replied, Submitted
from textwire.app import App
from textwire.carriers.simulated.carrier import SimulatedCarrier
from textwire.config import Config
from textwire.switch import carrier as port
from textwire.switch.carrier import Carrier, Departure

OUTCOMES: dict[type, Outcome] = {
    port.Accepted: "accepted",
    port.Deferred: "deferred",
    port.Rejected: "rejected",
    port.Unanswered: "unanswered",
}


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What the driver wants of a victim. `mutation` breaks it on purpose: see `mutations`."""

    data: str
    database: str
    carrier_book: str
    window: int
    seed: int = 0
    mutation: str = ""


class Journaling:
    """A Carrier around the simulated one: each segment is in the book before the network has it, and each answer."""

    def __init__(self, inner: SimulatedCarrier, book: Book, life: int) -> None:
        self.name, self.window = inner.name, inner.window
        self.receipts, self.simulated, self.run = inner.receipts, inner.simulated, inner.run
        self._inner, self._clock, self._book, self._life = inner, inner._clock, book, life

    def submit_all(self, departures: Sequence[Departure], answered: port.Answered) -> None:
        """As a BatchCarrier does: the way that departures to the simulated network take."""
        at = self._clock.now()
        self._book.note(
            *(
                Submitted(life=self._life, message=d.id, segment=s.id, attempt=d.attempt, at=at)
                for d in departures
                for s in d.segments
            )
        )

        def reply(departure: Departure, outcome: port.Outcome) -> None:
            self._book.note(self._replied(departure, outcome))
            answered(departure, outcome)

        self._inner.submit_all(departures, reply)

    async def submit(self, departure: Departure) -> port.Outcome:
        raise AssertionError("departures come in batches")

    def _replied(self, departure: Departure, outcome: port.Outcome) -> Replied:
        return Replied(
            life=self._life, message=departure.id, attempt=departure.attempt, outcome=OUTCOMES[type(outcome)],
            taken=tuple(segment for segment, _ in outcome.refs),
        )  # fmt: skip


def _die_with_the_driver() -> None:
    """Ends the process when the driver's end of our standard input is closed, however the driver ended."""

    def watch() -> None:
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _ready(app: App) -> None:
    print(f"ready {app.urls['http']}", flush=True)


async def live(orders: Orders, life: int) -> None:
    """One life, until somebody ends it."""
    book = Book(Path(orders.carrier_book))

    def exits(simulated: SimulatedCarrier) -> list[Carrier]:
        return [Journaling(simulated, book, life)]

    config = Config(
        data=orders.data, database=orders.database, http="127.0.0.1:0", https="off", window=orders.window,
        seed=orders.seed + life,
    )  # fmt: skip
    await App(config, exits=exits).serve(_ready)


def main() -> None:
    """Reads its orders, waits for its life to begin, and lives it."""
    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    mutations.apply(orders.mutation)
    print("imported", flush=True)
    word, _, life = sys.stdin.readline().partition(" ")
    if word == "LIFE":
        _die_with_the_driver()
        uvloop.run(live(orders, int(life)))


if __name__ == "__main__":
    main()
