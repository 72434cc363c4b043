"""Live events for callers that await: one socket after the other, one unbroken row of events."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from .following import KEY_IS_OVER, Following
from .place import Place
from .plans import REFUSED_FOR_NOW, refused
from .request import Answer
from .values import Event


class AsyncLive:
    """Iterate over it, or take one event with `next`. It reconnects by itself, and loses and repeats nothing.

    async with client.live(events=["message.received"]) as live:
        async for event in live:
            print(event.message.text)
    """

    def __init__(self, place: Place, following: Following) -> None:
        self._place, self._following = place, following
        self._socket: ClientConnection | None = None

    @property
    def after(self) -> str | None:
        """The id of the last event that came, to go on after it elsewhere: `client.live(after=…)`."""
        return self._following.after

    async def __aenter__(self) -> AsyncLive:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncLive:
        return self

    async def __anext__(self) -> Event:
        while True:
            event = await self._step()
            if event is not None:
                return event

    async def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None if there was none within `timeout` seconds."""
        try:
            return await asyncio.wait_for(self.__anext__(), timeout)
        except TimeoutError:
            return None

    async def close(self) -> None:
        """End it."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def _step(self) -> Event | None:
        """The next frame's event; canceled while it waits, it has taken nothing."""
        if self._socket is None:
            await self._open()
        assert self._socket is not None
        self._following.tell()
        try:
            frame = await self._socket.recv()
        except ConnectionClosed as closed:
            self._socket = None
            if closed.rcvd is not None and closed.rcvd.code == KEY_IS_OVER:
                raise refused(Answer(401, {}, b""), closed.rcvd.reason) from None
            await self._pause(str(closed))
            return None
        return self._following.take(frame)

    async def _open(self) -> None:
        """A socket whose greeting has come."""
        while True:
            try:
                self._socket = await self._connected()
                self._following.take(await asyncio.wait_for(self._socket.recv(), self._place.timeout))
                return
            except InvalidStatus as error:
                response = error.response
                if response.status_code < 500 and response.status_code not in REFUSED_FOR_NOW:
                    raise refused(Answer(response.status_code, {}, bytes(response.body or b""))) from None
                await self._pause(str(error))
            except (TimeoutError, OSError, InvalidHandshake, ConnectionClosed) as error:
                await self.close()
                await self._pause(str(error))

    async def _connected(self) -> ClientConnection:
        return await connect(
            self._following.url(self._place), additional_headers={"Authorization": f"Bearer {self._place.key}"},
            open_timeout=self._place.timeout, ssl=self._place.tls, proxy=None, max_size=None,
        )  # fmt: skip

    async def _pause(self, what: str) -> None:
        await asyncio.sleep(self._following.failed(what, time.monotonic()))
