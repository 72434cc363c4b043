"""The ASGI application: find the door and the route, call the handler, send what it answers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from textwire.web.asgi import ANSWER, Answer, Receive, Scope, Send
from textwire.web.decode import BadBody
from textwire.web.failures import log_failure
from textwire.web.plan import Hit, Plan, Table
from textwire.web.problem import FAILED, STOPPING, Gone, Problem, Refused
from textwire.web.request import BODY_SECONDS, Request
from textwire.web.response import Line, Response, problem_response, wire_block, wire_lines
from textwire.web.routes import Door
from textwire.web.websocket import INTERNAL_ERROR, RESTARTING, Socket, SocketClosed

Explain = Callable[[Any], Problem]

# RFC 6797 §6.1; only on TLS, and only if the operator wants it: it also binds a laptop's localhost.
_HSTS: Final[Line] = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def _bad_body(error: BadBody) -> Problem:
    return Problem(status=400, code="bad_request", detail=error.reason, field=error.field)


def _refused(error: Refused) -> Problem:
    return error.problem


class Router:
    """Serves its doors. `problems` says what an exception of a lower room means: an exact class or a base."""

    def __init__(
        self,
        doors: Iterable[Door],
        problems: Mapping[type[Exception], Explain] | None = None,
        *,
        body_seconds: float = BODY_SECONDS,
        strict_transport: bool = False,
    ) -> None:
        self._plan = Plan(doors)
        self._problems: dict[type, Explain] = {BadBody: _bad_body, Refused: _refused, **(problems or {})}
        self._body_seconds = body_seconds
        self._strict_transport = strict_transport
        self.answers: Counter[tuple[str, int]] = Counter()  # (door, status) → requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3. A lifespan has nothing to start here."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = self._plan.find(scope["method"], scope["raw_path"])
        request = self._request(scope, receive, hit)
        try:
            response = await hit.call(request)
        except Gone:
            return
        except (Exception, asyncio.CancelledError) as error:
            response = self._explain(hit.table, request, error)
        lines = hit.table.lines
        if self._strict_transport and request.secure:
            lines = (*lines, _HSTS)
        try:
            wire, last = wire_block(response, request.id, lines)
        except ValueError as error:
            response = self._explain(hit.table, request, error)
            wire, last = wire_block(response, request.id, lines)
        self.answers[hit.table.door.name, response.status] += 1
        answer: Answer | None = scope.get(ANSWER)
        if answer is not None:
            answer(response.status, wire, response.body, last)
            return
        headers = wire_lines(response, request.id, lines)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    def _request(self, scope: Scope, receive: Receive, hit: Hit) -> Request:
        return Request(scope, receive, hit.pattern, hit.params, hit.body_limit, self._body_seconds)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = self._plan.find_socket(scope["raw_path"])
        request = self._request(scope, receive, hit)
        socket = Socket(request, receive, send, hit.table.lines)
        try:
            await socket.opened()
            await self._converse(hit, request, socket)
        except SocketClosed:
            return

    async def _converse(self, hit: Hit, request: Request, socket: Socket) -> None:
        try:
            if hit.socket is None:
                await socket.refuse(await hit.call(request))
            else:
                await hit.socket(request, socket)
        except SocketClosed:
            raise
        except (Exception, asyncio.CancelledError) as error:
            response = self._explain(hit.table, request, error)
            if not socket.accepted:
                await socket.refuse(response)
            else:
                await socket.close(RESTARTING if response.status == STOPPING.status else INTERNAL_ERROR)

    def _explain(self, table: Table, request: Request, error: BaseException) -> Response:
        problem = self._problem_of(error)
        if problem is None:
            log_failure(table.door.name, request, error)
            problem = FAILED
        try:
            return table.door.refuse(request, problem)
        except Exception as failure:
            log_failure(table.door.name, request, failure)
            return problem_response(problem)

    def _problem_of(self, error: BaseException) -> Problem | None:
        if isinstance(error, asyncio.CancelledError):
            return STOPPING  # only a stop cancels a request, after its time to finish
        for kind in type(error).__mro__:
            explain = self._problems.get(kind)
            if explain is not None:
                return explain(error)
        return None
