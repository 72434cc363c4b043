"""What a handler answers, and the header lines that go out with it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from textwire.web.problem import Headers, Problem

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"  # RFC 9457
TEXT: Final = "text/plain; charset=utf-8"

Line = tuple[bytes, bytes]
Lines = list[Line]

# On every answer; one that sets a header of these names itself replaces the line.
_SECURITY: Final[tuple[Line, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_BAD_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_encode: Final = msgspec.json.Encoder().encode


class Response(msgspec.Struct, frozen=True):
    """A whole answer; `headers` are added to, or replace, those that every answer carries."""

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: Headers = ()


def json_response(value: Any, status: int = 200, headers: Headers = ()) -> Response:
    """`value` as JSON: anything that msgspec writes, structs first of all."""
    return Response(status, _encode(value), JSON, headers)


def text_response(text: str, status: int = 200, headers: Headers = ()) -> Response:
    """`text` as plain UTF-8."""
    return Response(status, text.encode(), TEXT, headers)


def problem_response(problem: Problem) -> Response:
    """A problem document (RFC 9457): the dialect of every door that has no older one."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.field:
        document["errors"] = [{"field": problem.field, "detail": problem.detail}]
    return Response(problem.status, _encode(document), PROBLEM_JSON, problem.headers)


def wire_lines(response: Response, request_id: str, extra: Sequence[Line]) -> Lines:
    """All header lines of a response: everybody's, replaced by the door's `extra`, replaced by its own.

    Raises ValueError for a value with control characters or beyond Latin-1, so that no text of a caller
    can start a header line of its own.
    """
    lines = list(_base(response.content_type))
    lines.append((b"x-request-id", request_id.encode()))
    if response.status >= 200 and response.status not in (204, 304):  # RFC 9110 §8.6
        lines.append((b"content-length", b"%d" % len(response.body)))
    for more in (extra, encoded(response.headers)):
        if more:
            taken = {name for name, _ in more}
            lines = [line for line in lines if line[0] not in taken] + list(more)
    return lines


def wire_block(response: Response, request_id: str, extra: tuple[Line, ...]) -> tuple[bytes, bool]:
    """The same lines as bytes, each with its end, and whether they say that the connection closes."""
    if response.headers:
        lines = wire_lines(response, request_id, extra)
        return _written(lines), any(n == b"connection" and v.lower() == b"close" for n, v in lines)
    length = b"" if response.status in (204, 304) else b"content-length: %d\r\n" % len(response.body)
    block = _plain(response.content_type, extra)
    return b"".join((block, b"x-request-id: ", request_id.encode(), b"\r\n", length)), False


@lru_cache(maxsize=256)
def _plain(content_type: str, extra: tuple[Line, ...]) -> bytes:
    """Of an answer that has no headers of its own: all lines that do not change from one to the next."""
    names = {name for name, _ in extra}
    return _written([*(line for line in _base(content_type) if line[0] not in names), *extra])


def _written(lines: Iterable[Line]) -> bytes:
    return b"".join(part for name, value in lines for part in (name, b": ", value, b"\r\n"))


def encoded(headers: Headers) -> Lines:
    """Header pairs as they go on the wire; raises ValueError as above."""
    return [(name.lower().encode("ascii"), _checked(value)) for name, value in headers]


def _checked(value: str) -> bytes:
    if _BAD_VALUE.search(value):
        raise ValueError("a header value holds a control character")
    return value.encode("latin-1")


@lru_cache(maxsize=64)
def _base(content_type: str) -> tuple[Line, ...]:
    if not content_type:
        return _SECURITY
    return ((b"content-type", _checked(content_type)), *_SECURITY)
