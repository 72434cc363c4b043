"""The shelf of messages by their parts: vendors whose parts have identifiers of their own ask by those."""

from collections.abc import Iterable, Sequence

import msgspec

from textwire.domain.message import Message, Segment

from .engines.engine import Engine, statement
from .events import Writing
from .messages import locked, only, own

_SEGMENT_PICK = ", ".join(f"m.{field.name}" for field in msgspec.structs.fields(Segment))
_BELONGS = statement("select m.id, m.message from {rows} r cross join segment m where m.id = r.id", "id int")
# Segment n of a message is its identifier + n − 1.
_PARTS = statement(
    f"""select {_SEGMENT_PICK} from {{rows}} r cross join segment m
        where m.id >= r.id and m.id < r.id + r.total order by m.id""",
    "id int, total int",
)


async def named(engine: Engine, account: int, ids: Iterable[int]) -> dict[int, Message]:
    """Identifier of a part → its message; foreign ones are missing like unknown ones."""
    wanted = dict.fromkeys(ids)
    of = {row[0]: row[1] for row in await engine.read(_BELONGS, [(i,) for i in wanted])}
    messages = {part: of.get(part, part) for part in wanted}
    found = await own(engine, account, sorted(set(messages.values())))
    return {part: found[key] for part, key in messages.items() if key in found}


async def told(unit: Writing, ids: Iterable[int]) -> dict[int, Message]:
    """The same inside a transaction, whoever they belong to; locked."""
    wanted = dict.fromkeys(ids)
    of = {row[0]: row[1] for row in await unit.rows(_BELONGS, [(i,) for i in wanted])}
    messages = {part: of.get(part, part) for part in wanted}
    found = await locked(unit, sorted(set(messages.values())))
    return {part: found[key] for part, key in messages.items() if key in found}


async def parts(engine: Engine, messages: Sequence[Message]) -> dict[int, list[Segment]]:
    """The parts of messages, in order, by message."""
    found = {m.id: [only(m)] if m.total == 1 else [] for m in messages}
    for row in await engine.read(_PARTS, [(m.id, m.total) for m in messages if m.total > 1]):
        found[row[1]].append(Segment(*row))
    return found
