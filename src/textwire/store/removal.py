"""The shelf of what goes: messages with their segments and receipts, and the counts that they leave behind.

Events stay: they keep no text. So does the ledger.
"""

from collections.abc import Awaitable, Callable, Sequence

from .engines.engine import Engine, Row, statement
from .events import Writing
from .filing import held

_COUNTS = statement(
    """select f.conversation, count(*), sum(f.received) from {rows} r cross join filed f
       where f.message = r.id group by f.conversation order by f.conversation""",
    "id int",
)
_SEEN = statement(
    """select k.conversation, k.principal, count(*)
       from {rows} r cross join filed f cross join read_mark k
       where f.message = r.id and f.received = 1 and k.conversation = f.conversation and f.event <= k.upto
       group by k.conversation, k.principal""",
    "id int",
)
_UNSEE = statement(
    """update read_mark set seen = read_mark.seen - r.n from {rows} r
       where read_mark.conversation = r.conversation and read_mark.principal = r.principal""",
    "conversation int, principal int, n int",
)
_SHRINK = statement(
    """update conversation set length = conversation.length - r.length, received = conversation.received - r.received
       from {rows} r where conversation.id = r.id""",
    "id int, length int, received int",
)
_ENDS = statement(
    """update conversation set
         first = coalesce((select min(f.message) from filed f where f.conversation = conversation.id), 0),
         last = coalesce((select max(f.message) from filed f where f.conversation = conversation.id), 0)
       from {rows} r where conversation.id = r.id""",
    "id int",
)
_EMPTY = statement(
    "delete from conversation where id in (select id from {rows} r) and length = 0 returning id", "id int"
)
_UNMARK = statement("delete from read_mark where conversation in (select id from {rows} r)", "id int")
_FILED = statement("delete from filed where message in (select id from {rows} r)", "id int")
_TRIAL = statement("delete from trial_message where message in (select id from {rows} r)", "id int")
_MARKS = statement("delete from history_mark where message in (select id from {rows} r)", "id int")
_RECEIPTS = statement(
    "delete from receipt where segment in (select id from {rows} r) and segment <> 0", "id int"
)
_TELLINGS = statement("delete from telling where message in (select id from {rows} r)", "id int")
_CONVERSIONS = statement("delete from conversion where message in (select id from {rows} r)", "id int")
_SEGMENTS = statement("delete from segment where id in (select id from {rows} r)", "id int")
_MESSAGES = statement("delete from message where id in (select id from {rows} r)", "id int")

_WITHDRAW = statement(
    "update filed set conversation = 0, received = 0 from {rows} r where filed.message = r.id", "id int"
)
_WITHDRAWN = statement(
    """select m.message from filed m where m.conversation = 0 and m.message > :after
       order by m.message limit :most""",
    args="after int, most int",
)
_ABOUT = statement(
    """select m.id, case when m.direction = 'in' then m.recipient else m.sender end,
         case when m.direction = 'in' then m.sender else m.recipient end
       from {rows} r cross join message m left join filed f on f.message = m.id
       where m.id = r.id and coalesce(f.conversation, -1) <> 0""",
    "id int",
)


async def about(unit: Writing, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Message → (number of ours, remote), of those that are not withdrawn."""
    return {row[0]: (row[1], row[2]) for row in await unit.rows(_ABOUT, [(i,) for i in ids])}


async def withdraw(unit: Writing, ids: Sequence[int]) -> None:
    """Takes messages that are under way out of their conversations; `withdrawn` finds them, and so do erasures."""
    if ids:
        await held(unit)
        keys = [(i,) for i in ids]
        await _uncount(unit, keys, lambda: unit.run(_WITHDRAW, keys))


async def withdrawn(engine: Engine, after: int, most: int) -> list[int]:
    """Messages that were withdrawn and are still here, in order."""
    return [row[0] for row in await engine.read(_WITHDRAWN, after=after, most=most)]


async def _uncount(unit: Writing, ids: Sequence[Row], unfile: Callable[[], Awaitable[None]]) -> None:
    """Takes messages out of the counts and ends of their conversations, by way of what `unfile` does."""
    counts = [tuple(row) for row in await unit.rows(_COUNTS, ids)]
    await unit.run(_UNSEE, [tuple(row) for row in await unit.rows(_SEEN, ids)])
    await unfile()
    await unit.run(_SHRINK, counts)
    touched = [(row[0],) for row in counts]
    await unit.run(_ENDS, touched)
    empty = [(row[0],) for row in await unit.rows(_EMPTY, touched)]
    await unit.run(_UNMARK, empty)


async def remove(unit: Writing, messages: Sequence[tuple[int, int]]) -> None:
    """Takes (message, number of its segments) away, as if they had never been, but for events and money."""
    if not messages:
        return
    await held(unit)  # what is counted here is not being filed meanwhile
    ids = [(key,) for key, _ in messages]
    await _uncount(unit, ids, lambda: unit.run(_FILED, ids))
    await unit.run(_TRIAL, ids)
    await unit.run(_TELLINGS, ids)
    await unit.run(_MARKS, ids)
    await unit.run(_CONVERSIONS, ids)
    segments = [(key + n,) for key, total in messages for n in range(total)]
    await unit.run(_RECEIPTS, segments)
    await unit.run(_SEGMENTS, segments)
    await unit.run(_MESSAGES, ids)
