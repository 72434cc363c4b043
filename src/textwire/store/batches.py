"""The shelf of batches: one text for many recipients, each item with a state of its own.

An item is kept with its recipient and values until it is a message or refused; then these are forgotten.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

State = Literal["working", "done", "canceled"]
ItemState = Literal["pending", "accepted", "refused", "canceled"]

_BATCH = (
    "m.id, m.account, m.principal, m.state, m.sender, m.text, m.wishes, m.total, m.created_at, m.updated_at"
)
_INSERT = statement(
    """insert into batch (id, account, principal, state, sender, text, wishes, total, created_at, updated_at)
       select id, account, principal, 'working', sender, text, wishes, total, at, at from {rows} r""",
    "id int, account int, principal int, sender text, text text, wishes text, total int, at int",
)
_INSERT_ITEMS = statement(
    """insert into batch_item (batch, n, state, recipient, given)
       select batch, n, 'pending', recipient, given from {rows} r""",
    "batch int, n int, recipient text, given text",
)
_OWN = statement(
    f"select {_BATCH} from batch m where m.id = :id and m.account = :account", args="id int, account int"
)
_PAGE = statement(
    f"""select {_BATCH} from batch m where m.account = :account and m.id < :before
        order by m.id desc limit :most""",
    args="account int, before int, most int",
)
_WORKING = statement(
    f"select {_BATCH} from batch m where m.state = 'working' and m.id > :after order by m.id limit :most",
    args="after int, most int",
)
_LOCKED = statement(
    f"select {_BATCH} from {{rows}} r cross join batch m where m.id = r.id order by m.id {{lock}}", "id int"
)
_PENDING = statement(
    """select m.n, m.recipient, m.given from batch_item m
       where m.batch = :batch and m.n >= :start and m.n < :stop and m.state = 'pending' order by m.n""",
    args="batch int, start int, stop int",
)
_STILL = statement(
    """select m.batch, m.n from {rows} r cross join batch_item m
       where m.batch = r.batch and m.n = r.n and m.state = 'pending'""",
    "batch int, n int",
)
_SETTLE = statement(
    """update batch_item set state = r.state, message = r.message, code = r.code, field = r.field, detail = r.detail,
         recipient = case when r.message = 0 then recipient else '' end, given = ''
       from {rows} r where batch_item.batch = r.batch and batch_item.n = r.n""",
    "batch int, n int, state text, message int, code text, field text, detail text",
)
_MOVE = statement(
    "update batch set state = r.state, updated_at = r.at from {rows} r where batch.id = r.id",
    "id int, state text, at int",
)
_CANCEL_ITEMS = statement(
    """update batch_item set state = 'canceled', given = ''
       where batch in (select id from {rows} r) and state = 'pending'""",
    "id int",
)
_COUNTS = statement(
    """select case when i.state = 'accepted' then coalesce(m.state, 'deleted') else i.state end, count(*)
       from batch_item i left join message m on m.id = i.message
       where i.batch = :batch and i.n >= :start and i.n < :stop group by 1""",
    args="batch int, start int, stop int",
)
_ITEMS = statement(
    """select i.n, case when i.state = 'accepted' then coalesce(m.state, 'deleted') else i.state end,
         case when i.message = 0 then i.recipient else coalesce(m.recipient, '') end,
         i.message, i.code, i.field, i.detail
       from batch_item i left join message m on m.id = i.message
       where i.batch = :batch and i.n >= :start order by i.n limit :most""",
    args="batch int, start int, most int",
)
_WAITING = statement(
    """select m.id from message m where m.account = :account and m.batch = :batch and m.batch <> 0
         and m.id > :after and m.state in ('scheduled', 'queued') order by m.id limit :most""",
    args="account int, batch int, after int, most int",
)


class Batch(msgspec.Struct, frozen=True):
    """One batch. `text` holds variables, `wishes` (JSON) what all its messages have in common. Columns in order."""

    id: int
    account: int
    principal: int
    state: State
    sender: str
    text: str
    wishes: str
    total: int
    created_at: int
    updated_at: int


class Pending(msgspec.Struct, frozen=True):
    """An item that is nothing yet; `given` (JSON) are its values."""

    n: int
    recipient: str
    given: str


class Settled(msgspec.Struct, frozen=True):
    """What became of an item: a message, or a refusal."""

    batch: int
    n: int
    state: ItemState
    message: int = 0
    code: str = ""
    field: str = ""
    detail: str = ""


class Item(msgspec.Struct, frozen=True):
    """An item as it is shown: `state` is that of its message, if there is one still."""

    n: int
    state: str
    recipient: str
    message: int
    code: str
    field: str
    detail: str


async def insert(unit: Writing, new: Sequence[tuple[Batch, Sequence[tuple[str, str]]]]) -> None:
    """Writes batches with their items, (recipient, values as JSON) each."""
    await unit.run(
        _INSERT,
        [(b.id, b.account, b.principal, b.sender, b.text, b.wishes, b.total, b.created_at) for b, _ in new],
    )
    await unit.run(_INSERT_ITEMS, [(b.id, n, *item) for b, items in new for n, item in enumerate(items)])


async def own(engine: Engine, account: int, key: int) -> Batch | None:
    """A batch of an account."""
    rows = await engine.read(_OWN, id=key, account=account)
    return Batch(*rows[0]) if rows else None


async def page(engine: Engine, account: int, *, before: int, limit: int) -> list[Batch]:
    """An account's batches, newest first, older than `before`."""
    rows = await engine.read(_PAGE, account=account, before=before, most=limit)
    return [Batch(*row) for row in rows]


