"""Whether a parsed request head may reach the application: what a strict server refuses and the parser lets by."""

import re
from typing import Final

import msgspec

# CONNECT asks for a proxy, TRACE for an echo of credentials: neither exists here.
NEVER: Final = frozenset((b"CONNECT", b"TRACE"))
_BAD_HOST: Final = re.compile(rb"[\x00-\x20\x7f-\xff,/?#@\\<>\"]")
# What an absolute-form target has in front of its path (RFC 9112 §3.2.2).
_AUTHORITY: Final = re.compile(rb"(?i)https?://[^/?#]*")
# The WebSocket library's own bounds; beyond them it fails in a way that gives no answer.
_SOCKET_LINE: Final = 8_000

Lines = list[tuple[bytes, bytes]]


class Head(msgspec.Struct, frozen=True):
    """What the guard needs to know of a head; `status` is 0 if it passed, else how it is refused."""

    status: int = 0
    websocket: bool = False
    framing: bytes = b""  # the header line that says where the body ends, if an Upgrade hid it


_PLAIN: Final = Head()


def judge(method: bytes, version: str, target: bytes, lines: Lines, max_bytes: int, max_count: int) -> Head:
    """Look once at every header line. Names are in lower case, as uvicorn leaves them; `target` is what
    `origin_form` made of the request's."""
    status = _start_status(method, version, target)
    if status:
        return Head(status)
    hosts = 0
    size = len(method) + len(target) + 12
    coding = upgrade = connection = b""
    length = b"0"
    for name, value in lines:
        size += len(name) + len(value) + 4
        if name == b"host":
            hosts += 1
            if _BAD_HOST.search(value):
                return Head(400)
        elif name == b"transfer-encoding":
            coding = value
        elif name == b"content-length":
            length = value
        elif name == b"upgrade":
            upgrade = value
        elif name == b"connection":
            connection += b"," + value
    if size > max_bytes or len(lines) > max_count:
        return Head(431)
    if hosts > 1 or (hosts == 0 and version == "1.1"):  # RFC 9112 §3.2
        return Head(400)
    # RFC 9112 §6.1: a coding that is not exactly chunked, or any in HTTP/1.0, hides where the body ends.
    if coding and (version == "1.0" or coding.strip().lower() != b"chunked"):
        return Head(400)
    return _judge_upgrade(method, target, lines, upgrade, connection, coding, length) if upgrade else _PLAIN


def _start_status(method: bytes, version: str, target: bytes) -> int:
    if method in NEVER:
        return 405
    known = version in ("1.1", "1.0")
    # RFC 9112 §3.2: a path, or the asterisk of OPTIONS.
    return 0 if known and (target.startswith(b"/") or (method, target) == (b"OPTIONS", b"*")) else 400


def _judge_upgrade(
    method: bytes,
    target: bytes,
    lines: Lines,
    upgrade: bytes,
    connection: bytes,
    coding: bytes,
    length: bytes,
) -> Head:
    framing = b"transfer-encoding: chunked" if coding else b"content-length: " + length
    body = bool(coding) or length.strip(b"0") != b""
    if upgrade.lower() == b"websocket" and b"upgrade" in connection.lower():
        return _judge_socket(method, target, lines, body)
    return Head(framing=framing if body else b"")


def _judge_socket(method: bytes, target: bytes, lines: Lines, body: bool) -> Head:
    if method != b"GET" or body:  # RFC 6455 §4.1
        return Head(400)
    if len(target) > _SOCKET_LINE or any(len(n) + len(v) > _SOCKET_LINE for n, v in lines):
        return Head(431)
    return Head(websocket=True)


def origin_form(target: bytes) -> bytes:
    """The target from its path on: every path is served for any host."""
    match = None if target.startswith(b"/") else _AUTHORITY.match(target)
    if match is None:
        return target
    rest = target[match.end() :]
    return rest if rest.startswith(b"/") else b"/" + rest
