"""The token endpoint: a code, a refresh token or a password becomes tokens (RFC 6749 §4.1.3, §6, §4.3)."""

import base64
import hashlib
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from textwire.access.access import Access
from textwire.access.secrets import digest, same
from textwire.domain.refusal import Refusal
from textwire.facades.sipgate.scopes import ALL
from textwire.store import logins
from textwire.store.engines.engine import Unavailable
from textwire.store.logins import Login
from textwire.switch.desk import Desk
from textwire.switch.logins import LIFE_SECONDS, Begin, Redeem, Renew
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import scopes
from .asked import Asked
from .clients import Client, Clients
from .errors import CORS, Failed, failure
from .tokens import Tokens, Whose
from .wire import PROTOCOL, Form, issuer, routes

BODY_LIMIT: Final = 32_768  # a refresh token and the rest of its form
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)  # RFC 7636 §4.1

Grant = Callable[[Request, Form, Client], Awaitable[Login]]
"""What a grant makes of a client's form."""


class Token:
    """Who logs in is in the form; the header may name the client."""

    def __init__(self, desk: Desk, access: Access, tokens: Tokens, clients: Clients) -> None:
        self._desk, self._access, self._tokens, self._clients = desk, access, tokens, clients
        self._grants: dict[str, Grant] = {
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            "password": self._password,
        }

    def routes(self) -> tuple[Route, ...]:
        """The endpoint, and where a login ends."""
        return (
            *routes("POST", f"{PROTOCOL}/token", answered(self._token), body_limit=BODY_LIMIT),
            *routes("POST", f"{PROTOCOL}/logout", answered(self._logout), body_limit=BODY_LIMIT),
        )

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        grant = self._grants.get(wanted(form, "grant_type"))
        if grant is None:
            raise Failed("unsupported_grant_type")
        client = await self._clients.proved(request, form)
        login = await grant(request, form, client)
        request.trust()
        nonce = msgspec.json.decode(login.asked, type=Asked).nonce
        whose = Whose(login=login, issuer=issuer(request), nonce=nonce, origins=client.details.web_origins)
        return json_response(await self._tokens.issue(whose), headers=CORS)

    async def _code(self, request: Request, form: Form, client: Client) -> Login:
        code, place, verifier = (
            wanted(form, "code"),
            form.get("redirect_uri", ""),
            form.get("code_verifier", ""),
        )

        def fits(asked: str) -> bool:
            then = msgspec.json.decode(asked, type=Asked)
            return then.redirect_uri == place and verified(then.challenge, verifier)

        wish = Redeem(digest(code), client.id, fits, str(uuid.uuid4()))
        login = await self._desk.logins.redeem(wish)
        if login is None:
            raise Failed("invalid_grant", "Code not valid")
        if await logins.standing(self._desk.store.engine, login.session, self._desk.real_now()) is None:
            raise Failed("invalid_grant", "Session not active")
        return login

    async def _refresh(self, request: Request, form: Form, client: Client) -> Login:
        invalid = Failed("invalid_grant", "Invalid refresh token")
        try:
            claims = await self._tokens.claims(wanted(form, "refresh_token"), "Refresh")
        except Refusal:
            raise invalid from None
        if (
            await logins.standing(self._desk.store.engine, claims.session_state, self._desk.real_now())
            is None
        ):
            raise Failed("invalid_grant", "Session not active")
        wish = Renew(claims.session_state, client.id, claims.client_session, str(uuid.uuid4()))
        login = await self._desk.logins.renew(wish)
        if login is None:
            raise invalid
        return login

    async def _password(self, request: Request, form: Form, client: Client) -> Login:
        """No page asks the user here: who gives a program his password lets it do everything."""
        given = scopes.granted(form.get("scope") or ALL)
        if given is None:
            raise Failed("invalid_scope")
        email, password = wanted(form, "username"), wanted(form, "password")
        caller = await self._access.password(email, password, request.client)
        if caller.kind != "user":
            raise Refusal("unauthorized")
        wish = Begin(
            session=str(uuid.uuid4()), principal=caller.principal, credential=caller.credential, client=client.id,
            scopes=given or ALL, pair=str(uuid.uuid4()), seconds=LIFE_SECONDS,
        )  # fmt: skip
        return await self._desk.logins.begin(wish)

    async def _logout(self, request: Request) -> Response:
        form = await request.form()
        client = await self._clients.proved(request, form)
        try:
            claims = await self._tokens.claims(wanted(form, "refresh_token"), "Refresh")
        except Refusal:
            raise Failed("invalid_grant", "Invalid refresh token") from None
        await self._desk.logins.end(claims.session_state, client.id)
        self._tokens.forget()
        return Response(204, headers=CORS)


def wanted(form: Form, name: str) -> str:
    """A field that has to be there. Raises Failed."""
    value = form.get(name)
    if not value:
        raise Failed("invalid_request", f"Missing form parameter: {name}")
    return value


def verified(challenge: str, verifier: str) -> bool:
    """Whether this is what a challenge was made of (RFC 7636 §4.6, S256); without a challenge there has to be none."""
    if not challenge or not verifier:
        return challenge == verifier
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return same(challenge, made)


# A refusal of the rooms below → its error here.
WORDS: Final = {
    "unauthorized": ("invalid_grant", 401),
    "too_many_failures": ("slow_down", 429),
    "queue_full": ("slow_down", 429),
}


def answered(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The handler, with what it and the rooms below refuse put into OAuth's words."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except BadBody:
            return failure(Failed("invalid_request"))
        except Refusal as refusal:
            error, status = WORDS.get(refusal.code, ("temporarily_unavailable", 503))
            said = "Invalid user credentials" if error == "invalid_grant" else refusal.detail
            return failure(Failed(error, said, status, refusal.after))
        except Failed as failed:
            return failure(failed)
        except Unavailable:
            return failure(Failed("temporarily_unavailable"))

    return handle
