"""Strangers: how many connections an address may have before it has shown credentials."""

import asyncio

import pytest

from tests.web.wire import Wire, once, serving
from textwire.web.asgi import App
from textwire.web.limits import Limits
from textwire.web.proxies import networks
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.router import Router
from textwire.web.routes import Door, Route
from textwire.web.strangers import Strangers

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


async def _open(request: Request) -> Response:
    return Response(200, b"open")


async def _closed(request: Request) -> Response:
    request.trust()
    return Response(200, b"closed")


APP: App = Router(
    [Door(name="t", prefixes=("/",), routes=(Route("GET", "/open", _open), Route("GET", "/closed", _closed)))]
)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("10.0.0.1", False), ("", False),
        ("198.51.100.1", True), ("2001:db8::1", True), ("0.0.0.0", True),
    ],
)  # fmt: skip
def test_loopback_and_proxies_are_not_counted(address: str, counted: bool) -> None:
    strangers = Strangers(Limits(spare=networks("10.0.0.0/8")))
    assert bool(strangers.come(address)) is counted


def test_each_address_has_a_count_of_its_own_that_leaves_nothing_behind() -> None:
    strangers = Strangers(Limits(stranger_connections=2))
    here = [strangers.come("198.51.100.1") for _ in range(3)]
    assert strangers.are_too_many(here[0])
    assert not strangers.are_too_many(strangers.come("198.51.100.2"))
    strangers.go(here[0])
    assert not strangers.are_too_many(here[1])
    for name in (*here[1:], "198.51.100.2"):
        strangers.go(name)
    assert strangers._counts == {}


async def test_one_connection_too_many_is_refused_and_those_before_go_on() -> None:
    async with serving(APP, stranger_connections=3, spare_loopback=False) as listener:
        wires = [await Wire.to(listener) for _ in range(3)]
        for wire in wires:
            assert (await wire.ask(GET % b"open")).body == b"open"
        reply, rest = await once(listener, GET % b"open")
        assert (reply.status, rest) == (503, b"")
        assert (await wires[0].ask(GET % b"open")).status == 200
        for wire in wires:
            wire.close()


async def test_who_has_proved_himself_makes_room() -> None:
    async with serving(APP, stranger_connections=2, spare_loopback=False) as listener:
        wires = []
        for _ in range(6):
            wires.append(await Wire.to(listener))
            assert (await wires[-1].ask(GET % b"closed")).body == b"closed"
        for wire in wires:
            assert (await wire.ask(GET % b"open")).status == 200
            wire.close()


async def test_who_leaves_makes_room() -> None:
    async with serving(APP, stranger_connections=1, spare_loopback=False) as listener:
        for _ in range(5):
            wire = await Wire.to(listener)
            assert (await wire.ask(GET % b"open")).status == 200
            wire.close()
            async with asyncio.timeout(10):
                while listener.connections:
                    await asyncio.sleep(0.005)


async def test_hundreds_of_connections_from_this_machine_are_welcome() -> None:
    async with serving(APP, stranger_connections=1) as listener:
        wires = [await Wire.to(listener) for _ in range(300)]
        replies = await asyncio.gather(*(wire.ask(GET % b"open") for wire in wires))
        assert {reply.status for reply in replies} == {200}
        for wire in wires:
            wire.close()


def test_a_request_whose_connection_is_not_counted_can_be_trusted_too() -> None:
    async def receive() -> dict[str, str]:
        return {}

    Request({"headers": []}, receive).trust()
