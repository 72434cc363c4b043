"""The guard on loopback: what a connection may do, what is waited for, and how it ends."""

import asyncio
import gzip
import logging

import pytest

from tests.web.shapes import APP, CHUNKED, DOOR, GET, LARGE, SEEN, SMUGGLING, post
from tests.web.wire import PATIENCE, Wire, once, serving
from textwire.web.router import Router
from textwire.web.server import Listener

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_good_requests_share_a_connection(listener: Listener) -> None:
    wire = await Wire.to(listener)
    assert (await wire.ask(GET)).body == b"/get"
    assert (await wire.ask(post(b"Content-Length: 5"))).body == b"hello"
    assert (await wire.ask(CHUNKED + b"5\r\nhello\r\n3;x=y\r\n yo\r\n0\r\n\r\n")).body == b"hello yo"
    assert (await wire.ask(b"\r\n" + GET)).body == b"/get"
    head = await wire.ask(GET.replace(b"GET", b"HEAD"), "HEAD")
    assert (head.status, head.headers["content-length"]) == (200, "4")
    assert (await wire.ask(GET)).status == 200
    assert "server" not in head.headers
    wire.close()


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://api.example/get", b"/get"),
        (b"https://a:1/get?x=1", b"/get"),
        (b"http://api.example", b"/"),
        (b"http://api.example?x=1", b"/"),
        (b"HTTP://api.example/get", b"/get"),
    ],
)
async def test_an_absolute_target_is_served_for_any_host(
    listener: Listener, target: bytes, path: bytes
) -> None:
    wire = await Wire.to(listener)
    assert (await wire.ask(GET.replace(b"/get", target))).body == path
    wire.close()


async def test_http_1_0_needs_no_host_and_closes(listener: Listener) -> None:
    reply, rest = await once(listener, b"GET /get HTTP/1.0\r\n\r\n")
    assert (reply.status, reply.body, rest) == (200, b"/get", b"")


async def test_a_trailer_is_not_believed_to_be_a_header(listener: Listener) -> None:
    data = CHUNKED.replace(b"/echo", b"/names") + b"1\r\nx\r\n0\r\nAuthorization: evil\r\n\r\n"
    wire = await Wire.to(listener)
    assert (await wire.ask(data)).body == b'["host","transfer-encoding"]'
    wire.close()


async def test_pipelined_requests_are_not_read_and_the_answer_says_so(listener: Listener) -> None:
    slow = GET.replace(b"/get", b"/slow")
    for behind in (GET, b"GARBAGE", post(b"Content-Length: +5")):
        reply, rest = await once(listener, slow + behind)
        assert (reply.status, reply.headers["connection"], rest) == (200, "close", b"")
    assert SEEN == ["slow"] * 3


async def test_pipelined_requests_in_a_later_packet_are_not_read_either(listener: Listener) -> None:
    wire = await Wire.to(listener)
    await wire.put(GET.replace(b"/get", b"/slow"))
    await asyncio.sleep(0.02)
    await wire.put(GET)
    assert (await wire.reply()).headers["connection"] == "close"
    assert await wire.rest() == b""
    assert SEEN == ["slow"]
    wire.close()


