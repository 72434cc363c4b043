"""The shelf of how whoever sent a message wants to hear of it, where that is not as the account has set it."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Telling

from .engines.engine import Engine, statement
from .events import Writing

_INSERT = statement(
    """insert into telling (message, url, receipts, entity, content)
       select message, url, receipts, entity, content from {rows} r""",
    "message int, url text, receipts int, entity text, content text",
)
_ONE = statement(
    "select url, receipts, entity, content from telling where message = :message", args="message int"
)


async def insert(unit: Writing, new: Sequence[tuple[int, Telling]]) -> None:
    """(message, how to tell of it)."""
    await unit.run(_INSERT, [(key, *msgspec.structs.astuple(one)) for key, one in new])


async def of(engine: Engine, message: int) -> Telling:
    """How to tell of a message; as the account has set it, if nothing else was said."""
    rows = await engine.read(_ONE, message=message)
    return Telling(*rows[0]) if rows else Telling()
