"""/api/deliveries and what a hook was told: the log of each delivery, tests, and telling again."""

from typing import Final

from textwire.domain.account import Caller
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page
from textwire.store import deliveries
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .forms import (
    DeliveriesQuery,
    DeliveryDetail,
    DeliveryView,
    ReplayForm,
    ReplayView,
    in_detail,
    of_delivery,
)
from .hooks import ONE as HOOK

PATH: Final = "/api/deliveries"
ONE: Final = PATH + "/{id}"


class Deliveries:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._deliveries, self._webhooks, self._engine = desk.deliveries, desk.webhooks, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/deliveries, and of a hook what concerns its deliveries."""
        return (
            entrance.route("GET", HOOK + "/deliveries", self._list, about=About(
                summary="List what a webhook was told in the last 7 days, newest first", query=DeliveriesQuery,
                answer=Page[DeliveryView], codes=("not_found",),
                note="A page may be short, or empty, before the last one: go on while there is a `next`.",
            )),
            entrance.route("POST", HOOK + "/test", self._test, about=About(
                summary="Call a webhook now with the event hook.test, and say what it answered",
                answer=DeliveryDetail, codes=("not_found", "queue_full"),
            )),
            entrance.route("POST", HOOK + "/replay", self._replay_since, about=About(
                summary="Tell a webhook what it has missed since a time", form=ReplayForm, answer=ReplayView,
                example={"since": "2030-01-31T09:00:00Z"},
                status=202, codes=("not_found", "hook_disabled", "replay_running"),
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="One delivery with its attempts", answer=DeliveryDetail, codes=("not_found",),
            )),
            entrance.route("POST", ONE + "/replay", self._replay, about=About(
                summary="Deliver once more, under the same webhook-id", answer=DeliveryView, status=202,
                codes=("not_found", "hook_disabled", "not_replayable"),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        query = reading.parameters(request, DeliveriesQuery)
        wanted = pages.asked(query)
        hook = await self._webhooks.one(caller.account, request.params["id"])
        found, behind = await deliveries.of_hook(
            self._engine, hook.id, before=pages.of_ids(wanted), limit=wanted.limit, state=query.state
        )
        return pages.cut([of_delivery(one) for one in found], None if behind is None else (-behind, ""))

    async def _one(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        return json_response(in_detail(await self._deliveries.one(caller.account, key)))

    async def _replay(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        return json_response(of_delivery(await self._deliveries.replay(caller.account, key)), 202)

    async def _replay_since(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, ReplayForm)
        hook, since = request.params["id"], reading.instant(form.since, "since")
        await self._deliveries.replay_since(caller.account, hook, since, heard=form.delivered)
        return json_response(ReplayView(hook=hook, since=views.stamp(since), delivered=form.delivered), 202)

    async def _test(self, request: Request, caller: Caller) -> Response:
        return json_response(in_detail(await self._deliveries.test(caller.account, request.params["id"])))
