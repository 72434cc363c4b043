"""The shelf of rents: which numbers are due, and what was paid for them."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import astuple

from textwire.domain.number import Number

from .engines.engine import Engine, statement
from .events import Writing

MOST_KEPT = 100  # payments that are shown of a number

_DUE = statement(
    """select m.number, m.account, m.country, m.created_at, m.type, m.features, m.monthly, m.state, m.due_at,
         m.paid_until, m.label, m.settings
       from number m where m.due_at > 0 and m.due_at <= :now order by m.due_at, m.number limit :most {skip}""",
    args="now int, most int",
)
_NEXT = statement("select m.due_at from number m where m.due_at > 0 order by m.due_at, m.number limit 1")
_MOVE = statement(
    """update number set state = r.state, due_at = r.due_at, paid_until = r.paid_until from {rows} r
       where number.number = r.number""",
    "number text, state text, due_at int, paid_until int",
)
_PAID = statement(
    """insert into rent (id, number, account, amount, since, until)
       select id, number, account, amount, since, until from {rows} r""",
    "id int, number text, account int, amount int, since int, until int",
)
_OF_NUMBER = statement(
    """select m.id, m.number, m.account, m.amount, m.since, m.until from rent m
       where m.number = :number and m.account = :account order by m.id desc limit :most""",
    args="number text, account int, most int",
)


class Rent(msgspec.Struct, frozen=True):
    """One payment for a number, by the identifier of its line in the ledger; `since` = `until`: its set-up."""

    id: int
    number: str
    account: int
    amount: int
    since: int
    until: int


async def due(unit: Writing, now: int, most: int) -> list[Number]:
    """Numbers whose rent is due, oldest first, passing over those that another node holds."""
    return [Number(*row) for row in await unit.rows(_DUE, now=now, most=most)]


async def next_due(engine: Engine) -> int | None:
    """When the first rent is due, in µs on the message clock; None: no number costs any."""
    rows = await engine.read(_NEXT)
    return rows[0][0] if rows else None


async def move(unit: Writing, numbers: Sequence[Number]) -> None:
    """Keeps how numbers stand: state, next try and until when they are paid for."""
    await unit.run(_MOVE, [(n.number, n.state, n.due_at, n.paid_until) for n in numbers])


async def paid(unit: Writing, rents: Sequence[Rent]) -> None:
    """Keeps for what was paid."""
    await unit.run(_PAID, [astuple(rent) for rent in rents])


async def of_number(engine: Engine, account: int, number: str) -> list[Rent]:
    """What an account paid for a number, latest first, at most MOST_KEPT."""
    rows = await engine.read(_OF_NUMBER, number=number, account=account, most=MOST_KEPT)
    return [Rent(*row) for row in rows]
