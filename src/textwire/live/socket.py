"""The shell of a live socket: a bounded queue towards its reader, and the close of one that does not read."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
import structlog

from textwire.web.websocket import Socket, SocketClosed

from .limits import LIMITS, Limits

TOO_SLOW: Final = 4008
NOT_ALLOWED: Final = 4001  # any more: the key was revoked, or is over
FAILED: Final = 1011

log = structlog.get_logger("textwire.live")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A text message and its size in bytes; made once for all sockets that it goes to."""

    text: str
    size: int


def frame(encoded: bytes) -> Frame:
    """The frame of some JSON."""
    return Frame(encoded.decode(), len(encoded))


class Line:
    """One accepted socket. What is sent stands in a queue; a task empties it as long as there is something.

    Pings, and the death of a peer that leaves them unanswered, are the listener's (web.Limits).
    """

    __slots__ = (
        "_closing", "_limits", "_pumping", "_queue", "_room", "_size", "_socket", "_tasks", "closed", "pushed",
    )  # fmt: skip

    def __init__(self, socket: Socket, limits: Limits = LIMITS) -> None:
        self._socket, self._limits = socket, limits
        self._queue: deque[Frame] = deque()
        self._size = 0
        self._room: asyncio.Event | None = None
        self._pumping: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self.closed = 0  # the code with which we closed it
        self.pushed = 0  # frames that were to be sent, all in all

    @property
    def unsent(self) -> tuple[int, int]:
        """Frames and bytes that wait for the reader."""
        return len(self._queue), self._size

    @property
    def arrived(self) -> int:
        """How many of the frames pushed have certainly arrived."""
        return self._socket.arrived

    def confirm(self) -> None:
        """Asks the other end for an answer, so that `arrived` is soon up to date."""
        if not self._closing:
            self._socket.confirm()

    def offer(self, frame: Frame) -> None:
        """Sends a frame when its turn comes; a reader with too much unread is closed, to come back for it."""
        if self._closing:
            return
        self._push(frame)
        if len(self._queue) > self._limits.unsent_frames or self._size > self._limits.unsent_bytes:
            self.end(TOO_SLOW, "too slow: come back with the id of the last event you had")

    async def hand(self, frame: Frame) -> None:
        """Sends a frame, waiting as long as half of the queue is full. For what can be read again later."""
        while not self._closing and (
            len(self._queue) * 2 >= self._limits.unsent_frames or self._size * 2 >= self._limits.unsent_bytes
        ):
            self._room = self._room or asyncio.Event()
            self._room.clear()
            await self._room.wait()
        if not self._closing:
            self._push(frame)

    def end(self, code: int, reason: str = "") -> None:
        """Closes the socket, whatever is unsent."""
        if not self._closing:
            self._closing, self.closed = True, code
            self._spawn(self._close(code, reason))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside the socket and ends with it; a failure closes it."""
        self._spawn(self._guarded(work))

    async def run(self, hear: Callable[[str | bytes], None] = lambda said: None) -> None:
        """Until the socket is over; `hear` is told what the other end says."""
        try:
            while True:
                hear(await self._socket.receive())
        except SocketClosed:
            pass
        finally:
            self._closing = True
            self._drop()
            tasks = [task for task in (*self._tasks, self._pumping) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _push(self, frame: Frame) -> None:
        self._queue.append(frame)
        self._size += frame.size
        self.pushed += 1
        if self._pumping is None:
            self._pumping = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        try:
            while self._queue:
                frame = self._queue[0]  # it counts until it is gone
                await self._socket.send(frame.text)
                self._queue.popleft()
                self._size -= frame.size
                if self._room is not None:
                    self._room.set()
        except SocketClosed:
            self._closing = True
        finally:
            self._pumping = None
            if self._closing and self._room is not None:
                self._room.set()

    def _drop(self) -> None:
        self._queue.clear()
        self._size = 0
        if self._room is not None:
            self._room.set()

    async def _close(self, code: int, reason: str) -> None:
        if self._pumping is not None:
            pump = self._pumping
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        self._drop()
        try:
            await self._socket.close(code, reason)
        except SocketClosed:
            return

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.error("live.failed", error=type(error).__name__)
            self.end(FAILED)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
