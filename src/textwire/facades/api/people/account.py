"""/api/account: who is calling, what is left to spend, and what the account has set."""

from collections.abc import Callable
from typing import Any, Final, Union

import msgspec
from msgspec import UNSET, UnsetType

from textwire.domain.account import Caller, Settings
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/account"

URLS: Final = ("inbound_url", "receipt_url")  # settings that are addresses which we call
PRETENDING: Final = "simulated_status"  # a setting for while all is simulated
_FIELDS: Final = msgspec.structs.fields(Settings)

# Made of Settings, so that a new setting has to be declared there alone.
SettingsView: Final[Any] = msgspec.defstruct(
    "SettingsView", [(field.name, field.type) for field in _FIELDS], frozen=True,
    namespace={"__doc__": "Everything that the account can set, as it is."},
)  # fmt: skip
SettingsForm: Final[Any] = msgspec.defstruct(
    "SettingsForm", [(field.name, Union[field.type, None, UnsetType], UNSET) for field in _FIELDS],  # noqa: UP007
    frozen=True, forbid_unknown_fields=True,
    namespace={"__doc__": "What to set; what is left out stays, null is the default."},
)  # fmt: skip


class AccountForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of one's own account."""

    settings: SettingsForm


class CallerView(msgspec.Struct, frozen=True):
    """Whose key it is, and what it may do."""

    principal: str
    kind: str
    scopes: list[str]


class AccountView(msgspec.Struct, frozen=True):
    """The caller's account; `balance` is in EUR."""

    id: str
    name: str
    state: str
    trial: bool
    balance: str
    currency: str
    created_at: str
    settings: SettingsView
    caller: CallerView


class Account:
    """The handlers. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._engine, self._people, self._judge = desk.store.engine, desk.people, judge_url
        self._simulated = desk.simulated

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/account."""
        return (
            entrance.route("GET", PATH, self._get, about=About(
                summary="See your account: its balance, its settings and who you are", answer=AccountView,
            )),
            entrance.route("PATCH", PATH, self._change, about=About(
                summary="Change settings of your account", form=AccountForm, answer=AccountView,
                codes=("blocked_address", "not_simulated"),
            )),
        )  # fmt: skip

    async def _get(self, request: Request, caller: Caller) -> Response:
        return json_response(await self._view(caller, await self._people.settings.of(caller.account)))

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, AccountForm)
        wished = msgspec.structs.asdict(form.settings)
        changes = {name: value for name, value in wished.items() if value is not UNSET}
        for name in URLS:
            if changes.get(name):
                self._must_be_called(name, changes[name])
        if changes.get(PRETENDING) and not self._simulated():
            raise Refusal(
                "not_simulated",
                "A real carrier is armed, so no status is simulated.",
                f"settings.{PRETENDING}",
            )
        return json_response(await self._view(caller, await self._people.settle(caller, changes)))

    def _must_be_called(self, name: str, url: str) -> None:
        try:
            self._judge(url)
        except Refusal as refusal:
            refusal.field = f"settings.{name}"
            raise

    async def _view(self, caller: Caller, settings: Settings) -> AccountView:
        account = await accounts.account(self._engine, caller.account)
        if account is None:
            raise Refusal("not_found")
        return AccountView(
            id=str(account.id), name=account.name, state=account.state, trial=account.trial == 1,
            balance=views.euros(account.balance), currency="EUR", created_at=views.stamp(account.created_at),
            settings=SettingsView(*msgspec.structs.astuple(settings)),
            caller=CallerView(caller.public_id, caller.kind, sorted(caller.scopes)),
        )  # fmt: skip
