"""The driver of `Client`: does what plans ask for, and blocks meanwhile."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore

from . import calls, wire
from .errors import TextwireError
from .pages import Page, Pages
from .place import Place
from .plans import Exchange, Listen, Pause, Plan, Step, carry_out
from .request import Answer, Request

if TYPE_CHECKING:
    from .talk.ear import Ear

T = TypeVar("T")


class Blocking:
    """A pool of connections that many threads may use at once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._pool = httpcore.ConnectionPool(**wire.options(place))
        self._ear: Ear | None = None
        self._lock = threading.Lock()

    def call(self, request: Request[T]) -> T:
        """The answer to a request."""
        return self.run(carry_out(request, self.place.manner))

    def pages(self, request: Request[Page[T]]) -> Pages[T]:
        """The list behind a request."""
        return Pages(lambda cursor: self.call(calls.following(request, cursor) if cursor else request))

    def run(self, plan: Plan[T]) -> T:
        """What a plan returns."""
        try:
            step = next(plan)
            while True:
                try:
                    result = self._do(step)
                except TextwireError as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(result)
        except StopIteration as end:
            value: T = end.value
            return value

    def close(self) -> None:
        """Closes all connections, and calls no callback any more."""
        if self._ear is not None:
            self._ear.close()
        self._pool.close()

    def _do(self, step: Step) -> Any:
        if isinstance(step, Pause):
            return time.sleep(step.seconds)
        if isinstance(step, Listen):
            return self._listen(step)
        return self.call(step) if isinstance(step, Request) else self._exchange(step)

    def _listen(self, step: Listen) -> str | None:
        from .talk.ear import Ear  # late: not everybody listens

        with self._lock:
            ear = self._ear = self._ear or Ear(self.place, step.channel)
        if step.act == "position":
            return ear.position(step.numbers)
        ear.attend()
        return None

    def _exchange(self, step: Exchange) -> Answer:
        try:
            return wire.answer(self._pool.request(**wire.arguments(self.place, step)))
        except wire.FAILURES as error:
            raise wire.failure(error, self.place, step) from error
