"""Measures the router against Starlette's and against no router: python -m tests.web.measure_routing

Every application answers the same three requests with the same bytes, called in memory as a server would
call it, on uvloop; the figure is processor time, the best of several rounds, with its ratio to the bare application's.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route as StarletteRoute

from tests.web.calls import scope_of
from textwire.web.asgi import WHOLE_BODY
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.router import Router
from textwire.web.routes import Door, Route

ROUNDS, CALLS, FILLERS = 9, 5_000, 40
BODY = b'{"to":["+447700900123"],"text":"hello"}'
ANSWER = b'{"id":"1"}'
HEADERS = {
    "Host": "127.0.0.1:8080",
    "User-Agent": "measure",
    "Authorization": "Bearer tw_0123456789",
    "Content-Type": "application/json",
    "Content-Length": str(len(BODY)),
}
KANDY = "/cpaas/smsmessaging/v1/{user}/outbound/{sender}/requests"
REQUESTS: list[tuple[str, str, bytes]] = [
    ("literal, no body", "GET", b"/api/account"),
    ("literal, body read", "POST", b"/api/messages"),
    ("two parameters, body read", "POST", b"/cpaas/smsmessaging/v1/u-1/outbound/+16139998877/requests"),
]
PATTERNS = [("GET", "/api/account"), ("POST", "/api/messages"), ("POST", KANDY)]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """What an application without router, request and response does."""
    if scope["method"] == "POST":
        await receive()
    lines = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": lines})
    await send({"type": "http.response.body", "body": ANSWER})


async def ours(request: Request) -> Response:
    if request.method == "POST":
        await request.body()
    return Response(200, ANSWER, "application/json")


async def theirs(request: StarletteRequest) -> StarletteResponse:
    if request.method == "POST":
        await request.body()
    return StarletteResponse(ANSWER, 200, media_type="application/json")


async def unused(request: Request) -> Response:
    return json_response({})


def our_app() -> Router:
    fillers = [Route("GET", f"/api/r{number}/{{id}}", unused) for number in range(FILLERS)]
    routes = [Route(method, pattern, ours) for method, pattern in PATTERNS]
    return Router([Door(name="d", prefixes=("/",), routes=(*fillers, *routes))])


def their_app() -> Starlette:
    fillers = [StarletteRoute(f"/api/r{number}/{{id}}", theirs) for number in range(FILLERS)]
    routes = [StarletteRoute(pattern, theirs, methods=[method]) for method, pattern in PATTERNS]
    return Starlette(routes=[*routes, *fillers])  # the measured ones first: Starlette tries one by one


async def microseconds(app: Callable[..., Awaitable[None]], method: str, path: bytes) -> float:
    """Per call, the best round."""
    message = {"type": "http.request", "body": BODY, "more_body": False}

    async def receive() -> Any:
        return message

    async def send(message: Any) -> None:
        pass

    template = scope_of(method, path, HEADERS)
    template.update(
        {"path": path.decode(), "root_path": "", "http_version": "1.1", WHOLE_BODY: bytearray(BODY)}
    )
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(CALLS):
            await app(dict(template), receive, send)
        best = min(best, (time.process_time() - begun) / CALLS)
    return best * 1e6


async def main() -> None:
    """Print a table."""
    apps: list[tuple[str, Any]] = [("bare", bare), ("router", our_app()), ("Starlette", their_app())]
    for label, method, path in REQUESTS:
        figures = {name: await microseconds(app, method, path) for name, app in apps}
        ratios = {name: figure / figures["bare"] for name, figure in figures.items()}
        print(f"{label:28}", *(f"{name} {figures[name]:6.2f} µs ({ratios[name]:4.1f}x) " for name, _ in apps))


if __name__ == "__main__":
    uvloop.run(main())
