"""A page with a channel: opens its socket in memory, hears what comes, answers pings when it is told to."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import msgspec

from tests.web.calls import scope_of
from textwire.web.asgi import ARRIVED, CONFIRM

from .house import PATIENCE, Session


class Page:
    """`frames` are the objects heard, `closed` the code with which we were closed (0: not), `refused` a handshake's answer."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed, self.opened, self.reads = 0, False, True
        self.refused: tuple[int, bytes] | None = None
        self.arrived = 0  # frames whose ping we have answered
        self.asked = 0  # pings
        self._in: asyncio.Queue[Any] = asyncio.Queue()
        self._more = asyncio.Event()
        self._in.put_nowait({"type": "websocket.connect"})

    def say(self, said: object) -> None:
        """A text frame, as JSON unless it is text already."""
        text = said if isinstance(said, str) else json.dumps(said)
        self._in.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self, code: int = 1006) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": code})

    def answer(self) -> None:
        """Answers a ping: everything up to here has arrived."""
        self.arrived = len(self.frames)

    async def has(self, count: int) -> list[dict[str, Any]]:
        """The frames once there are so many."""
        await self.until(lambda: len(self.frames) >= count)
        return self.frames

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._more.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._more.wait(), 0.02)

    @property
    def said(self) -> list[str]:
        """The texts of the messages heard of, in order."""
        return [message["message"] for message in self.messages]

    @property
    def messages(self) -> list[dict[str, Any]]:
        found = []
        for frame in self.frames:
            [(name, inner)] = frame.items()
            if name in ("inboundSMSMessageNotification", "outboundSMSMessageNotification"):
                found.append(inner["inboundSMSMessage" if name.startswith("in") else "outboundSMSMessage"])
        return found

    async def run(self, session: Session, path: str, query: str) -> None:
        scope = scope_of("", f"{path}?{query}".encode(), {"host": "kandy.test"}, kind="websocket")
        scope[ARRIVED], scope[CONFIRM] = lambda: self.arrived, self._ping
        await session.house.app(scope, self._in.get, self._put)
        self._more.set()

    def _ping(self) -> None:
        self.asked += 1

    async def _put(self, message: Any) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self.opened = True
        elif kind == "websocket.send":
            self.frames.append(msgspec.json.decode(message["text"]))
        elif kind == "websocket.close":
            self.closed = message["code"]
            self.leave()
        elif kind == "websocket.http.response.start":
            self.refused = (message["status"], b"")
        elif kind == "websocket.http.response.body" and self.refused:
            self.refused = (self.refused[0], message["body"])
        self._more.set()


@contextlib.asynccontextmanager
async def opening(
    session: Session, channel: str, *, token: str | None = None, user: str = ""
) -> AsyncIterator[Page]:
    """A page whose handshake has been answered; it leaves at the end."""
    page = Page()
    path = f"{session.channels if not user else session.channels.replace(session.user, user)}/{channel}/websocket"
    given = session.token if token is None else token
    query = f"access_token={quote(given)}" if given else ""
    running = asyncio.create_task(page.run(session, path, query))
    try:
        await page.until(lambda: page.opened or page.refused or page.closed or running.done())
        yield page
    finally:
        page.leave()
        await asyncio.wait_for(running, PATIENCE)


async def socket_channel(session: Session, **changes: Any) -> dict[str, Any]:
    """A channel as the browser SDK makes it."""
    asked = {
        "channelLifetime": 3600, "channelType": "Websockets", "clientCorrelator": "sampleCorrelator",
        "x-connCheckRole": "client",
    }  # fmt: skip
    wanted = {name: value for name, value in {**asked, **changes}.items() if value is not None}
    reply = await session.ask("POST", session.channels, {"notificationChannel": wanted})
    assert reply.status == 201, reply
    made: dict[str, Any] = reply.json["notificationChannel"]
    return made


async def subscribed(session: Session, **more: object) -> str:
    """A channel that hears of a number, the default one unless another is named."""
    channel = str((await socket_channel(session))["callbackURL"])
    reply = await session.subscribe(channel, **more)
    assert reply.status == 201, reply
    return channel
