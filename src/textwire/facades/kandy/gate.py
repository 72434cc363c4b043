"""Before every resource of a user: the access token, whether the path is its owner's, and words for refusals."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store.engines.engine import Unavailable
from textwire.web.problem import Problem, Refused
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from .errors import FOREIGN_USER, UNAUTHORIZED, UNAVAILABLE, refuse
from .tokens import Tokens

Resource = Callable[[Request, Caller], Awaitable[Response]]

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)  # RFC 6750 §2.1


class Gate:
    """Makes routes of resources."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def route(self, method: str, pattern: str, resource: Resource, body_limit: int = BODY_LIMIT) -> Route:
        """A route that only the user named in its path, with a token, gets through."""

        async def handler(request: Request) -> Response:
            return await resource(request, await self._caller(request))

        return Route(method, pattern, worded(handler), body_limit)

    async def _caller(self, request: Request) -> Caller:
        """401 without a good token, 403 for another user's path."""
        bearer = _BEARER.fullmatch(request.header(b"authorization") or "")
        if bearer is None:
            raise Refused(UNAUTHORIZED)
        caller = await self._tokens.caller(bearer[1])
        request.trust()
        if request.params["user"] != caller.public_id:
            raise Refused(FOREIGN_USER)
        return caller


def worded(handler: Handler) -> Handler:
    """The handler, with what the rooms below refuse put into Kandy's words."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            after = (("Retry-After", str(refusal.after)),) if refusal.after else ()
            return refuse(request, Problem(status=500, code=refusal.code, field=refusal.field, headers=after))
        except Unavailable:
            return refuse(request, UNAVAILABLE)

    return handle
