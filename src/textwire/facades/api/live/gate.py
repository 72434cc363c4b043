"""Who may open a live socket: from which page, and with which key."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from textwire.domain.refusal import Refusal
from textwire.facades.api.entrance import bearer
from textwire.web.request import Request

TOKEN: Final = "access_token"  # noqa: S105 - a parameter's name
_PORTS: Final = {"http": 80, "https": 443}


def check_origin(request: Request, allowed: Collection[str]) -> None:
    """Browsers say which page opens a socket: only our own and those that are allowed may (OWASP ASVS 5.0, 4.4.2).

    Programs send no Origin. No cookie is looked at here: without a key nobody gets in from any page.
    """
    origin = request.header(b"origin")
    if origin is None or origin in allowed:
        return
    if _place(origin) is None or _place(origin) != _own(request):
        raise Refusal("origin_forbidden")


def key_of(request: Request) -> str:
    """The key, from the header or, as browsers can set none, from the query. Refusal("unauthorized") without one."""
    header = request.header(b"authorization")
    token = request.query.get(TOKEN)
    if header is not None or not token:
        return bearer(header)
    return token


def _own(request: Request) -> tuple[str, int | None] | None:
    # Where TLS ends in front of us the page's scheme is not ours, but neither of them names a port.
    scheme = "https" if request.secure else "http"
    return _place(f"{scheme}://{request.header(b'host') or ''}")


def _place(url: str) -> tuple[str, int | None] | None:
    """(host, port unless it is the scheme's own) of an origin; None for what is none, such as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or "@" in parts.netloc:
        return None
    return parts.hostname, None if port == _PORTS[parts.scheme] else port
