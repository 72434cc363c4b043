"""Everything that this package raises: one tree, whose refusals carry the server's problem document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .values.messages import Message, MessageStory


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the request that is at fault."""

    field: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457): `code` is stable and for programs, `detail` for people."""

    title: str = ""
    status: int = 0
    detail: str = ""
    code: str = ""
    type: str = "about:blank"
    errors: tuple[Fault, ...] = ()


class TextwireError(Exception):
    """The root of the tree."""


class ConnectionFailed(TextwireError):
    """No answer came. `sent` tells whether the server may have got the request all the same."""

    def __init__(self, what: str, *, sent: bool) -> None:
        super().__init__(what)
        self.sent = sent


class TimedOut(ConnectionFailed):
    """No answer came in time."""


class BadAnswer(TextwireError):
    """An answer came that is not one of Textwire's."""


class Refused(TextwireError):
    """The server said no; a refused call has changed nothing. `problem` says why."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None, request_id: str = "") -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail or problem.title}".strip(": "))
        self.problem, self.retry_after, self.request_id = problem, retry_after, request_id

    @property
    def code(self) -> str:
        """What is wrong, for programs: a code of the server's list."""
        return self.problem.code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def field(self) -> str | None:
        """The first field at fault, if it is one."""
        return self.problem.errors[0].field if self.problem.errors else None


class InvalidRequest(Refused):
    """Something in the request is not possible (400, 405, 413, 415 and the like)."""


class Unauthorized(Refused):
    """No key, or one that is not valid (401)."""


class InsufficientBalance(Refused):
    """The balance does not cover it (402)."""


class Forbidden(Refused):
    """The account, the key or the recipient's wish does not allow it (403)."""


class NotFound(Refused):
    """There is no such thing, or it is somebody else's (404)."""


class Conflict(Refused):
    """It is not the time or the state for it (409)."""


class TooMany(Refused):
    """Too much at once: try again after `retry_after` seconds (429)."""


class ServerFailed(Refused):
    """The server could not do it (5xx)."""


class BadSignature(TextwireError):
    """A webhook that is not signed with the hook's secret, or too long ago."""


class EventsMissed(TextwireError):
    """The server no longer has all events since the place where a live reader left: ask the lists for the rest."""


class WaitedTooLong(TextwireError):
    """What was waited for did not happen in time."""


class NotDelivered(TextwireError):
    """The message ended otherwise than delivered: `message` tells how."""

    def __init__(self, message: Message | MessageStory) -> None:
        super().__init__(
            f"message {message.id} is {message.state}: {message.reason or message.error or 'no reason'}"
        )
        self.message = message


BY_STATUS: dict[int, type[Refused]] = {
    401: Unauthorized,
    402: InsufficientBalance,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: TooMany,
}


def refusal(problem: Problem, *, retry_after: float | None, request_id: str) -> Refused:
    """The exception of an answer that is no success."""
    kind = BY_STATUS.get(problem.status, ServerFailed if problem.status >= 500 else InvalidRequest)
    return kind(problem, retry_after=retry_after, request_id=request_id)
