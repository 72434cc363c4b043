"""The shelf of opt-outs: who wants no more texts from which account, erased numbers by their digest."""

from collections.abc import Callable, Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

ERASED = 0
"""The account of a row that says: some numbers were erased, so digests have to be looked up, too."""

# The second half costs a look at the first row of an index, and spares everybody digests until one is needed.
_FIND = statement(
    f"""select m.account, m.number from {{rows}} r cross join opt_out m
        where m.account = r.account and m.number = r.number
        union all select {ERASED}, '' where exists (select 1 from suppression s where s.account > {ERASED})""",
    "account int, number text",
)
_SUPPRESSED = statement(
    """select m.account, m.digest from {rows} r cross join suppression m
       where m.account = r.account and m.digest = r.digest""",
    "account int, digest text",
)
_ADD = statement(
    """insert into opt_out (account, number, source, at) select account, number, source, at from {rows} r
       where true on conflict (account, number) do nothing returning number""",
    "account int, number text, source text, at int",
)
_REMOVE = statement(
    "delete from opt_out where (account, number) in (select account, number from {rows} r)",
    "account int, number text",
)
_SUPPRESS = statement(
    """insert into suppression (account, digest, source, at) select account, digest, source, at from {rows} r
       where true on conflict (account, digest) do nothing""",
    "account int, digest text, source text, at int",
)
_UNSUPPRESS = statement(
    "delete from suppression where (account, digest) in (select account, digest from {rows} r)",
    "account int, digest text",
)
_ONE = statement(
    "select number, source, at from opt_out where account = :account and number = :number",
    args="account int, number text",
)
_ONE_DIGEST = statement(
    "select source, at from suppression where account = :account and digest = :digest",
    args="account int, digest text",
)
_PAGE = statement(
    """select m.number, m.source, m.at from opt_out m
       where m.account = :account and m.at <= :at and (m.at < :at or m.number > :number)
       order by m.at desc, m.number limit :most""",
    args="account int, at int, number text, most int",
)

Pair = tuple[int, str]
Veil = Callable[[int, str], str]
"""(account, number) → the digest under which a number is known after it was erased."""


class OptOut(msgspec.Struct, frozen=True):
    """That a number wants no more texts, how we learned it (keyword, api, import, erasure), and when (µs)."""

    number: str
    source: str
    at: int


async def opted_out(unit: Writing, pairs: Sequence[Pair], veil: Veil) -> set[Pair]:
    """Those (account, number) that want no more texts, erased ones among them."""
    found = {(row[0], row[1]) for row in await unit.rows(_FIND, pairs)}
    if (ERASED, "") not in found:
        return found
    digests = {(pair[0], veil(*pair)): pair for pair in pairs if pair not in found}
    known = await unit.rows(_SUPPRESSED, list(digests))
    return (found - {(ERASED, "")}) | {digests[row[0], row[1]] for row in known}


async def add(unit: Writing, account: int, new: Sequence[OptOut]) -> set[str]:
    """No more texts to these numbers; returns those that were welcome until now (as far as they were not erased)."""
    rows = [(account, one.number, one.source, one.at) for one in new]
    return {row[0] for row in await unit.rows(_ADD, rows)}


async def remove(unit: Writing, pairs: Sequence[Pair], veil: Veil) -> None:
    """Texts are welcome again, to a number that was erased, too."""
    await unit.run(_REMOVE, pairs)
    await unit.run(_UNSUPPRESS, [(pair[0], veil(*pair)) for pair in pairs])


async def suppress(unit: Writing, account: int, digest: str, source: str, at: int) -> None:
    """No more texts to the number with this digest."""
    await unit.run(_SUPPRESS, [(account, digest, source, at)])


async def forget(unit: Writing, account: int, number: str) -> None:
    """The number is not among the opt-outs any more; whoever calls has kept its digest."""
    await unit.run(_REMOVE, [(account, number)])


async def one(engine: Engine, account: int, number: str, veil: Veil) -> OptOut | None:
    """The opt-out of a number, if there is one."""
    rows = await engine.read(_ONE, account=account, number=number)
    if rows:
        return OptOut(*rows[0])
    rows = await engine.read(_ONE_DIGEST, account=account, digest=veil(account, number))
    return OptOut(number, *rows[0]) if rows else None


async def known(unit: Writing, account: int, number: str) -> OptOut | None:
    """The opt-out of a number that was not erased, inside a transaction."""
    rows = await unit.rows(_ONE, account=account, number=number)
    return OptOut(*rows[0]) if rows else None


async def page(engine: Engine, account: int, *, at: int, number: str, limit: int) -> list[OptOut]:
    """Opt-outs, newest first, behind the place (at, number); those of erased numbers are not among them."""
    rows = await engine.read(_PAGE, account=account, at=at, number=number, most=limit)
    return [OptOut(*row) for row in rows]
