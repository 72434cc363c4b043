"""/api/numbers: which numbers an account owns, and which of its principals may use them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from textwire.domain.account import Caller, Principal
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.switch.numbers import Owned
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import pages, reading, views
from .entrance import Entrance

PATH: Final = "/api/numbers"


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may use the number, named by its public id; `default`: whether it sends from it unasked."""

    principal: str
    default: bool = False


class Unassign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may not any more."""

    principal: str


class NumberForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the two."""

    assign: Assign | None = None
    unassign: Unassign | None = None


class Numbers:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._numbers, self._engine = desk.numbers, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/numbers."""
        return (
            entrance.route("GET", PATH, self._list),
            entrance.route("PATCH", PATH + "/{number}", self._change),
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        owned = sorted(await self._numbers.list(caller.account), key=_place)
        who = await self._principals(caller.account)
        return pages.page(owned, wanted, _place, lambda one: _view(one, who))

    async def _change(self, request: Request, caller: Caller) -> Response:
        number, form = request.params["number"], await reading.form(request, NumberForm)
        who = await self._principals(caller.account)
        if form.assign is not None and form.unassign is None:
            principal = _named(who, form.assign.principal, "assign.principal")
            await self._numbers.assign(caller.account, number, principal, form.assign.default)
        elif form.unassign is not None and form.assign is None:
            principal = _named(who, form.unassign.principal, "unassign.principal")
            await self._numbers.unassign(caller.account, number, principal)
        else:
            raise Refusal("invalid_field", "Give either assign or unassign.", "assign")
        return json_response(await self._one(caller.account, number, who))

    async def _one(self, account: int, number: str, who: Mapping[int, Principal]) -> dict[str, Any]:
        for owned in await self._numbers.list(account):
            if owned.number.number == number:
                return _view(owned, who)
        raise Refusal("not_found", field="number")  # released meanwhile

    async def _principals(self, account: int) -> dict[int, Principal]:
        return {one.id: one for one in await accounts.principals(self._engine, account)}


def _named(who: Mapping[int, Principal], public_id: str, field: str) -> int:
    """The principal of the caller's account with this public id; another account's is as missing as none."""
    for principal in who.values():
        if principal.public_id == public_id:
            return principal.id
    raise Refusal("not_found", "The account has no such principal.", field)


def _place(owned: Owned) -> pages.Place:
    return -owned.number.created_at, owned.number.number


def _view(owned: Owned, who: Mapping[int, Principal]) -> dict[str, Any]:
    number = owned.number
    return {
        "number": number.number,
        "country": number.country or None,
        "created_at": views.stamp(number.created_at),
        "assignments": [
            {
                "principal": who[one.principal].public_id,
                "kind": who[one.principal].kind,
                "name": who[one.principal].name,
                "default": one.is_default == 1,
            }
            for one in owned.assignments
            if one.principal in who
        ],
    }
