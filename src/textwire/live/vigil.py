"""Asks again and again whether those who opened sockets may still listen, and closes the sockets of those who may not."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

import structlog

from textwire.store.engines.engine import Unavailable

from .socket import NOT_ALLOWED, Line

EVERY_SECONDS: Final = (
    3.0  # with what is remembered of a key, a second, this is below the 5 that are promised
)

Still = Callable[[], Awaitable[bool]]

log = structlog.get_logger("textwire.live")


class Vigil:
    """Sockets by what opened them: one question for all sockets of one key."""

    def __init__(self, every: float = EVERY_SECONDS) -> None:
        self._every = every
        self._watched: dict[Hashable, tuple[Still, set[Line]]] = {}
        self._some = asyncio.Event()

    def watch(self, line: Line, tag: Hashable, still: Still) -> None:
        """From now on `line` is closed when `still` says no; `tag` is the same for all lines that it is true of."""
        self._watched.setdefault(tag, (still, set()))[1].add(line)
        self._some.set()

    def forget(self, line: Line, tag: Hashable) -> None:
        """The socket is over."""
        _, lines = self._watched[tag]
        lines.discard(line)
        if not lines:
            del self._watched[tag]

    async def run(self) -> None:
        """Asks until cancelled; sleeps while there is nobody."""
        while True:
            self._some.clear()
            if not self._watched:
                await self._some.wait()
            await asyncio.sleep(self._every)
            await self.ask()

    async def ask(self) -> None:
        """One question for each key."""
        for still, lines in tuple(self._watched.values()):
            try:
                allowed = await still()
            except Unavailable:  # nobody can say: those who were let in stay
                continue
            if not allowed:
                for line in tuple(lines):
                    line.end(NOT_ALLOWED, "the key is not valid any more")
            await asyncio.sleep(0)  # reads of the embedded store do not let others in between
