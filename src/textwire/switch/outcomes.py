"""outcomes: what came of messages that have just been accepted, for whoever waits a moment to say it."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from typing import Final

from textwire.domain.event import Event

# A message in one of these is still ours to hand over; the first other state says what came of that.
UNDER_WAY: Final = frozenset({"scheduled", "queued", "submitting"})
# As the first other state: nobody has it, nothing of it is owed any more, and it is paid back.
IMPOSSIBLE: Final = frozenset({"rejected", "failed", "expired", "canceled"})


class _Wait:
    """Who waits, for which messages still, and what was heard of the others."""

    __slots__ = ("done", "heard", "missing")

    def __init__(self, messages: Iterable[int]) -> None:
        self.missing = set(messages)
        self.heard: dict[int, str] = {}
        self.done = asyncio.Event()

    def hear(self, message: int, state: str) -> None:
        """The first state counts: a receipt that follows at once is about a message that was taken."""
        self.heard.setdefault(message, state)
        self.missing.discard(message)
        if not self.missing:
            self.done.set()


class Outcomes:
    """Hears the events of this process's commits; costs nothing while nobody waits."""

    def __init__(self) -> None:
        self._waits: dict[int, _Wait] = {}

    def observe(self, told: list[Event]) -> None:
        """The events of a commit."""
        if not self._waits:
            return
        for event in told:
            wait = self._waits.get(event.subject)
            if wait is not None and event.state not in UNDER_WAY:
                wait.hear(event.subject, event.state)

    async def of(self, messages: Sequence[int], seconds: float) -> dict[int, str]:
        """The first state of each message that says what came of it, as far as that is known so many seconds later.

        To be called in the very step of the loop in which `accept` has returned: nothing can be missed then. What
        another process does with a message is not heard.
        """
        if not messages or seconds <= 0:
            return {}
        wait = _Wait(messages)
        self._waits |= dict.fromkeys(messages, wait)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await wait.done.wait()
        finally:
            for message in messages:
                self._waits.pop(message, None)
        return wait.heard
