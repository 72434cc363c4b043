"""Words what went wrong as problem documents (RFC 9457), with the wire's own names for fields."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from textwire.domain.refusal import Refusal
from textwire.simnet.exchange import Unusable
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.switch import retry
from textwire.web.decode import BadBody
from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import PROBLEM_JSON, Response

from .codes import STATUS, meaning_of, status_of, type_of

# RFC 6750 §3; RFC 9110 §10.2.3
HEADERS: Final[dict[int, Headers]] = {
    401: (("WWW-Authenticate", 'Bearer realm="textwire"'),),
    429: (("Retry-After", "1"),),
    503: (("Retry-After", "1"),),
}

# The domain's words for fields → ours. Those that are not here are the same.
FIELDS: Final = {"recipient": "to", "sender": "from", "correlator": "ref", "klass": "class"}
_INDEXED: Final = re.compile(r"(\w+)(.*)", re.DOTALL)

# Where the verb speaks of microseconds, which nobody sends us.
DETAILS: Final = {
    "validity_out_of_range": f"The validity must be {retry.VALIDITY_RANGE[0] // retry.SECOND} second "
    f"to {retry.VALIDITY_RANGE[1] // retry.HOUR} hours.",
}

# How msgspec begins → code, and what a person reads instead (None: msgspec's own words).
_REASONS: Final = (
    ("Object missing required field", "missing_field", "This field is required."),
    ("Object contains unknown field", "unknown_field", "There is no such field."),
)


def of_refusal(refusal: Refusal) -> Problem:
    """The problem that a refusal is on this wire."""
    status = status_of(refusal.code)
    return Problem(
        status=status,
        code=refusal.code,
        detail=DETAILS.get(refusal.code) or refusal.detail,
        field=wire_field(refusal.field),
        headers=_headers(status, refusal),
    )


def _headers(status: int, refusal: Refusal) -> Headers:
    if refusal.after:
        return (("Retry-After", str(refusal.after)),)
    return HEADERS.get(status, ()) if status == STATUS[refusal.kind] else ()


def wire_field(field: str) -> str:
    """Our name for a field that the domain names: `recipient[3]` → `to[3]`."""
    match = _INDEXED.fullmatch(field)
    return FIELDS.get(match[1], match[1]) + match[2] if match else field


def of_bad_body(error: BadBody) -> Problem:
    """A body, or a query string, that could not be read as what the call takes."""
    for start, code, detail in _REASONS:
        if error.reason.startswith(start):
            return Problem(status=400, code=code, detail=detail, field=error.field)
    code = "invalid_field" if error.field else "invalid_body"
    return Problem(status=400, code=code, detail=error.reason, field=error.field)


def of_unusable(error: Unusable) -> Problem:
    """What the simulated network cannot use."""
    detail = f"{error.detail[:1].upper()}{error.detail[1:]}."
    return Problem(status=400, code="invalid_field", detail=detail, field=error.field)


def of_absence(error: Exception) -> Problem:
    """The store is away; its own words stay inside."""
    return of_refusal(Refusal("unavailable"))


EXPLAIN: Final[dict[type[Exception], Callable[[Any], Problem]]] = {
    Refusal: of_refusal,
    BadBody: of_bad_body,
    Unusable: of_unusable,
    Unavailable: of_absence,
    Fatal: of_absence,
}
EXPLAINED: Final = tuple(EXPLAIN)


def of_error(error: Exception) -> Problem:
    """The problem that one of the EXPLAINED is."""
    return next(explain(error) for kind, explain in EXPLAIN.items() if isinstance(error, kind))


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457). `type` is where people read about `code`, which is stable and for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Fault, ...]


_encode: Final = msgspec.json.Encoder().encode


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a request that failed, wherever it did."""
    code = problem.code
    document = ProblemDocument(
        type=type_of(code), title=meaning_of(code) or problem.title, status=problem.status,
        detail=problem.detail, code=code, errors=(Fault(problem.field, problem.detail),) if problem.field else (),
    )  # fmt: skip
    return Response(problem.status, _encode(document), PROBLEM_JSON, problem.headers)
