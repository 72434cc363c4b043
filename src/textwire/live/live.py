"""The live sockets of the house: how many there are, who may have one, and the loops behind them."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

from textwire.domain.refusal import Refusal
from textwire.store.store import Store
from textwire.web.websocket import Socket

from .hub import Hub
from .limits import LIMITS, Limits
from .socket import Line
from .vigil import Vigil


class Live:
    """Handed to facades, which open lines for their callers and follow the hub; `run` is its loops."""

    def __init__(self, store: Store, limits: Limits = LIMITS, vigil: Vigil | None = None) -> None:
        self.limits = limits
        self.hub, self.vigil = Hub(store, limits), vigil or Vigil()
        self.open: Counter[int] = Counter()  # account → sockets
        self.closed: Counter[int] = Counter()  # code with which we closed, 0: the other end left → sockets

    def check(self, account: int) -> None:
        """Whether the account may open one more socket; Refusal("too_many_sockets")."""
        if self.open[account] >= self.limits.sockets:
            raise Refusal("too_many_sockets")

    @contextlib.contextmanager
    def line(self, account: int, socket: Socket) -> Iterator[Line]:
        """An accepted socket, counted as long as it is open."""
        line = Line(socket, self.limits)
        self.open[account] += 1
        try:
            yield line
        finally:
            self.closed[line.closed] += 1
            self.open[account] -= 1
            if not self.open[account]:
                del self.open[account]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.hub.run(), name="live hub")
            group.create_task(self.vigil.run(), name="live vigil")
