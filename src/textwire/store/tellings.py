"""The shelf of how whoever sent a message wants to hear of it, where that is not as the account has set it."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Telling

from .engines.engine import Engine, statement
from .events import Writing

_INSERT = statement(
    """insert into telling (message, url, receipts, entity, content, form, name, protocol, shown, workflow, item, items)
       select message, url, receipts, entity, content, form, name, protocol, shown, workflow, item, items
       from {rows} r""",
    """message int, url text, receipts int, entity text, content text, form text, name text, protocol int, shown int,
       workflow text, item int, items int""",
)
_ONE = statement(
    """select url, receipts, entity, content, form, name, protocol, shown, workflow, item, items from telling
       where message = :message""",
    args="message int",
)
_NAMED = statement(
    """select m.message from telling m join message o on o.id = m.message
       where m.name = :name and m.name <> '' and o.account = :account limit 1""",
    args="name text, account int",
)


async def insert(unit: Writing, new: Sequence[tuple[int, Telling]]) -> None:
    """(message, how to tell of it)."""
    await unit.run(_INSERT, [(key, *msgspec.structs.astuple(one)) for key, one in new])


async def of(engine: Engine, message: int) -> Telling:
    """How to tell of a message; as the account has set it, if nothing else was said."""
    rows = await engine.read(_ONE, message=message)
    return Telling(*rows[0]) if rows else Telling()


async def named(engine: Engine, account: int, name: str) -> int | None:
    """The message of an account that its sender's API calls so."""
    rows = await engine.read(_NAMED, name=name, account=account)
    return rows[0][0] if rows else None
