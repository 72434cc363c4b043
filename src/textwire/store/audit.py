"""The shelf of the audit: what was changed by whom, each entry chained to the one before under the server's key."""

import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from . import accounts
from .engines.engine import Engine, Row, statement
from .events import Writing

FIRST = ""  # what stands before an account's first entry
STEP = 500  # entries that one read of a check takes

_HEADS = statement(
    """select m.account, m.number, m.hash from {rows} r cross join audit m
       where m.account = r.account and m.number = (select max(a.number) from audit a where a.account = r.account)""",
    "account int",
)
_INSERT = statement(
    """insert into audit (account, number, at, actor, action, subject, data, previous, hash)
       select account, number, at, actor, action, subject, data, previous, hash from {rows} r""",
    """account int, number int, at int, actor text, action text, subject text, data text, previous text,
    hash text""",
)
_PAGE = statement(
    """select account, number, at, actor, action, subject, data, previous, hash from audit
       where account = :account and number < :before order by number desc limit :most""",
    args="account int, before int, most int",
)
_WALK = statement(
    """select account, number, at, actor, action, subject, data, previous, hash from audit
       where account = :account and number > :after order by number limit :most""",
    args="account int, after int, most int",
)


class Deed(msgspec.Struct, frozen=True):
    """Something that was changed. `actor` is a principal's public identifier, `data` JSON without any secret.

    `at` is µs on the real clock.
    """

    account: int
    at: int
    actor: str
    action: str
    subject: str
    data: str = "{}"


class Entry(msgspec.Struct, frozen=True):
    """A deed in its place: the account's n-th, with the hash before it and its own."""

    account: int
    number: int
    at: int
    actor: str
    action: str
    subject: str
    data: str
    previous: str
    hash: str


class Verdict(msgspec.Struct, frozen=True):
    """Of a check: how many entries there are, the first that is not as it was written (0: none), the last hash."""

    entries: int
    broken: int
    head: str


class Chain:
    """Writes and checks the audits of all accounts. `key` lies outside the database: who can write there cannot
    chain anew what he has changed. Entries cut off at the end are missed only by who has kept the last hash.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def append(self, unit: Writing, deeds: Sequence[Deed]) -> None:
        """Appends, in the transaction of what was done; the accounts are locked, so that chains do not fork."""
        if not deeds:
            return
        found = {deed.account for deed in deeds}
        await accounts.balances(unit, found)
        heads = {row[0]: (row[1], row[2]) for row in await unit.rows(_HEADS, [(a,) for a in sorted(found)])}
        rows: list[Row] = []
        for deed in deeds:
            number, previous = heads.get(deed.account, (0, FIRST))
            entry = self._entry(deed, number + 1, previous)
            heads[deed.account] = (entry.number, entry.hash)
            rows.append(msgspec.structs.astuple(entry))
        await unit.run(_INSERT, rows)

    async def check(self, engine: Engine, account: int) -> Verdict:
        """Whether an account's audit is as it was written, from the oldest entry that is still kept."""
        after, entries, previous = 0, 0, None
        while found := await _walk(engine, account, after):
            for entry in found:
                is_next = previous is None or (entry.previous == previous and entry.number == after + 1)
                if not is_next or not self._is_whole(entry):
                    return Verdict(entries, entry.number, previous or FIRST)
                after, previous, entries = entry.number, entry.hash, entries + 1
        return Verdict(entries, 0, previous or FIRST)

    def _entry(self, deed: Deed, number: int, previous: str) -> Entry:
        fields = (deed.account, number, deed.at, deed.actor, deed.action, deed.subject, deed.data, previous)
        return Entry(*fields, self._hash(fields))

    def _is_whole(self, entry: Entry) -> bool:
        *fields, kept = msgspec.structs.astuple(entry)
        return hmac.compare_digest(self._hash(tuple(fields)), kept)

    def _hash(self, fields: tuple[int | str, ...]) -> str:
        return hmac.digest(self._key, msgspec.json.encode(fields), hashlib.sha256).hex()


async def page(engine: Engine, account: int, before: int, limit: int) -> list[Entry]:
    """An account's entries below a number, newest first."""
    return [Entry(*row) for row in await engine.read(_PAGE, account=account, before=before, most=limit)]


async def _walk(engine: Engine, account: int, after: int) -> list[Entry]:
    return [Entry(*row) for row in await engine.read(_WALK, account=account, after=after, most=STEP)]