@pytest.mark.parametrize("protocol", [b"h2c", b"TLS/1.0", b"websocket2"])
async def test_another_protocol_on_offer_is_ignored(listener: Listener, protocol: bytes) -> None:
    offer = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: " + protocol, b"HTTP2-Settings: x")
    for data, body in [
        (GET.replace(b"Host: x", b"\r\n".join((b"Host: x", *offer))), b"/get"),
        (post(*offer, b"Content-Length: 5"), b"hello"),
        (post(*offer, b"Content-Length: 5") + GET, b"hello"),
        (post(*offer, b"Content-Length: 5") + post(b"Content-Length: 5"), b"hello"),
        (post(*offer, b"Content-Length: 0", body=b""), b""),
        (post(*offer, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    ]:
        reply, rest = await once(listener, data)
        assert (reply.status, reply.body, reply.headers["connection"], rest) == (200, body, "close", b"")
    wire = await Wire.to(listener)
    await wire.put(post(*offer, b"Content-Length: 10"))
    await asyncio.sleep(0.02)
    assert (await wire.ask(b"world")).body == b"helloworld"
    wire.close()


async def test_an_unfinished_head_is_answered_408() -> None:
    async with serving(APP, head_seconds=0.1) as listener:
        for start in (b"G", GET[:-1], GET[:20]):
            reply, rest = await once(listener, start)
            assert (reply.status, rest) == (408, b"")
        wire = await Wire.to(listener)
        await wire.ask(GET)
        assert (await wire.ask(GET[:-1])).status == 408  # a later head has the same time
        wire.close()


async def test_a_head_that_drips_gets_no_more_time() -> None:
    async with serving(APP, head_seconds=0.2) as listener:
        wire = await Wire.to(listener)
        begun = asyncio.get_running_loop().time()
        for byte in GET[:12]:
            await wire.put(bytes([byte]))
            await asyncio.sleep(0.02)
        assert (await wire.reply()).status == 408
        assert asyncio.get_running_loop().time() - begun < 2
        wire.close()


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with serving(APP, head_seconds=0.1) as listener:
        for word in (b"", b"\r\n"):
            wire = await Wire.to(listener)
            await wire.put(word)
            assert await wire.rest() == b""
            wire.close()


async def test_an_idle_connection_is_kept_and_then_closed() -> None:
    async with serving(APP, head_seconds=0.05, keep_alive_seconds=1.0) as listener:
        wire = await Wire.to(listener)
        await wire.ask(GET)
        await asyncio.sleep(0.15)
        assert (await wire.ask(GET)).status == 200
        assert await wire.rest() == b""
        wire.close()


async def test_a_body_that_does_not_come_is_answered_408_by_the_door(listener: Listener) -> None:
    for start in (post(b"Content-Length: 9"), CHUNKED + b"5\r\nhel"):
        reply, rest = await once(listener, start)
        assert (reply.status, rest) == (408, b"")
        assert reply.headers["content-type"] == "application/problem+json"
    assert SEEN == []


async def test_a_body_above_the_limit_is_answered_413_before_it_is_read(listener: Listener) -> None:
    wire = await Wire.to(listener)
    assert (await wire.ask(post(b"Content-Length: 65537", body=b""))).status == 413
    await wire.put(b"x" * 65537)
    assert (await wire.ask(GET)).status == 200  # what nobody wanted is thrown away, the connection lives
    reply = await wire.ask(CHUNKED + b"ffff\r\n" + b"x" * 65535 + b"\r\n2\r\nxx\r\n0\r\n\r\n")
    assert (reply.status, SEEN) == (413, ["get"])
    wire.close()


async def test_only_so_much_of_an_unwanted_body_is_thrown_away() -> None:
    async with serving(APP, drain_bytes=10_000) as listener:
        wire = await Wire.to(listener)
        assert (
            await wire.ask(post(b"Content-Length: 1000000", target=b"/deaf", body=b""))
        ).body == b"not read"
        with pytest.raises(ConnectionError):
            await wire.flood(b"x" * 1000, 1000)
        assert await wire.rest() == b""
        wire.close()


async def test_an_unwanted_body_that_stops_is_not_waited_for() -> None:
    async with serving(APP, drain_seconds=0.1) as listener:
        wire = await Wire.to(listener)
        assert (await wire.ask(post(b"Content-Length: 9", target=b"/deaf", body=b"x"))).body == b"not read"
        assert await wire.rest() == b""
        wire.close()


async def test_a_broken_chunk_after_the_answer_adds_no_second_answer(listener: Listener) -> None:
    wire = await Wire.to(listener)
    assert (await wire.ask(CHUNKED.replace(b"/echo", b"/deaf") + b"5\r\nhel")).body == b"not read"
    await wire.put(b"lo??\r\n")
    assert await wire.rest() == b""
    wire.close()


async def test_an_unwanted_body_does_not_count_against_the_next_head(listener: Listener) -> None:
    wire = await Wire.to(listener)
    await wire.ask(post(b"Content-Length: 20000", target=b"/deaf", body=b""))
    await wire.put(b"x" * 20_000 + GET[:-2])
    assert (await wire.ask(GET[-2:])).body == b"/get"
    wire.close()


async def test_a_handler_that_is_at_work_adds_no_answer_to_a_refusal(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    wire = await Wire.to(listener)
    await wire.put(CHUNKED.replace(b"/echo", b"/slow") + b"5\r\nhel")
    await asyncio.sleep(0.05)
    assert (await wire.ask(b"lo??\r\n")).status == 400
    await asyncio.sleep(0.3)
    assert (await wire.rest(), SEEN, caplog.records) == (b"", ["slow"], [])
    wire.close()


async def test_a_handler_that_waits_for_a_broken_body_is_told_at_once() -> None:
    async with serving(Router([DOOR]), linger_seconds=60.0) as listener:
        wire = await Wire.to(listener)
        await wire.put(CHUNKED + b"5\r\nhello")
        await asyncio.sleep(0.05)
        assert (await wire.ask(b"??")).status == 400
        tasks = listener._server.server_state.tasks
        async with asyncio.timeout(PATIENCE):
            while tasks:
                await asyncio.sleep(0.02)
        assert listener.connections == 1
        wire.close()


async def test_a_refused_client_that_stays_is_closed() -> None:
    async with serving(APP, linger_seconds=0.1) as listener:
        wire = await Wire.to(listener)
        await wire.ask(GET.replace(b"GET", b"TRACE"))
        await gone(listener)
        wire.close()


async def test_no_header_changes_the_clients_address_or_scheme(listener: Listener) -> None:
    wire = await Wire.to(listener)
    lies = b"X-Forwarded-For: 10.9.8.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=10.9.8.7\r\n\r\n"
    reply = await wire.ask(GET[:-2].replace(b"/get", b"/who") + lies)
    assert reply.body == b'["127.0.0.1",false]'
    wire.close()


async def test_a_client_that_waits_for_100_continue_gets_it_or_its_refusal(listener: Listener) -> None:
    expect = b"Expect: 100-continue"
    wire = await Wire.to(listener)
    assert (await wire.ask(post(expect, b"Content-Length: 5", body=b""))).status == 100
    assert (await wire.ask(b"hello")).body == b"hello"
    reply = await wire.ask(post(expect, b"Content-Length: 65537", body=b""))
    assert (reply.status, await wire.rest()) == (413, b"")
    wire.close()


async def test_a_compressed_body_is_refused_without_unpacking_it(listener: Listener) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    wire = await Wire.to(listener)
    begun = asyncio.get_running_loop().time()
    reply = await wire.ask(post(b"Content-Encoding: gzip", b"Content-Length: %d" % len(bomb), body=bomb))
    assert reply.status == 415
    assert asyncio.get_running_loop().time() - begun < 1
    wire.close()


async def test_connections_beyond_the_bound_are_refused_not_queued() -> None:
    async with serving(APP, connections=2) as listener:
        wires = [await Wire.to(listener) for _ in range(2)]
        for wire in wires:
            assert (await wire.ask(GET)).status == 200
        reply, rest = await once(listener, b"")
        assert (reply.status, rest) == (503, b"")
        wires[0].close()
        await asyncio.sleep(0.05)
        wire = await Wire.to(listener)
        assert (await wire.ask(GET)).status == 200
        wire.close()
        wires[1].close()


async def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    async with serving(APP, keep_alive_seconds=0.2) as listener:
        wire = await Wire.to(listener)
        await wire.put(GET.replace(b"/get", b"/large"))
        await gone(listener)
        assert len(await wire.rest()) < LARGE
        wire.close()


async def gone(listener: Listener) -> None:
    """Wait until nobody is connected any more."""
    async with asyncio.timeout(PATIENCE):
        while listener.connections:
            await asyncio.sleep(0.02)


async def test_the_connections_of_churning_clients_are_all_let_go(listener: Listener) -> None:
    for number in range(200):
        wire = await Wire.to(listener)
        await wire.put(GET[: number % len(GET)])
        wire.close()
    await gone(listener)
    assert listener.connections == 0


async def test_bad_requests_leave_no_log_lines(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _, data, _ in SMUGGLING[:5]:
            await once(listener, data)
        await once(listener, GET.replace(b"x\r\n", b"x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"))
    assert caplog.records == []
