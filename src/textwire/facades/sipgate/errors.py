"""How sipgate's room words what it refuses: the vendor's statuses, and a body that every known client can read."""

# Clients go by the status alone. No source shows a body of the live service for these calls: this one holds the
# model of its specification (`errors`), and what clients in the field look for (`status`, `message`).

from typing import Final

import msgspec

from textwire.domain.refusal import Kind, Refusal
from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import Response, json_response

# kind of a Refusal → status
KINDS: Final[dict[Kind, int]] = {
    "invalid": 400, "unauthorized": 401, "payment": 402, "forbidden": 403, "missing": 404, "conflict": 409,
    "limit": 429, "unavailable": 503,
}  # fmt: skip

# Where the vendor's status is another. A wrong code is as unknown as one that was never asked for.
STATUS: Final = {"code_wrong": 404, "number_taken": 403, "bad_path": 404}

# Words of the domain → members of sipgate's bodies.
POINTERS: Final = {"text": "message", "send_at": "sendAt", "sender": "smsId", "number": "phonenumber", "code": "verificationCode"}  # fmt: skip

MORE: Final[dict[int, Headers]] = {
    401: (("WWW-Authenticate", 'Basic realm="sipgate"'),),
    429: (("Retry-After", "1"),),
    503: (("Retry-After", "1"),),
}

MEDIA_TYPE: Final = Problem(
    status=415, code="unsupported_media_type", detail="Send the body as application/json."
)
UNAVAILABLE: Final = Problem(status=503, code="unavailable", detail="Try again shortly.")
# The vendor's own table of errors: "internal server error or unhandled bad request (e.g. smsId not set)".
NO_SMS_ID: Final = Problem(status=500, code="sms_id_missing", detail="smsId is not set.", field="smsId")


def not_booked(feature: str) -> Problem:
    """The vendor's word for what an account does not have."""
    return Problem(status=403, code="feature_not_booked", detail=f"{feature} feature not booked.")


class _Source(msgspec.Struct, frozen=True):
    pointer: str


class _Error(msgspec.Struct, frozen=True, omit_defaults=True):
    status: int
    title: str
    detail: str
    source: _Source | None = None


class _Body(msgspec.Struct, frozen=True):
    status: int
    message: str
    errors: list[_Error]


def problem(refusal: Refusal) -> Problem:
    """What a refusal of the rooms below is on this wire."""
    status = STATUS.get(refusal.code, KINDS[refusal.kind])
    after = (("Retry-After", str(refusal.after)),) if refusal.after else ()
    return Problem(
        status=status, code=refusal.code, detail=refusal.detail, field=refusal.field, headers=after
    )


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a problem, whatever room it comes from."""
    status = STATUS.get(problem.code, problem.status)
    detail = problem.detail or problem.title
    source = _Source(f"/{pointer(problem.field)}") if problem.field else None
    body = _Body(status, detail, [_Error(status, problem.title, detail, source)])
    return json_response(body, status, _headers(status, problem.headers))


def pointer(field: str) -> str:
    """The member to blame."""
    return POINTERS.get(field, field)


def _headers(status: int, own: Headers) -> Headers:
    taken = {name.lower() for name, _ in own}
    return (*own, *((name, value) for name, value in MORE.get(status, ()) if name.lower() not in taken))
