"""Requests in shapes that hide a second one: refused, closed, never seen by the application."""

import pytest
import uvloop

from tests.web.shapes import APP, GET, SEEN, SMUGGLING
from tests.web.wire import Wire, once, serving
from textwire.web.server import Listener

ON_SHARED_LOOP = pytest.mark.asyncio(loop_scope="module")


@ON_SHARED_LOOP
@pytest.mark.parametrize(
    ("data", "status"), [row[1:] for row in SMUGGLING], ids=[row[0] for row in SMUGGLING]
)
async def test_a_shape_that_hides_a_second_request_is_refused_and_closed(
    listener: Listener, data: bytes, status: int
) -> None:
    reply, rest = await once(listener, data)
    assert (reply.status, reply.headers["connection"], rest) == (status, "close", b"")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert SEEN == []


@ON_SHARED_LOOP
async def test_the_same_shapes_byte_by_byte_are_refused_too(listener: Listener) -> None:
    for _, data, status in SMUGGLING[:14]:
        wire = await Wire.to(listener)
        for byte in data:
            await wire.put(bytes([byte]))
        assert (await wire.reply()).status == status
        assert await wire.rest() == b""
        wire.close()
    assert SEEN == []


@ON_SHARED_LOOP
async def test_what_follows_a_refused_head_is_never_looked_at(listener: Listener) -> None:
    reply, rest = await once(listener, GET.replace(b"GET", b"TRACE") + GET + GET)
    assert (reply.status, rest, SEEN) == (405, b"", [])
    assert "GET" in reply.headers["allow"]


def test_the_loop_of_production_refuses_them_alike() -> None:
    async def corpus() -> None:
        async with serving(APP) as listener:
            for name, data, status in SMUGGLING:
                reply, rest = await once(listener, data)
                assert (name, reply.status, rest) == (name, status, b"")

    SEEN.clear()
    uvloop.run(corpus())
    assert SEEN == []
