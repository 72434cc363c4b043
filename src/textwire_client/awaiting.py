"""The driver of `AsyncClient`: does what plans ask for, and lets others run meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore

from . import calls, wire
from .errors import TextwireError
from .pages import AsyncPages, Page
from .place import Place
from .plans import Exchange, Listen, Pause, Plan, Step, carry_out
from .request import Answer, Request

if TYPE_CHECKING:
    from .talk.async_ear import AsyncEar

T = TypeVar("T")


class Awaiting:
    """A pool of connections of one event loop."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._pool = httpcore.AsyncConnectionPool(**wire.options(place))
        self._ear: AsyncEar | None = None

    async def call(self, request: Request[T]) -> T:
        """The answer to a request."""
        return await self.run(carry_out(request, self.place.manner))

    def pages(self, request: Request[Page[T]]) -> AsyncPages[T]:
        """The list behind a request."""
        return AsyncPages(lambda cursor: self.call(calls.following(request, cursor) if cursor else request))

    async def run(self, plan: Plan[T]) -> T:
        """What a plan returns."""
        try:
            step = next(plan)
            while True:
                try:
                    result = await self._do(step)
                except TextwireError as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(result)
        except StopIteration as end:
            value: T = end.value
            return value

    async def close(self) -> None:
        """Closes all connections, and calls no callback any more."""
        if self._ear is not None:
            await self._ear.close()
        await self._pool.aclose()

    async def _do(self, step: Step) -> Any:
        if isinstance(step, Pause):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Listen):
            return await self._listen(step)
        return await (self.call(step) if isinstance(step, Request) else self._exchange(step))

    async def _listen(self, step: Listen) -> str | None:
        from .talk.async_ear import AsyncEar  # late: not everybody listens

        ear = self._ear = self._ear or AsyncEar(self.place, step.channel)
        if step.act == "position":
            return await ear.position(step.numbers)
        await ear.attend()
        return None

    async def _exchange(self, step: Exchange) -> Answer:
        try:
            return wire.answer(await self._pool.request(**wire.arguments(self.place, step)))
        except wire.FAILURES as error:
            raise wire.failure(error, self.place, step) from error
