"""The shelf of lists of opt-outs on their way in."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

MOST = 100  # lists that are on their way at a time

_INSERT = statement(
    """insert into opt_out_list (id, account, state, actor, at) select id, account, 'staging', actor, at from {rows} r""",
    "id int, account int, actor text, at int",
)
_STAGE = statement(
    "insert into opt_out_staged (list, n, number) select list, n, number from {rows} r",
    "list int, n int, number text",
)
_LOCKED = statement(
    """select m.id, m.account, m.state, m.added, m.actor, m.at from {rows} r cross join opt_out_list m
       where m.id = r.id {lock}""",
    "id int",
)
_SAVE = statement(
    "update opt_out_list set state = r.state, added = r.added from {rows} r where opt_out_list.id = r.id",
    "id int, state text, added int",
)
_NEXT = statement(
    "select m.n, m.number from opt_out_staged m where m.list = :list order by m.n limit :most",
    args="list int, most int",
)
_DROP_ROWS = statement(
    "delete from opt_out_staged where (list, n) in (select list, n from {rows} r)", "list int, n int"
)
_DROP = statement("delete from opt_out_list where id in (select id from {rows} r)", "id int")
# Of those that are on their way there are a handful.
_ALL = statement(
    f"select id, account, state, added, actor, at from opt_out_list where id > 0 order by id limit {MOST}"
)


class Listed(msgspec.Struct, frozen=True):
    """A list on its way. `added` of its numbers were welcome until now; `at` is on the real clock."""

    id: int
    account: int
    state: Literal["staging", "applying", "done"]
    added: int
    actor: str
    at: int


async def insert(unit: Writing, key: int, account: int, actor: str, at: int) -> None:
    """A list begins to come in."""
    await unit.run(_INSERT, [(key, account, actor, at)])


async def stage(unit: Writing, key: int, first: int, numbers: Sequence[str]) -> None:
    """Some of its numbers, which do not count yet."""
    await unit.run(_STAGE, [(key, n, number) for n, number in enumerate(numbers, first)])


async def locked(unit: Writing, key: int) -> Listed | None:
    """One list, locked."""
    rows = await unit.rows(_LOCKED, [(key,)])
    return Listed(*rows[0]) if rows else None


async def save(unit: Writing, one: Listed) -> None:
    """How far it is."""
    await unit.run(_SAVE, [(one.id, one.state, one.added)])


async def following(unit: Writing, key: int, most: int) -> list[tuple[int, str]]:
    """(place, number) of its first rows."""
    return [(row[0], row[1]) for row in await unit.rows(_NEXT, list=key, most=most)]


async def drop_rows(unit: Writing, key: int, places: Sequence[int]) -> None:
    """These rows are done with."""
    await unit.run(_DROP_ROWS, [(key, n) for n in places])


async def drop(unit: Writing, key: int) -> None:
    """Nobody asks for the list any more."""
    await unit.run(_DROP, [(key,)])


async def every(engine: Engine) -> list[Listed]:
    """All lists on their way, at most 100."""
    return [Listed(*row) for row in await engine.read(_ALL)]
