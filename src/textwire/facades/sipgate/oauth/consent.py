"""The authorization endpoint: a page asks the user, and sends him back with a code or a token (RFC 6749 §4.1, §4.2)."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode

import msgspec

from textwire.access.access import Access
from textwire.access.secrets import digest, token
from textwire.domain.account import LONGEST_EMAIL, Caller
from textwire.domain.refusal import Refusal
from textwire.store.engines.engine import Unavailable
from textwire.switch.desk import Desk
from textwire.switch.logins import CODE_SECONDS, Begin
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import page
from .asked import Answer, Asking, Wish, Wrong
from .clients import Client, Clients
from .tokens import SECONDS, Tokens, Whose
from .wire import PROTOCOL, Form, issuer, routes

BODY_LIMIT: Final = 32_768
CODE_LENGTH: Final = 43
# What a browser says of the page that a form came from (Fetch Metadata); "none" is the user himself.
OURS: Final = ("same-origin", "none")
WRONG: Final = "This is not the e-mail and password of a user."


class Consent:
    """The resource."""

    def __init__(self, desk: Desk, access: Access, tokens: Tokens, clients: Clients) -> None:
        self._desk, self._access, self._tokens = desk, access, tokens
        self._asking = Asking(clients, desk.seal, desk.unseal, desk.real_now)

    def routes(self) -> tuple[Route, ...]:
        """The page, and where its form goes."""
        return (
            *routes("GET", f"{PROTOCOL}/auth", shown(self._ask)),
            *routes("POST", f"{PROTOCOL}/auth", shown(self._decide), body_limit=BODY_LIMIT),
        )

    async def _ask(self, request: Request) -> Response:
        return await self._first(request, request.query)

    async def _first(self, request: Request, asked: Form) -> Response:
        found = await self._asking.read(request.params["realm"], asked)
        if isinstance(found, Answer):
            return _back(found.wish, [("error", found.error)])
        wish, client = found
        return page.login(wish, client, request.path, self._asking.form(wish))

    async def _decide(self, request: Request) -> Response:
        form = await request.form()
        if "client_id" in form:  # a program may also post what it asks (OpenID Connect Core 1.0 §3.1.2.1)
            return await self._first(request, form)
        if not _is_ours(request):
            raise Wrong("This form was sent from another site.")
        wish, client = await self._asking.opened(request.params["realm"], form.get("form", ""))
        if form.get("decision") != "allow":
            return _back(wish, [("error", "access_denied")])
        try:
            caller = await self._proved(form, request.client)
        except Refusal as refusal:
            return self._again(request, wish, client, form, refusal)
        request.trust()
        return _back(
            wish, await (self._code if wish.kind == "code" else self._token)(request, wish, client, caller)
        )

    async def _proved(self, form: Form, address: str) -> Caller:
        email, password = form.get("username", ""), form.get("password", "")
        caller = await self._access.password(email, password, address)
        if caller.kind != "user":
            raise Refusal("unauthorized")
        return caller

    def _again(self, request: Request, wish: Wish, client: Client, form: Form, refusal: Refusal) -> Response:
        """The page once more, and when another try is worth it."""
        email, sealed = form.get("username", "")[:LONGEST_EMAIL], self._asking.form(wish)
        if refusal.kind != "limit":  # 200, as Keycloak answers a wrong password
            return page.login(wish, client, request.path, sealed, email, WRONG)
        after = str(refusal.after or 1)
        wrong = f"Too many tries. Try again in {after} seconds."
        return page.login(wish, client, request.path, sealed, email, wrong, 429, (("Retry-After", after),))

    async def _code(
        self, request: Request, wish: Wish, client: Client, caller: Caller
    ) -> list[tuple[str, str]]:
        session = str(uuid.uuid4())
        code = f"{token(CODE_LENGTH)}.{session}"
        await self._desk.logins.begin(_begun(wish, caller, session, code=digest(code), seconds=CODE_SECONDS))
        return [("session_state", session), ("code", code)]

    async def _token(
        self, request: Request, wish: Wish, client: Client, caller: Caller
    ) -> list[tuple[str, str]]:
        """Without a refresh token: what is in an address may be seen by others."""
        session = str(uuid.uuid4())
        begun = _begun(wish, caller, session, pair=str(uuid.uuid4()), seconds=SECONDS)
        login = await self._desk.logins.begin(begun)
        whose = Whose(login=login, issuer=issuer(request), origins=client.details.web_origins)
        issued = await self._tokens.issue(whose)
        return [
            ("session_state", session), ("access_token", issued.access_token), ("token_type", "bearer"),
            ("expires_in", str(SECONDS)), ("not-before-policy", "0"),
        ]  # fmt: skip


def _begun(
    wish: Wish, caller: Caller, session: str, *, code: str = "", pair: str = "", seconds: int
) -> Begin:
    return Begin(
        session=session, principal=caller.principal, credential=caller.credential, client=wish.client,
        scopes=wish.scopes, asked=msgspec.json.encode(wish.asked).decode(), code=code, pair=pair, seconds=seconds,
    )  # fmt: skip


def _back(wish: Wish, told: list[tuple[str, str]]) -> Response:
    """To the client's own page, which its request has named to the letter."""
    place = wish.asked.redirect_uri
    fields = urlencode([*([("state", wish.state)] if wish.state is not None else []), *told])
    joined = place if place.endswith(("?", "&")) else f"{place}{'&' if '?' in place else '?'}"
    place = f"{place}#" if wish.fragment else joined
    return Response(302, headers=(("Location", place + fields), ("Referrer-Policy", "no-referrer")))


def _is_ours(request: Request) -> bool:
    """Whether a form was sent from a page of ours, as far as a browser says; other programs say nothing.

    There is no cookie to go by: what this stops is that another site logs a visitor in as somebody else.
    """
    site, origin = request.header(b"sec-fetch-site"), request.header(b"origin")
    if site is not None:
        return site in OURS
    return origin is None or origin.partition("://")[2] == request.header(b"host")


def shown(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The handler, whose failures are pages."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Wrong as wrong:
            return page.error(str(wrong))
        except BadBody:
            return page.error("The address or the form cannot be read.")
        except (Refusal, Unavailable):
            return page.error("This cannot be done at the moment. Try again shortly.", 503)

    return handle
