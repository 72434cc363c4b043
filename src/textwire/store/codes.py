"""The shelf of one-time codes, each a keyed hash, and of the hidden principal that texts them.

All times are of the real clock. A code is live, used, dead (tried too often) or replaced by a newer one.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import astuple

from .engines.engine import Engine, Row, statement
from .events import Writing

CodeState = Literal["live", "used", "dead", "replaced"]

HOUSE_ACCOUNT = "~codes"  # no account that somebody names can be called so
HOUSE_PRINCIPAL = "textwire-codes"
REDACTED = "(a code)"

_COLUMNS = "m.id, m.account, m.principal, m.purpose, m.number, m.digest, m.state, m.tries, m.message, m.sent_at, m.expires_at"
_INSERT = statement(
    """insert into code (id, account, principal, purpose, number, digest, state, tries, message, sent_at, expires_at)
       select id, account, principal, purpose, number, digest, state, tries, message, sent_at, expires_at
       from {rows} r""",
    "id int, account int, principal int, purpose text, number text, digest text, state text, tries int, "
    "message int, sent_at int, expires_at int",
)
_LATEST = statement(
    f"""select {_COLUMNS} from code m
        where m.number = :number and m.account = :account and m.purpose = :purpose
        order by m.sent_at desc, m.id desc limit 1 {{lock}}""",
    args="number text, account int, purpose text",
)
_OF_NUMBER = statement(
    "select m.sent_at from code m where m.number = :number and m.sent_at > :since order by m.sent_at desc limit :most",
    args="number text, since int, most int",
)
_OF_ACCOUNT = statement(
    f"""select {_COLUMNS} from code m where m.account = :account and m.sent_at > :since
        order by m.sent_at desc limit :most""",
    args="account int, since int, most int",
)
_REPLACE = statement(
    """update code set state = 'replaced' from {rows} r where code.account = r.account
       and code.purpose = r.purpose and code.number = r.number and code.state = 'live'""",
    "account int, purpose text, number text",
)
_TRIED = statement(
    "update code set state = r.state, tries = r.tries from {rows} r where code.id = r.id",
    "id int, state text, tries int",
)
_TEXTED = statement(
    "update code set message = r.message from {rows} r where code.id = r.id", "id int, message int"
)
_DELETE = statement("delete from code where id in (select id from {rows} r)", "id int")
_PURGE = statement("delete from code where sent_at < :before", args="before int")
_READABLE = statement(
    """select m.id, m.message from code m where m.message <> 0 and m.expires_at <= :now
       order by m.expires_at, m.id limit :most""",
    args="now int, most int",
)
_REDACT_MESSAGE = statement(
    "update message set text = r.text from {rows} r where message.id = r.id", "id int, text text"
)
_REDACT_SEGMENTS = statement(
    "update segment set text = '' from {rows} r where segment.message = r.id and segment.id = r.id", "id int"
)
_FOUND_ACCOUNT = statement(
    """insert into account (id, name, balance, created_at) select id, name, 0, at from {rows} r where true
       on conflict (name) do nothing""",
    "id int, name text, at int",
)
_FOUND_PRINCIPAL = statement(
    """insert into principal (id, account, kind, public_id, name, created_at)
       select r.id, a.id, 'system', r.public_id, '', r.at from {rows} r join account a on a.name = r.account
       where true on conflict (public_id) do nothing""",
    "id int, account text, public_id text, at int",
)
_HOUSE = statement(
    "select p.account, p.id from principal p where p.public_id = :public_id", args="public_id text"
)


class Code(msgspec.Struct, frozen=True):
    """One code that was texted to a number for an account. Columns in order."""

    id: int
    account: int
    principal: int
    purpose: str
    number: str
    digest: str
    state: CodeState
    tries: int
    message: int
    sent_at: int
    expires_at: int


async def insert(unit: Writing, new: Code) -> None:
    """A new code, which replaces the live one for the same account, purpose and number."""
    await unit.run(_REPLACE, [(new.account, new.purpose, new.number)])
    await unit.run(_INSERT, [astuple(new)])


async def latest(unit: Writing, account: int, purpose: str, number: str) -> Code | None:
    """The code that was asked for last, locked: another node's try comes before or after."""
    rows = await unit.rows(_LATEST, number=number, account=account, purpose=purpose)
    return Code(*rows[0]) if rows else None


async def sent_to(unit: Writing, number: str, since: int, most: int) -> list[int]:
    """When codes were texted to a number after `since`, latest first, whoever asked for them."""
    return [row[0] for row in await unit.rows(_OF_NUMBER, number=number, since=since, most=most)]


async def of_account(unit: Writing, account: int, since: int, most: int) -> list[Code]:
    """The codes that an account asked for after `since`, latest first."""
    return _codes(await unit.rows(_OF_ACCOUNT, account=account, since=since, most=most))


async def asked_for(engine: Engine, account: int, since: int, most: int) -> list[Code]:
    """The same, outside a transaction."""
    return _codes(await engine.read(_OF_ACCOUNT, account=account, since=since, most=most))


def _codes(rows: Sequence[Row]) -> list[Code]:
    return [Code(*row) for row in rows]


async def tried(unit: Writing, key: int, state: CodeState, tries: int) -> None:
    """What a try made of a code; for one that there is not (0) it takes as long and changes nothing."""
    await unit.run(_TRIED, [(key, state, tries)])


async def texted(unit: Writing, key: int, message: int) -> None:
    """Which message has the code in its text."""
    await unit.run(_TEXTED, [(key, message)])


async def delete(unit: Writing, key: int) -> None:
    """It was never texted."""
    await unit.run(_DELETE, [(key,)])


async def purge(unit: Writing, before: int) -> None:
    """Forgets what was sent before."""
    await unit.run(_PURGE, before=before)


async def redact(unit: Writing, now: int, most: int) -> int:
    """Takes codes that are over out of the texts of their messages; how many there were."""
    found = await unit.rows(_READABLE, now=now, most=most)
    await unit.run(_REDACT_MESSAGE, [(message, REDACTED) for _, message in found])
    await unit.run(_REDACT_SEGMENTS, [(message,) for _, message in found])
    await unit.run(_TEXTED, [(key, 0) for key, _ in found])
    return len(found)


async def house(unit: Writing, first: int, at: int) -> tuple[int, int]:
    """(account, principal) of the hidden sender of codes, made with `first` and the next identifier if need be."""
    rows = await unit.rows(_HOUSE, public_id=HOUSE_PRINCIPAL)
    if not rows:
        await unit.run(_FOUND_ACCOUNT, [(first, HOUSE_ACCOUNT, at)])
        await unit.run(_FOUND_PRINCIPAL, [(first + 1, HOUSE_ACCOUNT, HOUSE_PRINCIPAL, at)])
        rows = await unit.rows(_HOUSE, public_id=HOUSE_PRINCIPAL)
    [(account, principal)] = rows
    return int(account), int(principal)
