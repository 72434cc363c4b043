"""What went wrong with a request, in no vendor's words: a door renders it in its own."""

from http import HTTPStatus

import msgspec

Headers = tuple[tuple[str, str], ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """`status` for HTTP, `code` stable for programs, `detail` for people, `field` a dotted path or empty."""

    status: int
    code: str
    detail: str = ""
    field: str = ""
    headers: Headers = ()

    @property
    def title(self) -> str:
        """The status in words; empty for a status that HTTP does not name."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return ""


class Refused(Exception):  # it is an answer, not an error of ours
    """Raised anywhere below a handler: the door answers with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Gone(Exception):
    """The client left before its request was complete: nobody is there to answer."""


NOT_FOUND = Problem(status=404, code="not_found", detail="There is nothing at this path.")
BAD_PATH = Problem(status=400, code="bad_path", detail="The path is not percent-encoded UTF-8.")
NO_UPGRADE = Problem(
    status=426,
    code="upgrade_required",
    detail="This path speaks WebSocket.",
    headers=(("Upgrade", "websocket"), ("Connection", "upgrade")),
)
FAILED = Problem(status=500, code="internal_error", detail="The server failed; the failure is logged.")
STOPPING = Problem(
    status=503, code="stopping", detail="The server is stopping.", headers=(("Retry-After", "1"),)
)
ENCODED_BODY = Problem(
    status=415,
    code="unsupported_encoding",
    detail="Send the body without Content-Encoding.",
    headers=(("Accept-Encoding", "identity"),),
)
# The rest of the body may still come, so the connection cannot be used again.
LATE_BODY = Problem(
    status=408,
    code="body_timeout",
    detail="The body did not arrive in time.",
    headers=(("Connection", "close"),),
)


def wrong_method(allowed: list[str]) -> Problem:
    """405, naming the methods that the path has (RFC 9110 §15.5.6)."""
    return Problem(
        status=405,
        code="method_not_allowed",
        detail="This path does not know that method.",
        headers=(("Allow", ", ".join(allowed)),),
    )


def too_large(limit: int, close: bool) -> Problem:
    """413 for a body above `limit` bytes; `close` when its bytes were never asked for (Expect)."""
    return Problem(
        status=413,
        code="too_large",
        detail=f"The body is larger than {limit} bytes.",
        headers=(("Connection", "close"),) if close else (),
    )
