"""Kandy's door: its paths, its CORS headers, and how it refuses."""

from typing import Final

from textwire.access.access import Access
from textwire.domain.account import Principal
from textwire.live.live import Live
from textwire.live.mail import Mail
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.problem import Headers, Problem
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Door

from .channels.channels import Channels, Judge
from .channels.socket import Sockets
from .errors import UNAUTHORIZED, refuse
from .gate import Gate
from .history.messages import Messages
from .history.places import Places
from .history.threads import Threads
from .login import Login
from .send import WAIT_SECONDS, Sending
from .subscriptions import Subscriptions
from .tokens import Tokens

# The browser SDK runs on pages of any origin and sends a bearer token, never a cookie: any origin may ask.
# `*` as the headers would not cover Authorization (Fetch standard, CORS protocol).
CORS: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Cpaas-Agent"),
    ("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate, X-Request-Id"),
    ("Access-Control-Max-Age", "86400"),
)


def door(
    desk: Desk, access: Access, key: str, judge_url: Judge, live: Live, mail: Mail, country: str = "1",
    wait: float = WAIT_SECONDS,
) -> Door:  # fmt: skip
    """What `app` mounts.

    `key` signs the tokens: the server's own, 32 random bytes in some spelling, the same after a restart.
    `judge_url` raises Refusal("blocked_address") for a webhook that we never call. `country` completes national numbers.
    `wait`: for so many seconds the answer to a send waits for the carrier's.
    """

    async def principal(public_id: str) -> Principal | None:
        return await accounts.principal(desk.store.engine, public_id)

    tokens = Tokens(key, desk.real_now, principal)
    gate = Gate(tokens)
    places = Places(desk, country)
    return Door(
        name="kandy",
        prefixes=("/cpaas",),
        routes=(
            *Login(tokens, access, desk.store).routes(),
            *Sending(desk, country, wait).routes(gate),
            *Subscriptions(desk, country).routes(gate),
            *Threads(desk, places).routes(gate),
            *Messages(desk, places).routes(gate),
            *Channels(desk, judge_url, mail).routes(gate),
        ),
        sockets=Sockets(desk, tokens, live, mail).sockets(),
        refuse=refuse,
        fallback=_unmatched,
        options=_options,
        headers=CORS,
    )


async def _unmatched(request: Request, problem: Problem) -> Response:
    """After a failed login the Ruby SDK asks for `…/v1//outbound/…`, with no user and no token."""
    return refuse(request, UNAUTHORIZED if "//" in request.path else problem)


async def _options(request: Request) -> Response:
    """Every preflight is answered, on any path and without a token."""
    return Response(204)
