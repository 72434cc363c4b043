"""/api/hooks: which addresses are told of which events."""

from collections.abc import Callable
from typing import Final

from msgspec import UNSET

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.repeating import create
from textwire.store.hooks import Hook
from textwire.switch.desk import Desk
from textwire.switch.once import Keep
from textwire.switch.webhooks import Change
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .forms import (
    HookForm,
    HookPatch,
    HookView,
    HookWithSecret,
    numbers_of,
    of_hook,
    types_of,
    with_secret,
)

PATH: Final = "/api/hooks"
ONE: Final = PATH + "/{id}"


class Hooks:
    """The handlers. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._desk, self._webhooks, self._judge = desk, desk.webhooks, judge_url

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/hooks but for deliveries."""
        return (
            entrance.route("POST", PATH, self._create, about=About(
                summary="Be told of events at an address; the answer shows the secret that signs them, once",
                form=HookForm, answer=HookWithSecret, status=201, once=True,
                codes=("blocked_address", "too_many_hooks", "invalid_address", "not_found"),
            )),
            entrance.route("GET", PATH, self._list, about=About(
                summary="List webhooks, newest first", query=Paging, answer=Page[HookView],
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="One webhook", answer=HookView, codes=("not_found",),
            )),
            entrance.route("PATCH", ONE, self._change, about=About(
                summary="Change a webhook, switch it off or on again", form=HookPatch, answer=HookView,
                codes=("blocked_address", "invalid_address", "not_found"),
            )),
            entrance.route("POST", ONE + "/rotate", self._rotate, about=About(
                summary="Get a new secret; for 24 hours the old one signs as well", answer=HookWithSecret, once=True,
                codes=("not_found",),
            )),
            entrance.route("DELETE", ONE, self._delete, about=About(
                summary="End a webhook; nothing more is posted", status=204, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, HookForm)
        types, numbers = types_of(form.events), numbers_of(form.numbers)

        async def make(keep: Keep | None) -> tuple[Hook, str]:
            self._judge_url(form.url)
            return await self._webhooks.create(
                caller.account, caller.principal, url=form.url, types=types, numbers=numbers, keep=keep
            )

        return await create(self._desk, request, caller, make, with_secret, secret=True)

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = await self._webhooks.list(caller.account)
        return pages.page(found, wanted, lambda hook: (-hook.id, ""), of_hook)

    async def _one(self, request: Request, caller: Caller) -> Response:
        return json_response(of_hook(await self._webhooks.one(caller.account, request.params["id"])))

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, HookPatch)
        if form.url is not UNSET:
            self._judge_url(form.url)
        change = Change(
            url=None if form.url is UNSET else form.url,
            types=None if form.events is UNSET else types_of(form.events),
            numbers=None if form.numbers is UNSET else numbers_of(form.numbers),
            active=None if form.state is UNSET else form.state == "active",
        )
        return json_response(
            of_hook(await self._webhooks.change(caller.account, request.params["id"], change))
        )

    async def _rotate(self, request: Request, caller: Caller) -> Response:
        return await create(
            self._desk, request, caller,
            lambda keep: self._webhooks.rotate(caller.account, request.params["id"], keep=keep),
            with_secret, status=200, secret=True,
        )  # fmt: skip

    async def _delete(self, request: Request, caller: Caller) -> Response:
        await self._webhooks.delete(caller.account, request.params["id"])
        return Response(204)

    def _judge_url(self, url: str) -> None:
        try:
            self._judge(url)
        except Refusal as refusal:
            refusal.field = "url"
            raise
