"""The table a door is made of: which method and path goes to which handler."""

from collections.abc import Awaitable, Callable

import msgspec

from textwire.web.problem import Headers, Problem
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response, problem_response
from textwire.web.websocket import Socket

Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[Request, Socket], Awaitable[None]]
Refuse = Callable[[Request, Problem], Response]
Fallback = Callable[[Request, Problem], Awaitable[Response]]


class Route(msgspec.Struct, frozen=True):
    """One operation. A segment of `pattern` is a word, `{name}`, or `{name:regex}`; none matches empty."""

    method: str
    pattern: str
    handler: Handler
    body_limit: int = BODY_LIMIT


class WebSocketRoute(msgspec.Struct, frozen=True):
    """One socket; its handler accepts or refuses, and returns when it is over."""

    pattern: str
    handler: SocketHandler


def _refuse(request: Request, problem: Problem) -> Response:
    return problem_response(problem)


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """One wire: the path prefixes it owns, its routes, and how it words a refusal.

    Of two doors the longer prefix owns a path. `fallback` answers what no route matches (404, 405, 426)
    where that takes more than `refuse`, say a 401 first; `options` answers every OPTIONS under the
    prefixes; `headers` go on every answer, refusals too.
    """

    name: str
    prefixes: tuple[str, ...]
    routes: tuple[Route, ...] = ()
    sockets: tuple[WebSocketRoute, ...] = ()
    refuse: Refuse = _refuse
    fallback: Fallback | None = None
    options: Handler | None = None
    headers: Headers = ()
