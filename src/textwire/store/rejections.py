"""The shelf of requests to send that were refused."""

from collections.abc import Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

_INSERT = statement(
    """insert into rejection (id, account, sender, recipient, code, label, at)
       select id, account, sender, recipient, code, label, at from {rows} r""",
    "id int, account int, sender text, recipient text, code text, label text, at int",
)
_FOUND = statement(
    """select m.id, m.account, m.sender, m.recipient, m.code, m.label, m.at from rejection m
       where m.account = :account and m.recipient = :recipient and m.at >= :since and m.at < :until
       order by m.at desc, m.id desc limit :most""",
    args="account int, recipient text, since int, until int, most int",
)
_OLD = statement(
    "select m.id from rejection m where m.at < :before order by m.at, m.id limit :most",
    args="before int, most int",
)
_FORGET = statement("delete from rejection where id in (select id from {rows} r)", "id int")
_ERASE = statement(
    "delete from rejection where account = :account and recipient = :recipient",
    args="account int, recipient text",
)


class Rejection(msgspec.Struct, frozen=True):
    """A request that was refused, as its facade words it; `at` is µs on the message clock. Columns in order."""

    id: int
    account: int
    sender: str
    recipient: str
    code: str
    label: str
    at: int


async def insert(unit: Writing, new: Sequence[Rejection]) -> None:
    """Keeps some."""
    await unit.run(_INSERT, [msgspec.structs.astuple(one) for one in new])


async def found(
    engine: Engine, account: int, recipient: str, since: int, until: int, most: int
) -> list[Rejection]:
    """Those of an account for a recipient, newest first."""
    rows = await engine.read(
        _FOUND, account=account, recipient=recipient, since=since, until=until, most=most
    )
    return [Rejection(*row) for row in rows]


async def purge(unit: Writing, before: int, most: int) -> int:
    """Forgets the oldest of those from before; how many."""
    old = await unit.rows(_OLD, before=before, most=most)
    await unit.run(_FORGET, [tuple(row) for row in old])
    return len(old)


async def erase(unit: Writing, account: int, recipient: str) -> None:
    """Forgets those for a recipient."""
    await unit.run(_ERASE, account=account, recipient=recipient)
