"""Pages with channels: a process of its own that holds many sockets of Kandy's and times what each is told."""

# It is told what to open by one line of JSON on its input (an Order) and says "opened" once every page has had the
# answer to its connCheck. Every further line makes it answer with what has come since the last one (a Count).

import asyncio
import base64
import gc
import os
import resource
import sys
import time
from array import array
from typing import Final
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.load import percentiles
from bench.sockets import OPENING, TEXT, Count, Reader

HANDSHAKE: Final = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"
)
_ASKED: Final = b'{"connCheck":{"interval":30}}'
CHECK: Final = bytes((TEXT, 0x80 | len(_ASKED), 0, 0, 0, 0)) + _ASKED  # a mask of zeros
ANSWER: Final = b'{"connAck":{}}'
AT: Final = b'"dateTime":'


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Where the sockets are, each with its token."""

    url: str
    paths: list[str]


class Page(Reader):
    """One socket, with the age of everything it is told."""

    def __init__(self, hello: asyncio.Future[None], late: "array[float]") -> None:
        super().__init__(hello, None)
        self.events, self._ages = 0, late

    def data_received(self, data: bytes) -> None:
        before = self._open
        super().data_received(data)
        if self._open and not before:
            self._transport.write(CHECK)

    def _frame(self, kind: int, buffer: bytes, start: int, end: int) -> None:
        if kind != TEXT:
            super()._frame(kind, buffer, start, end)
        elif buffer.startswith(ANSWER, start):
            self._hello.set_result(None)
        else:
            self.events += 1
            at = buffer.rfind(AT, start, end) + len(AT)  # the outer one: when it happened
            self._ages.append(max(time.time() - int(buffer[at : at + 13]) / 1000, 0.0))


async def main() -> None:
    """Opens, and counts whenever it is asked."""
    loop = asyncio.get_running_loop()
    order = msgspec.json.decode(await loop.run_in_executor(None, sys.stdin.readline), type=Order)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    late: array[float] = array("d")
    pages: list[Page] = []
    for first in range(0, len(order.paths), OPENING):
        some = order.paths[first : first + OPENING]
        pages += await asyncio.gather(*(_open(order.url, path, late) for path in some))
    gc.collect()
    gc.freeze()
    print("opened", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        counts = [page.events for page in pages]
        said = Count(
            most=max(counts), least=min(counts), closed=sum(page.closed for page in pages),
            late=percentiles(late) if late else {},
        )  # fmt: skip
        print(msgspec.json.encode(said).decode(), flush=True)


async def _open(url: str, path: str, late: "array[float]") -> Page:
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    hello: asyncio.Future[None] = loop.create_future()
    transport, page = await loop.create_connection(lambda: Page(hello, late), parts.hostname, parts.port)
    nonce = base64.b64encode(os.urandom(16)).decode()
    transport.write(HANDSHAKE.format(path=path, host=parts.netloc, nonce=nonce).encode())
    await hello
    return page


if __name__ == "__main__":
    uvloop.run(main())
