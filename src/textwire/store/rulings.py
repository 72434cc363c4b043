"""The shelf of what accounts have settled: one JSON value per account and subject."""

from collections.abc import Iterable
from typing import Literal

from .engines.engine import Engine, statement
from .events import Writing

Subject = Literal["keywords", "quiet_hours", "retention", "call_hooks"]

_OF = statement(
    """select m.account, m.value from {rows} r cross join ruling m
       where m.subject = r.subject and m.account = r.account""",
    "subject text, account int",
)
_ALL = statement(
    "select account, value from ruling where subject = :subject and account > :after order by account limit :most",
    args="subject text, after int, most int",
)
_SET = statement(
    """insert into ruling (subject, account, value, updated_at) select subject, account, value, at from {rows} r
       where true on conflict (subject, account) do update
         set value = excluded.value, updated_at = excluded.updated_at""",
    "subject text, account int, value text, at int",
)
_DELETE = statement(
    "delete from ruling where (subject, account) in (select subject, account from {rows} r)",
    "subject text, account int",
)
PAGE = 1000


async def of(unit: Writing, subject: Subject, accounts: Iterable[int]) -> dict[int, str]:
    """What these accounts have settled, inside a transaction."""
    return dict(await unit.rows(_OF, [(subject, account) for account in sorted(set(accounts))]))


async def one(engine: Engine, subject: Subject, account: int) -> str | None:
    """What an account has settled."""
    rows = await engine.read(_OF, [(subject, account)])
    return rows[0][1] if rows else None


async def every(engine: Engine, subject: Subject) -> dict[int, str]:
    """What all accounts have settled about a subject: for a subject that is kept in memory."""
    found: dict[int, str] = {}
    after = -1
    while True:
        rows = await engine.read(_ALL, subject=subject, after=after, most=PAGE)
        found |= {row[0]: row[1] for row in rows}
        if len(rows) < PAGE:
            return found
        after = rows[-1][0]


async def settle(unit: Writing, subject: Subject, account: int, value: str, at: int) -> None:
    """An account settles something."""
    await unit.run(_SET, [(subject, account, value, at)])


async def unsettle(unit: Writing, subject: Subject, account: int) -> None:
    """The usual holds again."""
    await unit.run(_DELETE, [(subject, account)])
