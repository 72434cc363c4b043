"""/api/numbers: what can be bought, what the account owns, and which of its principals may use it."""

from collections.abc import Callable, Mapping
from typing import Final

from textwire.domain.account import Caller, Principal
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.repeating import create
from textwire.store import accounts, rents
from textwire.switch.desk import Desk
from textwire.switch.numbers import Owned
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .forms import (
    BuyForm,
    NumberDetail,
    NumberForm,
    NumberView,
    OfferView,
    Search,
    changes_of,
    of_number,
    of_number_paid,
    of_offer,
    wish_of,
)

PATH: Final = "/api/numbers"
ONE: Final = PATH + "/{number}"
URLS: Final = ("inbound_url", "voice_status_url")  # settings that we may come to call


class Numbers:
    """The handlers. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._desk, self._numbers, self._judge = desk, desk.numbers, judge_url
        self._engine = desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/numbers."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List the account's numbers and who may use them", query=Paging, answer=Page[NumberView],
            )),
            entrance.route("GET", PATH + "/available", self._available, about=About(
                summary="Search the numbers that can be bought", query=Search, answer=Page[OfferView],
                note="The order never changes, and what is bought meanwhile moves no page. A page may have fewer "
                     "numbers than asked for and still a `next`.",
            )),
            entrance.route("POST", PATH, self._buy, about=About(
                summary="Buy a number; set-up and first month are charged at once", form=BuyForm, answer=NumberView,
                status=201, once=True, codes=("invalid_address", "not_found", "number_taken", "insufficient_balance",
                                              "account_suspended", "too_many_numbers"),
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="One number, with the latest payments for it", answer=NumberDetail, codes=("not_found",),
            )),
            entrance.route("PATCH", ONE, self._change, about=About(
                summary="Assign a number to a principal or take it away; change its label and settings",
                form=NumberForm, answer=NumberView, codes=("not_found", "blocked_address"),
                example={"label": "Front desk"},
            )),
            entrance.route("DELETE", ONE, self._release, about=About(
                summary="Give a number back; it is taken from everybody, and its history stays", status=204,
                codes=("not_found",),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        owned = sorted(await self._numbers.list(caller.account), key=_place)
        who = await self._principals(caller.account)
        return pages.page(owned, wanted, _place, lambda one: of_number(one, who))

    async def _available(self, request: Request, caller: Caller) -> Response:
        search = reading.parameters(request, Search)
        wanted = pages.asked(search)
        found = await self._numbers.available(wish_of(search), wanted.limit, max(wanted.after[0], -1))
        last = None if found.seen is None else (found.seen, "")
        return pages.cut([of_offer(offer) for _, offer in found.offers], last)

    async def _buy(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, BuyForm)
        number = reading.number(form.number, "number")
        return await create(
            self._desk, request, caller,
            lambda keep: self._numbers.buy(caller.account, number, form.label or "", keep=keep),
            lambda owned: of_number(owned, {}),
        )  # fmt: skip

    async def _one(self, request: Request, caller: Caller) -> Response:
        owned = await self._numbers.one(caller.account, request.params["number"])
        paid = await rents.of_number(self._engine, caller.account, owned.number.number)
        return json_response(of_number_paid(owned, await self._principals(caller.account), paid))

    async def _change(self, request: Request, caller: Caller) -> Response:
        number, form = request.params["number"], await reading.form(request, NumberForm)
        who = await self._principals(caller.account)
        if form == NumberForm():
            raise Refusal("invalid_field", "Give assign, unassign, label or settings.", "assign")
        settings = changes_of(form.settings)
        self._judge_urls(settings or {})
        assign, unassign = form.assign, form.unassign
        await self._numbers.change(
            caller.account, number, label=form.label, settings=settings,
            assign=None if assign is None else (_named(who, assign.principal, "assign.principal"), assign.default),
            unassign=None if unassign is None else _named(who, unassign.principal, "unassign.principal"),
        )  # fmt: skip
        return json_response(of_number(await self._numbers.one(caller.account, number), who))

    async def _release(self, request: Request, caller: Caller) -> Response:
        await self._numbers.release(caller.account, request.params["number"])
        return Response(204)

    def _judge_urls(self, settings: Mapping[str, str]) -> None:
        for name in URLS:
            if url := settings.get(name):
                try:
                    self._judge(url)
                except Refusal as refusal:
                    refusal.field = f"settings.{name}"
                    raise

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
