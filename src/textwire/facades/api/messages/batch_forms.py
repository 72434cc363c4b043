"""What is said of batches on the wire, in both directions, and how it is read without holding the loop up."""

import asyncio
from typing import Annotated, Final, Literal

import msgspec

from textwire.facades.api import problem, reading
from textwire.facades.api.reading import Moment, Span
from textwire.facades.api.views import stamp
from textwire.store.batches import Batch, Item
from textwire.switch import retry
from textwire.switch.batch import LONGEST_TEXT, MOST_ITEMS, Given
from textwire.switch.batch_work import Wishes
from textwire.web.decode import BadBody, decode

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


async def items_of(form: Skimmed) -> list[Given]:
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


def wishes_of(form: Common) -> Wishes:
    return Wishes(
        send_at=0 if form.send_at is None else reading.instant(form.send_at, "send_at"),
        validity=retry.VALIDITY if form.validity is None else reading.span(form.validity, "validity"),
        correlator=form.ref or "",
        klass=form.klass or "",
        on_ambiguous=form.on_ambiguous,
        flash=form.flash is True,
    )


def view(batch: Batch) -> BatchView:
    wishes = msgspec.json.decode(batch.wishes, type=Wishes)
    return BatchView(
        id=str(batch.id), state=batch.state, text=batch.text, sender=batch.sender or None,
        ref=wishes.correlator or None, klass=wishes.klass or None,
        send_at=stamp(wishes.send_at) if wishes.send_at else None, total=batch.total,
        created_at=stamp(batch.created_at), updated_at=stamp(batch.updated_at),
    )  # fmt: skip


def counted(batch: Batch, counts: dict[str, int]) -> CountedView:
    return CountedView(**msgspec.structs.asdict(view(batch)), counts=dict(sorted(counts.items())))


def item_view(item: Item) -> ItemView:
    fault = None
    if item.code:
        fault = Fault(item.code, problem.wire_field(item.field) or None, item.detail)
    return ItemView(
        item.n, item.state, item.recipient or None, str(item.message) if item.message else None, fault
    )
