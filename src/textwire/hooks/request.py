"""Composes the bytes of one HTTP/1.1 request so that no value can become a second field or request."""

import re
from collections.abc import Mapping
from functools import lru_cache

from textwire.hooks.answer import Failed
from textwire.hooks.guard import Target

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")  # RFC 9110 §5.6.2
# Framing and routing are the client's own (RFC 9112 §6, §9).
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect"}
)
_VISIBLE = bytes([9, *range(32, 127)])
_FIXED = "Accept-Encoding: identity\r\n"  # a reply is never decompressed
_FIXED_LINES = 5  # request line, Host, Accept-Encoding, Content-Length, the empty one


def compose(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    """Head and body in one piece; raise Failed(`bad_header` or `bad_url`) if a part would break the framing."""
    if method not in METHODS:
        raise Failed("bad_header")
    path = target.path
    if " " in path or path[:1] != "/":
        raise Failed("bad_url")
    fields = "".join([f"{_name(name)}: {value}\r\n" for name, value in headers.items()])
    head = f"{method} {path} HTTP/1.1\r\nHost: {target.authority}\r\n{_FIXED}{fields}Content-Length: {len(body)}\r\n\r\n"
    try:
        octets = head.encode("ascii")
    except UnicodeEncodeError:
        raise Failed("bad_header") from None
    # What is not visible must be exactly our own line ends: one pass finds CR, LF, NUL and every other control.
    if octets.translate(None, _VISIBLE) != b"\r\n" * (_FIXED_LINES + len(headers)):
        raise Failed("bad_header")
    return octets + body


@lru_cache(1024)
def _name(name: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in _OURS:
        raise Failed("bad_header")
    return name
