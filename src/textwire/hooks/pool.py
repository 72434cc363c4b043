"""Gives calls their turn, fairly among origins, and keeps connections open between them."""

import asyncio
from collections import deque

from textwire.hooks.answer import Failed
from textwire.hooks.connection import Connection
from textwire.hooks.limits import Limits


class Origin:
    """One scheme, host and port: its calls under way and waiting, its idle connections, its judged addresses."""

    __slots__ = ("active", "addresses", "fresh_until", "idle", "key", "queued", "waiting")

    def __init__(self, key: str) -> None:
        self.key = key
        self.active = 0
        self.waiting: dict[asyncio.Future[None], None] = {}  # in order of arrival
        self.queued = False  # stands in the pool's ring
        self.idle: list[Connection] = []  # the latest used last
        self.addresses: tuple[str, ...] = ()
        self.fresh_until = 0.0  # by the loop's clock


class Pool:
    """Bounds: calls per origin, calls in all, calls waiting, idle connections in all."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._origins: dict[str, Origin] = {}
        self._ring: deque[Origin] = deque()  # origins whose next call may go as soon as the node has room
        self._idle: dict[Connection, Origin] = {}  # the longest idle first
        self._active = 0
        self._waiting = 0

    def origin(self, key: str) -> Origin:
        """The origin of that name; `leave` forgets it when nothing is left of it."""
        found = self._origins.get(key)
        if found is None:
            found = self._origins[key] = Origin(key)
        return found

    # Turns

    def enter(self, origin: Origin) -> bool:
        """Take a turn if there is one; True if taken."""
        if (
            origin.active >= self._limits.per_origin
            or self._active >= self._limits.per_node
            or origin.waiting
        ):
            return False
        origin.active += 1
        self._active += 1
        return True

    async def wait(self, origin: Origin, deadline: float) -> None:
        """Take a turn when it comes; Failed(`busy`) if too many wait or the deadline (loop time) comes first."""
        if self._waiting >= self._limits.waiting:
            self._drop(origin)
            raise Failed("busy")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        origin.waiting[turn] = None
        self._waiting += 1
        self._call_up(origin)
        taken = False
        try:
            async with asyncio.timeout_at(deadline):
                await turn
            taken = True
        except TimeoutError:
            raise Failed("busy") from None
        finally:
            origin.waiting.pop(turn, None)
            self._waiting -= 1
            if turn.done() and not turn.cancelled() and not taken:
                self.leave(origin)  # the turn came together with the interruption
            self._drop(origin)

    def leave(self, origin: Origin) -> None:
        """Give a turn back; the next one waiting gets it."""
        origin.active -= 1
        self._active -= 1
        if self._waiting:
            self._call_up(origin)
        if not origin.active:
            self._drop(origin)

    def _call_up(self, origin: Origin) -> None:
        self._queue(origin)
        while self._ring and self._active < self._limits.per_node:
            first = self._ring.popleft()
            first.queued = False
            self._grant(first)
            self._queue(first)

    def _queue(self, origin: Origin) -> None:
        if origin.waiting and origin.active < self._limits.per_origin and not origin.queued:
            origin.queued = True
            self._ring.append(origin)

    def _grant(self, origin: Origin) -> None:
        while origin.waiting:
            turn = next(iter(origin.waiting))
            del origin.waiting[turn]
            if not turn.done():
                origin.active += 1
                self._active += 1
                turn.set_result(None)
                return

    # Idle connections

    def take(self, origin: Origin) -> Connection | None:
        """The latest used idle connection to one of the origin's present addresses."""
        while origin.idle:
            connection = origin.idle.pop()
            del self._idle[connection]
            if not connection.closed:
                if connection.ip in origin.addresses:
                    return connection
                connection.abort()
        return None

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection for the next call, at the price of the longest idle one if there are too many."""
        origin.idle.append(connection)
        self._idle[connection] = origin
        connection.on_lost = self._lost
        connection.rest()
        if len(self._idle) > self._limits.idle:
            oldest = next(iter(self._idle))
            oldest.abort()
            self._lost(oldest)

    def _lost(self, connection: Connection) -> None:
        origin = self._idle.pop(connection, None)
        if origin is not None:
            origin.idle.remove(connection)
            self._drop(origin)

    def _drop(self, origin: Origin) -> None:
        if not origin.active and not origin.idle and not origin.waiting:
            self._origins.pop(origin.key, None)

    def close(self) -> None:
        """Close what is idle."""
        for connection in list(self._idle):
            connection.abort()
            self._lost(connection)
