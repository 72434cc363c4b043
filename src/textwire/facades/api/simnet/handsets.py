"""The simulated network as this facade needs it: the port, and those who wait for a handset to ring."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.simnet.handset import PhoneView, Shown
from textwire.simnet.manners import PhoneState
from textwire.simnet.network import Network
from textwire.simnet.weather import Weather

MOST_WAITERS: Final = 500


class Phones(Protocol):
    """What the simulated network offers to people and to the operator; all but `text` and `wait` at once."""

    async def text(self, number: str, to: str, text: str) -> Shown:
        """The person with handset `number` texts; a text to an owned number is kept when this returns."""
        ...

    async def octets(self, number: str, to: str, header: str, data: str) -> Shown:
        """The same with what is no text, as hex."""
        ...

    async def wait(self, number: str, after: int, seconds: float) -> tuple[Shown, ...]:
        """What a handset shows with ids above `after`, as soon as there is something, at most so long."""
        ...

    def phone(self, number: str) -> PhoneView: ...
    def messages(self, number: str, after: int = 0) -> tuple[Shown, ...]: ...
    def set_phone(self, number: str, *, state: PhoneState, answer: str | None = None) -> PhoneView: ...
    def weather(self) -> Weather: ...
    def set_weather(self, weather: Weather) -> None: ...
    def reset(self) -> None: ...


class Bells:
    """Those who wait for a handset to show something new. `ring` is what the network calls (`on_message`)."""

    def __init__(self, most: int = MOST_WAITERS) -> None:
        self._most = most
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._closed = False

    def ring(self, number: str) -> None:
        """This handset shows one more message."""
        for bell in self._waiting.get(number, ()):
            bell.set()

    def close(self) -> None:
        """Lets everybody go, now and from now on: a server that stops must not wait for those who wait."""
        self._closed = True
        for bells in self._waiting.values():
            for bell in bells:
                bell.set()

    async def wait(self, number: str, seconds: float) -> None:
        """Returns when the handset has rung, at the latest after so many seconds of real time."""
        if self._closed:
            return
        if self._count >= self._most:
            raise Refusal("queue_full", "Too many are waiting for handsets; try again shortly.")
        bell = asyncio.Event()
        self._count += 1
        self._waiting.setdefault(number, set()).add(bell)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await bell.wait()
        finally:
            self._count -= 1
            self._waiting[number].discard(bell)
            if not self._waiting[number]:
                del self._waiting[number]


class Handsets:
    """Phones over a Network. `text` is the carrier's, which keeps what it brings; `stir` tells it to look again."""

    def __init__(
        self, network: Network, clock: Clock, bells: Bells, *,
        text: Callable[[str, str, str], Awaitable[Shown]], octets: Callable[[str, str, str, str], Awaitable[Shown]],
        stir: Callable[[], None],
    ) -> None:  # fmt: skip
        self._network, self._clock, self._bells, self._text, self._stir = network, clock, bells, text, stir
        self._octets = octets
        self.phone, self.messages = network.phone, network.messages
        self.set_weather = network.set_weather

    async def text(self, number: str, to: str, text: str) -> Shown:
        return await self._text(number, to, text)

    async def octets(self, number: str, to: str, header: str, data: str) -> Shown:
        return await self._octets(number, to, header, data)

    async def wait(self, number: str, after: int, seconds: float) -> tuple[Shown, ...]:
        shown = self.messages(number, after)
        if not shown and seconds:
            await self._bells.wait(number, seconds)
            shown = self.messages(number, after)
        return shown

    def set_phone(self, number: str, *, state: PhoneState, answer: str | None = None) -> PhoneView:
        view = self._network.set_phone(number, state=state, answer=answer, now=self._clock.now())
        self._stir()
        return view

    def weather(self) -> Weather:
        return self._network.weather

    def reset(self) -> None:
        self._network.reset(self._clock.now())
        self._stir()
