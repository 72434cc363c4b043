"""The shelf of personal access tokens: those of all users of an account, and one by its identifier."""

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

_PAGE = statement(
    """select c.id, c.lookup, c.name, c.scopes, c.expires_at, c.used_at, c.created_at, p.id, p.public_id, p.name
       from principal p cross join credential c
       where p.account = :account and p.kind = 'user' and c.principal = p.id and c.kind = :kind and c.id < :before
       order by c.id desc limit :most""",
    args="account int, kind text, before int, most int",
)
_ONE = statement(
    """select c.id, c.lookup, c.name, c.scopes, c.expires_at, c.used_at, c.created_at, p.id, p.public_id, p.name
       from credential c cross join principal p
       where c.lookup = :lookup and c.kind = :kind and p.id = c.principal and p.account = :account""",
    args="lookup text, account int, kind text",
)
_COUNT = statement(
    """select count(*) from principal p cross join credential c
       where p.account = :account and p.kind = 'user' and c.principal = p.id and c.kind = :kind""",
    args="account int, kind text",
)
_REMOVE = statement("delete from credential where id = :id", args="id int")


class Token(msgspec.Struct, frozen=True):
    """A token of a user; times are µs on the real clock, 0: never."""

    id: int
    lookup: str
    name: str
    scopes: str
    expires_at: int
    used_at: int
    created_at: int
    owner: int
    owner_id: str
    owner_name: str


async def page(engine: Engine, account: int, kind: str, before: int, limit: int) -> list[Token]:
    """An account's tokens of a kind, newest first."""
    rows = await engine.read(_PAGE, account=account, kind=kind, before=before, most=limit)
    return [Token(*row) for row in rows]


async def find(unit: Writing, account: int, kind: str, lookup: str) -> Token | None:
    """A token of an account; a foreign one is missing like an unknown one."""
    rows = await unit.rows(_ONE, lookup=lookup, account=account, kind=kind)
    return Token(*rows[0]) if rows else None


async def count(unit: Writing, account: int, kind: str) -> int:
    """How many tokens of a kind an account's users have."""
    [(found,)] = await unit.rows(_COUNT, account=account, kind=kind)
    return int(found)


async def remove(unit: Writing, key: int) -> None:
    """A token is good for nothing any more."""
    await unit.run(_REMOVE, id=key)
