"""Who may come in: every route proves its caller, then what the rooms below refuse becomes a problem."""

from collections.abc import Awaitable, Callable

from textwire.access.access import Access
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.web.problem import Problem, Refused
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from .about import About, Operation
from .problem import EXPLAIN, EXPLAINED

OPERATOR = "operator"
"""The scope of the clock and the simulated network (decisions 5)."""

Inside = Callable[[Request, Caller], Awaitable[Response]]
"""A handler behind the entrance."""


class Entrance:
    """Makes routes. Nothing of a request but its head is read before its caller is known."""

    def __init__(self, access: Access, simulated: Callable[[], bool]) -> None:
        self._key, self._simulated = access.key, simulated
        self.operations: list[Operation] = []

    def route(
        self, method: str, pattern: str, inside: Inside, *, scope: str = "", body_limit: int = BODY_LIMIT,
        about: About | None = None,
    ) -> Route:  # fmt: skip
        """One operation for callers with a key, and with `scope` if one is named."""
        self.operations.append(Operation(method, pattern, scope, about))

        async def enter(request: Request) -> Response:
            try:
                caller = await self._key(bearer(request.header(b"authorization")))
                if scope and scope not in caller.scopes:
                    raise Refusal("scope_missing", f"This call needs a key with the scope {scope}.")
                return await inside(request, caller)
            except EXPLAINED as error:
                raise Refused(_problem(error)) from None

        return Route(method, pattern, enter, body_limit)

    def simulated(self, method: str, pattern: str, inside: Inside, *, about: About | None = None) -> Route:
        """One operation on the simulated network or its clock: refused once a real carrier is armed."""

        async def armed(request: Request, caller: Caller) -> Response:
            if not self._simulated():
                raise Refusal("not_simulated")
            return await inside(request, caller)

        return self.route(method, pattern, armed, scope=OPERATOR, about=about)

    def public(self, method: str, pattern: str, handler: Handler, *, about: About | None = None) -> Route:
        """One operation for everybody."""
        self.operations.append(Operation(method, pattern, None, about))

        async def enter(request: Request) -> Response:
            try:
                return await handler(request)
            except EXPLAINED as error:
                raise Refused(_problem(error)) from None

        return Route(method, pattern, enter)


def bearer(authorization: str | None) -> str:
    """The key in an Authorization header (RFC 6750 §2.1); Refusal("unauthorized") without one."""
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise Refusal("unauthorized", "Send the header Authorization: Bearer with your key.")
    return key


def _problem(error: Exception) -> Problem:
    return next(explain(error) for kind, explain in EXPLAIN.items() if isinstance(error, kind))
