"""Live events for callers that await: one socket after the other, one unbroken row of events."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from .following import CLOSE_SECONDS, KEY_IS_OVER, Following
from .place import Place
from .plans import REFUSED_FOR_NOW, refused
from .request import Answer
from .values import Event


class AsyncLive:
    """Iterate over it, or take one event with `next`. It reconnects by itself, and loses and repeats nothing.

        async with client.live(events=["message.received"]) as live:
            async for event in live:
                print(event.message.text)

    If the server no longer has everything since then, EventsMissed is raised once, and it goes on.
    """

    def __init__(self, place: Place, following: Following) -> None:
        self._place, self._following = place, following
        self._socket: ClientConnection | None = None
        self._over = False

    @property
    def after(self) -> str | None:
        """The id of the last event that came, to go on after it elsewhere: `client.live(after=…)`."""
        return self._following.after

    @property
    def closed(self) -> bool:
        """Whether it was ended."""
        return self._over

    async def __aenter__(self) -> AsyncLive:
        self._over = False
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncLive:
        return self

    async def __anext__(self) -> Event:
        event = await self._next()
        if event is None:
            raise StopAsyncIteration
        return event

    async def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None if there was none within `timeout` seconds, or if another task has closed it."""
        try:
            return await asyncio.wait_for(self._next(), timeout)
        except (TimeoutError, asyncio.TimeoutError):  # two different ones in Python 3.10
            return None

    async def aclose(self) -> None:
        """End it, for `contextlib.aclosing`."""
        await self.close()

    async def close(self) -> None:
        """End it; whoever waits for an event is told that there is none."""
        self._over = True
        await self._put_away()

    async def _put_away(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def _next(self) -> Event | None:
        """The next event; None once it is closed."""
        while not self._over:
            event = await self._step()
            if event is not None:
                return event
        return None

    async def _step(self) -> Event | None:
        """The next frame's event; canceled while it waits, it has taken nothing."""
        if self._socket is None:
            await self._open()
        socket = self._socket
        if socket is None:
            return None
        self._following.tell()
        try:
            frame = await socket.recv()
        except ConnectionClosed as closed:
            self._socket = None
            if closed.rcvd is not None and closed.rcvd.code == KEY_IS_OVER:
                raise refused(Answer(401, {}, b""), closed.rcvd.reason) from None
            await self._pause(str(closed))
            return None
        return self._following.take(frame)

    async def _open(self) -> None:
        """A socket whose greeting has come, unless it is closed meanwhile."""
        while not self._over:
            try:
                self._socket = socket = await self._connected()
                self._following.take(await asyncio.wait_for(socket.recv(), self._place.timeout))
                if self._over:  # while it was being opened, so that nobody else has seen this socket
                    await self._put_away()
                return
            except InvalidStatus as error:
                response = error.response
                if response.status_code < 500 and response.status_code not in REFUSED_FOR_NOW:
                    raise refused(Answer(response.status_code, {}, bytes(response.body or b""))) from None
                await self._pause(str(error))
            except (TimeoutError, asyncio.TimeoutError, OSError, InvalidHandshake, ConnectionClosed) as error:
                await self._put_away()
                await self._pause(str(error))

    async def _connected(self) -> ClientConnection:
        return await connect(
            self._following.url(self._place), additional_headers={"Authorization": f"Bearer {self._place.key}"},
            open_timeout=self._place.timeout, close_timeout=CLOSE_SECONDS, ssl=self._place.tls, proxy=None, max_size=None,
        )  # fmt: skip

    async def _pause(self, what: str) -> None:
        await asyncio.sleep(self._following.failed(what, time.monotonic()))
