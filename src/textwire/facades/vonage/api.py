"""What the vendor's API host does around its resources: credentials, and problem documents for all refusals."""

from collections.abc import Awaitable, Callable
from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store.engines.engine import Unavailable
from textwire.web.decode import BadBody
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from . import parameters
from .gate import Gate, Proved
from .parameters import Parameters
from .problems import Failing, Wrong, response
from .rest import Call
from .statuses import Failed

Loose = Callable[[Call], Awaitable[Response]]
Resource = Callable[[Request, Caller], Awaitable[Response]]

UNAUTHORIZED: Final = (
    401,
    "#unauthorized",
    "Invalid credentials supplied",
    "You did not provide correct credentials.",
)
# code of a Refusal → what it is here; any other is the last one.
REFUSALS: Final = {
    "too_many_failures": (429, "#throttled", "Rate Limit Hit", "Please wait, then retry your request"),
    "queue_full": (429, "#throttled", "Rate Limit Hit", "Please wait, then retry your request"),
    "unavailable": (503, "#unavailable", "Service Unavailable", "Nothing can be stored at the moment"),
    "not_found": (404, "#not-found", "Not Found", "The requested resource was not found"),
}
OTHER: Final = (400, "#bad-request", "Bad Request", "The request could not be done")


class Api:
    """Makes routes of resources."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def route(self, method: str, pattern: str, resource: Resource, body_limit: int = BODY_LIMIT) -> Route:
        """A route that only callers with Basic credentials get through, and that refuses with problem documents."""

        async def basic(request: Request) -> Response:
            return await resource(request, (await self._proved(request, {})).caller)

        return self._guarded(method, pattern, basic, body_limit)

    def loose(self, method: str, pattern: str, resource: Loose) -> Route:
        """The same with parameters, in which the credentials may stand as well, or a signature."""

        async def parametered(request: Request) -> Response:
            given = parameters.filled(await parameters.every(request))
            proved = await self._proved(request, given)
            return await resource(Call(request, proved.caller, proved.settings, given))

        return self._guarded(method, pattern, parametered, BODY_LIMIT)

    def _guarded(self, method: str, pattern: str, inside: Handler, body_limit: int) -> Route:
        async def handler(request: Request) -> Response:
            try:
                return await inside(request)
            except Failing as failing:
                return response(failing)
            except BadBody as bad:
                return response(validation("#validation", Wrong(bad.field or "body", bad.reason)))
            except Unavailable:
                return response(Failing(*REFUSALS["unavailable"], headers=(("Retry-After", "1"),)))
            except Refusal as refusal:
                return response(_failing(refusal))

        return Route(method, pattern, handler, body_limit)

    async def _proved(self, request: Request, given: Parameters) -> Proved:
        try:
            return await self._gate.proved(request, given, strict=False)
        except Failed:
            raise Failing(*UNAUTHORIZED) from None


def validation(kind: str, *wrong: Wrong) -> Failing:
    """Something that the caller said cannot be so."""
    return Failing(400, kind, "Bad Request", "The request failed due to validation errors", *wrong)


def _failing(refusal: Refusal) -> Failing:
    after = (("Retry-After", str(refusal.after or 1)),) if refusal.kind in ("limit", "unavailable") else ()
    return Failing(*REFUSALS.get(refusal.code, OTHER), headers=after)
