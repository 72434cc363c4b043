"""Sockets: in memory for the rules, over loopback for what a client sees."""

import asyncio
from typing import Any

import pytest
import structlog
import websockets
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.web.calls import events, scope_of
from tests.web.wire import Wire, once, serving
from textwire.web.problem import Problem, Refused
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.router import Router
from textwire.web.routes import Door, Route, WebSocketRoute
from textwire.web.websocket import Socket, SocketClosed

LEFT: list[str] = []


async def echo(request: Request, socket: Socket) -> None:
    await socket.accept(socket.subprotocols[0] if socket.subprotocols else None)
    await socket.send(f"{request.params['id']} {request.query.get('after', '')}")
    while True:
        await socket.send(await socket.receive())


async def deny(request: Request, socket: Socket) -> None:
    raise Refused(Problem(status=403, code="not_yours"))


async def fail_early(request: Request, socket: Socket) -> None:
    raise RuntimeError("secret")


async def fail_late(request: Request, socket: Socket) -> None:
    await socket.accept()
    raise RuntimeError("secret")


async def leave(request: Request, socket: Socket) -> None:
    await socket.accept()
    await socket.close(4000, "done")
    await socket.close(4001)
    LEFT.append("quietly")


async def no_message(request: Request) -> Response:
    return Response(200)


def in_words(request: Request, problem: Problem) -> Response:
    return json_response({"words": problem.code}, problem.status)


DOOR = Door(
    name="live",
    prefixes=("/live",),
    routes=(Route("GET", "/live/http", no_message),),
    sockets=(
        WebSocketRoute("/live/echo/{id}", echo),
        WebSocketRoute("/live/deny", deny),
        WebSocketRoute("/live/early", fail_early),
        WebSocketRoute("/live/late", fail_late),
        WebSocketRoute("/live/leave", leave),
    ),
    refuse=in_words,
    headers=(("Access-Control-Allow-Origin", "*"),),
)
APP = Router([DOOR])
CONNECT = {"type": "websocket.connect"}


async def run(path: bytes, *messages: Any, broken: bool = False, denial: bool = True) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        if broken and message["type"] == "websocket.send":
            raise OSError
        sent.append(message)

    scope = scope_of("", path, kind="websocket")
    if not denial:
        del scope["extensions"]
    await APP(scope, events(CONNECT, *messages, {"type": "websocket.disconnect", "code": 1001}), send)
    return sent


async def test_text_and_bytes_go_both_ways_until_the_client_leaves() -> None:
    text, data = {"type": "websocket.receive", "text": "é"}, {"type": "websocket.receive", "bytes": b"\0"}
    accepted, greeting, *echoes = await run(b"/live/echo/7?after=3", text, data)
    assert accepted["type"] == "websocket.accept"
    assert greeting["text"] == "7 3"
    assert [(message.get("text"), message.get("bytes")) for message in echoes] == [("é", None), (None, b"\0")]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (b"/live/deny", 403, b"not_yours"),
        (b"/live/nowhere", 404, b"not_found"),
        (b"/live/http", 404, b"not_found"),
        (b"/live/%ff", 400, b"bad_path"),
        (b"/live/early", 500, b"internal_error"),
    ],
)
async def test_a_refused_handshake_is_an_http_answer_in_the_doors_words(
    path: bytes, status: int, words: bytes
) -> None:
    with structlog.testing.capture_logs() as logs:
        start, body = await run(path)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", status)
    assert words in body["body"]
    assert (b"access-control-allow-origin", b"*") in start["headers"]
    assert len(logs) == (1 if status == 500 else 0)


async def test_a_server_without_denials_gets_a_plain_refusal() -> None:
    assert [message["type"] for message in await run(b"/live/deny", denial=False)] == ["websocket.close"]


async def test_a_handler_that_fails_after_accepting_closes_with_1011() -> None:
    with structlog.testing.capture_logs() as logs:
        _, closing = await run(b"/live/late")
    assert (closing["type"], closing["code"]) == ("websocket.close", 1011)
    assert logs[0]["route"] == "/live/late"
    assert "secret" not in repr(logs)


async def test_a_client_that_is_gone_ends_the_handler_quietly() -> None:
    with structlog.testing.capture_logs() as logs:
        assert len(await run(b"/live/echo/1", broken=True)) == 1
    assert logs == []


async def test_a_socket_that_is_over_stays_so() -> None:
    LEFT.clear()
    _, closing = await run(b"/live/leave")
    assert (closing["code"], LEFT) == (4000, ["quietly"])

    async def nowhere(message: Any) -> None:
        raise AssertionError

    request = Request(scope_of("", b"/", kind="websocket"), events())
    socket = Socket(request, events({"type": "x", "code": 4}), nowhere)
    with pytest.raises(SocketClosed) as caught:
        await socket.receive()
    assert caught.value.code == 4
    for again in (socket.receive(), socket.send("x"), socket.accept()):
        with pytest.raises(SocketClosed):
            await again


async def test_a_real_client_talks_and_is_refused_over_loopback() -> None:
    async with serving(APP) as listener:
        base = listener.url.replace("http", "ws") + "/live/"
        async with connect(
            base + "echo/a%20b?after=9", subprotocols=[websockets.Subprotocol("s1")]
        ) as client:
            assert client.subprotocol == "s1"
            assert client.protocol.extensions == []  # compression is not taken up
            assert await client.recv() == "a b 9"
            await client.send("hi 😀")
            assert await client.recv() == "hi 😀"
            await client.send(b"\xff")
            assert await client.recv() == b"\xff"
        with pytest.raises(InvalidStatus) as caught:
            await connect(base + "deny?access_token=secret").__aenter__()
        denial = caught.value.response
        assert (denial.status_code, denial.body) == (403, b'{"words":"not_yours"}')
        assert denial.headers["X-Request-Id"]
        assert denial.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_refused_or_deserted_handshake_leaves_no_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    handshake = (
        b"GET /live/%b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: %b\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with serving(APP) as listener:
        for target, version, status in (
            (b"deny", b"13", 403),
            (b"nowhere", b"13", 404),
            (b"echo/1", b"12", 400),
            (b"echo/1", b"", 400),
        ):
            reply, rest = await once(listener, handshake % (target, version))
            assert (reply.status, rest) == (status, b"")
        wire = await Wire.to(listener)
        await wire.put(handshake % (b"echo/1", b"13"))
        wire.close()
        wire = await Wire.to(listener)
        assert (await wire.ask(handshake % (b"echo/1", b"13"))).status == 101
        await wire.put(b"\xff" * 10)
        assert b"\x03\xea" in await wire.rest()  # closed with 1002, a protocol error
        wire.close()
    assert caplog.records == []


async def test_a_message_above_the_bound_closes_the_socket() -> None:
    async with (
        serving(APP, socket_message_bytes=100) as listener,
        connect(listener.url.replace("http", "ws") + "/live/echo/1") as client,
    ):
        await client.recv()
        await client.send("x" * 101)
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009


async def test_a_stop_tells_sockets_that_the_server_restarts() -> None:
    async with serving(APP) as listener:
        client = await connect(listener.url.replace("http", "ws") + "/live/echo/1").__aenter__()
        await client.recv()
        waiting = asyncio.create_task(client.recv())
        await listener.stop(timeout=1.0)
        with pytest.raises(ConnectionClosed) as caught:
            await waiting
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1012
        await client.close()
