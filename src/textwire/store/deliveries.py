"""The shelf of webhook deliveries: one row per (event, hook, part), from planned to delivered or given up.

Of a test, which no event stands behind, the event is the delivery's own identifier.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from textwire.domain.ids import MAX_INT

from .engines.engine import Engine, Row, statement
from .events import Writing
from .hooks import Hook

State = Literal["pending", "delivered", "failed"]


class Delivery(msgspec.Struct, frozen=True):
    """One delivery. `status`, `reply` and `ms` are of the last attempt, `error` says why there was no answer.

    `updated_at` is µs, message clock. `base` are the attempts made before it was replayed: the schedule counts
    from there.
    """

    id: int
    event: int
    hook: int
    segment: int
    account: int
    state: State
    attempts: int
    status: int
    error: str
    updated_at: int
    base: int = 0
    reply: str = ""
    ms: int = 0


class Listed(msgspec.Struct, frozen=True):
    """A delivery with what it tells of: the event's type ("": forgotten), message and part, the hook's public name."""

    delivery: Delivery
    type: str
    subject: int
    hook: str


class Outcome(msgspec.Struct, frozen=True):
    """What an attempt has made of a delivery."""

    id: int
    state: State
    attempts: int
    status: int
    error: str
    at: int
    reply: str = ""
    ms: int = 0


_NEW = "id, event, hook, segment, account, state, attempts, status, error, updated_at"
_PICK = ", ".join(f"m.{f.name}" for f in msgspec.structs.fields(Delivery))
_HOOK = ", ".join(f"h.{f.name}" for f in msgspec.structs.fields(Hook))
_PLANNED = len(_NEW.split(","))
_WIDTH = len(msgspec.structs.fields(Delivery))

# Whoever plans an event a second time inserts nothing, and learns so by what is not returned.
_INSERT = statement(
    f"""insert into delivery ({_NEW}) select {_NEW} from {{rows}} r where true
        on conflict (event, hook, segment) do nothing returning id""",
    """id int, event int, hook int, segment int, account int, state text, attempts int, status int, error text,
       updated_at int""",
)
_WITH_HOOKS = statement(
    f"""select {_PICK}, {_HOOK} from {{rows}} r cross join delivery m left join hook h on h.id = m.hook
        where m.id = r.id order by m.id""",
    "id int",
)
_SAVE = statement(
    """update delivery set state = r.state, attempts = r.attempts, status = r.status, error = r.error,
         updated_at = r.at, reply = r.reply, ms = r.ms from {rows} r where delivery.id = r.id""",
    "id int, state text, attempts int, status int, error text, at int, reply text, ms int",
)
_DELETE = statement("delete from delivery where id in (select id from {rows} r)", "id int")
_LISTED = f"""select {_PICK}, coalesce(e.type, ''), coalesce(e.subject, 0), h.public_id
        from delivery m join hook h on h.id = m.hook left join event e on e.number = m.event"""
_OF_HOOK = statement(
    f"{_LISTED} where m.hook = :hook and m.id < :before order by m.id desc limit :most",
    args="hook int, before int, most int",
)
_FAILED = statement(
    f"""{_LISTED} where m.hook = :hook and m.id < :before and m.state = 'failed' order by m.id desc limit :most""",
    args="hook int, before int, most int",
)
_ONE = statement(f"{_LISTED} where m.id = :id and m.account = :account", args="id int, account int")
_KEYED = statement(
    f"""select {_PICK} from {{rows}} r cross join delivery m
        where m.event = r.event and m.hook = r.hook and m.segment = r.segment""",
    "event int, hook int, segment int",
)
# What is under way or owed already needs no second wish.
_AGAIN = statement(
    """update delivery set state = 'pending', base = attempts, updated_at = r.at from {rows} r
       where delivery.id = r.key and delivery.state <> 'pending' returning id""",
    "key int, at int",
)
_OLD = statement(
    """select m.id, e.at, m.updated_at from delivery m left join event e on e.number = m.event
       where m.event > :after and m.event <= :last order by m.event limit :most""",
    args="after int, last int, most int",
)

FIRST_TEST = 1 << 50  # identifiers lie behind it, numbers of events before it
MOST_LOOKED_AT = 2000  # of a hook's deliveries, to find those of one state


async def insert(unit: Writing, new: Sequence[Delivery]) -> set[int]:
    """Plans deliveries; the identifiers of those that were not planned already."""
    rows = await unit.rows(_INSERT, [msgspec.structs.astuple(d)[:_PLANNED] for d in new])
    return {row[0] for row in rows}


async def with_hooks(unit: Writing, ids: Sequence[int]) -> list[tuple[Delivery, Hook | None]]:
    """Deliveries by identifier, each with its hook as far as that still exists."""
    rows = await unit.rows(_WITH_HOOKS, [(i,) for i in ids])
    return [
        (Delivery(*row[:_WIDTH]), Hook(*row[_WIDTH:]) if row[_WIDTH] is not None else None) for row in rows
    ]


async def save(unit: Writing, outcomes: Sequence[Outcome]) -> None:
    """Writes what attempts have come to."""
    await unit.run(_SAVE, [msgspec.structs.astuple(o) for o in outcomes])


async def delete(unit: Writing, ids: Sequence[int]) -> None:
    """Deliveries that had nothing to say."""
    await unit.run(_DELETE, [(i,) for i in ids])


async def of_hook(
    engine: Engine, hook: int, *, before: int, limit: int, state: State | None = None
) -> tuple[list[Listed], int | None]:
    """A hook's deliveries, newest first, older than the identifier `before`; and where to go on looking.

    Those of one state may be far apart: a page may be short, or empty, and yet not be the last.
    """
    looked = limit if state in (None, "failed") else MOST_LOOKED_AT
    statement = _FAILED if state == "failed" else _OF_HOOK
    rows = await engine.read(statement, hook=hook, before=before, most=looked + 1)
    found = [_listed(row) for row in rows[:looked]]
    shown = [one for one in found if state in (None, one.delivery.state)][:limit]
    if len(shown) == limit and shown[-1].delivery.id != rows[-1][0]:
        return shown, shown[-1].delivery.id
    return shown, found[-1].delivery.id if len(rows) > looked else None


async def one(engine: Engine, account: int, key: int) -> Listed | None:
    """A delivery of an account whose hook is still there; a foreign one is missing like an unknown one."""
    rows = await engine.read(_ONE, id=key, account=account)
    return _listed(rows[0]) if rows else None


async def find(unit: Writing, account: int, key: int) -> Listed | None:
    """The same inside a transaction."""
    rows = await unit.rows(_ONE, id=key, account=account)
    return _listed(rows[0]) if rows else None


async def keyed(unit: Writing, keys: Sequence[tuple[int, int, int]]) -> list[Delivery]:
    """The deliveries of several (event, hook, segment), as far as there are any."""
    return [Delivery(*row) for row in await unit.rows(_KEYED, keys)]


async def again(unit: Writing, ids: Sequence[int], now: int) -> list[int]:
    """Lets deliveries that have ended begin their schedule anew; those that did."""
    return sorted(row[0] for row in await unit.rows(_AGAIN, [(i, now) for i in ids]))


async def older(unit: Writing, before: int, most: int, *, tests: bool) -> list[int]:
    """Up to `most` deliveries, oldest first, whose event (or test) was before that time (µs) or is forgotten."""
    after, last = (FIRST_TEST, MAX_INT) if tests else (0, FIRST_TEST)
    rows = await unit.rows(_OLD, after=after, last=last, most=most)
    return [key for key, at, updated in rows if (updated if tests else at or 0) < before]


def _listed(row: Row) -> Listed:
    return Listed(Delivery(*row[:_WIDTH]), *row[_WIDTH:])
