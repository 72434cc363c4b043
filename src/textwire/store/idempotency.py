"""The shelf of idempotency keys: what a request was answered, for 24 hours."""

from collections.abc import Sequence

import msgspec

from .engines.engine import Again, Engine, statement
from .events import Writing

KEEP = 86_400_000_000  # µs

_FIND = statement(
    """select m.account, m.scope, m.key, m.digest, m.status, m.answer, m.at from {rows} r
       cross join idempotency m where m.account = r.account and m.scope = r.scope and m.key = r.key""",
    "account int, scope text, key text",
)
# Takes the place of an old answer only: of one that `find` had seen there would be no second.
_INSERT = statement(
    f"""insert into idempotency (account, scope, key, digest, status, answer, at)
        select account, scope, key, digest, status, answer, at from {{rows}} r where true
        on conflict (account, scope, key) do update
          set digest = excluded.digest, status = excluded.status, answer = excluded.answer, at = excluded.at
          where idempotency.at <= excluded.at - {KEEP}
        returning account""",
    "account int, scope text, key text, digest text, status int, answer text, at int",
)
_PURGE = statement("delete from idempotency where at < :before", args="before int")

Key = tuple[int, str, str]  # account, "METHOD /path", the caller's key


class Answered(msgspec.Struct, frozen=True):
    """What a request with this key was answered."""

    account: int
    scope: str
    key: str
    digest: str
    status: int
    answer: str
    at: int


async def find(unit: Writing, keys: Sequence[Key], now: int) -> dict[Key, Answered]:
    """Answers given to these keys in the last 24 hours."""
    found = [Answered(*row) for row in await unit.rows(_FIND, keys)]
    return {(a.account, a.scope, a.key): a for a in found if a.at > now - KEEP}


async def answered(engine: Engine, key: Key, now: int) -> Answered | None:
    """The answer given to one key in the last 24 hours."""
    found = [Answered(*row) for row in await engine.read(_FIND, [key])]
    return found[0] if found and found[0].at > now - KEEP else None


async def insert(unit: Writing, answers: Sequence[Answered]) -> None:
    """Remembers answers; raises Again when another node has answered one of the keys meanwhile."""
    rows = [(a.account, a.scope, a.key, a.digest, a.status, a.answer, a.at) for a in answers]
    if len(await unit.rows(_INSERT, rows)) < len(rows):
        raise Again("an idempotency key was used on another node")


async def purge(unit: Writing, now: int) -> None:
    """Forgets what is older than 24 hours."""
    await unit.run(_PURGE, before=now - KEEP)
