"""A peer that reads as it likes, behind a real Socket; and events to tell it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.store.house import do, event, tell
from tests.web.calls import scope_of
from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.live.follower import Follower
from textwire.live.hub import Hub
from textwire.live.limits import LIMITS, Limits
from textwire.live.socket import Frame, Line, frame
from textwire.live.told import Told
from textwire.store.store import Store
from textwire.web.request import Request
from textwire.web.websocket import Socket

PATIENCE = 20.0  # seconds of real time for what happens at once
LATER = 2**62  # a message clock on which everything is long ago


class Peer:
    """The other end of an accepted socket: what it was sent, and with which code it was closed."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.code = 0
        self.reads = asyncio.Event()
        self.reads.set()
        self._in: asyncio.Queue[Any] = asyncio.Queue()
        self.socket = Socket(
            Request(scope_of("", b"/", kind="websocket"), self._in.get), self._in.get, self._put
        )

    def leave(self) -> None:
        """Goes without a word."""
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def say(self, text: str) -> None:
        self._in.put_nowait({"type": "websocket.receive", "text": text})

    async def _put(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
            self.leave()
            return
        await self.reads.wait()
        self.got.append(message["text"])

    async def has(self, count: int) -> None:
        """Waits until it was sent so many."""
        await until(lambda: len(self.got) >= count)


async def until(true: Callable[[], bool]) -> None:
    """Lets others work until it is true."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.001)


def number(told: Event, message: Message | None) -> Frame:
    """Words that say an event's number."""
    return frame(str(told.number).encode())


def hello(position: int, gap: bool) -> Frame:
    return frame(f"hello {position}{' gap' if gap else ''}".encode())


def everything(told: Told) -> bool:
    return True


class Reader:
    """One follower on a line to a peer."""

    def __init__(self, hub: Hub, account: int, limits: Limits = LIMITS, words: Any = number) -> None:
        self.peer = Peer()
        self.line = Line(self.peer.socket, limits)
        self.follower = Follower(hub, account, self.line, words, everything)

    async def run(self, after: int | None, now: int = LATER) -> None:
        self.line.spawn(self.follower.begin(after, now, hello))
        try:
            await self.line.run()
        finally:
            self.follower.leave()

    @property
    def numbers(self) -> list[int]:
        """The events it got."""
        return [int(text) for text in self.peer.got[1:]]


@contextlib.asynccontextmanager
async def reading(
    hub: Hub, account: int, after: int | None = None, *, now: int = LATER, limits: Limits = LIMITS
) -> AsyncIterator[Reader]:
    """A reader who has been greeted; leaves at the end."""
    reader = Reader(hub, account, limits)
    running = asyncio.create_task(reader.run(after, now))
    try:
        await reader.peer.has(1)
        yield reader
    finally:
        reader.peer.leave()
        await running


@contextlib.asynccontextmanager
async def hubbing(store: Store, limits: Limits = LIMITS) -> AsyncIterator[Hub]:
    """A hub that runs."""
    hub = Hub(store, limits)
    running = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        store.committer.observers.remove(hub.observe)


async def happen(store: Store, account: int, count: int = 1, **changes: Any) -> None:
    """Events of an account, in one commit."""
    await do(store, tell, [event(account=account, **changes) for _ in range(count)])
