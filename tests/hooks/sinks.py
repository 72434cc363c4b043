"""Other ends for the webhook client: loopback servers that answer as told, and a transport without a network."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

Personality = Callable[["Call"], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Call:
    """One request as it arrived, and the means to answer it."""

    def __init__(self, request: bytes, number: int, on_connection: int, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self.number = number  # of all requests to this sink, from 1
        self.on_connection = on_connection  # of the requests on this connection, from 1
        self.writer = writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        self.writer.close()


def answering(raw: bytes, *, close: bool = False) -> Personality:
    """Always the same bytes; then, if told, the end of the connection."""

    async def answer(call: Call) -> None:
        await call.write(raw)
        if close:
            call.close()

    return answer


async def silent(call: Call) -> None:
    """Swallows the request and never answers."""


class Sink:
    def __init__(
        self,
        personality: Personality | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.personality = personality or answering(OK)
        self.host = host
        self.port = port
        self.connections = 0
        self.requests: list[bytes] = []
        self.open = 0
        self.all_closed = asyncio.Event()
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/hook"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open += 1
        self.all_closed.clear()
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self.open -= 1
            if not self.open:
                self.all_closed.set()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for on_connection in range(1, 100_000):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", head)
            request = head + (await reader.readexactly(int(length[1])) if length else b"")
            self.requests.append(request)
            await self.personality(Call(request, len(self.requests), on_connection, writer))


async def closed_port() -> int:
    """A loopback port where nobody listens."""
    async with Sink() as sink:
        return sink.port


class Wire(asyncio.Transport):
    """A transport without a network: it notes what is written and whether it was aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.unsent = 0
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted = True
