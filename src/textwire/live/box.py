"""A connected box: what it holds goes over the line, first what waited, then what is told, each event once and in order."""

import secrets
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from textwire.store.channels import Channel
from textwire.store.hooks import Hook

from .socket import TOO_SLOW, Frame, Line
from .told import Told

AHEAD: Final = 1_000  # events told while what waited is still being sent
CONFIRM_EVERY: Final = (
    32  # frames; well below the hundred events by which clients know what they have had already
)

Words = Callable[[Told, Hook], Frame | None]
"""How a wire tells a subscription of an event; None: not at all."""

log = structlog.get_logger("textwire.live")


class Box:
    """`holder` is the name of this connection; `last`: the latest event that it has been given."""

    def __init__(self, channel: Channel, line: Line, words: Words) -> None:
        self.channel, self.holder, self.line = channel, secrets.randbits(62) + 1, line
        self._words = words
        self.last = 0
        self.ends_at = 0
        self.arrived = 0  # events up to this one have arrived, or had nothing to say
        self._ahead: deque[tuple[Told, Hook]] | None = deque()  # None: what waited has been sent
        self._unproved: deque[tuple[int, int]] = deque()  # (frames before it has arrived, event)
        self._asked = 0

    def offer(self, told: Told, hook: Hook) -> None:
        """An event as it happens."""
        if told.number <= self.last:
            return
        self.last = told.number
        if self._ahead is None:
            frame = self._said(told, hook)
            if frame is not None:
                self.line.offer(frame)
            self._sent(told.number)
        elif len(self._ahead) < AHEAD:
            self._ahead.append((told, hook))
        else:
            self.line.end(TOO_SLOW, "too slow: come back for the rest")

    async def begin(self, waited: list[tuple[Told, Hook]]) -> None:
        """Sends what waited, as fast as it is read, and what has been told meanwhile."""
        backlog = deque(waited)
        while True:
            for told, hook in backlog:
                frame = self._said(told, hook)
                if frame is not None:
                    await self.line.hand(frame)
                self._sent(told.number)
            if not self._ahead:
                break
            backlog, self._ahead = self._ahead, deque()
        self._ahead = None

    def proved(self) -> int:
        """The latest event that, with all before it, has certainly arrived; 0: none yet."""
        frames = self.line.arrived
        while self._unproved and self._unproved[0][0] <= frames:
            self.arrived = self._unproved.popleft()[1]
        return self.arrived

    def ask(self) -> None:
        """Finds out soon what has arrived, if that is not known."""
        if self._unproved:
            self._asked = self.line.pushed
            self.line.confirm()

    def _said(self, told: Told, hook: Hook) -> Frame | None:
        try:
            return self._words(told, hook)
        except Exception as error:  # one event that cannot be told stops no other
            log.error("live.not_told", type=told.event.type, error=type(error).__name__)
            return None

    def _sent(self, number: int) -> None:
        self._unproved.append((self.line.pushed, number))
        if self.line.pushed - self._asked >= CONFIRM_EVERY:
            self.ask()
