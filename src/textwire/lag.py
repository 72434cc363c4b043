"""How late the event loop runs: the one number that tells a stall (reliability O3)."""

import asyncio
from collections.abc import Callable

EVERY_SECONDS = 0.1


class Lag:
    """Looks ten times a second by how much a timer came late, and remembers the worst of the last seconds."""

    def __init__(self) -> None:
        self._worst = 0.0
        self.seen: Callable[[float], None] = lambda seconds: None  # is told of every look

    def seconds(self) -> float:
        """The lag as last seen; a stall fades within a second or two."""
        return self._worst

    async def run(self) -> None:
        """Measures until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            wanted = loop.time() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            late = max(loop.time() - wanted, 0.0)
            self._worst = max(late, self._worst * 0.8)
            self.seen(late)
