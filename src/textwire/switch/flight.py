"""Departures under way: handed to their carrier in batches, and their outcomes kept in batches."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence

import structlog

from textwire.clock import Clock
from textwire.domain.message import Standing
from textwire.domain.refusal import Refusal
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .carrier import BatchCarrier, Carrier, Departure, Outcome, Unanswered
from .routing import Routing
from .settle import Answer, Settle

RETRY_SECONDS = 0.5  # between two tries to keep outcomes

log = structlog.get_logger("textwire.switch")


class Flights:
    """What is with a carrier. A slot of the window comes back only after its outcome is durable."""

    def __init__(
        self, store: Store, clock: Clock, routing: Routing, settle: Settle, on_queued: Callable[[str], None]
    ) -> None:
        self._store, self._clock, self._routing, self._settle = store, clock, routing, settle
        self._on_queued = on_queued
        self._flying: dict[int, str] = {}  # message → carrier
        self._leaving: list[Departure] = []
        self._answers: list[tuple[Departure, Outcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._landed = asyncio.Event()

    @property
    def here(self) -> frozenset[int]:
        """The messages that this process has in flight."""
        return frozenset(self._flying)

    def take_off(self, departure: Departure) -> None:
        """Its intent is written and its slot taken: it leaves with the others of this turn of the loop."""
        self._flying[departure.id] = departure.carrier
        if not self._leaving:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._leaving.append(departure)

    async def drain(self, seconds: float) -> None:
        """Waits for what is under way, at most so long (an orderly stop leaves nothing ambiguous)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._flying:
                    self._landed.clear()
                    await self._landed.wait()

    def _hand_over(self) -> None:
        leaving, self._leaving = self._leaving, []
        for name, carrier in self._routing.carriers.items():
            own = [departure for departure in leaving if departure.carrier == name]
            if not own:
                continue
            if isinstance(carrier, BatchCarrier):
                carrier.submit_all(own, self._answered)
            else:
                for departure in own:
                    self._spawn(self._submit(carrier, departure))

    async def _submit(self, carrier: Carrier, departure: Departure) -> None:
        try:
            outcome = await carrier.submit(departure)
        except Exception as error:
            # Whether it was handed over before that, nobody knows.
            log.exception("carrier.failed", carrier=carrier.name, error=type(error).__name__)
            outcome = Unanswered("carrier_error")
        self._answered(departure, outcome)

    def _answered(self, departure: Departure, outcome: Outcome) -> None:
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._keep_soon)
        self._answers.append((departure, outcome))

    def _keep_soon(self) -> None:
        answered, self._answers = self._answers, []
        now, carriers = self._clock.now(), self._routing.carriers
        self._spawn(
            self._keep([Answer(d.id, d.attempt, o, now, carriers[d.carrier].receipts) for d, o in answered])
        )

    async def _keep(self, answers: Sequence[Answer]) -> None:
        """Keeps outcomes, however long the store is away; a crash meanwhile leaves their messages ambiguous."""
        while answers:
            try:
                kept = await self._store.write_all(self._settle, list(answers))
            except (Unavailable, Refusal):
                await asyncio.sleep(RETRY_SECONDS)
                continue
            again = [a for a, k in zip(answers, kept, strict=True) if isinstance(k, Unavailable)]
            for answer, outcome in zip(answers, kept, strict=True):
                if not isinstance(outcome, Unavailable):
                    self._land(answer, outcome)
            answers = again
            if again:
                await asyncio.sleep(RETRY_SECONDS)

    def _land(self, answer: Answer, outcome: Standing | Exception | None) -> None:
        if isinstance(outcome, Exception):  # its row breaks the write: the flight's lease will end in doubt
            log.error("settle.failed", id=answer.message, error=type(outcome).__name__)
        carrier = self._flying.pop(answer.message)
        self._routing.windows[carrier].release()
        if isinstance(outcome, Standing) and outcome.state == "queued":
            self._on_queued(carrier)
        self._landed.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
