"""How Kandy words what it refuses: one table from our codes to status, messageId, text and variables."""

# The sources show the shape, and SVC0002 and SVC0005; the other identifiers are those of OMA's and ParlayX's
# common exceptions. A `policyException` would be the more natural form of a 403, but the vendor's Java SDK
# reads `serviceException` alone, and all others read both.

import msgspec

from textwire.domain.refusal import CODES, Kind
from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import Response, json_response

from . import oauth
from .wire import Wire

# %1 is the part of the message, or our code. No braces: the Python SDK fills texts in with str.format.
TEXTS = {
    "SVC0001": "A service error occurred. Error code is %1",
    "SVC0002": "Invalid input value for message part %1",
    "SVC0004": "No valid addresses provided in message part %1",
    "POL0001": "A policy error occurred. Error code is %1",
    "POL0003": "Too many addresses specified in message part %1",
}
NAMES_THE_PART = {"SVC0002", "SVC0004", "POL0003"}

# kind of a Refusal → (status, messageId)
KINDS: dict[Kind, tuple[int, str]] = {
    "invalid": (400, "SVC0002"),
    "unauthorized": (401, "SVC0001"),
    "payment": (403, "POL0001"),
    "forbidden": (403, "POL0001"),
    "missing": (404, "SVC0004"),
    "conflict": (409, "SVC0001"),
    "limit": (429, "SVC0001"),
    "unavailable": (503, "SVC0001"),
}

# code of a Refusal, or of a Problem of the web room or of ours → (status, messageId)
TABLE: dict[str, tuple[int, str]] = {code: KINDS[kind] for code, (kind, _) in CODES.items()} | {
    "too_many_recipients": (400, "POL0003"),
    "loop": (429, "POL0001"),
    "too_many_hooks": (403, "POL0001"),
    "foreign_user": (403, "POL0001"),
    "bad_request": (400, "SVC0002"),
    "bad_path": (400, "SVC0002"),
    "method_not_allowed": (405, "SVC0001"),
    "body_timeout": (408, "SVC0001"),
    "too_large": (413, "SVC0001"),
    "unsupported_encoding": (415, "SVC0001"),
    "upgrade_required": (426, "SVC0001"),
    "internal_error": (500, "SVC0001"),
    "stopping": (503, "SVC0001"),
}

# Words of the domain → members of Kandy's bodies and paths.
PARTS = {
    "": "body",
    "recipient": "address",
    "sender": "senderAddress",
    "text": "message",
    "number": "destinationAddress",
    "url": "x-webhookURL",
    "channel": "notifyURL",
}
WHOLE = {"not_found": "resourceURL", "bad_path": "resourceURL"}  # where no member is to blame

MORE: dict[int, Headers] = {
    401: (("WWW-Authenticate", "Bearer"),),  # RFC 6750 §3
    429: (("Retry-After", "1"),),
    503: (("Retry-After", "1"),),
}

FOREIGN_USER = Problem(status=403, code="foreign_user", detail="The token belongs to another user.")
UNAVAILABLE = Problem(status=503, code="unavailable")
UNAUTHORIZED = Problem(status=401, code="unauthorized", detail="A valid access token is needed.")


class ServiceException(msgspec.Struct, frozen=True, rename="camel"):
    """`variables` is always there: the Ruby SDK dies without it."""

    message_id: str
    text: str
    variables: list[str]


class _RequestError(Wire, frozen=True, kw_only=True):
    service_exception: ServiceException


class _Body(Wire, frozen=True, kw_only=True):
    request_error: _RequestError


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a problem, whatever room it comes from."""
    status, exception = TABLE.get(problem.code) or (problem.status, "SVC0001")
    if f"{request.path}/".startswith(oauth.ROOT):
        return oauth.refuse(msgspec.structs.replace(problem, status=status))
    if exception in NAMES_THE_PART:
        variable = part(problem.field) if problem.field else WHOLE.get(problem.code, PARTS[""])
    else:
        variable = problem.code
    body = _Body(
        request_error=_RequestError(
            service_exception=ServiceException(exception, TEXTS[exception], [variable])
        )
    )
    return json_response(body, status, _headers(status, problem.headers))


def part(field: str) -> str:
    """The member to blame: the last one of a dotted path, `recipient[3]` being `address[3]`."""
    last = field.rpartition(".")[2]
    name, bracket, index = last.partition("[")
    return PARTS.get(name, name) + bracket + index


def _headers(status: int, own: Headers) -> Headers:
    taken = {name.lower() for name, _ in own}
    return (*own, *((name, value) for name, value in MORE.get(status, ()) if name.lower() not in taken))
