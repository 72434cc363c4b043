"""The shelf of erasures, and of finding a number where no index knows it."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

Phase = Literal["messages", "answers", "batches", "workflows", "rest"]
PHASES: tuple[Phase, ...] = ("messages", "answers", "batches", "workflows", "rest")


class Erasure(msgspec.Struct, frozen=True):
    """That a number is to be forgotten. `number` is empty once it is; the order of the fields is that of the columns.

    `cursor`: how far the phase has come; `messages` went, `canceled` of them before they could leave.
    """

    id: int
    account: int
    number: str
    digest: str
    state: Literal["running", "done"]
    phase: Phase
    cursor: str
    messages: int
    canceled: int
    requested_by: str
    due_at: int
    created_at: int
    finished_at: int


_FIELDS = tuple(field.name for field in msgspec.structs.fields(Erasure))
_ALL = ", ".join(_FIELDS)
_PICK = ", ".join(f"m.{name}" for name in _FIELDS)
_TYPES = """id int, account int, number text, digest text, state text, phase text, cursor text, messages int,
  canceled int, requested_by text, due_at int, created_at int, finished_at int"""

_INSERT = statement(f"insert into erasure ({_ALL}) select {_ALL} from {{rows}} r", _TYPES)
_SAVE = statement(
    """update erasure set number = r.number, state = r.state, phase = r.phase, cursor = r.cursor,
         messages = r.messages, canceled = r.canceled, due_at = r.due_at, finished_at = r.finished_at
       from {rows} r where erasure.id = r.id""",
    """id int, number text, state text, phase text, cursor text, messages int, canceled int, due_at int,
       finished_at int""",
)
_LOCKED = statement(
    f"select {_PICK} from {{rows}} r cross join erasure m where m.id = r.id {{lock}}", "id int"
)
_DUE = statement(
    """select m.id from erasure m where m.state = 'running' and m.due_at <= :now
       order by m.due_at, m.id limit :most""",
    args="now int, most int",
)
_PAGE = statement(
    f"""select {_PICK} from erasure m where m.account = :account and m.id < :before
        order by m.id desc limit :most""",
    args="account int, before int, most int",
)
_ONE = statement(
    f"select {_PICK} from erasure m where m.id = :id and m.account = :account", args="id int, account int"
)

_FILED = statement(
    """select m.message from filed m where m.account = :account and m.remote = :remote and m.message < :before
       order by m.message desc limit :most""",
    args="account int, remote text, before int, most int",
)
_ANSWERS = statement(
    """select m.scope, m.key, m.answer from idempotency m where m.account = :account
         and (m.scope, m.key) > (:scope, :key) order by m.scope, m.key limit :most""",
    args="account int, scope text, key text, most int",
)
_FORGET_ANSWERS = statement(
    """delete from idempotency where (account, scope, key) in (select account, scope, key from {rows} r)""",
    "account int, scope text, key text",
)
_BATCHES = statement(
    "select m.id from batch m where m.account = :account and m.id > :after order by m.id limit :most",
    args="account int, after int, most int",
)
_FORGET_ITEMS = statement(
    """update batch_item set recipient = '', given = '', detail = '',
         state = case when batch_item.state = 'pending' then 'canceled' else batch_item.state end
       from {rows} r where batch_item.batch = r.id and batch_item.recipient = r.number""",
    "id int, number text",
)
_CODES = statement(
    """delete from code where id in (
         select m.id from {rows} r cross join code m where m.number = r.number and m.account = r.account)""",
    "number text, account int",
)
_PARTS = statement(
    """delete from part where id in (
         select m.id from {rows} r cross join part m cross join number n
         where m.carrier = r.carrier and m.sender = r.sender and n.number = m.recipient
           and n.account = r.account)""",
    "carrier text, sender text, account int",
)
_OPT_EVENTS = statement(
    """select m.number, m.data from event m where m.account = :account and m.number > :after
         and m.type in ('optout.added', 'optout.removed', 'message.deleted', 'loop.stopped') order by m.number limit :most""",
    args="account int, after int, most int",
)
_BLANK_EVENTS = statement(
    "update event set data = '{}' from {rows} r where event.number = r.number", "number int"
)
_CONVERSATIONS = statement(
    """delete from conversation where id in (
         select m.id from {rows} r cross join conversation m
         where m.account = r.account and m.remote = r.remote and m.length = 0)""",
    "account int, remote text",
)


async def insert(unit: Writing, new: Erasure) -> None:
    """A number is to be forgotten from now on."""
    await unit.run(_INSERT, [msgspec.structs.astuple(new)])


async def save(unit: Writing, e: Erasure) -> None:
    """How far it has come."""
    await unit.run(
        _SAVE,
        [(e.id, e.number, e.state, e.phase, e.cursor, e.messages, e.canceled, e.due_at, e.finished_at)],
    )


async def locked(unit: Writing, key: int) -> Erasure | None:
    """One erasure, locked."""
    rows = await unit.rows(_LOCKED, [(key,)])
    return Erasure(*rows[0]) if rows else None


async def due(engine: Engine, now: int, most: int) -> list[int]:
    """Erasures that have something to do."""
    return [row[0] for row in await engine.read(_DUE, now=now, most=most)]


async def page(engine: Engine, account: int, *, before: int, limit: int) -> list[Erasure]:
    """An account's erasures, newest first."""
    rows = await engine.read(_PAGE, account=account, before=before, most=limit)
    return [Erasure(*row) for row in rows]


