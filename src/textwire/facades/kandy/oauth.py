"""How everything under the token endpoint's path is refused: in OAuth's words, each said three times."""

from typing import Final

import msgspec

from textwire.web.problem import Headers, Problem
from textwire.web.response import Response, json_response

ROOT: Final = "/cpaas/auth/"

# error (RFC 6749 §5.2, §4.1.2.1 for the last two; slow_down: RFC 8628 §3.5) → status and what a person reads
ERRORS: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (400, "A required field is missing or cannot be read"),
    "unsupported_grant_type": (400, "This grant type is not supported"),
    "invalid_scope": (400, "The scope must hold openid"),
    "invalid_grant": (401, "Invalid user credentials"),
    "invalid_client": (401, "Invalid client or client credentials"),
    "slow_down": (429, "Too many wrong credentials; try again later"),
    "temporarily_unavailable": (429, "Too many logins at once; try again shortly"),
    "server_error": (500, "The server failed"),
}
# Problems of the rooms below whose status alone does not say which error they are.
BUSY: Final = "temporarily_unavailable"


class _Error(msgspec.Struct, frozen=True):
    """Three spellings of the same: SDKs read the first two or the last."""

    error: str
    error_description: str
    message: str


def refusal(error: str, after: int = 0) -> Response:
    """A login that is refused; `after`: in how many seconds another try may be worth it."""
    status, description = ERRORS[error]
    return _answer(status, error, description, (("Retry-After", str(after or 1)),) if status == 429 else ())


def refuse(problem: Problem) -> Response:
    """The answer to a problem of the shell or of ours: a wrong method, a long body, a store that is away."""
    if problem.status in (429, 503):
        waits = any(name.lower() == "retry-after" for name, _ in problem.headers)
        headers = problem.headers if waits else (*problem.headers, ("Retry-After", "1"))
        return _answer(problem.status, BUSY, problem.detail or problem.title, headers)
    error = "server_error" if problem.status >= 500 else "invalid_request"
    return _answer(problem.status, error, problem.detail or problem.title, problem.headers)


def _answer(status: int, error: str, description: str, headers: Headers) -> Response:
    return json_response(_Error(error, description, description), status, headers)
