"""Where the vendor's two hosts have their login, and how the server that was called names itself."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from textwire.web.request import Request
from textwire.web.routes import Handler, Route

REALM: Final = "{realm:third-party|sipgate-apps}"
# login.sipgate.com/auth/realms/… and, "also reachable as", api.sipgate.com/login/….
ROOTS: Final = (f"/auth/realms/{REALM}", f"/login/{REALM}")
PREFIXES: Final = ("/auth", "/login")
PROTOCOL: Final = "protocol/openid-connect"
_HOST: Final = re.compile(
    r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?", re.ASCII
)

Form = Mapping[str, str]


class Dashed(msgspec.Struct, frozen=True, kw_only=True, rename={"not_before_policy": "not-before-policy"}):
    """A body in which one member has dashes."""


def routes(method: str, place: str, handler: Handler, **more: Any) -> tuple[Route, ...]:
    """The same handler at each of the roots."""
    return tuple(Route(method, f"{root}/{place}", handler, **more) for root in ROOTS)


def issuer(request: Request) -> str:
    """The realm as the caller knows it: under the name by which he has called us."""
    given = request.header(b"host") or ""
    host = given if _HOST.fullmatch(given) else "localhost"
    scheme = "https" if request.secure else "http"
    return f"{scheme}://{host}/auth/realms/{request.params['realm']}"
