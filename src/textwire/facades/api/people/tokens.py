"""/api/tokens: personal access tokens, with which sipgate's clients call in the name of a user."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from textwire.access import minting
from textwire.domain.account import Caller, client_lookup
from textwire.domain.token import TOKEN_SCOPES, TokenScope
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.reading import Moment
from textwire.facades.api.repeating import create
from textwire.store import tokens
from textwire.store.tokens import Token
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import forms
from .forms import Name

PATH: Final = "/api/tokens"
ONE: Final = PATH + "/{id}"

User = Annotated[str, Meta(max_length=64, description="The `id` of the user in whose name it calls.")]
Scopes = Annotated[
    list[TokenScope],
    Meta(
        min_length=1, max_length=len(TOKEN_SCOPES), description="What it may do, in sipgate's words; `all` is all."
    ),
]  # fmt: skip


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A token of a user with the scopes that it shall have; without `expires_at` it is good until it is removed."""

    user: User
    name: Name
    scopes: Scopes
    expires_at: Moment | None = None


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret. `last_used_at` is right to a minute or two."""

    id: str
    user: str
    name: str
    scopes: list[str]
    expires_at: str | None
    last_used_at: str | None
    created_at: str


class TokenMade(TokenView, frozen=True, kw_only=True):
    """A new token. `token` is shown this once."""

    token: str


class Tokens:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._tokens = desk, desk.people.tokens

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/tokens."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List the personal access tokens of your account's users", query=pages.Paging,
                answer=pages.Page[TokenView],
            )),
            entrance.route("POST", PATH, self._create, about=About(
                summary="Make a personal access token of a user; the answer shows it once", form=NewToken,
                answer=TokenMade, status=201, once=True, codes=("not_found", "too_many_tokens"),
                example={"user": "6d0c3c1e-7c3f-4b63-8d52-0c1f5a3f9e11", "name": "CRM", "scopes": ["sessions:sms:write"]},
            )),
            entrance.route("DELETE", ONE, self._remove, about=About(
                summary="Revoke a personal access token", status=204, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = await tokens.page(
            self._desk.store.engine, caller.account, minting.SIPGATE_TOKEN, pages.of_ids(wanted), wanted.limit + 1
        )  # fmt: skip
        return pages.page(found, wanted, lambda one: (-one.id, ""), _view)

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, NewToken)
        until = forms.until(form.expires_at, self._desk.real_now())
        minted = minting.sipgate_token(frozenset(form.scopes), until, form.name)
        return await create(
            self._desk, request, caller,
            lambda keep: self._tokens.give(caller, form.user, minted.kept, keep=keep),
            lambda made: TokenMade(**msgspec.structs.asdict(_view(made)), token=minted.secret), secret=True,
        )  # fmt: skip

    async def _remove(self, request: Request, caller: Caller) -> Response:
        lookup = client_lookup(minting.SIPGATE_TOKEN, request.params["id"])
        await self._tokens.take(caller, minting.SIPGATE_TOKEN, lookup)
        return Response(204)


def _view(one: Token) -> TokenView:
    return TokenView(
        id=minting.identifier_of(one.lookup), user=one.owner_id, name=one.name, scopes=one.scopes.split(),
        expires_at=views.stamp(one.expires_at) if one.expires_at else None,
        last_used_at=views.stamp(one.used_at) if one.used_at else None, created_at=views.stamp(one.created_at),
    )  # fmt: skip
