"""The shelf of webhook deliveries: one row per (event, hook, part), from planned to delivered or given up."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from .engines.engine import Engine, statement
from .events import Writing
from .hooks import Hook

State = Literal["pending", "delivered", "failed"]


class Delivery(msgspec.Struct, frozen=True):
    """One delivery. `status` is the last answer's, `error` why there was none; `updated_at` is µs, message clock."""

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


class Outcome(msgspec.Struct, frozen=True):
    """What an attempt has made of a delivery."""

    id: int
    state: State
    attempts: int
    status: int
    error: str
    at: int


_ALL = ", ".join(f.name for f in msgspec.structs.fields(Delivery))
_PICK = ", ".join(f"m.{f.name}" for f in msgspec.structs.fields(Delivery))
_HOOK = ", ".join(f"h.{f.name}" for f in msgspec.structs.fields(Hook))
_WIDTH = len(msgspec.structs.fields(Delivery))

# Whoever plans an event a second time inserts nothing, and learns so by what is not returned.
_INSERT = statement(
    f"""insert into delivery ({_ALL}) select {_ALL} from {{rows}} r where true
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
         updated_at = r.at from {rows} r where delivery.id = r.id""",
    "id int, state text, attempts int, status int, error text, at int",
)
_DELETE = statement("delete from delivery where id in (select id from {rows} r)", "id int")
_OF_HOOK = statement(
    f"select {_PICK} from delivery m where m.hook = :hook and m.id < :before order by m.id desc limit :most",
    args="hook int, before int, most int",
)


async def insert(unit: Writing, new: Sequence[Delivery]) -> set[int]:
    """Plans deliveries; the identifiers of those that were not planned already."""
    rows = await unit.rows(_INSERT, [msgspec.structs.astuple(d) for d in new])
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


async def of_hook(engine: Engine, hook: int, *, before: int, limit: int) -> list[Delivery]:
    """A hook's deliveries, newest first, older than the identifier `before`."""
    return [Delivery(*row) for row in await engine.read(_OF_HOOK, hook=hook, before=before, most=limit)]
