"""sipgate's door: its paths, its CORS headers, and how it refuses."""

from collections.abc import Callable
from typing import Final

from textwire.access.access import Access
from textwire.switch.desk import Desk
from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Door

from .account import Account
from .callers import Callers
from .credentials import Credentials
from .errors import refuse
from .extensions import Extensions
from .gate import Gate, worded
from .history import History
from .identity import Identity
from .notifications import Notifications
from .numbering import Numbering
from .numbers import Numbers
from .oauth.managing import Managing
from .oauth.tokens import Tokens
from .product import Product
from .sessions import Sessions
from .telephony import Telephony
from .users import Users
from .wire import ROOT

# The library has a browser build; credentials are a header that a page sets itself, never a cookie.
CORS: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Accept, X-Sipgate-Client, X-Sipgate-Version",
    ),
    ("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate, X-Request-Id"),
    ("Access-Control-Max-Age", "86400"),
)


def door(desk: Desk, access: Access, tokens: Tokens, judge_url: Callable[[str], None]) -> Door:
    """What `app` mounts; `tokens` are those of the vendor's logins. Other rooms own longer prefixes under the same root."""
    numbering = Numbering(desk.people.settings.of)
    gate = Gate(Credentials(access, tokens), desk.extensions)

    async def unmatched(request: Request, why: Problem) -> Response:
        async def answer(asked: Request) -> Response:
            return await gate.unmatched(asked, why)

        return await worded(answer)(request)

    return Door(
        name="sipgate",
        prefixes=(ROOT,),
        routes=(
            *Account(desk).routes(gate),
            *Identity(desk).routes(gate),
            *Users(desk).routes(gate),
            *Numbers(desk).routes(gate),
            *Sessions(desk, numbering).routes(gate),
            *Extensions(desk).routes(gate),
            *Callers(desk, numbering).routes(gate),
            *History(desk, numbering).routes(gate),
            *Telephony(desk, judge_url).routes(gate),
            *Notifications().routes(gate),
            *Product(desk).routes(gate),
            *Managing(desk).routes(gate),
        ),
        refuse=refuse,
        fallback=unmatched,
        options=_options,
        headers=CORS,
    )


async def _options(request: Request) -> Response:
    """Every preflight is answered, on any path and without credentials."""
    return Response(204)