async def one(engine: Engine, account: int, key: int) -> Erasure | None:
    """One of an account's erasures."""
    rows = await engine.read(_ONE, id=key, account=account)
    return Erasure(*rows[0]) if rows else None


async def filed(unit: Writing, account: int, number: str, before: int, most: int) -> list[int]:
    """Messages of an account with a number, newest first, as far as they are filed."""
    rows = await unit.rows(_FILED, account=account, remote=number, before=before, most=most)
    return [row[0] for row in rows]


async def held(engine: Engine, account: int, number: str, before: int, most: int) -> list[int]:
    """The same, outside a transaction."""
    rows = await engine.read(_FILED, account=account, remote=number, before=before, most=most)
    return [row[0] for row in rows]


async def answers(
    unit: Writing, account: int, after: tuple[str, str], most: int
) -> list[tuple[str, str, str]]:
    """(scope, key, answer) of what an account's requests were answered, behind (scope, key)."""
    rows = await unit.rows(_ANSWERS, account=account, scope=after[0], key=after[1], most=most)
    return [(row[0], row[1], row[2]) for row in rows]


async def forget_answers(unit: Writing, account: int, keys: Sequence[tuple[str, str]]) -> None:
    """These requests were never answered."""
    await unit.run(_FORGET_ANSWERS, [(account, scope, key) for scope, key in keys])


async def batches(unit: Writing, account: int, after: int, most: int) -> list[int]:
    """An account's batches behind an identifier."""
    return [row[0] for row in await unit.rows(_BATCHES, account=account, after=after, most=most)]


async def forget_items(unit: Writing, ids: Sequence[int], number: str) -> None:
    """Items of these batches that were for the number do not say so any more."""
    await unit.run(_FORGET_ITEMS, [(key, number) for key in ids])


async def forget_parts(unit: Writing, carriers: Sequence[str], account: int, number: str) -> None:
    """Segments from the number that wait for others of their message."""
    await unit.run(_PARTS, [(carrier, number, account) for carrier in carriers])


async def forget_codes(unit: Writing, account: int, number: str) -> None:
    """Codes that were texted to the number."""
    await unit.run(_CODES, [(number, account)])


async def opt_events(unit: Writing, account: int, after: int, most: int) -> list[tuple[int, str]]:
    """(number, data) of an account's events of opt-outs behind a number."""
    rows = await unit.rows(_OPT_EVENTS, account=account, after=after, most=most)
    return [(row[0], row[1]) for row in rows]


async def blank_events(unit: Writing, numbers: Sequence[int]) -> None:
    """These events do not say whom they are about any more."""
    await unit.run(_BLANK_EVENTS, [(number,) for number in numbers])


async def forget_conversations(unit: Writing, account: int, number: str) -> None:
    """Conversations with the number that nothing is left of."""
    await unit.run(_CONVERSATIONS, [(account, number)])
