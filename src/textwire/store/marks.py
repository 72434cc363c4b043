"""The shelf of marks: what users have put on messages of their history. They go when their message goes."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import astuple

from .engines.engine import Engine, statement
from .events import Writing

_OF = statement(
    """select m.message, m.archived, m.read, m.starred, m.note, m.at from {rows} r cross join history_mark m
       where m.message = r.id""",
    "id int",
)
_PUT = statement(
    """insert into history_mark (message, archived, read, starred, note, at)
       select message, archived, read, starred, note, at from {rows} r where true
       on conflict (message) do update set archived = excluded.archived, read = excluded.read,
         starred = excluded.starred, note = excluded.note, at = excluded.at""",
    "message int, archived int, read int, starred int, note text, at int",
)


class Mark(msgspec.Struct, frozen=True):
    """What was put on a message, and when last (µs, message clock). Columns in order."""

    message: int
    archived: int
    read: int
    starred: int
    note: str = ""
    at: int = 0


async def of(engine: Engine, messages: Iterable[int]) -> dict[int, Mark]:
    """The marks of those messages that have some."""
    return {row[0]: Mark(*row) for row in await engine.read(_OF, [(key,) for key in messages])}


async def held(unit: Writing, messages: Iterable[int]) -> dict[int, Mark]:
    """The same inside a transaction."""
    return {row[0]: Mark(*row) for row in await unit.rows(_OF, [(key,) for key in messages])}


async def put(unit: Writing, new: Sequence[Mark]) -> None:
    """Writes marks over those that are there."""
    await unit.run(_PUT, [astuple(one) for one in new])
