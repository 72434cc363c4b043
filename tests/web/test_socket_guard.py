"""A socket that the server closes, or that nobody answers on, ends: also when its peer does not read."""

import asyncio
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.web.wire import Wire, serving
from textwire.web import socket_guard
from textwire.web.request import Request
from textwire.web.router import Router
from textwire.web.routes import Door, WebSocketRoute
from textwire.web.websocket import Socket

HANDSHAKE = (
    b"GET /full HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
MEBIBYTE = "x" * 2**20


async def full(request: Request, socket: Socket) -> None:
    """Sends until the peer takes no more, then closes."""
    await socket.accept()
    try:
        while True:
            await asyncio.wait_for(socket.send(MEBIBYTE), 0.2)
    except TimeoutError:
        await asyncio.wait_for(socket.close(4008, "too slow"), 0.2)


async def idle(request: Request, socket: Socket) -> None:
    await socket.accept()
    await socket.receive()


APP = Router(
    [Door(name="x", prefixes=("/",), sockets=(WebSocketRoute("/full", full), WebSocketRoute("/idle", idle)))]
)


async def test_a_reader_who_reads_again_finds_the_close_behind_what_was_sent() -> None:
    async with serving(APP) as listener:
        url = listener.url.replace("http", "ws") + "/full"
        async with connect(url, max_size=None, max_queue=None) as client:
            client.transport.pause_reading()
            await asyncio.sleep(1)
            client.transport.resume_reading()
            received = 0

            async def read() -> None:
                nonlocal received
                while True:
                    received += len(await client.recv())

            with pytest.raises(ConnectionClosed) as caught:
                await read()
        assert received > 2**20
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4008, "too slow")


async def test_one_who_never_reads_again_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "CLOSE_SECONDS", 0.5)
    async with serving(APP) as listener:
        wire = await Wire.to(listener)
        await wire.put(HANDSHAKE)
        await asyncio.sleep(0.2)
        assert listener.connections == 1  # and asyncio's reader takes 128 KiB, no more
        await gone(listener, 5)
        wire.close()


async def test_a_peer_that_misses_two_pings_is_dropped_and_one_that_is_late_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket_guard, "CLOSE_SECONDS", 0.2)
    async with serving(APP, socket_ping_seconds=0.3) as listener:
        wire = await Wire.to(listener)
        assert (await wire.ask(HANDSHAKE.replace(b"/full", b"/idle"))).status == 101
        began = time.monotonic()
        await asyncio.sleep(0.7)
        assert listener.connections == 1  # one ping is out, and not two intervals old
        await gone(listener, 5)
        assert time.monotonic() - began > 0.85
        wire.close()
        async with connect(listener.url.replace("http", "ws") + "/idle") as client:
            await asyncio.sleep(1.2)
            assert client.close_code is None


async def gone(listener: object, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while listener.connections:  # type: ignore[attr-defined]
            await asyncio.sleep(0.02)


async def test_what_was_sent_before_an_answered_ping_has_arrived_and_no_more_is_said_of_the_rest() -> None:
    told: asyncio.Queue[list[int]] = asyncio.Queue()

    async def counting(request: Request, socket: Socket) -> None:
        await socket.accept()
        await socket.send("one")
        await socket.send("two")
        seen = [socket.arrived]
        socket.confirm()
        socket.confirm()  # one ping is enough
        await socket.send("three")
        await socket.receive()  # the peer has read, and so answered
        seen.append(socket.arrived)
        socket.confirm()
        await socket.receive()
        told.put_nowait([*seen, socket.arrived])

    app = Router([Door(name="x", prefixes=("/",), sockets=(WebSocketRoute("/count", counting),))])
    async with serving(app) as listener, connect(listener.url.replace("http", "ws") + "/count") as client:
        assert [await client.recv() for _ in range(3)] == ["one", "two", "three"]
        await client.send("read")
        await asyncio.sleep(0.1)
        await client.send("read again")
        assert await asyncio.wait_for(told.get(), 10) == [0, 2, 3]
