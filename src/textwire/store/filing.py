"""The shelf that files messages behind the writes: into conversations, by remote, and by principal on trial.

Nothing of this is written when a message is accepted or received. It is caught up set-based from the events of
births, in the order of their numbers (which is the order of their commits), since a kept position; whoever reads
what is filed catches up first, so that reads are exact and the writes pay nothing.
"""

import msgspec

from textwire.domain.ids import COUNTER_BITS, EPOCH_MS, NODE_BITS

from .engines.engine import Engine, statement
from .events import Writing

SLICE = 2_000  # events of one transaction: a few milliseconds of the writer's time

_POSITIONS = statement(
    "select m.name, m.value from counter m where m.name in ('event', 'filed', 'skew_low', 'skew_high')"
)
_HELD = statement("select m.value from counter m where m.name = 'filed' {lock}")
_MOVE = statement(
    "update counter set value = r.value from {rows} r where counter.name = r.name", "name text, value int"
)

_NUMBER = "case when m.direction = 'in' then m.recipient else m.sender end"
_REMOTE = "case when m.direction = 'in' then m.sender else m.recipient end"
_RECEIVED = "case when m.direction = 'in' then 1 else 0 end"
_BIRTHS = """e.number > :after and e.number <= :upto and e.type in ('message.accepted', 'message.received')
        and m.id = e.subject"""
_SPAN = "after int, upto int"

_CONVERSATIONS = statement(
    f"""insert into conversation (id, account, number, remote, length, received, first, last)
        select min(m.id), m.account, {_NUMBER}, {_REMOTE}, count(*), sum({_RECEIVED}), min(m.id), max(m.id)
        from event e cross join message m where {_BIRTHS}
        group by m.account, {_NUMBER}, {_REMOTE}
        on conflict (account, number, remote) do update
          set length = conversation.length + excluded.length,
            received = conversation.received + excluded.received,
            first = case when excluded.first < conversation.first then excluded.first else conversation.first end,
            last = case when excluded.last > conversation.last then excluded.last else conversation.last end""",
    args=_SPAN,
)
_FILED = statement(
    f"""insert into filed (message, conversation, account, remote, received, event)
        select m.id, c.id, m.account, c.remote, {_RECEIVED}, e.number
        from event e cross join message m cross join conversation c
        where {_BIRTHS} and c.account = m.account and c.number = {_NUMBER} and c.remote = {_REMOTE}""",
    args=_SPAN,
)
_TRIAL = statement(
    f"""insert into trial_message (principal, message)
        select m.principal, m.id from event e cross join account a cross join message m
        where {_BIRTHS} and a.id = e.account and a.trial = 1
        on conflict (principal, message) do nothing
        returning principal""",
    args=_SPAN,
)
# By how much the message clock, which can be stepped and frozen, differs from the time in an identifier.
_DREW = f"(m.id / {1 << NODE_BITS + COUNTER_BITS} + {EPOCH_MS}) * 1000"
_SKEW = statement(
    f"""select min(m.created_at - {_DREW}), max(m.created_at - {_DREW})
        from event e cross join message m where {_BIRTHS}""",
    args=_SPAN,
)


class Position(msgspec.Struct, frozen=True):
    """Up to which event is filed, and how many there are.

    `skew_low` and `skew_high`: between which µs the birth of a filed message lies after its identifier was drawn.
    """

    filed: int
    last: int
    skew_low: int
    skew_high: int

    @property
    def backlog(self) -> int:
        """Events that are not filed yet."""
        return self.last - self.filed


class Filed(msgspec.Struct, frozen=True):
    """What a slice has done: `more` is to be filed; these principals on trial have new messages."""

    more: bool
    principals: frozenset[int]


def _position(rows: list[tuple[str, int]]) -> Position:
    found = dict(rows)
    return Position(found["filed"], found["event"], found["skew_low"], found["skew_high"])


async def position(engine: Engine) -> Position:
    """Where filing stands."""
    return _position([(row[0], row[1]) for row in await engine.read(_POSITIONS)])


async def held(unit: Writing) -> int:
    """The position, held until the commit: nobody files meanwhile."""
    [(filed,)] = await unit.rows(_HELD)
    return int(filed)


async def file(unit: Writing, most: int = SLICE) -> Filed:
    """Files the births among the next `most` events."""
    after = await held(unit)
    now = _position([(row[0], row[1]) for row in await unit.rows(_POSITIONS)])
    upto = min(after + most, now.last)
    if upto <= after:
        return Filed(False, frozenset())
    await unit.run(_CONVERSATIONS, after=after, upto=upto)
    await unit.run(_FILED, after=after, upto=upto)
    principals = {row[0] for row in await unit.rows(_TRIAL, after=after, upto=upto)}
    [(low, high)] = await unit.rows(_SKEW, after=after, upto=upto)
    moves = [("filed", upto)]
    if low is not None:
        moves += [("skew_low", min(low, now.skew_low)), ("skew_high", max(high, now.skew_high))]
    await unit.run(_MOVE, moves)
    return Filed(upto < now.last, frozenset(principals))
