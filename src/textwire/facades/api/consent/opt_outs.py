"""/api/opt-outs: who wants no more texts from the account."""

from typing import Final

import msgspec

from textwire.domain.account import Caller
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging, Place
from textwire.store.opt_outs import OptOut
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/opt-outs"
ONE: Final = PATH + "/{number}"


class OptOutView(msgspec.Struct, frozen=True):
    """Somebody who wants no texts; `source`: `keyword`, `api`, `import` or `erasure`."""

    number: str
    source: str
    since: str


class OptOuts:
    """The handlers of single ones and of the list."""

    def __init__(self, desk: Desk) -> None:
        self._opting = desk.opting

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/opt-outs, but for whole lists."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List who has opted out, newest first", query=Paging, answer=Page[OptOutView],
                note="Numbers that were erased stay suppressed, but nobody can list them any more.",
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="Whether a number has opted out: 404 if not", answer=OptOutView,
                codes=("not_found", "invalid_address"),
            )),
            entrance.route("PUT", ONE, self._put, about=About(
                summary="Opt a number out: nothing leaves to it from this moment on", answer=OptOutView,
                codes=("invalid_address",),
            )),
            entrance.route("DELETE", ONE, self._delete, about=About(
                summary="Opt a number in again, because its person has asked for it", status=204,
                codes=("not_found", "invalid_address"),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = await self._opting.page(
            caller.account, at=pages.of_ids(wanted), number=wanted.after[1], limit=wanted.limit + 1
        )
        return pages.page(found, wanted, place, view)

    async def _one(self, request: Request, caller: Caller) -> Response:
        number = reading.number(request.params["number"], "number")
        return json_response(view(await self._opting.one(caller.account, number)))

    async def _put(self, request: Request, caller: Caller) -> Response:
        number = reading.number(request.params["number"], "number")
        return json_response(view(await self._opting.add(caller.account, number)))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        await self._opting.remove(caller.account, reading.number(request.params["number"], "number"))
        return Response(204)


def place(one: OptOut) -> Place:
    """Where an opt-out stands in a list."""
    return -one.at, one.number


def view(one: OptOut) -> OptOutView:
    """An opt-out as it is shown."""
    return OptOutView(one.number, one.source, views.stamp(one.at))
