"""/api/batches: one text with variables for up to 10,000 recipients, each with a state of its own."""

from typing import Final

from textwire.domain.account import Caller
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.repeating import create
from textwire.store import batches
from textwire.store.batches import Batch
from textwire.switch.desk import Desk
from textwire.switch.once import Keep
from textwire.web.decode import skim
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .batch_forms import (
    BatchForm,
    BatchView,
    CountedView,
    ItemView,
    Skimmed,
    counted,
    item_view,
    items_of,
    view,
    wishes_of,
)

PATH: Final = "/api/batches"
ONE: Final = PATH + "/{id}"
BODY_LIMIT: Final = 8_388_608  # bytes
CREATED: Final = 201


class Batches:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._batches, self._engine = desk, desk.batches, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/batches."""
        return (
            entrance.route("POST", PATH, self._create, body_limit=BODY_LIMIT, about=About(
                summary="Send one text with variables to up to 10,000 recipients", form=BatchForm, answer=CountedView,
                status=CREATED, once=True, codes=(
                    "invalid_address", "text_empty", "text_too_long", "too_many_recipients",
                    "send_at_out_of_range", "validity_out_of_range", "queue_full",
                ),
            )),
            entrance.route("GET", PATH, self._list, about=About(
                summary="List batches, newest first", query=Paging, answer=Page[BatchView],
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="A batch with the number of its items in each state", answer=CountedView, codes=("not_found",),
            )),
            entrance.route("GET", ONE + "/items", self._items, about=About(
                summary="What became of each recipient, in the order of the list", query=Paging, answer=Page[ItemView],
                codes=("not_found",),
            )),
            entrance.route("POST", ONE + "/cancel", self._cancel, about=About(
                summary="Take back what has not left", answer=CountedView, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = skim(await reading.body(request), Skimmed)
        wishes, items = wishes_of(form), await items_of(form)

        async def make(keep: Keep | None) -> Batch:
            return await self._batches.create(
                caller.account, caller.principal, sender=form.sender, text=form.text, items=items,
                wishes=wishes, keep=keep,
            )  # fmt: skip

        return await create(
            self._desk, request, caller, make, lambda batch: counted(batch, {"pending": batch.total})
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        rows = await batches.page(
            self._engine, caller.account, before=pages.of_ids(wanted), limit=wanted.limit + 1
        )
        return pages.page(rows, wanted, lambda batch: (-batch.id, ""), view)

    async def _one(self, request: Request, caller: Caller) -> Response:
        batch = await self._batches.own(caller.account, reading.identifier(request.params["id"]))
        return json_response(counted(batch, await self._batches.counts(batch)))

    async def _items(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        batch = await self._batches.own(caller.account, reading.identifier(request.params["id"]))
        start = max(wanted.after[0] + 1, 0)
        rows = await batches.items(self._engine, batch.id, start=start, limit=wanted.limit + 1)
        return pages.page(rows, wanted, lambda item: (item.n, ""), item_view)

    async def _cancel(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        batch = await self._batches.cancel(caller.account, key)
        return json_response(counted(batch, await self._batches.counts(batch)))
