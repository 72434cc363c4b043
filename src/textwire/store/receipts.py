"""The shelf of receipts, parked ones included."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Message
from textwire.domain.receipt import Receipt

from .engines.engine import Engine, statement
from .events import Writing

_INSERT = statement(
    """insert into receipt (id, segment, carrier, ref, state, error, raw, at)
       select id, segment, carrier, ref, state, error, raw, at from {rows} r""",
    "id int, segment int, carrier text, ref text, state text, error text, raw text, at int",
)
_PARKED = statement(
    """select m.id, m.carrier, m.ref, m.state, m.at, m.error, m.raw from {rows} r cross join receipt m
       where m.carrier = r.carrier and m.ref = r.ref and m.segment = 0 order by m.id""",
    "carrier text, ref text",
)
_BIND = statement(
    "update receipt set segment = r.segment from {rows} r where receipt.id = r.id", "id int, segment int"
)
_OF_MESSAGE = statement(
    """select m.id, m.segment, m.carrier, m.ref, m.state, m.at, m.error, m.raw from {rows} r cross join receipt m
       where m.segment >= r.id and m.segment < r.id + r.total and m.segment <> 0 order by m.segment, m.id""",
    "id int, total int",
)


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A receipt on the shelf; `segment` 0: parked."""

    id: int
    segment: int
    receipt: Receipt


async def insert(unit: Writing, kept: Sequence[Kept]) -> None:
    """Keeps receipts, bound or parked."""
    await unit.run(
        _INSERT,
        [
            (k.id, k.segment, r.carrier, r.ref, r.state, r.error, r.raw, r.at)
            for k in kept
            for r in (k.receipt,)
        ],
    )


async def parked(unit: Writing, refs: Sequence[tuple[str, str]]) -> list[Kept]:
    """Receipts that came before the submit response of their segment."""
    rows = await unit.rows(_PARKED, refs)
    return [Kept(row[0], 0, _receipt(row[1:])) for row in rows]


async def bind(unit: Writing, bindings: Sequence[tuple[int, int]]) -> None:
    """(receipt, segment): a parked receipt has found its other half."""
    await unit.run(_BIND, bindings)


async def of_message(engine: Engine, message: Message) -> list[Kept]:
    """The receipts of a message, by segment."""
    rows = await engine.read(_OF_MESSAGE, [(message.id, message.total)])
    return [Kept(row[0], row[1], _receipt(row[2:])) for row in rows]


async def of_messages(engine: Engine, messages: Sequence[Message]) -> list[Kept]:
    """The same of several messages."""
    rows = await engine.read(_OF_MESSAGE, [(m.id, m.total) for m in messages])
    return [Kept(row[0], row[1], _receipt(row[2:])) for row in rows]


def _receipt(row: tuple[object, ...]) -> Receipt:
    carrier, ref, state, at, error, raw = row
    return Receipt(carrier=carrier, ref=ref, state=state, at=at, error=error, raw=raw)  # type: ignore[arg-type]
