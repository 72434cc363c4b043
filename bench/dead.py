"""A thousand servers that do not work, in a process of its own: half never answer, half answer 500 at once."""

# Takes their number as an argument, prints one address a line, and ends with its input.

import asyncio
import sys
from typing import cast

import uvloop

REFUSAL = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"
HEAD_END = b"\r\n\r\n"


class BlackHole(asyncio.Protocol):
    """Takes everything and says nothing."""


class Refusing(asyncio.Protocol):
    """Answers what comes with 500; a webhook fits into one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        if HEAD_END in data:
            self._transport.write(REFUSAL)


def address(n: int) -> str:
    """The n-th address of this host: each server is an endpoint of its own."""
    return f"127.1.{n // 250}.{n % 250 + 1}"


async def serve(count: int) -> None:
    """Until nobody speaks to us any more."""
    loop = asyncio.get_running_loop()
    for n in range(count):
        server = await loop.create_server(BlackHole if n % 2 else Refusing, address(n), 0)
        print(f"http://{address(n)}:{server.sockets[0].getsockname()[1]}/", flush=n == count - 1)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
