"""The live readers: a process of its own that opens many sockets and counts what each of them is told."""

# It is told what to open by one line of JSON on its input (an Order) and answers with one (Opened) once all have been
# greeted. Every further line makes it answer with what has come since (a Count), the last one before its input ends.

import asyncio
import base64
import gc
import os
import resource
import sys
import time
from array import array
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.load import percentiles

TEXT, PING, CLOSE = 0x81, 0x89, 0x88  # RFC 6455 §5.2: FIN and opcode of an unmasked frame
SAMPLE: Final = 50  # every so manieth frame of the first socket is read, and its way timed
OPENING: Final = 200  # handshakes at once
HANDSHAKE: Final = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"
)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How many sockets to open, and where."""

    url: str
    key: str
    path: str = "/api/live"
    sockets: int = 100


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Events told to the socket that has heard most and least, sockets closed, and ms from event to reader."""

    most: int
    least: int
    closed: int
    late: dict[str, float]


class _At(msgspec.Struct):
    timestamp: str = ""


_at: Final = msgspec.json.Decoder(_At)


class Reader(asyncio.Protocol):
    """One socket: reads frame headers, skips what is in them, answers pings."""

    def __init__(self, hello: asyncio.Future[None], late: "array[float] | None") -> None:
        self.events, self.closed = -1, False  # the first frame is the greeting
        self._hello, self._late = hello, late
        self._buffer = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if not self._hello.done():
            self._hello.set_exception(exc or ConnectionError("closed before the greeting"))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at = 0
        if not self._open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                self._transport.close()
                return
            self._open, at = True, end + 4
        self._buffer = buffer[self._frames(buffer, at) :]

    def _frames(self, buffer: bytes, at: int) -> int:
        """Where the first incomplete frame begins."""
        size = len(buffer)
        while size - at >= 2:
            start, length = at + 2, buffer[at + 1]
            if length == 126:
                start, length = at + 4, int.from_bytes(buffer[at + 2 : at + 4])
            elif length == 127:
                start, length = at + 10, int.from_bytes(buffer[at + 2 : at + 10])
            if size < start + length:
                break
            self._frame(buffer[at], buffer, start, start + length)
            at = start + length
        return at

    def _frame(self, kind: int, buffer: bytes, start: int, end: int) -> None:
        if kind == TEXT:
            self.events += 1
            if self.events == 0:
                self._hello.set_result(None)
            elif self._late is not None and self.events % SAMPLE == 0:
                self._late.append(_age(buffer[start:end]))
        elif kind == PING:  # a mask of zeros leaves the payload as it is
            payload = buffer[start:end]
            self._transport.write(bytes((0x8A, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
        elif kind == CLOSE:
            self._transport.close()


def _age(event: bytes) -> float:
    """Seconds since an event."""
    from datetime import datetime

    return max(time.time() - datetime.fromisoformat(_at.decode(event).timestamp).timestamp(), 0.0)


async def main() -> None:
    """Opens, and counts whenever it is asked."""
    loop = asyncio.get_running_loop()
    order = msgspec.json.decode(await loop.run_in_executor(None, sys.stdin.readline), type=Order)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    late: array[float] = array("d")
    readers: list[Reader] = []
    for first in range(0, order.sockets, OPENING):
        count = min(OPENING, order.sockets - first)
        readers += await asyncio.gather(
            *(_open(order, late if first + n == 0 else None) for n in range(count))
        )
    gc.collect()
    gc.freeze()
    print("opened", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        counts = [reader.events for reader in readers]
        said = Count(
            most=max(counts), least=min(counts), closed=sum(reader.closed for reader in readers),
            late=percentiles(late) if late else {},
        )  # fmt: skip
        print(msgspec.json.encode(said).decode(), flush=True)


async def _open(order: Order, late: "array[float] | None") -> Reader:
    loop = asyncio.get_running_loop()
    parts = urlsplit(order.url)
    hello: asyncio.Future[None] = loop.create_future()
    transport, reader = await loop.create_connection(lambda: Reader(hello, late), parts.hostname, parts.port)
    nonce = base64.b64encode(os.urandom(16)).decode()
    said = HANDSHAKE.format(path=order.path, host=parts.netloc, key=order.key, nonce=nonce)
    cast(asyncio.Transport, transport).write(said.encode())
    await hello
    return reader


if __name__ == "__main__":
    uvloop.run(main())
