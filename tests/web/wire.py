"""A loopback client that writes raw bytes, and a server around an application for the length of a test."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from textwire.web.asgi import App
from textwire.web.limits import Limits
from textwire.web.server import Listener

PATIENCE = 10.0  # seconds that a test waits for the server before it fails


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@asynccontextmanager
async def serving(app: App, tls: ssl.SSLContext | None = None, **limits: float) -> AsyncIterator[Listener]:
    """A listener on a free loopback port; `limits` shrink its defaults."""
    listener = Listener(app, "127.0.0.1", 0, tls=tls, limits=Limits(**limits))  # type: ignore[arg-type]
    await listener.start()
    try:
        yield listener
    finally:
        await asyncio.wait_for(listener.stop(timeout=1.0), PATIENCE)


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(
        cls, listener: Listener, tls: ssl.SSLContext | None = None, name: str = "localhost"
    ) -> "Wire":
        """Connect; with `tls` as a client that wants to meet `name`."""
        host = name if tls else None
        streams = await asyncio.open_connection("127.0.0.1", listener.port, ssl=tls, server_hostname=host)
        return cls(*streams)

    def extra(self, what: str) -> Any:
        return self._writer.get_extra_info(what)

    async def put(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def flood(self, data: bytes, times: int) -> None:
        for _ in range(times):
            await self.put(data)
            await asyncio.sleep(0)

    async def reply(self, method: str = "GET") -> Reply:
        """The next response."""
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        size = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        body = await asyncio.wait_for(self._reader.readexactly(size), PATIENCE)
        return Reply(int(first.split(" ")[1]), headers, body)

    async def rest(self) -> bytes:
        """What comes until the server closes; a reset counts as closing."""
        data = b""
        try:
            while piece := await asyncio.wait_for(self._reader.read(65536), PATIENCE):
                data += piece
        except ConnectionResetError:
            pass
        return data

    async def ask(self, data: bytes, method: str = "GET") -> Reply:
        await self.put(data)
        return await self.reply(method)

    def close(self) -> None:
        self._writer.close()


async def once(listener: Listener, data: bytes) -> tuple[Reply, bytes]:
    """Send on a fresh connection: the first response, and all bytes after it until the server closes."""
    wire = await Wire.to(listener)
    try:
        return await wire.ask(data), await wire.rest()
    finally:
        wire.close()
