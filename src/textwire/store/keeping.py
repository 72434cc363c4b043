"""The shelf of what is not kept for ever: how far each account was purged, what had to be left, and what goes."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Direction, State

from .engines.engine import statement
from .events import Writing

# A message's time is when it was written, or when it was to be sent, if that was later.
_PICK = "m.id, m.account, m.direction, m.state, m.total, m.created_at, m.send_at"

_ACCOUNTS = statement(
    """select a.id, coalesce(p.bodies, 0), coalesce(p.messages, 0) from account a left join purge p on p.account = a.id
       where a.id > :after order by a.id limit :most""",
    args="after int, most int",
)
_OF = statement(
    "select m.account, m.bodies, m.messages from {rows} r cross join purge m where m.account = r.account",
    "account int",
)
_NEXT = statement(
    f"select {_PICK} from message m where m.account = :account and m.id > :after order by m.id limit :most",
    args="account int, after int, most int",
)
_MOVE = statement(
    """insert into purge (account, bodies, messages) select account, bodies, messages from {rows} r where true
       on conflict (account) do update set bodies = excluded.bodies, messages = excluded.messages""",
    "account int, bodies int, messages int",
)
_LINGER = statement(
    """insert into lingering (id, account, due_at) select id, account, due_at from {rows} r where true
       on conflict (id) do update set due_at = excluded.due_at""",
    "id int, account int, due_at int",
)
_DUE = statement(
    "select m.id from lingering m where m.due_at <= :now order by m.due_at, m.id limit :most",
    args="now int, most int",
)
_THESE = statement(f"select {_PICK} from {{rows}} r cross join message m where m.id = r.id", "id int")
_LEAVE = statement("delete from lingering where id in (select id from {rows} r)", "id int")
_REDACT = statement("update message set text = '', raw = '' from {rows} r where message.id = r.id", "id int")
# Segments and receipts are found by the range of identifiers that is their message's.
_SEGMENTS = statement(
    "select m.id from {rows} r cross join segment m where m.id >= r.id and m.id < r.id + r.total",
    "id int, total int",
)
_RECEIPTS = statement(
    """select m.id from {rows} r cross join receipt m
       where m.segment >= r.id and m.segment < r.id + r.total and m.segment <> 0""",
    "id int, total int",
)
_REDACT_SEGMENTS = statement("update segment set text = '' from {rows} r where segment.id = r.id", "id int")
_REDACT_RECEIPTS = statement("update receipt set raw = '' from {rows} r where receipt.id = r.id", "id int")
_EVENTS = statement(
    """delete from event where number in (
         select m.number from {rows} r cross join event m where m.subject = r.id and m.subject <> 0)""",
    "id int",
)
_OLD_OPT_EVENTS = statement(
    """select m.number, m.at from event m where m.account = :account
         and m.type in ('optout.added', 'optout.removed', 'loop.stopped') order by m.number limit :most""",
    args="account int, most int",
)
_DROP_EVENTS = statement("delete from event where number in (select number from {rows} r)", "number int")


class Purged(msgspec.Struct, frozen=True):
    """How far an account was purged, by identifier: of texts, and wholly."""

    account: int
    bodies: int
    messages: int


class Kept(msgspec.Struct, frozen=True):
    """A message as far as its keeping goes."""

    id: int
    account: int
    direction: Direction
    state: State
    total: int
    created_at: int
    send_at: int

    @property
    def at(self) -> int:
        """From when its age counts."""
        return max(self.created_at, self.send_at)


async def accounts(unit: Writing, after: int, most: int) -> list[Purged]:
    """The accounts behind `after`, and how far each was purged."""
    return [Purged(*row) for row in await unit.rows(_ACCOUNTS, after=after, most=most)]


async def purged(unit: Writing, ids: Sequence[int]) -> dict[int, Purged]:
    """The same of some accounts."""
    return {row[0]: Purged(*row) for row in await unit.rows(_OF, [(i,) for i in ids])}


async def following(unit: Writing, account: int, after: int, most: int) -> list[Kept]:
    """The messages of an account behind an identifier."""
    return [Kept(*row) for row in await unit.rows(_NEXT, account=account, after=after, most=most)]


async def move(unit: Writing, moved: Sequence[Purged]) -> None:
    """So far accounts are purged now."""
    await unit.run(_MOVE, [msgspec.structs.astuple(one) for one in moved])


async def linger(unit: Writing, rows: Sequence[tuple[int, int, int]]) -> None:
    """(message, account, due_at): to be looked at again then."""
    await unit.run(_LINGER, rows)


async def due(unit: Writing, now: int, most: int) -> tuple[list[int], list[Kept]]:
    """What is to be looked at again: identifiers, and those messages that still exist."""
    ids = [row[0] for row in await unit.rows(_DUE, now=now, most=most)]
    return ids, [Kept(*row) for row in await unit.rows(_THESE, [(i,) for i in ids])]


async def leave(unit: Writing, ids: Sequence[int]) -> None:
    """These need not be looked at again."""
    await unit.run(_LEAVE, [(i,) for i in ids])


async def redact(unit: Writing, messages: Sequence[tuple[int, int]]) -> None:
    """Takes the texts of (message, number of its segments), and the octets that carried them."""
    await unit.run(_REDACT, [(key,) for key, _ in messages])
    await unit.run(_REDACT_SEGMENTS, [tuple(row) for row in await unit.rows(_SEGMENTS, messages)])
    await unit.run(_REDACT_RECEIPTS, [tuple(row) for row in await unit.rows(_RECEIPTS, messages)])


async def drop_events(unit: Writing, messages: Sequence[int]) -> None:
    """Takes the events of messages that are gone."""
    await unit.run(_EVENTS, [(key,) for key in messages])


async def drop_old_opt_events(unit: Writing, account: int, before: int, most: int) -> int:
    """Takes an account's oldest events of opt-outs, as far as they are from before; how many."""
    rows = await unit.rows(_OLD_OPT_EVENTS, account=account, most=most)
    old = [(number,) for number, at in rows if at < before]
    await unit.run(_DROP_EVENTS, old)
    return len(old)
