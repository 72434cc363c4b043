"""Gathers the evidence of a campaign from the two journals and the database."""

from collections import defaultdict

import msgspec

from tests.faults.checker import Doubt, Evidence, Happened, Stored
from tests.faults.driver import Plan
from tests.faults.journal import Answer, Attempt, Heard, Kill, Replied, Submitted, only, read
from tests.faults.look import integrity, look

_MESSAGES = """select id, direction, state, recipient, text, total, correlator, attempts, possible_duplicate, reason,
                 price, on_ambiguous, sequence from message"""
_NAMES = (
    "id", "direction", "state", "recipient", "text", "total", "ref", "attempts", "duplicate", "reason", "price",
    "policy", "sequence",
)  # fmt: skip
_BOOKS = """select a.balance, coalesce((select sum(l.amount) from ledger l where l.account = a.id), 0)
            from account a"""


async def gather(plan: Plan) -> Evidence:
    """All of it."""
    driver, carrier = list(read(plan.book("driver"))), list(read(plan.book("carrier")))
    database = plan.database
    told = await look(database, "select subject, count(*) from event where subject <> 0 group by subject")
    happened = await look(
        database,
        "select number, subject, sequence, type, segment from event where subject <> 0 order by number",
    )
    return Evidence(
        heard=only(list(read(plan.book("sink"))), Heard),
        happened=[
            Happened(
                id=f"evt_{n}.{part}" if part else f"evt_{n}", message=subject, sequence=sequence, kind=kind
            )
            for n, subject, sequence, kind, part in happened
        ],
        window=plan.window,
        attempts=only(driver, Attempt),
        answers=only(driver, Answer),
        kills=only(driver, Kill),
        submissions=only(carrier, Submitted),
        replies=only(carrier, Replied),
        messages=await _messages(database),
        doubts=await _doubts(database),
        told=dict(told),
        ledger=[
            (m, kind, amount)
            for m, kind, amount in await look(database, "select message, kind, amount from ledger")
        ],
        books=[(int(balance), int(total)) for balance, total in await look(database, _BOOKS)],
        integrity=await integrity(database),
    )


# The only segment of a message is the message itself.
_SEGMENTS = "select message, id from segment union all select id, id from message where total = 1 order by 2"


async def _messages(database: str) -> dict[int, Stored]:
    segments: dict[int, list[int]] = defaultdict(list)
    for message, segment in await look(database, _SEGMENTS):
        segments[message].append(segment)
    found = {}
    for row in await look(database, _MESSAGES):
        values = dict(zip(_NAMES, row, strict=True))
        values["duplicate"] = bool(values["duplicate"])
        found[row[0]] = Stored(**values, segments=tuple(segments[row[0]]))
    return found


async def _doubts(database: str) -> list[Doubt]:
    rows = await look(
        database, "select subject, data, at from event where type = 'message.ambiguous' order by number"
    )
    return [Doubt(message=m, attempt=msgspec.json.decode(data)["attempt"], at=at) for m, data, at in rows]