async def working(engine: Engine, most: int) -> list[Batch]:
    """The batches that are not done, oldest first."""
    return [Batch(*row) for row in await engine.read(_WORKING, after=0, most=most)]


async def locked(unit: Writing, ids: Sequence[int]) -> dict[int, Batch]:
    """Batches by identifier, locked."""
    rows = await unit.rows(_LOCKED, [(i,) for i in sorted(set(ids))])
    return {row[0]: Batch(*row) for row in rows}


async def pending(engine: Engine, batch: int, start: int, stop: int) -> list[Pending]:
    """The items from `start` to before `stop` that are nothing yet."""
    return [Pending(*row) for row in await engine.read(_PENDING, batch=batch, start=start, stop=stop)]


async def still(unit: Writing, items: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of (batch, n) that are still pending."""
    return {(row[0], row[1]) for row in await unit.rows(_STILL, items)}


async def settle(unit: Writing, settled: Sequence[Settled]) -> None:
    """Writes what became of items, and forgets their values."""
    await unit.run(_SETTLE, [(s.batch, s.n, s.state, s.message, s.code, s.field, s.detail) for s in settled])


async def move(unit: Writing, moves: Sequence[tuple[int, State, int]]) -> None:
    """(batch, its new state, at)."""
    await unit.run(_MOVE, moves)


async def cancel_items(unit: Writing, ids: Sequence[int]) -> None:
    """Nothing more becomes of what is pending in these batches."""
    await unit.run(_CANCEL_ITEMS, [(i,) for i in ids])


async def counts(engine: Engine, batch: int, start: int, stop: int) -> dict[str, int]:
    """How many of the items from `start` to before `stop` are in each state."""
    return {row[0]: row[1] for row in await engine.read(_COUNTS, batch=batch, start=start, stop=stop)}


async def items(engine: Engine, batch: int, *, start: int, limit: int) -> list[Item]:
    """The items from `start` on, in order."""
    return [Item(*row) for row in await engine.read(_ITEMS, batch=batch, start=start, most=limit)]


async def waiting(engine: Engine, batch: Batch, after: int, most: int) -> list[int]:
    """Messages of a batch behind `after` that have not left."""
    rows = await engine.read(_WAITING, account=batch.account, batch=batch.id, after=after, most=most)
    return [row[0] for row in rows]
