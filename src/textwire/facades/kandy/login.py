"""The token endpoint: a password or a client secret becomes tokens (OAuth 2.0, RFC 6749 §4.3, §4.4, §6)."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from textwire.access.access import Access
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.store import Store
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import worded
from .tokens import MOST_NUMBERS, Person, Tokens
from .wire import LOGIN

BODY_LIMIT: Final = 16_384  # a refresh token and the rest of its form
SCOPE: Final = "openid"

# error (RFC 6749 §5.2) → status and what a person reads
ERRORS: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (400, "A required field is missing or cannot be read"),
    "unsupported_grant_type": (400, "This grant type is not supported"),
    "invalid_scope": (400, "The scope must hold openid"),
    "invalid_grant": (401, "Invalid user credentials"),
    "invalid_client": (401, "Invalid client or client credentials"),
    "temporarily_unavailable": (429, "Too many logins at once; try again shortly"),
    "slow_down": (429, "Too many wrong credentials; try again later"),
}
# A refusal of the access room → its error here, where that is not the one of the grant.
WORDS: Final = {"queue_full": "temporarily_unavailable", "too_many_failures": "slow_down"}

Form = Mapping[str, str]
Grant = Callable[[Form, str], Awaitable[Person]]
"""What a grant makes of a form that came from an address."""


class _Refused(Exception):
    """The login is refused with one of ERRORS."""

    def __init__(self, error: str, after: int = 0) -> None:
        super().__init__(error)
        self.error, self.after = error, after


class _Error(msgspec.Struct, frozen=True):
    """Three spellings of the same: SDKs read the first two or the last."""

    error: str
    error_description: str
    message: str


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
            return _refuse("invalid_request")
        except _Refused as refused:
            return _refuse(refused.error, refused.after)

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
        held = await self._numbers(caller.principal)
        return Person(public_id=caller.public_id, client_id=client_id, email=email, numbers=held)

    async def _client(self, form: Form, address: str) -> Person:
        client_id, secret = _wanted(form, "client_id"), _wanted(form, "client_secret")
        with _worded("invalid_client"):
            caller = await self._access.client("kandy_project", client_id, secret, address)
        held = await self._numbers(caller.principal)
        return Person(public_id=caller.public_id, client_id=client_id, numbers=held)

    async def _refresh(self, form: Form, address: str) -> Person:
        client_id, token = _wanted(form, "client_id"), _wanted(form, "refresh_token")
        with _worded("invalid_grant"):
            owner = await self._tokens.refreshed(token, client_id)
        held = await self._numbers(owner.id)
        return Person(
            public_id=owner.public_id, client_id=client_id, email=owner.email, numbers=held, refresh=token
        )

    async def _numbers(self, principal: int) -> list[str]:
        return await numbers.of_principal(self._store.engine, principal, MOST_NUMBERS)


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


def _refuse(error: str, after: int = 0) -> Response:
    status, description = ERRORS[error]
    headers = (("Retry-After", str(after or 1)),) if status == 429 else ()
    return json_response(_Error(error, description, description), status, headers)
