"""The shelf of conversions: what whoever sent a message says came of it."""

from collections.abc import Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

_PUT = statement(
    """insert into conversion (message, delivered, at) select message, delivered, at from {rows} r where true
       on conflict (message) do update set delivered = excluded.delivered, at = excluded.at""",
    "message int, delivered int, at int",
)
_ONE = statement(
    "select m.message, m.delivered, m.at from conversion m where m.message = :message", args="message int"
)


class Conversion(msgspec.Struct, frozen=True):
    """Whether the recipient did what was asked for, and when (µs, as the sender says). Columns in order."""

    message: int
    delivered: int
    at: int


async def put(unit: Writing, new: Sequence[Conversion]) -> None:
    """Writes them over those that are there; of several of one message, the last."""
    last = {one.message: one for one in new}
    await unit.run(_PUT, [msgspec.structs.astuple(one) for one in last.values()])


async def of(engine: Engine, message: int) -> Conversion | None:
    """What was said of a message."""
    rows = await engine.read(_ONE, message=message)
    return Conversion(*rows[0]) if rows else None
