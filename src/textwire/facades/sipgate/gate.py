"""Before every resource: credentials, media type, scopes and whose path it is, in this order."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store.engines.engine import Unavailable
from textwire.store.extensions import Extension
from textwire.switch.extensions import Extensions
from textwire.web.problem import Problem, Refused
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from .credentials import Credentials
from .errors import MEDIA_TYPE, UNAVAILABLE, problem, refuse
from .scopes import permit
from .wire import user_id

JSON: Final = "application/json"
WITH_BODY: Final = ("POST", "PUT")


class Me(msgspec.Struct, frozen=True):
    """Who is calling, and his place in the account."""

    caller: Caller
    extension: Extension


Resource = Callable[[Request, Me], Awaitable[Response]]


class Gate:
    """Makes routes of resources."""

    def __init__(self, credentials: Credentials, extensions: Extensions) -> None:
        self._credentials, self._extensions = credentials, extensions

    def route(
        self, method: str, pattern: str, resource: Resource, scopes: tuple[str, ...] = (),
        body_limit: int = BODY_LIMIT,
    ) -> Route:  # fmt: skip
        """A route for users whose credential has one of the scopes; a user in its path has to be the caller."""

        async def handler(request: Request) -> Response:
            caller = await self._credentials.caller(request)
            if method in WITH_BODY and request.media_type != JSON:
                raise Refused(MEDIA_TYPE)
            permit(caller, scopes)
            me = Me(caller, await self._extensions.of(caller.account, caller.principal))
            await self._is_mine(request, me)
            return await resource(request, me)

        return Route(method, pattern, worded(handler), body_limit)

    async def unmatched(self, request: Request, why: Problem) -> Response:
        """No such path is said to everybody, no such method only to whom we know."""
        if why.status == 405:
            await self._credentials.caller(request)
        return refuse(request, why)

    async def _is_mine(self, request: Request, me: Me) -> None:
        """403 for another user of the account, 404 for one that there is not: a foreign one cannot be named."""
        named = request.params.get("user")
        if named is None or named == user_id(me.extension.number):
            return
        others = await self._extensions.all(me.caller.account)
        known = any(named == user_id(one.number) for one in others)
        raise Refusal("scope_missing" if known else "not_found", "This is another user." if known else "")


def worded(handler: Handler) -> Handler:
    """The handler, with what the rooms below refuse put into sipgate's words."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return refuse(request, problem(refusal))
        except Unavailable:
            return refuse(request, UNAVAILABLE)

    return handle
