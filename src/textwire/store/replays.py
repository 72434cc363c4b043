"""The shelf of replays: events that a hook is to hear of although they are past."""

from collections.abc import Sequence

import msgspec

from .engines.engine import statement
from .events import Writing


class Replay(msgspec.Struct, frozen=True):
    """The events behind `position` up to `last`; `again`: those too that the hook has heard already."""

    id: int
    hook: int
    position: int
    last: int
    again: int


_ALL = ", ".join(f.name for f in msgspec.structs.fields(Replay))
_INSERT = statement(
    f"""insert into replay ({_ALL}) select {_ALL} from {{rows}} r where true
        on conflict (hook) do nothing returning id""",
    "id int, hook int, position int, last int, again int",
)
_SOME = statement(
    "select m.id, m.hook, m.position, m.last, m.again from {rows} r cross join replay m where m.id = r.id",
    "id int",
)
_MOVE = statement(
    "update replay set position = r.position from {rows} r where replay.id = r.id", "id int, position int"
)
_DELETE = statement("delete from replay where id in (select id from {rows} r)", "id int")


async def insert(unit: Writing, new: Replay) -> bool:
    """Begins one; False: one of this hook is under way."""
    return bool(await unit.rows(_INSERT, [msgspec.structs.astuple(new)]))


async def some(unit: Writing, ids: Sequence[int]) -> list[Replay]:
    """Replays by identifier."""
    return [Replay(*row) for row in await unit.rows(_SOME, [(key,) for key in ids])]


async def move(unit: Writing, key: int, position: int) -> None:
    """It has come so far."""
    await unit.run(_MOVE, [(key, position)])


async def delete(unit: Writing, ids: Sequence[int]) -> None:
    """They are done."""
    await unit.run(_DELETE, [(key,) for key in ids])
