"""The shelf of workflows: what is to be sent next, should the message before it fail.

A row is there while something may come of it. `message` is the one that is out, `steps` (JSON) are those behind it.
"""

from collections.abc import Sequence

import msgspec

from .engines.engine import statement
from .events import Writing

_PICK = "m.id, m.account, m.principal, m.message, m.steps"

_INSERT = statement(
    """insert into workflow (id, account, principal, message, steps)
       select id, account, principal, message, steps from {rows} r""",
    "id int, account int, principal int, message int, steps text",
)
_LOCKED = statement(
    f"select {_PICK} from {{rows}} r cross join workflow m where m.id = r.id order by m.id {{lock}}", "id int"
)
_MOVE = statement(
    "update workflow set message = r.message, steps = r.steps from {rows} r where workflow.id = r.id",
    "id int, message int, steps text",
)
_DELETE = statement("delete from workflow where id in (select id from {rows} r)", "id int")
_OF_ACCOUNT = statement(
    f"select {_PICK} from workflow m where m.account = :account and m.id > :after order by m.id limit :most {{lock}}",
    args="account int, after int, most int",
)
_AFTER = statement(
    """select m.id, coalesce(o.state, '') from workflow m left join message o on o.id = m.message
       where m.id > :after order by m.id limit :most""",
    args="after int, most int",
)


class Workflow(msgspec.Struct, frozen=True):
    """One of an account's principal. Columns in order."""

    id: int
    account: int
    principal: int
    message: int
    steps: str


async def insert(unit: Writing, new: Sequence[Workflow]) -> None:
    """What shall follow these messages."""
    await unit.run(_INSERT, [msgspec.structs.astuple(one) for one in new])


async def locked(unit: Writing, ids: Sequence[int]) -> dict[int, Workflow]:
    """Those of these that are not over, locked."""
    rows = await unit.rows(_LOCKED, [(i,) for i in sorted(set(ids))])
    return {row[0]: Workflow(*row) for row in rows}


async def move(unit: Writing, moves: Sequence[tuple[int, int, str]]) -> None:
    """(workflow, the message that is out now, the steps behind it)."""
    await unit.run(_MOVE, moves)


async def delete(unit: Writing, ids: Sequence[int]) -> None:
    """Nothing more comes of these."""
    await unit.run(_DELETE, [(i,) for i in ids])


async def of_account(unit: Writing, account: int, after: int, most: int) -> list[Workflow]:
    """An account's, behind an identifier, locked: a step of theirs may just be taken."""
    rows = await unit.rows(_OF_ACCOUNT, account=account, after=after, most=most)
    return [Workflow(*row) for row in rows]


async def after(unit: Writing, key: int, most: int) -> list[tuple[int, str]]:
    """(workflow, state of the message that is out, "": it is gone) behind an identifier."""
    return [(row[0], row[1]) for row in await unit.rows(_AFTER, after=key, most=most)]
