"""The whole way from a committed event to a customer's server, over real connections."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.store.house import NOW
from textwire.clock import ManualClock
from textwire.domain.event import mask
from textwire.hooks.client import Client
from textwire.hooks.guard import Policy
from textwire.hooks.hooks import Hooks
from textwire.store.store import Store

from .sinks import Sink, answering, closed_port, silent
from .world import Journal, Words, World, unseal

GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def world(house: Store) -> AsyncIterator[World]:
    """Its hooks run, and call for real."""
    clock = ManualClock(NOW)
    made = World(house, clock, Journal(clock), Words())
    made.words.jitter = 0.0
    await made.settle()
    async with Client(Policy(allow_loopback=True)) as client:
        made.hooks = Hooks(house, clock, lambda: NOW, made.ids, {"api": made.words}, client, 1, unseal=unseal)
        loop = asyncio.create_task(made.hooks.run())
        try:
            yield made
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            await made.hooks.drain(0.1)


async def test_every_event_arrives_once_over_few_connections(world: World) -> None:
    async with Sink() as sink:
        await world.hook(sink.url)
        told = await world.receive(300)
        await world.idle()
    bodies = [msgspec.json.decode(request.partition(b"\r\n\r\n")[2]) for request in sink.requests]
    assert sorted(body["id"] for body in bodies) == sorted(f"evt_{n}" for n in told)
    assert sink.connections <= 10
    assert re.search(rb"(?i)\r\ncontent-type: application/json\r\n", sink.requests[0])
    assert await world.states() == ["delivered"] * 300


async def test_what_servers_do_is_kept_as_it_was(world: World) -> None:
    async with Sink(answering(GONE)) as gone, Sink(answering(BUSY)) as busy, Sink() as well:
        for url in (
            gone.url,
            busy.url,
            f"http://127.0.0.1:{await closed_port()}/",
            "http://10.0.0.1/",
            well.url,
        ):
            await world.hook(url, types=mask(["message.received"]))
        await world.receive()
        await asyncio.wait_for(_all_tried(world), 10)
    assert [row[2:] for row in await world.deliveries()] == [
        ("failed", 1, 410, ""),
        ("pending", 1, 503, ""),
        ("pending", 1, 0, "refused"),
        ("pending", 1, 0, "blocked_address"),
        ("delivered", 1, 200, ""),
    ]
    dues = [due - NOW for topic, due, _ in await world.owed() if topic == "post"]
    assert sorted(dues) == [5_000_000, 5_000_000, 30_000_000]


async def _all_tried(world: World) -> None:
    while [row[3] for row in await world.deliveries()] != [1] * 5:
        await asyncio.sleep(0.001)


async def test_servers_that_never_answer_leave_the_others_alone(world: World) -> None:
    async with Sink(silent) as dead, Sink() as alive:
        await world.hook(dead.url)
        await world.hook(alive.url)
        await world.receive(50)
        async with asyncio.timeout(5):
            while len(alive.requests) < 50:
                await asyncio.sleep(0.001)
        assert dead.connections == 1  # unknown as yet
