"""/api/batches: one text with variables for up to 10,000 recipients, each with a state of its own."""

import asyncio
from typing import Annotated, Final, Literal

import msgspec

from textwire.domain.account import Caller
from textwire.facades.api import pages, problem, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.reading import Moment, Span
from textwire.facades.api.repeating import create
from textwire.facades.api.views import stamp
from textwire.store import batches
from textwire.store.batches import Batch, Item
from textwire.switch import retry
from textwire.switch.batch import LONGEST_TEXT, MOST_ITEMS, Given
from textwire.switch.batch_work import Wishes
from textwire.switch.desk import Desk
from textwire.switch.once import Keep
from textwire.web.decode import BadBody, decode, skim
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/batches"
ONE: Final = PATH + "/{id}"
BODY_LIMIT: Final = 8_388_608  # bytes
CREATED: Final = 201

SLICE: Final = 100  # items that are read before others get a turn of the loop

Name = Annotated[str, msgspec.Meta(max_length=32)]
Value = Annotated[str, msgspec.Meta(max_length=1000)] | Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
_COUNT: Final = msgspec.Meta(min_length=1, max_length=MOST_ITEMS)


class ItemForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recipient, and what stands for the variables of the text."""

    to: Annotated[str, msgspec.Meta(max_length=256)]
    values: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)] | None = None


class Common(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    rename={"sender": "from", "klass": "class"},
):  # fmt: skip
    """One text for all; `{{name}}` in it stands for a value of each recipient."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
    sender: str | None = None
    send_at: Moment | None = None
    validity: Span | None = None
    ref: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    klass: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,32}\\Z")] | None = None
    on_ambiguous: Literal["resend", "hold", "fail"] | None = None
    flash: bool | None = None


class BatchForm(Common, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent: a text and its recipients."""

    items: Annotated[list[ItemForm], _COUNT]


class Skimmed(Common, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same as it is read first: 8 MiB at once would hold the loop up for a third of a second."""

    items: Annotated[list[msgspec.Raw], _COUNT]


class BatchView(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from", "klass": "class"}):
    """A batch; `working` until each of its items is a message or refused."""

    id: str
    state: str
    text: str
    sender: str | None
    ref: str | None
    klass: str | None
    send_at: str | None
    total: int
    created_at: str
    updated_at: str


class CountedView(BatchView, frozen=True, kw_only=True, rename={"sender": "from", "klass": "class"}):
    """A batch with the number of its items in each state: those of messages, `pending`, `refused`, `deleted`."""

    counts: dict[str, int]


class Fault(msgspec.Struct, frozen=True):
    """Why an item was refused: a code as in problem documents, the field at fault if it is one."""

    code: str
    field: str | None
    detail: str


class ItemView(msgspec.Struct, frozen=True):
    """An item by its place in the list, from 0; `to` is null when its message was deleted."""

    n: int
    state: str
    to: str | None
    message: str | None
    refusal: Fault | None


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
        wishes, items = _wishes(form), await _items(form)

        async def make(keep: Keep | None) -> Batch:
            return await self._batches.create(
                caller.account, caller.principal, sender=form.sender, text=form.text, items=items,
                wishes=wishes, keep=keep,
            )  # fmt: skip

        return await create(
            self._desk, request, caller, make, lambda batch: _counted(batch, {"pending": batch.total})
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        rows = await batches.page(
            self._engine, caller.account, before=pages.of_ids(wanted), limit=wanted.limit + 1
        )
        return pages.page(rows, wanted, lambda batch: (-batch.id, ""), _view)

    async def _one(self, request: Request, caller: Caller) -> Response:
        batch = await self._batches.own(caller.account, reading.identifier(request.params["id"]))
        return json_response(_counted(batch, await self._batches.counts(batch)))

    async def _items(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        batch = await self._batches.own(caller.account, reading.identifier(request.params["id"]))
        start = max(wanted.after[0] + 1, 0)
        rows = await batches.items(self._engine, batch.id, start=start, limit=wanted.limit + 1)
        return pages.page(rows, wanted, lambda item: (item.n, ""), _item)

    async def _cancel(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        batch = await self._batches.cancel(caller.account, key)
        return json_response(_counted(batch, await self._batches.counts(batch)))


async def _items(form: Skimmed) -> list[Given]:
    """The recipients of a batch; raises BadBody with the place of the first that is none."""
    items: list[Given] = []
    for n, raw in enumerate(form.items):
        try:
            item = decode(bytes(raw), ItemForm)
        except BadBody as error:
            raise BadBody(error.reason, f"items[{n}]" + (f".{error.field}" if error.field else "")) from None
        items.append((item.to, item.values or {}))
        if n % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    return items


def _wishes(form: Common) -> Wishes:
    return Wishes(
        send_at=0 if form.send_at is None else reading.instant(form.send_at, "send_at"),
        validity=retry.VALIDITY if form.validity is None else reading.span(form.validity, "validity"),
        correlator=form.ref or "",
        klass=form.klass or "",
        on_ambiguous=form.on_ambiguous,
        flash=form.flash is True,
    )


def _view(batch: Batch) -> BatchView:
    wishes = msgspec.json.decode(batch.wishes, type=Wishes)
    return BatchView(
        id=str(batch.id), state=batch.state, text=batch.text, sender=batch.sender or None,
        ref=wishes.correlator or None, klass=wishes.klass or None,
        send_at=stamp(wishes.send_at) if wishes.send_at else None, total=batch.total,
        created_at=stamp(batch.created_at), updated_at=stamp(batch.updated_at),
    )  # fmt: skip


def _counted(batch: Batch, counts: dict[str, int]) -> CountedView:
    return CountedView(**msgspec.structs.asdict(_view(batch)), counts=dict(sorted(counts.items())))


def _item(item: Item) -> ItemView:
    fault = None
    if item.code:
        fault = Fault(item.code, problem.wire_field(item.field) or None, item.detail)
    return ItemView(
        item.n, item.state, item.recipient or None, str(item.message) if item.message else None, fault
    )
