"""The shelf of exchanges: who has texted with whom within the last minute (message clock), pair by pair."""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from .engines.engine import statement
from .events import Writing

MINUTE: Final = 60_000_000  # µs
MOST_KEPT: Final = 100
"""Inbound texts of a pair and minute, beside those of one transaction: who lets fewer pass needs to know of no more."""

Pair = tuple[int, str, str]
"""Account, its number, the remote one."""

_LATEST = statement(
    "select m.at from exchange m where m.at > :since order by m.at desc limit 1", args="since int"
)
_FIND = statement(
    """select r.account, r.number, r.remote, m.kind, count(*), min(m.at) from {rows} r cross join exchange m
       where m.account = r.account and m.remote = r.remote and m.number = r.number and m.at > :since
       group by r.account, r.number, r.remote, m.kind""",
    "account int, number text, remote text",
    "since int",
)
_WENT = statement(
    """insert into exchange (account, number, remote, at, kind, id)
       select account, number, remote, at, 'out', id from {rows} r where true
       on conflict (account, remote, number, at, kind, id) do nothing""",
    "account int, number text, remote text, at int, id int",
)
_CAME = statement(
    f"""insert into exchange (account, number, remote, at, kind, id)
        select r.account, r.number, r.remote, r.at, 'in', r.id from {{rows}} r
        where not exists (
          select 1 from exchange x where x.account = r.account and x.remote = r.remote and x.number = r.number
            and x.at > r.at - {MINUTE} and x.kind = 'in' limit 1 offset :most - 1)
        on conflict (account, remote, number, at, kind, id) do nothing""",
    "account int, number text, remote text, at int, id int",
    "most int",
)
# One row for a minute of the clock: whoever is second, on whatever node, inserts nothing.
_TELL = statement(
    f"""insert into exchange (account, number, remote, at, kind, id)
        select account, number, remote, at - at % {MINUTE}, 'told', 0 from {{rows}} r where true
        on conflict (account, remote, number, at, kind, id) do nothing returning account, number, remote""",
    "account int, number text, remote text, at int",
)
_OVER = statement(
    """select m.account, m.number, m.remote, m.at, m.kind, m.id from exchange m where m.at <= :before
       order by m.at limit :most""",
    args="before int, most int",
)
_DROP = statement(
    """delete from exchange where (account, remote, number, at, kind, id) in (
         select account, remote, number, at, kind, id from {rows} r)""",
    "account int, number text, remote text, at int, kind text, id int",
)
_FORGET = statement(
    "delete from exchange where (account, remote) in (select account, remote from {rows} r)",
    "account int, remote text",
)


class Exchange(msgspec.Struct):
    """What a pair has said since the remote side answered: texts that came, texts that went, the oldest one's time.

    `told`: the account knows already that it was stopped.
    """

    came: int = 0
    went: int = 0
    since: int = 0
    told: bool = False


async def found(unit: Writing, pairs: Collection[Pair], since: int) -> dict[Pair, Exchange]:
    """The exchanges of these pairs later than `since`, as far as there are any."""
    exchanges: dict[Pair, Exchange] = {}
    for account, number, remote, kind, count, at in await unit.rows(_FIND, list(pairs), since=since):
        one = exchanges.setdefault((account, number, remote), Exchange())
        if kind == "told":
            one.told = True
            continue
        one.came, one.went = (count, one.went) if kind == "in" else (one.came, count)
        one.since = min(one.since or at, at)
    return exchanges


async def any_since(unit: Writing, since: int) -> bool:
    """Whether anybody has texted a number of ours since then: most of the time, nothing more has to be asked."""
    return bool(await unit.rows(_LATEST, since=since))


async def went(unit: Writing, rows: Sequence[tuple[*Pair, int, int]]) -> None:
    """(account, number, remote, time, identifier) of texts that go out."""
    await unit.run(_WENT, rows)


async def tell(unit: Writing, rows: Sequence[tuple[*Pair, int]]) -> set[Pair]:
    """(account, number, remote, time) of who is to be told; those that were not told in this minute of the clock."""
    return {(row[0], row[1], row[2]) for row in await unit.rows(_TELL, rows)}


async def came(unit: Writing, rows: Sequence[tuple[*Pair, int, int]], most: int = MOST_KEPT) -> None:
    """(account, number, remote, time, identifier) of texts that came; of a pair that floods us, `most`."""
    counts: dict[Pair, int] = {}
    kept = []
    for row in rows:
        pair = row[:3]
        counts[pair] = counts.get(pair, 0) + 1
        if counts[pair] <= most:
            kept.append(row)
    await unit.run(_CAME, kept, most=most)


async def purge(unit: Writing, before: int, most: int) -> int:
    """Forgets what happened until then, at most so much of it; returns how much."""
    over = await unit.rows(_OVER, before=before, most=most)
    await unit.run(_DROP, over)
    return len(over)


async def forget(unit: Writing, account: int, remote: str) -> None:
    """Nothing is known of what an account and a number have said."""
    await unit.run(_FORGET, [(account, remote)])
