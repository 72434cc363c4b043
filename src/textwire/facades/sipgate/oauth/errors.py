"""How the token endpoint refuses: in OAuth's words, as Keycloak has them."""

from typing import Final

import msgspec

from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import Response, json_response

# error (RFC 6749 §5.2, §4.1.2.1 for the last; slow_down: RFC 8628 §3.5) → status and what a person reads
ERRORS: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (400, "A required field is missing or cannot be read"),
    "unsupported_grant_type": (400, "Unsupported grant_type"),
    "invalid_scope": (400, "Invalid scopes"),
    "invalid_grant": (400, "Code not valid"),
    "invalid_client": (401, "Client not found"),
    "unauthorized_client": (401, "Invalid client secret"),
    "invalid_token": (401, "Token verification failed"),
    "slow_down": (429, "Too many wrong passwords; try again later"),
    "temporarily_unavailable": (503, "Try again shortly"),
}
# Clients run on pages of other origins, too; what they prove themselves with is in the form or a header, never a cookie.
CORS: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept"),
    ("Access-Control-Max-Age", "86400"),
)


class Failed(Exception):
    """Refused with one of OAuth's errors; `after`: in how many seconds another try may be worth it."""

    def __init__(self, error: str, description: str = "", status: int = 0, after: int = 0) -> None:
        super().__init__(error)
        self.error, self.after = error, after
        self.status, usual = ERRORS[error]
        self.status, self.description = status or self.status, description or usual


class _Error(msgspec.Struct, frozen=True):
    error: str
    error_description: str


def failure(failed: Failed) -> Response:
    """The answer."""
    waits = failed.status in (429, 503)
    after: Headers = (("Retry-After", str(failed.after or 1)),) if waits else ()
    asks: Headers = (
        (("WWW-Authenticate", 'Bearer error="invalid_token"'),) if failed.error == "invalid_token" else ()
    )
    return json_response(_Error(failed.error, failed.description), failed.status, (*CORS, *after, *asks))


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a problem of the shell: no such path, a wrong method, a long body, a store that is away."""
    error = "temporarily_unavailable" if problem.status in (429, 503) else problem.code
    body = _Error(error, problem.detail or problem.title)
    return json_response(body, problem.status, (*CORS, *problem.headers))
