"""The token endpoint: a password or a client secret becomes tokens (OAuth 2.0, RFC 6749 §4.3, §4.4, §6)."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from textwire.access.access import Access, client_lookup
from textwire.domain.account import Caller, password_lookup
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.store import Store
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import oauth
from .gate import worded
from .tokens import MOST_NUMBERS, Person, Refresh, Tokens
from .wire import LOGIN

BODY_LIMIT: Final = 16_384  # a refresh token and the rest of its form
SCOPE: Final = "openid"

# A refusal of the access room → its error here, where that is not the one of the grant.
WORDS: Final = {"queue_full": "temporarily_unavailable", "too_many_failures": "slow_down"}

Form = Mapping[str, str]
Grant = Callable[[Form, str], Awaitable[Person]]
"""What a grant makes of a form that came from an address."""


class _Refused(Exception):
    """The login is refused with one of OAuth's errors."""

    def __init__(self, error: str, after: int = 0) -> None:
        super().__init__(error)
        self.error, self.after = error, after


class Login:
    """Who logs in is in the form alone: SDKs send `Authorization: Bearer null` or an old token here."""

    def __init__(self, tokens: Tokens, access: Access, store: Store) -> None:
        self._tokens, self._access, self._store = tokens, access, store
        self._grants: dict[str, Grant] = {
            "password": self._password,
            "client_credentials": self._client,
            "refresh_token": self._refresh,
        }

    def routes(self) -> tuple[Route, ...]:
        """The one path."""
        return (Route("POST", LOGIN, worded(self._token), BODY_LIMIT),)

    async def _token(self, request: Request) -> Response:
        try:
            form = await request.form()
            return json_response(self._tokens.issue(await self._person(form, request.client)))
        except BadBody:
            return oauth.refusal("invalid_request")
        except _Refused as refused:
            return oauth.refusal(refused.error, refused.after)

    async def _person(self, form: Form, address: str) -> Person:
        grant = self._grants.get(_wanted(form, "grant_type"))
        if grant is None:
            raise _Refused("unsupported_grant_type")
        if SCOPE not in (form.get("scope") or SCOPE).split():
            raise _Refused("invalid_scope")
        return await grant(form, address)

    async def _password(self, form: Form, address: str) -> Person:
        client_id, email, password = (_wanted(form, name) for name in ("client_id", "username", "password"))
        with _worded("invalid_client"):
            client = await self._access.client("kandy_public", client_id, None)
        with _worded("invalid_grant"):
            caller = await self._access.password(email, password, address)
        if caller.account != client.account or caller.kind != "user":
            raise _Refused("invalid_grant")
        return await self._told(caller, client_id, email)

    async def _client(self, form: Form, address: str) -> Person:
        client_id, secret = _wanted(form, "client_id"), _wanted(form, "client_secret")
        with _worded("invalid_client"):
            caller = await self._access.client("kandy_project", client_id, secret, address)
        return await self._told(caller, client_id)

    async def _refresh(self, form: Form, address: str) -> Person:
        """No SDK does this, and none of them would send a project's secret; who sends one has to send the right one."""
        client_id, token = _wanted(form, "client_id"), _wanted(form, "refresh_token")
        with _worded("invalid_grant"):
            refresh = await self._tokens.refreshed(token, client_id)
        secret = form.get("client_secret") or None
        if secret and refresh.caller.kind == "project":
            with _worded("invalid_client"):
                await self._access.client("kandy_project", client_id, secret, address)
        if not await self._stands(refresh, client_id):
            raise _Refused("invalid_grant")
        return await self._told(refresh.caller, client_id, refresh.email, refresh)

    async def _stands(self, refresh: Refresh, client_id: str) -> bool:
        """Whether whoever has this token could still log in as he did: with that password or secret, by that client."""
        if refresh.caller.kind == "project":
            return await self._access.stands(client_lookup("kandy_project", client_id), refresh.caller)
        with _worded("invalid_grant"):
            await self._access.client("kandy_public", client_id, None)
        return await self._access.stands(password_lookup(refresh.email), refresh.caller)

    async def _told(
        self, caller: Caller, client_id: str, email: str = "", refresh: Refresh | None = None
    ) -> Person:
        held = await numbers.of_principal(self._store.engine, caller.principal, MOST_NUMBERS)
        return Person(
            public_id=caller.public_id, client_id=client_id, credential=caller.credential, email=email,
            numbers=held, refresh=refresh,
        )  # fmt: skip


def _wanted(form: Form, name: str) -> str:
    value = form.get(name)
    if not value:
        raise _Refused("invalid_request")
    return value


@contextmanager
def _worded(error: str) -> Iterator[None]:
    """Words a Refusal of the access room as an error of OAuth's."""
    try:
        yield
    except Refusal as refusal:
        raise _Refused(WORDS.get(refusal.code, error), refusal.after) from None
