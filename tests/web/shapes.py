"""An application for the guard's tests, and the requests that must never reach it."""

import asyncio

from textwire.web.request import Request
from textwire.web.response import Response, json_response, text_response
from textwire.web.router import Router
from textwire.web.routes import Door, Route

SEEN: list[str] = []
LARGE = 30_000_000  # more than the buffers of a connection hold
GET = b"GET /get HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


async def get(request: Request) -> Response:
    SEEN.append("get")
    return text_response(request.path)


async def echo(request: Request) -> Response:
    body = await request.body()
    SEEN.append("echo")
    return Response(200, body, "text/plain")


async def deaf(request: Request) -> Response:
    SEEN.append("deaf")
    return text_response("not read")


async def names(request: Request) -> Response:
    await request.body()
    return json_response([name.decode() for name, _ in request.scope["headers"]])


async def slow(request: Request) -> Response:
    SEEN.append("slow")
    await asyncio.sleep(0.2)
    return text_response("slow")


async def who(request: Request) -> Response:
    return json_response([request.client, request.secure])


async def large(request: Request) -> Response:
    return Response(200, bytes(LARGE))


async def asleep(request: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


DOOR = Door(
    name="d",
    prefixes=("/",),
    routes=(
        Route("GET", "/get", get),
        Route("GET", "/", get),
        Route("GET", "/slow", slow),
        Route("GET", "/asleep", asleep),
        Route("GET", "/who", who),
        Route("POST", "/slow", slow),
        Route("GET", "/large", large),
        Route("POST", "/echo", echo),
        Route("POST", "/deaf", deaf),
        Route("POST", "/names", names),
    ),
)
APP = Router([DOOR], body_seconds=0.5)


def post(*lines: bytes, body: bytes = b"hello", target: bytes = b"/echo") -> bytes:
    return b"\r\n".join([b"POST " + target + b" HTTP/1.1", b"Host: x", *lines, b"", body])


# RFC 9112 §2.2, §3.2, §5.1, §6.1, §6.3, §7.1; every row ends with its connection closed and no handler finished.
SMUGGLING: list[tuple[str, bytes, int]] = [
    ("length and coding", post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    ("coding and length", post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"), 400),
    ("two lengths", post(b"Content-Length: 5", b"Content-Length: 6"), 400),
    ("the same length twice", post(b"Content-Length: 5", b"Content-Length: 5"), 400),
    ("a list of lengths", post(b"Content-Length: 5, 5"), 400),
    ("+5", post(b"Content-Length: +5"), 400),
    ("-5", post(b"Content-Length: -5"), 400),
    ("0x5", post(b"Content-Length: 0x5"), 400),
    ("1_0", post(b"Content-Length: 1_0"), 400),
    ("an empty length", post(b"Content-Length:"), 400),
    ("an endless length", post(b"Content-Length: " + b"9" * 30), 400),
    ("xchunked", post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 400),
    ("identity", post(b"Transfer-Encoding: identity"), 400),
    ("chunked, identity", post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), 400),
    ("gzip, chunked", post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 400),
    (
        "chunked twice",
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        400,
    ),
    ("a tab before chunked", post(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n"), 400),
    ("a coding in HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n", 400),
    ("a space before the colon", post(b"Content-Length : 5"), 400),
    ("a folded line", post(b"X: a", b" b", b"Content-Length: 5"), 400),
    ("a folded coding", post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n"), 400),
    ("a space before the first name", b"GET /get HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    ("bare line feeds", GET.replace(b"\r\n", b"\n"), 400),
    ("one bare line feed", GET.replace(b"Host: x\r\n", b"Host: x\nX: y\r\n"), 400),
    ("a bare carriage return", GET.replace(b"Host: x\r\n", b"Host: x\rX: y\r\n"), 400),
    ("a line feed ends the head", GET[:-2] + b"\n", 400),
    ("a line feed in a chunk extension", CHUNKED + b"5;a\nhello\r\n0\r\n\r\n", 400),
    ("a line feed after a chunk size", CHUNKED + b"5\nhello\r\n0\r\n\r\n", 400),
    ("no line end after a chunk", CHUNKED + b"5\r\nhello0\r\n\r\n", 400),
    ("chunk +5", CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n", 400),
    ("chunk 0x5", CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", 400),
    ("a chunk size with a space", CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n", 400),
    ("an endless chunk", CHUNKED + b"f" * 20 + b"\r\nhello\r\n0\r\n\r\n", 400),
    ("a length after the body", CHUNKED + b"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", 400),
    ("endless trailers", CHUNKED + b"5\r\nhello\r\n0\r\nX: " + b"x" * 300_000, 431),
    ("a NUL in a value", GET.replace(b"x\r\n", b"x\r\nY: a\0b\r\n"), 400),
    ("a NUL in a name", GET.replace(b"x\r\n", b"x\r\nY\0: ab\r\n"), 400),
    ("an empty name", GET.replace(b"x\r\n", b"x\r\n: ab\r\n"), 400),
    ("a line without a colon", GET.replace(b"x\r\n", b"x\r\nabc\r\n"), 400),
    ("no Host", b"GET /get HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", GET.replace(b"Host: x\r\n", b"Host: x\r\nHost: y\r\n"), 400),
    ("the same Host twice", GET.replace(b"Host: x\r\n", b"Host: x\r\nhost: x\r\n"), 400),
    ("two Hosts in HTTP/1.0", b"GET /get HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    ("a Host that is a list", GET.replace(b"x\r\n", b"x, y\r\n"), 400),
    ("a Host that is a URL", GET.replace(b"x\r\n", b"x/y\r\n"), 400),
    ("TRACE", GET.replace(b"GET", b"TRACE"), 405),
    ("CONNECT", b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 405),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("HTTP/2.0 in a line", GET.replace(b"1.1", b"2.0"), 400),
    ("HTTP/1.2", GET.replace(b"1.1", b"1.2"), 400),
    ("HTTP/0.9", b"GET /get\r\n\r\n", 400),
    ("a method nobody knows", GET.replace(b"GET", b"FOO"), 400),
    ("a method in lower case", GET.replace(b"GET", b"get"), 400),
    ("a raw byte in the path", GET.replace(b"/get", b"/\xff"), 400),
    ("a NUL in the path", GET.replace(b"/get", b"/\0"), 400),
    ("a target without a slash", GET.replace(b"/get", b"get"), 400),
    ("an asterisk for GET", GET.replace(b"/get", b"*"), 400),
    ("another scheme", GET.replace(b"/get", b"ftp://x/get"), 400),
    ("a 64 KiB header", GET.replace(b"x\r\n", b"x\r\nY: " + b"y" * 65536 + b"\r\n"), 431),
    ("a 64 KiB header that does not end", GET[:-4] + b"\r\nY: " + b"y" * 65536, 431),
    ("many small headers", GET.replace(b"x\r\n", b"x\r\n" + b"Y: y\r\n" * 129), 431),
    ("a 17 KiB path", GET.replace(b"/get", b"/" + b"a" * 17_000), 431),
    (
        "a WebSocket with a body",
        post(b"Upgrade: websocket", b"Connection: upgrade", b"Content-Length: 5"),
        400,
    ),
    (
        "a WebSocket by GET with a body",
        post(b"Upgrade: websocket", b"Connection: upgrade", b"Content-Length: 5").replace(b"POST", b"GET"),
        400,
    ),
    (
        "a WebSocket with a line that its library cannot read",
        GET.replace(
            b"x\r\n", b"x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nY: " + b"y" * 9000 + b"\r\n"
        ),
        431,
    ),
    ("a WebSocket by POST", post(b"Upgrade: websocket", b"Connection: upgrade", body=b""), 400),
    (
        "a WebSocket with a path that its library cannot read",
        GET.replace(b"/get", b"/" + b"a" * 9000).replace(
            b"x\r\n", b"x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
        ),
        431,
    ),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), 400),
    ("SMPP", b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x01", 400),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", 400),
    ("zeros", bytes(65536), 400),
]
