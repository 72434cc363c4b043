"""/account/numbers and /number: own numbers, numbers for sale, buying, giving back, changing."""

from collections.abc import Callable

from textwire.domain.refusal import Refusal
from textwire.facades.vonage.rest import Call, Rest, api_key, done, said
from textwire.store import applications
from textwire.switch.desk import Desk
from textwire.switch.numbers import Owned
from textwire.web.response import Response
from textwire.web.routes import Route

from . import forms
from .forms import Element, Page

ROOT = "inbound-numbers"
APPLICATION = "app_id"
ANOTHER = "target_api_key"  # of an account below one's own, which there are none of here


class Numbers:
    """The handlers. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._numbers, self._judge, self._engine = desk.numbers, judge_url, desk.store.engine

    def routes(self, rest: Rest) -> tuple[Route, ...]:
        """What is under both paths."""
        return (
            rest.route("GET", "/account/numbers", self._owned),
            rest.route("GET", "/number/search", self._search),
            rest.route("POST", "/number/buy", self._buy),
            rest.route("POST", "/number/cancel", self._cancel),
            rest.route("POST", "/number/update", self._update),
        )

    async def _owned(self, call: Call) -> Response:
        wanted, leaf = forms.owners(call.given), forms.leaf(call.given)
        linked = await applications.linked(self._engine, call.caller.account)
        elements = (self._element(one, linked) for one in await self._numbers.list(call.caller.account))
        found = [one for one in elements if forms.fits(one, wanted)]
        return said(call.request, ROOT, Page(len(found), found[leaf.skip : leaf.skip + leaf.limit]))

    async def _search(self, call: Call) -> Response:
        wish, leaf = forms.wish(call.given), forms.leaf(call.given)
        found = await self._numbers.leaf(wish, leaf.skip, leaf.limit)
        return said(call.request, ROOT, Page(found.count, [forms.of_offer(one) for one in found.offers]))

    async def _buy(self, call: Call) -> Response:
        country, number = self._named(call)
        offer = self._numbers.offer(number)
        if offer is None or offer.country != country:
            raise Refusal("not_found", field="msisdn")
        await self._numbers.buy(call.caller.account, number)
        return done(call.request)

    async def _cancel(self, call: Call) -> Response:
        owned = await self._mine(call)
        await self._numbers.release(call.caller.account, owned.number.number)
        return done(call.request)

    async def _update(self, call: Call) -> Response:
        owned, settings = await self._mine(call), forms.settings(call.given)
        for name in forms.URLS:
            if url := call.given.get(name):
                self._judge(url)
        assign, unassign = await self._link(call, owned.number.number)
        await self._numbers.change(
            call.caller.account, owned.number.number, settings=settings, assign=assign, unassign=unassign
        )
        return done(call.request)

    async def _link(self, call: Call, number: str) -> tuple[tuple[int, bool] | None, int | None]:
        """To which application the number shall go, and from which it shall be taken; "" takes it from the one it has."""
        given = call.given.get(APPLICATION)
        if given is None:
            return None, None
        account = call.caller.account
        wanted = given or (await applications.linked(self._engine, account)).get(number, "")
        if not wanted:
            return None, None
        found = await applications.one(self._engine, account, wanted)
        if found is None:
            raise Refusal("not_found", field=APPLICATION)
        return ((found.id, False), None) if given else (None, found.id)

    async def _mine(self, call: Call) -> Owned:
        country, number = self._named(call)
        owned = await self._numbers.one(call.caller.account, number)
        if self._element(owned, {}).country not in ("", country):
            raise Refusal("not_found", field="country")
        return owned

    def _named(self, call: Call) -> tuple[str, str]:
        if call.given.get(ANOTHER) and call.given[ANOTHER] != api_key(call.caller):
            raise Refusal("not_found", field=ANOTHER)
        return forms.named(call.given)

    def _element(self, owned: Owned, linked: dict[str, str]) -> Element:
        number = owned.number.number
        return forms.of_owned(owned, self._numbers.offer(number), linked.get(number, ""))
