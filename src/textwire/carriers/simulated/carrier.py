"""The exit into the simulated network: departures become submissions, effects become receipts and arrivals."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.simnet.exchange import Busy, Effect, Lost, Refused, Report, Taken, Texted
from textwire.simnet.handset import Shown
from textwire.simnet.network import Network
from textwire.store.engines.engine import Unavailable
from textwire.store.messages import Outstanding
from textwire.switch.carrier import (
    Accepted,
    Answered,
    Deferred,
    Departure,
    Inlet,
    Outcome,
    Rejected,
    Unanswered,
)

from . import translate
from .translate import NAME

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

WINDOW = 500  # departures under way, and so the most that a crash leaves ambiguous
RESPONSE_US = 60_000_000  # how long we wait for an answer that the weather has swallowed
RETRY_SECONDS = 0.5


class SimulatedCarrier:
    """A Carrier over a Network. `owned` tells which of some numbers belong to an account of this server."""

    name = NAME
    receipts = True
    simulated = True

    def __init__(
        self,
        network: Network,
        clock: Clock,
        owned: Callable[[Iterable[str]], Awaitable[set[str]]],
        window: int = WINDOW,
    ) -> None:
        self._network, self._clock, self._owned, self.window = network, clock, owned, window
        self._queue: list[tuple[Departure, Answered]] = []
        self._late: set[asyncio.Task[None]] = set()
        self._queued, self._stirred = asyncio.Event(), asyncio.Event()
        self._adopted: set[str] = set()
        self._texts: defaultdict[tuple[str, str], deque[asyncio.Future[None]]] = defaultdict(deque)

    def submit_all(self, departures: Sequence[Departure], answered: Answered) -> None:
        """Hands every segment over; each is answered when the network's last answer about it arrives."""
        self._queue += [(departure, answered) for departure in departures]
        self._queued.set()

    async def submit(self, departure: Departure) -> Outcome:
        """One departure, for whoever stands around this carrier."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def answered(_: Departure, outcome: Outcome) -> None:
            if not done.done():
                done.set_result(outcome)

        self.submit_all([departure], answered)
        return await done

    async def run(self, inlet: Inlet) -> None:
        """Adopts what was under way before a restart, then keeps the network moving."""
        await self._adopt(await _insist(inlet.outstanding, self.name))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed())
            group.create_task(self._pump(inlet))

    def stir(self) -> None:
        """Something new is under way in the network: look when it is due."""
        self._stirred.set()

    async def text(self, number: str, to: str, text: str) -> Shown:
        """A person texts; returns once an owned recipient's message is kept (or at once on a frozen clock)."""
        owned = bool(await self._owned([to]))
        shown = self._network.text(number, to, text, self._clock.now(), owned)
        return await self._kept(shown, number, to, owned)

    async def octets(self, number: str, to: str, header: str, data: str) -> Shown:
        """The same with what is no text, as hex."""
        owned = bool(await self._owned([to]))
        shown = self._network.octets(number, to, header, data, self._clock.now(), owned)
        return await self._kept(shown, number, to, owned)

    async def _kept(self, shown: Shown, number: str, to: str, owned: bool) -> Shown:
        self.stir()
        if owned and self._clock.state().frozen_at is None:
            kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._texts[(number, to)].append(kept)
            await kept
        return shown

    async def _feed(self) -> None:
        """Submits what has queued up since the last look, with one question about owners for all of it."""
        while True:
            await self._queued.wait()
            self._queued.clear()
            queue, self._queue = self._queue, []
            owned = await self._owners({departure.recipient for departure, _ in queue})
            now = self._clock.now()
            for departure, answered in queue:
                self._hand_over(departure, departure.recipient in owned, answered, now)
            self.stir()

    async def _owners(self, numbers: Iterable[str]) -> set[str]:
        while True:
            try:
                return await self._owned(numbers)
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)

    def _hand_over(self, departure: Departure, owned: bool, answered: Answered, now: int) -> None:
        outcome, at = self._submit(departure, owned, now)
        if at <= now:
            answered(departure, outcome)
        else:
            late = asyncio.create_task(self._answer_late(departure, outcome, at, answered))
            self._late.add(late)
            late.add_done_callback(self._late.discard)

    async def _answer_late(self, departure: Departure, outcome: Outcome, at: int, answered: Answered) -> None:
        await self._clock.sleep_until(at)
        answered(departure, outcome)

    def _submit(self, departure: Departure, owned: bool, now: int) -> tuple[Outcome, int]:
        """(outcome, when its answer arrives in µs on the message clock)."""
        refs: list[tuple[int, str]] = []
        at = now
        for segment in departure.segments:
            match self._network.submit(translate.submission(departure, segment, owned), now):
                case Taken(ref, respond_at):
                    refs.append((segment.id, ref))
                    at = max(at, respond_at)
                case Busy(after_us=after, respond_at=respond_at, code=code):
                    return Deferred("throttled", after, tuple(refs), code), respond_at
                case Refused(code, respond_at):
                    return Rejected("refused", tuple(refs), code), respond_at
                case Lost():
                    return Unanswered("no_answer", tuple(refs)), now + RESPONSE_US
        return Accepted(tuple(refs)), at

    async def _pump(self, inlet: Inlet) -> None:
        while True:
            self._stirred.clear()
            effects = self._network.advance(self._clock.now())
            if effects:
                await self._tell(inlet, effects)
            else:
                await self._clock.wait(self._stirred, self._network.due())

    async def _tell(self, inlet: Inlet, effects: Sequence[Effect]) -> None:
        reports = [translate.receipt(e) for e in effects if isinstance(e, Report)]
        texts = [e for e in effects if isinstance(e, Texted)]
        # Texts first: after a crash between the two, a segment that lacks its receipt is adopted and brings its
        # text again; one that has it would never bring it.
        if texts:
            await self._deliver(inlet, texts)
        if reports:
            await _insist(inlet.report, reports)

    async def _deliver(self, inlet: Inlet, texts: Sequence[Texted]) -> None:
        owned = await self._owners({t.recipient for t in texts})
        for text in texts:
            if text.recipient not in owned:
                self._network.redirect(text, self._clock.now())
        arrivals = [
            a for t in texts if t.recipient in owned for a in translate.arrivals(t, self._is_again(t))
        ]
        await _insist(inlet.receive, arrivals)
        for text in texts:
            waiting = self._texts.get((text.sender, text.recipient))
            if waiting and not text.ref:
                kept = waiting.popleft()
                if not kept.done():
                    kept.set_result(None)
                if not waiting:
                    del self._texts[(text.sender, text.recipient)]

    def _is_again(self, text: Texted) -> bool:
        return bool(self._adopted) and text.ref.removesuffix("-answer") in self._adopted

    async def _adopt(self, found: Sequence[Outstanding]) -> None:
        owned = await self._owners({o.recipient for o in found})
        now = self._clock.now()
        for one in found:
            if self._network.adopt(one.ref, translate.resubmission(one, one.recipient in owned), now):
                self._adopted.add(one.ref)


async def _insist(call: Callable[[Asked], Awaitable[Answer]], asked: Asked) -> Answer:
    """The network comes back until we have kept what it says."""
    while True:
        try:
            return await call(asked)
        except (Unavailable, Refusal):
            await asyncio.sleep(RETRY_SECONDS)
