"""The webhook sink: a process of its own that counts what it is told of each message and verifies a sample."""

# Prints its port, takes the secret as a line, and reports when it is told another line.

import asyncio
import base64
import gc
import hmac
import sys
import time
from collections import Counter
from typing import cast

import msgspec
import uvloop

SAMPLE = 20  # every so many posts one signature is verified
REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What has come in. `last` is the monotonic time (s) of the last post."""

    posts: int
    messages: int
    repeated: int
    verified: int
    forged: int
    last: float


class _About(msgspec.Struct):
    id: str


class _Body(msgspec.Struct):
    type: str
    data: _About


_read = msgspec.json.Decoder(_Body).decode


class Sink:
    """What all connections share."""

    def __init__(self) -> None:
        self._key = b""
        self._seen: Counter[str] = Counter()
        self._posts = self._verified = self._forged = 0
        self._last = 0.0

    def trust(self, secret: str) -> None:
        """The secret under which posts are to be signed."""
        self._key = base64.b64decode(secret.strip().removeprefix("whsec_"))

    def take(self, head: bytes, body: bytes) -> None:
        """One post."""
        self._posts += 1
        self._last = time.monotonic()
        self._seen[_read(body).data.id] += 1
        if self._posts % SAMPLE == 0:
            if self.is_genuine(head, body):
                self._verified += 1
            else:
                self._forged += 1

    def is_genuine(self, head: bytes, body: bytes) -> bool:
        """Whether the signature is right, worked out here from the specification and not by our signer."""
        lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        found = {name.lower(): value.strip() for name, _, value in lines}
        signed = b"%b.%b.%b" % (found.get(b"webhook-id", b""), found.get(b"webhook-timestamp", b""), body)
        wanted = b"v1," + base64.b64encode(hmac.digest(self._key, signed, "sha256"))
        return any(hmac.compare_digest(wanted, one) for one in found.get(b"webhook-signature", b"").split())

    def report(self) -> Report:
        """What has come in until now."""
        return Report(
            posts=self._posts, messages=len(self._seen), repeated=sum(n > 1 for n in self._seen.values()),
            verified=self._verified, forged=self._forged, last=self._last,
        )  # fmt: skip


class Connection(asyncio.Protocol):
    """Takes posts one after the other, in whatever pieces they come."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._rest = sink, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            length = _length(data[:end])
            if len(data) < end + 4 + length:
                break
            self._sink.take(data[:end], data[end + 4 : end + 4 + length])
            self.transport.write(REPLY)
            data = data[end + 4 + length :]
        self._rest = data


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0


async def serve() -> None:
    """From the port to the report."""
    loop = asyncio.get_running_loop()
    sink = Sink()
    listening = await loop.create_server(lambda: Connection(sink), "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    sink.trust(await loop.run_in_executor(None, sys.stdin.readline))
    gc.disable()
    await loop.run_in_executor(None, sys.stdin.readline)
    print(msgspec.json.encode(sink.report()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(serve())
