"""Live events of a real server, through a dropped socket, a kill, and a reader that does not read."""

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.serving import Server, server
from textwire import first_start
from textwire.access.seal import Seal
from textwire.clock import real_now
from textwire.domain.ids import Ids
from textwire.store.engines.engine import statement
from textwire.store.store import Store, engine_for

QUIET_SECONDS = 1.5  # after which nothing more is expected
LIST = 500
STOPPED = 40
RICH = statement("update account set balance = 1000000000000000")
OWN = statement("select number, segment from event where hook = 0 order by number")


@contextlib.asynccontextmanager
async def opened(database: str) -> AsyncIterator[Store]:
    store = Store(engine_for(database), owner=1)
    await store.open()
    running = asyncio.create_task(store.run())
    try:
        yield store
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()


async def prepare(database: str, directory: Path) -> None:
    """The first account, with money for all messages."""
    directory.mkdir(mode=0o700)
    async with opened(database) as store:
        await first_start.ensure(store, Ids(), real_now, directory, Seal(bytes(32)).seal)
        await store.engine.transact(lambda tx: tx.run(RICH))


async def told(database: str) -> list[str]:
    """What every event that there was is known by."""
    async with opened(database) as store:
        rows = await store.read(OWN)
        return [f"evt_{number}.{segment}" if segment else f"evt_{number}" for number, segment in rows]


class Follower:
    """A client that comes back with the last id that it had."""

    def __init__(self, running: Server) -> None:
        self.running = running
        self.ids: list[str] = []
        self.gaps = 0
        self.bytes = 0

    def connect(self) -> connect:
        after = self.ids[-1] if self.ids else "0"
        return connect(
            self.running.url.replace("http", "ws") + f"/api/live?after={after}", max_queue=None,
            additional_headers={"Authorization": f"Bearer {self.running.credentials['api']['key']}"},
        )  # fmt: skip

    async def hear(self, socket: ClientConnection) -> None:
        said = await socket.recv()
        self.bytes += len(said)
        frame = json.loads(said)
        if frame["type"] == "hello":
            self.gaps += frame["gap"]
        else:
            self.ids.append(frame["id"])

    async def until_quiet(self, socket: ClientConnection) -> None:
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(QUIET_SECONDS):
                    await self.hear(socket)

    async def until(self, socket: ClientConnection, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.ids) < count:
                await self.hear(socket)


def send(running: Server, count: int, first: int) -> Any:
    """A text to each of so many handsets."""
    to = [f"+44770091{n:04d}" for n in range(1_000 + first, 1_000 + first + count)]
    return running.api("POST", "/api/messages", {"to": to, "text": "hello " * 20})


async def test_a_dropped_socket_and_a_kill_lose_and_repeat_nothing(database: str, tmp_path: Path) -> None:
    await prepare(database, tmp_path / "data")
    with server(tmp_path, "--database", database) as running:
        reader = Follower(running)
        async with reader.connect() as socket:
            sending = asyncio.gather(*(asyncio.to_thread(send, running, 20, n * 20) for n in range(4)))
            await reader.until(socket, 70)
            socket.transport.abort()
        await sending
        async with reader.connect() as socket:
            late = asyncio.gather(
                *(asyncio.to_thread(send, running, 20, 100 + n * 20) for n in range(4)),
                return_exceptions=True,
            )
            await reader.until(socket, 300)
            await asyncio.to_thread(running.kill)
            with pytest.raises(ConnectionClosed):
                await reader.until(socket, 10_000)
        await late
    before = len(reader.ids)
    with server(tmp_path, "--database", database) as running:
        reader.running = running
        async with reader.connect() as socket:
            await asyncio.to_thread(send, running, 60, 200)
            await reader.until(socket, before + 180)
            await reader.until_quiet(socket)
    assert len(reader.ids) >= 500
    assert reader.ids == await told(database)
    assert reader.gaps == 0


async def test_one_that_does_not_read_is_closed_with_4008_and_gets_the_rest_when_it_returns(
    database: str, tmp_path: Path
) -> None:
    await prepare(database, tmp_path / "data")
    with server(tmp_path, "--database", database) as running:
        slow, other = Follower(running), Follower(running)
        async with other.connect() as prompt:
            async with slow.connect() as socket:
                await slow.hear(socket)
                socket.transport.pause_reading()
                while len(other.ids) < 15_000 and not await closed(running):
                    await asyncio.to_thread(send, running, LIST, 0)
                    await other.until(prompt, len(other.ids) + 3 * LIST)
                assert await closed(running)
                socket.transport.resume_reading()
                with pytest.raises(ConnectionClosed) as caught:
                    await slow.until(socket, 10**6)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 4008
            had = len(slow.ids)
            assert had < len(other.ids) - 900  # a thousand were on their way to it, and no more
            async with slow.connect() as socket:
                await slow.until_quiet(socket)
            await other.until_quiet(prompt)
    assert slow.gaps == 0
    assert slow.ids == other.ids == await told(database)


async def closed(running: Server) -> bool:
    """Whether a reader was closed for being slow."""
    return 'textwire_live_closed_total{code="4008"} 1.0' in await metrics(running)


@pytest.mark.long
async def test_readers_that_stop_cost_bounded_memory_and_delay_nobody(tmp_path: Path) -> None:
    database = str(tmp_path / "data" / "textwire.db")
    await prepare(database, tmp_path / "data")
    with server(tmp_path) as running:
        readers = [Follower(running) for _ in range(STOPPED)]
        prompt = Follower(running)
        async with contextlib.AsyncExitStack() as open_ones, prompt.connect() as heard:
            for reader in readers:
                socket = await open_ones.enter_async_context(reader.connect())
                await reader.hear(socket)
                socket.transport.pause_reading()
            before, worst = await memory(running), 0.0
            while len(prompt.ids) < 30_000:
                began = time.monotonic()
                await asyncio.to_thread(send, running, LIST, 0)
                worst = max(worst, time.monotonic() - began)
                await prompt.until(heard, len(prompt.ids) + 3 * LIST)
            after = await memory(running)
        assert f'textwire_live_closed_total{{code="4008"}} {STOPPED}.0' in await metrics(running)
        assert after - before < 200 * 2**20
        assert worst < 5  # for 500 durable messages in one request, on a machine that is busy with others
        last = readers[-1]
        async with last.connect() as socket:
            await last.until(socket, len(prompt.ids))
        assert last.ids == prompt.ids[: len(last.ids)]
        assert last.gaps == 0


async def metrics(running: Server) -> str:
    def look() -> str:
        with urllib.request.urlopen(running.url + "/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    return await asyncio.to_thread(look)


async def memory(running: Server) -> float:
    """Bytes resident."""
    [line] = [
        x for x in (await metrics(running)).splitlines() if x.startswith("process_resident_memory_bytes ")
    ]
    return float(line.split()[1])
