"""The shelf of what is owed: to which loop (topic), from when, and who holds it.

Topics of a message, of which it has at most one row: `depart:CARRIER` waits for its turn (first attempt,
schedule and retry alike), `flight` has its intent and is with a carrier, `await` waits for a receipt or for the end of a hold.
Topics of events: `hook` waits to be planned, `post` is a delivery to be made, `replay` are events to be told again. Of workflows: `failover` has its next message to send.
"""

from collections.abc import Sequence

from .engines.engine import Engine, statement
from .events import Writing

_ADD = statement(
    "insert into outbox (id, topic, due_at, ref, owner) select id, topic, due_at, id, owner from {rows} r",
    "id int, topic text, due_at int, owner int",
)
_CHANGE = statement(
    "update outbox set topic = r.topic, due_at = r.due_at, owner = r.owner from {rows} r where outbox.id = r.id",
    "id int, topic text, due_at int, owner int",
)
_REMOVE = statement("delete from outbox where id in (select id from {rows} r)", "id int")
_CLAIM = statement(
    """select m.id from outbox m where m.topic = :topic and m.due_at <= :now
       order by m.due_at, m.id limit :most {skip}""",
    args="topic text, now int, most int",
)
_LEASE = statement(
    "update outbox set due_at = r.due_at, owner = r.owner from {rows} r where outbox.id = r.id",
    "id int, due_at int, owner int",
)
_NEXT = statement(
    "select m.due_at from outbox m where m.topic = :topic order by m.due_at, m.id limit 1", args="topic text"
)
# Rows of a process that died. Asked from the side of the dead nodes, so that it costs nothing while all live.
_ORPHANS = statement(
    """select m.id from node n cross join outbox m
       where n.lease_until <= :now and n.epoch <> :epoch and m.topic = :topic and m.owner = n.epoch
       order by m.id limit 10000""",
    args="topic text, epoch int, now int",
)
_TOPIC_OF = statement("select m.id, m.topic from {rows} r cross join outbox m where m.id = r.id", "id int")


# What nobody holds; what somebody holds is under way already.
_HASTEN = statement(
    """update outbox set due_at = r.at from {rows} r
       where outbox.id = r.id and outbox.owner = 0 and outbox.due_at > r.at""",
    "id int, at int",
)
_DUE_AT = statement("select m.due_at, m.owner from outbox m where m.id = :id", args="id int")


async def add(unit: Writing, rows: Sequence[tuple[int, str, int, int]]) -> None:
    """New rows (id, topic, due_at, owner)."""
    await unit.run(_ADD, rows)


async def change(unit: Writing, rows: Sequence[tuple[int, str, int, int]]) -> None:
    """The same rows with another topic, time and holder."""
    await unit.run(_CHANGE, rows)


async def remove(unit: Writing, ids: Sequence[int]) -> None:
    """Nothing is owed any more."""
    await unit.run(_REMOVE, [(i,) for i in ids])


async def due(unit: Writing, topic: str, now: int, most: int) -> list[int]:
    """Up to `most` rows of a topic that are due, oldest first, passing over those that another node holds."""
    return [row[0] for row in await unit.rows(_CLAIM, topic=topic, now=now, most=most)]


async def lease(unit: Writing, ids: Sequence[int], until: int, owner: int) -> None:
    """Holds rows: nobody else finds them due before `until`."""
    await unit.run(_LEASE, [(i, until, owner) for i in ids])


async def topics(unit: Writing, ids: Sequence[int]) -> dict[int, str]:
    """The topic of each of the rows that exist."""
    return dict(await unit.rows(_TOPIC_OF, [(i,) for i in ids]))


async def orphans(unit: Writing, topic: str, epoch: int, now: int) -> list[int]:
    """Rows held by processes that are gone, never those of `epoch`; `now` is on the real clock, as leases are.

    A process beats before it holds anything, so every holder has had a node.
    """
    return [row[0] for row in await unit.rows(_ORPHANS, topic=topic, epoch=epoch, now=now)]


async def next_due(engine: Engine, topic: str) -> int | None:
    """When the first row of a topic is due, in µs on the message clock; None: nothing waits."""
    rows = await engine.read(_NEXT, topic=topic)
    return rows[0][0] if rows else None


async def hasten(unit: Writing, ids: Sequence[int], now: int) -> None:
    """What waits for its time is due now."""
    await unit.run(_HASTEN, [(i, now) for i in ids])


async def due_at(engine: Engine, key: int) -> int | None:
    """When a row that nobody holds is due, in µs on the message clock; None: it is held, or there is none."""
    rows = await engine.read(_DUE_AT, id=key)
    return rows[0][0] if rows and not rows[0][1] else None


def depart(carrier: str) -> str:
    """The topic of messages that wait for their turn at a carrier."""
    return f"depart:{carrier}"
