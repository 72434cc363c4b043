"""The shelf of what is kept for principals on trial: how many messages, and which of them are over."""

from collections.abc import Sequence

from textwire.domain.message import FINAL

from .engines.engine import statement
from .events import Writing

_OVER = ", ".join(f"'{state}'" for state in sorted(FINAL))

_KEEP = statement(
    """insert into trial_message (principal, message) select principal, message from {rows} r
       where true on conflict (principal, message) do nothing""",
    "principal int, message int",
)
_COUNT = statement(
    """select r.principal, (select count(*) from trial_message t where t.principal = r.principal),
         coalesce((select max(t.message) from trial_message t where t.principal = r.principal), 0)
       from {rows} r""",
    "principal int",
)
_OLDEST = statement(
    f"""select t.message from trial_message t cross join message m
        where t.principal = :principal and m.id = t.message and m.state in ({_OVER})
          and t.message < :before
        order by t.message limit :most""",
    args="principal int, before int, most int",
)


async def keep(unit: Writing, kept: Sequence[tuple[int, int]]) -> None:
    """(principal, message) of messages that are kept from now on."""
    await unit.run(_KEEP, kept)


async def count(unit: Writing, principals: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For each, how many messages are kept, and the newest of them (0: none)."""
    return {row[0]: (row[1], row[2]) for row in await unit.rows(_COUNT, [(p,) for p in principals])}


async def oldest(unit: Writing, principal: int, before: int, most: int) -> list[int]:
    """Its oldest messages that are over, at most `most`, among those that are older than `before`."""
    return [row[0] for row in await unit.rows(_OLDEST, principal=principal, before=before, most=most)]
