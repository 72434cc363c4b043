"""What the vendor's REST host does around every resource but /sms: parameters, credentials, answers and refusals."""

# "Numbers API" and "Account API" of the vendor's developer site; the texts of refusals are those of their OpenAPI
# documents (numbers 1.0.20, account 1.0.3).

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from textwire.access.minting import VONAGE_OWNER
from textwire.domain.account import Caller, Settings
from textwire.domain.refusal import Kind, Refusal
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import parameters
from .gate import Gate
from .parameters import Parameters
from .statuses import Failed
from .xml import XML, document

STRANGER: Final = (401, "authentication failed")
FAILED: Final = (420, "method failed")  # a status that HTTP does not know
# kind of a Refusal → (status, label); any other is the 420.
OTHERS: Final[dict[Kind, tuple[int, str]]] = {
    "limit": (429, "throttled"),
    "unavailable": (503, "service unavailable"),
}


class Call(msgspec.Struct, frozen=True):
    """A request whose sender has proved who it is. `given` has every parameter, empty ones too."""

    request: Request
    caller: Caller
    settings: Settings
    given: Parameters


class Status(msgspec.Struct, frozen=True, rename="kebab"):
    """What a call that only does something is answered; the code is a string."""

    error_code: str
    error_code_label: str


Resource = Callable[[Call], Awaitable[Response]]


class Rest:
    """Makes routes of resources."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def route(self, method: str, pattern: str, resource: Resource) -> Route:
        """A route that only callers with credentials get through, and that refuses in the vendor's words."""

        async def handler(request: Request) -> Response:
            given = await parameters.every(request)
            try:
                proved = await self._gate.proved(request, parameters.filled(given))
                return await resource(Call(request, proved.caller, proved.settings, given))
            except Failed:
                return status(request, *STRANGER)
            except Refusal as refusal:
                return refused(request, refusal)

        return Route(method, pattern, handler)


def api_key(caller: Caller) -> str:
    """The api_key of the account, by which its own principal calls."""
    return caller.public_id.removeprefix(VONAGE_OWNER)


def done(request: Request) -> Response:
    """It was done."""
    return status(request, 200, "success")


def refused(request: Request, refusal: Refusal) -> Response:
    """The one answer to nearly everything that was not done."""
    headers = (("Retry-After", str(refusal.after or 1)),) if refusal.kind in OTHERS else ()
    return status(request, *OTHERS.get(refusal.kind, FAILED), headers)


def status(request: Request, code: int, label: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A code with its label, which is also the status of HTTP."""
    return said(request, "response", Status(str(code), label), code, headers)


def said(
    request: Request,
    root: str,
    value: Any,
    code: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    item: str = "",
) -> Response:
    """An answer as JSON; as XML under `root` for who accepts that and no JSON, with lists of elements `item`."""
    accepted = request.header(b"accept") or ""
    if "xml" in accepted and "json" not in accepted:
        return Response(code, document(root, msgspec.to_builtins(value), item), XML, headers)
    return json_response(value, code, headers)
