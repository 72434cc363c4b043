"""/api/accounts: every account of the server, for its operator."""

from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from textwire.access import minting
from textwire.domain import account as domain
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.repeating import create
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.switch.people.wishes import Made
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import audit, forms
from .audit import EntryView
from .forms import AccountName, Amount, Scopes

PATH: Final = "/api/accounts"
ONE: Final = PATH + "/{id}"


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account; its first key has `scopes`: read, send and manage if you say nothing."""

    name: AccountName
    trial: bool = False
    balance: Amount = "0"
    scopes: Scopes | None = None


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change; `topup` is added to the balance."""

    state: Literal["active", "suspended"] | UnsetType = UNSET
    trial: bool | UnsetType = UNSET
    topup: Amount | UnsetType = UNSET


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its operator sees it."""

    id: str
    name: str
    state: str
    trial: bool
    balance: str
    currency: str
    created_at: str


class ApiKeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """What Vonage's clients call with; the secrets are shown this once."""

    api_key: str
    api_secret: str
    signature_secret: str


class AccountMade(AccountEntry, frozen=True, kw_only=True):
    """A new account with its first key and what Vonage's clients call with, shown this once."""

    key_id: str
    key: str
    vonage: ApiKeyMade


class Accounts:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._engine = desk, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/accounts."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List all accounts of the server", query=pages.Paging, answer=pages.Page[AccountEntry],
            )),
            entrance.route("POST", PATH, self._create, about=About(
                summary="Open an account; the answer shows its first key and its Vonage secrets once", form=NewAccount, answer=AccountMade,
                example={"name": "acme", "balance": "50.00"},
                status=201, once=True, codes=("name_taken",),
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="See one account", answer=AccountEntry, codes=("not_found",),
            )),
            entrance.route("PATCH", ONE, self._change, about=About(
                summary="Suspend an account, put it on trial, top it up", form=AccountChange, answer=AccountEntry,
                example={"topup": "25.00"},
                codes=("not_found",),
            )),
            entrance.route("GET", ONE + "/audit", self._audit, about=About(
                summary="List what was changed in an account, and by whom", query=pages.Paging,
                answer=pages.Page[EntryView], codes=("not_found",),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = await accounts.accounts(self._engine, pages.of_ids(wanted), wanted.limit + 1)
        return pages.page(found, wanted, lambda one: (-one.id, ""), _view)

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, NewAccount)
        minted = minting.key(forms.scopes(form.scopes, caller))
        vonage, balance = minting.api_key(self._desk.seal), forms.cents(form.balance)
        return await create(
            self._desk, request, caller,
            lambda keep: self._desk.people.found(
                caller, form.name, minted.kept, vonage.kept, trial=form.trial, balance=balance, keep=keep
            ),
            lambda made: _shown(made, minted.secret, vonage), secret=True,
        )  # fmt: skip

    async def _one(self, request: Request, caller: Caller) -> Response:
        return json_response(_view(await self._found(request)))

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, AccountChange)
        changes = forms.unless_unset(
            state=form.state,
            trial=form.trial,
            topup=UNSET if form.topup is UNSET else forms.cents(form.topup),
        )
        key = reading.identifier(request.params["id"])
        return json_response(_view(await self._desk.people.adjust(caller, key, **changes)))

    async def _audit(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        return await audit.page_of(self._engine, wanted, (await self._found(request)).id)

    async def _found(self, request: Request) -> domain.Account:
        found = await accounts.account(self._engine, reading.identifier(request.params["id"]))
        if found is None or found.is_ours:
            raise Refusal("not_found")
        return found


def _view(account: domain.Account) -> AccountEntry:
    return AccountEntry(
        id=str(account.id), name=account.name, state=account.state, trial=account.trial == 1,
        balance=views.euros(account.balance), currency="EUR", created_at=views.stamp(account.created_at),
    )  # fmt: skip


def _shown(made: Made, key: str, vonage: minting.MintedApiKey) -> AccountMade:
    return AccountMade(
        **msgspec.structs.asdict(_view(made.account)), key_id=made.key, key=key,
        vonage=ApiKeyMade(
            api_key=vonage.kept.api_key, api_secret=vonage.api_secret, signature_secret=vonage.signature_secret
        ),
    )  # fmt: skip
