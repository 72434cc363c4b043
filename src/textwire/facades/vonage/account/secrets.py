"""/accounts/{key}/secrets: an account's secrets, of which it has one or two."""

# "Secret management" (OpenAPI account 1.0.3).

import uuid
from datetime import UTC, datetime
from typing import Final

import msgspec

from textwire.access import minting
from textwire.access.access import Access
from textwire.domain.account import Caller, NewCredential
from textwire.domain.refusal import Refusal
from textwire.facades.vonage import parameters
from textwire.facades.vonage.api import Api
from textwire.facades.vonage.problems import Failing, Wrong
from textwire.facades.vonage.rest import api_key
from textwire.store.people import Secret
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/accounts/{key}/secrets"
LENGTHS: Final = (8, 25)
SORTS: Final = (str.islower, str.isupper, str.isdigit)
MANAGEMENT: Final = "/account/secret-management"
COMPLEXITY: Final = "Does not meet complexity requirements"
NAMES: Final = uuid.UUID("6f3df2a6-3a5e-4a9a-9a4c-0f2f4f6f1d55")  # our own name space

TOO_MANY: Final = (
    403, MANAGEMENT + "#add-excess-secret", "Secret Addition Forbidden",
    "Account reached maximum number [2] of allowed secrets",
)  # fmt: skip
LAST: Final = (
    403, MANAGEMENT + "#delete-last-secret", "Secret Deletion Forbidden",
    "Can not delete the last secret. The account must always have at least 1 secret active at any time",
)  # fmt: skip


class _Link(msgspec.Struct, frozen=True):
    href: str


class _Links(msgspec.Struct, frozen=True):
    self: _Link


class View(msgspec.Struct, frozen=True, kw_only=True, rename={"links": "_links"}):
    """A secret; what it is is never shown."""

    links: _Links
    id: str
    created_at: str


class _Embedded(msgspec.Struct, frozen=True):
    secrets: list[View]


class Listed(msgspec.Struct, frozen=True, rename={"links": "_links", "embedded": "_embedded"}):
    """All of an account's."""

    links: _Links
    embedded: _Embedded


class Secrets:
    """The handlers."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._secrets, self._access = desk.people.secrets, access

    def routes(self, api: Api) -> tuple[Route, ...]:
        """Both paths."""
        return (
            api.route("GET", PATH, self._list),
            api.route("POST", PATH, self._add),
            api.route("GET", PATH + "/{id}", self._one),
            api.route("DELETE", PATH + "/{id}", self._revoke),
        )

    async def replace(self, by: Caller, secret: str) -> None:
        """The only secret gives way to another; Refusal when there are two, or the new one is too simple."""
        if not is_good(secret):
            raise Refusal("invalid_field", COMPLEXITY, "newSecret")
        [*_, old] = await self._kept(by)
        await self._secrets.add(by, await self._places(by, secret))
        await self._secrets.revoke(by, minting.VONAGE, old.id)

    async def _list(self, request: Request, caller: Caller) -> Response:
        key = _own(request, caller)
        views = [_view(key, one) for one in await self._kept(caller)]
        return json_response(Listed(_links(key), _Embedded(views)))

    async def _add(self, request: Request, caller: Caller) -> Response:
        # JSON says the API; the Python SDK 3 posts a form [RUN]
        key, secret = _own(request, caller), (await parameters.read(request)).get("secret", "")
        if not is_good(secret):
            raise Failing(
                400, MANAGEMENT + "#validation", "Bad Request", "The request failed due to validation errors",
                Wrong("secret", COMPLEXITY),
            )  # fmt: skip
        try:
            made = await self._secrets.add(caller, await self._places(caller, secret))
        except Refusal as refusal:
            if refusal.code == "too_many_secrets":
                raise Failing(*TOO_MANY) from None
            raise
        return json_response(_view(key, made), 201)

    async def _one(self, request: Request, caller: Caller) -> Response:
        return json_response(_view(_own(request, caller), await self._named(request, caller)))

    async def _revoke(self, request: Request, caller: Caller) -> Response:
        _own(request, caller)
        found = await self._named(request, caller)
        try:
            await self._secrets.revoke(caller, minting.VONAGE, found.id)
        except Refusal as refusal:
            if refusal.code == "last_secret":
                raise Failing(*LAST) from None
            raise
        return Response(204)

    async def _kept(self, caller: Caller) -> list[Secret]:
        return await self._secrets.list(caller, minting.VONAGE)

    async def _named(self, request: Request, caller: Caller) -> Secret:
        for one in await self._kept(caller):
            if _public(one) == request.params["id"].lower():
                return one
        raise Failing(
            404, MANAGEMENT + "#invalid-id", "Invalid ID",
            f"ID '{request.params['id'][:LENGTHS[1]]}' could not be found, or is inaccessible to you",
        )  # fmt: skip

    async def _places(self, caller: Caller, secret: str) -> tuple[NewCredential, ...]:
        """It may be one that a person has thought of, so it is kept as passwords are."""
        return minting.vonage(api_key(caller), await self._access.hashed(secret))


def is_good(secret: str) -> bool:
    """Long enough, and of all sorts of characters."""
    return LENGTHS[0] <= len(secret) <= LENGTHS[1] and all(any(map(sort, secret)) for sort in SORTS)


def _own(request: Request, caller: Caller) -> str:
    key = request.params["key"]
    if key != api_key(caller):
        raise Failing(
            404, MANAGEMENT + "#invalid-api-key", "Invalid API Key",
            f"API key '{key[:LENGTHS[1]]}' does not exist, or you do not have access",
        )  # fmt: skip
    return key


def _public(one: Secret) -> str:
    return str(uuid.uuid5(NAMES, str(one.id)))


def _view(key: str, one: Secret) -> View:
    created = datetime.fromtimestamp(one.created_at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return View(links=_links(key, "/" + _public(one)), id=_public(one), created_at=created)


def _links(key: str, end: str = "") -> _Links:
    return _Links(_Link(f"/accounts/{key}/secrets{end}"))
