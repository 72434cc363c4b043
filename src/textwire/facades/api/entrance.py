"""Who may come in: every route proves its caller, then what the rooms below refuse becomes a problem."""

from collections.abc import Awaitable, Callable
from typing import Final

from textwire.access.access import Access
from textwire.domain.account import Caller, Scope
from textwire.domain.refusal import Refusal
from textwire.web.problem import Problem, Refused
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from .about import About, Operation
from .problem import EXPLAIN, EXPLAINED

OPERATOR: Final = "operator"

SCOPE_OF: Final[dict[str, tuple[Scope, Scope]]] = {
    "messages": ("read", "send"),
    "batches": ("read", "send"),
    "conversations": ("read", "send"),
    "text": ("read", "read"),
    "live": ("read", "read"),
    "numbers": ("read", "manage"),
    "senders": ("read", "manage"),
    "hooks": ("read", "manage"),
    "deliveries": ("read", "manage"),
    "opt-outs": ("read", "manage"),
    "keywords": ("read", "manage"),
    "quiet-hours": ("read", "manage"),
    "retention": ("read", "manage"),
    "erasures": ("read", "manage"),
    "exports": ("read", "manage"),
    "flows": ("read", "manage"),
    "account": ("read", "manage"),
    "users": ("manage", "manage"),
    "projects": ("manage", "manage"),
    "keys": ("manage", "manage"),
    "tokens": ("manage", "manage"),
    "audit": ("manage", "manage"),
    "accounts": (OPERATOR, OPERATOR),
    "carriers": (OPERATOR, OPERATOR),
    "routes": (OPERATOR, OPERATOR),
    "simnet": (OPERATOR, OPERATOR),
}
"""The one rule of scopes: the first word of a path behind /api → the scope that GET needs, that the rest needs.

Each operation needs exactly one, and a key has those that it lists: none includes another.
"""

Inside = Callable[[Request, Caller], Awaitable[Response]]
"""A handler behind the entrance."""


class Entrance:
    """Makes routes. Nothing of a request but its head is read before its caller is known."""

    def __init__(self, access: Access, simulated: Callable[[], bool]) -> None:
        self._key, self._simulated = access.key, simulated
        self.operations: list[Operation] = []

    def route(
        self, method: str, pattern: str, inside: Inside, *, body_limit: int = BODY_LIMIT, about: About | None = None,
        simulated: bool = False,
    ) -> Route:  # fmt: skip
        """One operation for callers with a key that has the scope which SCOPE_OF says."""
        wanted = scope_of(method, pattern)
        self.operations.append(Operation(method, pattern, wanted, about, simulated, body_limit))

        async def enter(request: Request) -> Response:
            try:
                return await inside(request, await self.caller(request, wanted))
            except EXPLAINED as error:
                raise Refused(_problem(error)) from None

        return Route(method, pattern, enter, body_limit)

    def simulated(self, method: str, pattern: str, inside: Inside, *, about: About | None = None) -> Route:
        """One operation on the simulated network or its clock: refused once a real carrier is armed."""

        async def armed(request: Request, caller: Caller) -> Response:
            if not self._simulated():
                raise Refusal("not_simulated")
            return await inside(request, caller)

        return self.route(method, pattern, armed, about=about, simulated=True)

    async def caller(self, request: Request, scope: Scope) -> Caller:
        """Who is calling, with a key that has the scope; Refusal("unauthorized") or ("scope_missing")."""
        caller = await self._key(bearer(request.header(b"authorization")), request.client)
        request.trust()
        if scope not in caller.scopes:
            raise Refusal("scope_missing", f"This call needs a key with the scope {scope}.")
        return caller

    def public(self, method: str, pattern: str, handler: Handler, *, about: About | None = None) -> Route:
        """One operation for everybody."""
        self.operations.append(Operation(method, pattern, None, about))

        async def enter(request: Request) -> Response:
            try:
                return await handler(request)
            except EXPLAINED as error:
                raise Refused(_problem(error)) from None

        return Route(method, pattern, enter)


def scope_of(method: str, pattern: str) -> Scope:
    """The scope that an operation needs. What SCOPE_OF does not know is the operator's (and fails a test)."""
    looking, changing = SCOPE_OF.get(_first_word(pattern), (OPERATOR, OPERATOR))
    return looking if method == "GET" else changing


def _first_word(pattern: str) -> str:
    return pattern.removeprefix("/api/").partition("/")[0]


def bearer(authorization: str | None) -> str:
    """The key in an Authorization header (RFC 6750 §2.1); Refusal("unauthorized") without one."""
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise Refusal("unauthorized", "Send the header Authorization: Bearer with your key.")
    return key


def _problem(error: Exception) -> Problem:
    return next(explain(error) for kind, explain in EXPLAIN.items() if isinstance(error, kind))
