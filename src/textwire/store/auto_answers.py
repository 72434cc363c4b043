"""The shelf of automatic answers: how many a person was given since when."""

from collections.abc import Sequence

from .engines.engine import statement
from .events import Writing

_FIND = statement(
    """select m.account, m.number, m.since, m.answers from {rows} r cross join auto_answer m
       where m.account = r.account and m.number = r.number""",
    "account int, number text",
)
_SET = statement(
    """insert into auto_answer (account, number, since, answers) select account, number, since, answers from {rows} r
       where true on conflict (account, number) do update set since = excluded.since, answers = excluded.answers""",
    "account int, number text, since int, answers int",
)
_FORGET = statement(
    "delete from auto_answer where (account, number) in (select account, number from {rows} r)",
    "account int, number text",
)
_PURGE = statement("delete from auto_answer where since < :before", args="before int")

Pair = tuple[int, str]


async def counted(unit: Writing, pairs: Sequence[Pair]) -> dict[Pair, tuple[int, int]]:
    """(account, number) → (since, answers) of those that were answered lately."""
    return {(row[0], row[1]): (row[2], row[3]) for row in await unit.rows(_FIND, pairs)}


async def count(unit: Writing, rows: Sequence[tuple[int, str, int, int]]) -> None:
    """(account, number, since, answers): so many by now."""
    await unit.run(_SET, rows)


async def forget(unit: Writing, pairs: Sequence[Pair]) -> None:
    """Nothing is known of these people."""
    await unit.run(_FORGET, pairs)


async def purge(unit: Writing, before: int) -> None:
    """What began before does not count any more."""
    await unit.run(_PURGE, before=before)
