"""The port of an exit: a departure in, an outcome out; receipts and arrivals come back through the inlet."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from textwire.domain.arrival import Arrival
from textwire.domain.message import Segment
from textwire.domain.receipt import Receipt
from textwire.store.messages import Outstanding

Refs = tuple[tuple[int, str], ...]  # (segment, the carrier's own normalised identifier for it)


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way out, with those of its segments that no carrier has taken yet.

    An SMSC wants segments, an HTTP provider wants the text. `valid_until` is in µs on the message clock.
    """

    id: int
    attempt: int
    sender: str
    recipient: str
    text: str
    encoding: str
    reference: int
    total: int
    segments: tuple[Segment, ...]
    valid_until: int
    carrier: str
    flash: int = 0
    klass: str = ""

    def part(self, segment: Segment) -> str:
        """The text of one segment."""
        return segment.text if self.total > 1 else self.text


class Accepted(msgspec.Struct, frozen=True):
    """Yes: the network has every segment."""

    refs: Refs


class Deferred(msgspec.Struct, frozen=True):
    """Not now. `after` is in µs, 0: as our own schedule says; `unknown`: the code is not in the table."""

    reason: str
    after: int = 0
    refs: Refs = ()
    code: str = ""
    unknown: bool = False


class Rejected(msgspec.Struct, frozen=True):
    """Never."""

    reason: str
    refs: Refs = ()
    code: str = ""


class Unanswered(msgspec.Struct, frozen=True):
    """Nobody knows: it was handed over and no answer came (reliability §2.4)."""

    reason: str
    refs: Refs = ()


Outcome = Accepted | Deferred | Rejected | Unanswered


class Inlet(Protocol):
    """What a carrier may call from its own loop, never from inside `submit`. Returns after the commit."""

    async def report(self, receipts: list[Receipt]) -> None: ...
    async def receive(self, arrivals: list[Arrival]) -> None: ...
    async def outstanding(self, carrier: str) -> list[Outstanding]: ...


Answered = Callable[[Departure, Outcome], None]


class Carrier(Protocol):
    """An exit of the house."""

    name: str
    window: int  # how many departures may be under way
    receipts: bool  # whether it promises receipts
    simulated: bool  # whether no real phone can be reached through it

    async def submit(self, departure: Departure) -> Outcome: ...
    async def run(self, inlet: Inlet) -> None: ...


@runtime_checkable
class BatchCarrier(Protocol):
    """A carrier that would rather have what leaves in one turn of the loop at once: no task per message."""

    def submit_all(self, departures: Sequence[Departure], answered: Answered) -> None:
        """Takes departures; `answered` is called once for each, in whatever order, now or later."""
        ...
