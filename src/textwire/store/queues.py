"""How long the queues of the outbox are, for whoever watches: bounded looks, whatever waits."""

import msgspec

from .engines.engine import Engine, statement

MOST_ROWS = 10_000  # counted of one topic: a look must not cost more the more there is to see
MOST_TOPICS = 100

_NEXT_TOPIC = statement(
    "select m.topic from outbox m where m.topic > :topic order by m.topic limit 1", args="topic text"
)
_DEPTH = statement(
    # In order, so that no planner reads the table from its beginning.
    f"""select count(*) from (select m.id from outbox m where m.topic = :topic order by m.due_at, m.id
          limit {MOST_ROWS}) waiting""",
    args="topic text",
)
_FIRST = statement(
    "select m.due_at from outbox m where m.topic = :topic order by m.due_at limit 1", args="topic text"
)


class Queue(msgspec.Struct, frozen=True):
    """What waits under one topic: rows, at most MOST_ROWS, and when the first is due (µs, message clock)."""

    topic: str
    rows: int
    due_at: int


async def queues(engine: Engine) -> list[Queue]:
    """Every topic that has a row, in alphabetical order."""
    found: list[Queue] = []
    topic = ""
    while len(found) < MOST_TOPICS and (rows := await engine.read(_NEXT_TOPIC, topic=topic)):
        topic = rows[0][0]
        [(count,)] = await engine.read(_DEPTH, topic=topic)
        first = await engine.read(_FIRST, topic=topic)
        if first:
            found.append(Queue(topic, int(count), first[0][0]))
    return found
