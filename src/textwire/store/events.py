"""The shelf of events: numbered inside the committing transaction, and what they owe their readers."""

from typing import Any, Protocol

from textwire.domain.event import BIT, Event

from .engines.engine import Engine, Row, Rows, Statement, statement

# Commit order is number order, because the counter row is locked until the commit (decisions 17).
_ADVANCE = statement(
    "update counter set value = value + r.n from {rows} r where counter.name = 'event' returning value",
    "n int",
)
_INSERT = statement(
    """insert into event (number, account, type, subject, sequence, state, at, data, segment, hook)
       select number, account, type, subject, sequence, state, at, data, segment, hook from {rows} r""",
    "number int, account int, type text, subject int, sequence int, state text, at int, data text, segment int, hook int",
)
_READERS = statement(
    """select r.account, m.types from {rows} r cross join hook m
       where m.account = r.account and m.state = 'active' and m.url <> ''""",
    "account int",
)
# A hook row of the outbox is named by the negative event number: never the identifier of a message.
_OWE = statement(
    "insert into outbox (id, topic, due_at, ref, owner) select -ref, 'hook', due_at, ref, owner from {rows} r",
    "due_at int, ref int, owner int",
)
# What follows a message that has failed is owed in the same transaction; the row is named by the workflow.
_FOLLOW = statement(
    """insert into outbox (id, topic, due_at, ref, owner)
       select m.id, 'failover', r.at, m.id, 0 from {rows} r cross join workflow m where m.message = r.subject
       on conflict (id) do nothing""",
    "subject int, at int",
)
_OF_SUBJECT = statement(
    """select m.number, m.account, m.type, m.subject, m.sequence, m.state, m.at, m.data, m.segment, m.hook
       from event m where m.subject = :subject and m.subject <> 0 order by m.number limit 1000""",
    args="subject int",
)
_BY_NUMBER = statement(
    """select m.number, m.account, m.type, m.subject, m.sequence, m.state, m.at, m.data, m.segment, m.hook
       from {rows} r cross join event m where m.number = r.number order by m.number""",
    "number int",
)

_AFTER = statement(
    """select m.number, m.account, m.type, m.subject, m.sequence, m.state, m.at, m.data, m.segment, m.hook
       from event m where m.number > :after and m.number <= :last order by m.number limit :most""",
    args="after int, last int, most int",
)
_LAST = statement("select value from counter where name = 'event'")

FAILOVER = "failover"  # the topic of that
FAILED = frozenset({"message.rejected", "message.undelivered", "message.failed", "message.expired"})

# Whoever was handed the event in memory has this long to plan it before it is claimed from the outbox.
HOOK_LEASE = 30_000_000


class Told(list[Event]):
    """The events of a transaction, numbered; `owed`: whether a webhook wants one of them."""

    owed = False


class Writing(Protocol):
    """The part of a unit that a shelf needs."""

    async def rows(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]: ...
    async def run(self, statement: Statement, rows: Rows = (), **args: Any) -> None: ...


async def append(unit: Writing, events: list[Event], owner: int = 0) -> Told:
    """Numbers and writes the events of a transaction and owes those that a hook wants; returns them numbered.

    `owner` is the process that will hand them on in memory.
    """
    if not events:
        return Told()
    [(last,)] = await unit.rows(_ADVANCE, [(len(events),)])
    first = last - len(events) + 1
    rows = [
        (n, e.account, e.type, e.subject, e.sequence, e.state, e.at, e.data, e.segment, e.hook)
        for n, e in enumerate(events, first)
    ]
    await unit.run(_INSERT, rows)
    wanted: dict[int, int] = {}
    for account, types in await unit.rows(_READERS, [(a,) for a in {e.account for e in events}]):
        wanted[account] = wanted.get(account, 0) | types
    owed = [
        (row[6] + HOOK_LEASE, row[0], owner) for row in rows if row[9] or wanted.get(row[1], 0) & BIT[row[2]]
    ]
    await unit.run(_OWE, owed)
    await unit.run(_FOLLOW, [(row[3], row[6]) for row in rows if row[2] in FAILED])
    told = Told([Event(*row) for row in rows])
    told.owed = bool(owed)
    return told


async def of_subject(engine: Engine, subject: int) -> list[Event]:
    """The timeline of a message, oldest first."""
    return [Event(*row) for row in await engine.read(_OF_SUBJECT, subject=subject)]


async def by_number(engine: Engine, numbers: list[int]) -> list[Event]:
    """Events by their numbers, in order."""
    return [Event(*row) for row in await engine.read(_BY_NUMBER, [(n,) for n in numbers])]


async def after(unit: Writing, number: int, last: int, most: int) -> list[Event]:
    """The events of all accounts behind a number, up to another one, in order."""
    return [Event(*row) for row in await unit.rows(_AFTER, after=number, last=last, most=most)]


async def last(unit: Writing) -> int:
    """The number of the latest event that was committed."""
    [(value,)] = await unit.rows(_LAST)
    return int(value)


async def before(unit: Writing, at: int) -> int:
    """The number behind which all events are of that time (µs) or later: found by halving, as time has no index."""
    low, high = 0, await last(unit)
    while low < high:
        middle = (low + high) // 2
        found = await after(unit, middle, high, 1)
        if found and found[0].at < at:
            low = found[0].number
        else:
            high = middle
    return low
