"""The shelf of accounts, principals, credentials and the ledger."""

from collections.abc import Iterable, Sequence

import msgspec

from textwire.domain.account import OURS, Account, Principal

from .engines.engine import Engine, Row, statement
from .events import Writing

_BALANCES = statement(
    """select m.id, m.balance, m.state, m.trial from {rows} r cross join account m where m.id = r.id
       order by m.id {lock}""",
    "id int",
)
_CHARGE = statement(
    "update account set balance = balance + r.amount from {rows} r where account.id = r.id",
    "id int, amount int",
)
_LEDGER = statement(
    """insert into ledger (id, account, message, kind, amount, at)
       select id, account, message, kind, amount, at from {rows} r""",
    "id int, account int, message int, kind text, amount int, at int",
)
_CREDENTIAL = statement(
    """select c.kind, c.hash, c.scopes, c.expires_at, p.id, p.account, p.kind, p.public_id,
         coalesce(p.email, ''), p.name, c.id
       from credential c join principal p on p.id = c.principal where c.lookup = :lookup""",
    args="lookup text",
)
_CREDENTIALS = statement(
    """select c.kind, c.hash, c.scopes, c.expires_at, p.id, p.account, p.kind, p.public_id,
         coalesce(p.email, ''), p.name, c.id
       from {rows} r cross join credential c join principal p on p.id = c.principal where c.lookup = r.lookup""",
    "lookup text",
)
_ACCOUNT = statement(
    "select id, name, balance, trial, state, created_at from account where id = :id", args="id int"
)
_ACCOUNT_BY_NAME = statement(
    "select id, name, balance, trial, state, created_at from account where name = :name", args="name text"
)
_ACCOUNTS = statement(
    """select id, name, balance, trial, state, created_at from account
       where id < :before and name not like '~%' order by id desc limit :most""",
    args="before int, most int",
)
_LOCKED = statement(
    """select m.id, m.name, m.balance, m.trial, m.state, m.created_at, m.settings from {rows} r
       cross join account m where m.id = r.id order by m.id {lock}""",
    "id int",
)
_SETTINGS = statement("select settings from account where id = :id", args="id int")
_ADJUST = statement(
    """update account set trial = r.trial, state = r.state, settings = r.settings from {rows} r
       where account.id = r.id""",
    "id int, trial int, state text, settings text",
)
_PRINCIPAL = statement(
    "select id, account, kind, public_id, coalesce(email, ''), name from principal where public_id = :public_id",
    args="public_id text",
)
_PRINCIPALS = statement(
    """select id, account, kind, public_id, coalesce(email, ''), name from principal
       where account = :account order by id limit 1000""",
    args="account int",
)
_MEMBERS = statement(
    """select m.id, m.account, m.kind, m.public_id, coalesce(m.email, ''), m.name from {rows} r
       cross join principal m where m.id = r.id""",
    "id int",
)
_NAMED_SECRET = statement(
    """select c.lookup, c.hash from principal p join credential c on c.principal = p.id
       where p.account = :account and c.kind = :kind order by c.id limit 1""",
    args="account int, kind text",
)
_INSERT_ACCOUNT = statement(
    "insert into account (id, name, balance, trial, created_at) select id, name, balance, trial, at from {rows} r",
    "id int, name text, balance int, trial int, at int",
)
_INSERT_PRINCIPAL = statement(
    """insert into principal (id, account, kind, public_id, email, name, created_at)
       select id, account, kind, public_id, nullif(email, ''), name, at from {rows} r""",
    "id int, account int, kind text, public_id text, email text, name text, at int",
)
_INSERT_CREDENTIAL = statement(
    """insert into credential (id, principal, kind, lookup, hash, scopes, expires_at, created_at)
       select id, principal, kind, lookup, hash, scopes, expires_at, at from {rows} r""",
    "id int, principal int, kind text, lookup text, hash text, scopes text, expires_at int, at int",
)
_PRICES = statement("select prefix, amount from price")
_SETTING = statement("select value from setting where name = :name", args="name text")
_SET = statement(
    """insert into setting (name, value) select name, value from {rows} r where true
       on conflict (name) do update set value = excluded.value""",
    "name text, value text",
)
_REPLACE = statement(
    """insert into setting (name, value) select name, value from {rows} r where true
       on conflict (name) do update set value = excluded.value where setting.value = :before""",
    "name text, value text",
    "before text",
)


class Credential(msgspec.Struct, frozen=True):
    """A credential found by its lookup, with the principal it proves. `expires_at` 0: never (µs, real clock)."""

    kind: str
    hash: str
    scopes: str
    expires_at: int
    principal: Principal
    id: int = 0


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger; a positive amount raises the balance."""

    id: int
    account: int
    message: int
    kind: str
    amount: int
    at: int


async def balances(unit: Writing, accounts: Iterable[int]) -> dict[int, tuple[int, str]]:
    """(balance, state) of accounts, locked in the order of their identifiers."""
    return (await conditions(unit, accounts))[0]


async def conditions(
    unit: Writing, accounts: Iterable[int]
) -> tuple[dict[int, tuple[int, str]], frozenset[int]]:
    """The same, with those of the accounts that are on trial."""
    rows = await unit.rows(_BALANCES, [(a,) for a in sorted(set(accounts))])
    return {row[0]: (row[1], row[2]) for row in rows}, frozenset(row[0] for row in rows if row[3])


async def book(unit: Writing, entries: Sequence[Entry]) -> None:
    """Writes ledger lines and moves the balances by them, in the same transaction."""
    totals: dict[int, int] = {}
    for entry in entries:
        totals[entry.account] = totals.get(entry.account, 0) + entry.amount
    await unit.run(_LEDGER, [(e.id, e.account, e.message, e.kind, e.amount, e.at) for e in entries])
    await unit.run(_CHARGE, sorted(totals.items()))


async def credential(engine: Engine, lookup: str) -> Credential | None:
    """A credential by its lookup."""
    rows = await engine.read(_CREDENTIAL, lookup=lookup) if _kept_as(lookup) else []
    if not rows:
        return None
    return _credential(rows[0])


async def credentials(engine: Engine, lookups: Iterable[str]) -> list[Credential]:
    """Those that there are of several."""
    wanted = [(one,) for one in lookups if _kept_as(one)]
    return [_credential(row) for row in await engine.read(_CREDENTIALS, wanted)]


def _kept_as(lookup: str) -> bool:
    """Whether anything can be: a name of Basic may hold a NUL, of which PostgreSQL does not even want to hear."""
    return "\0" not in lookup


def _credential(row: Row) -> Credential:
    kind, digest, scopes, expires_at, *owner, key = row
    return Credential(kind, digest, scopes, expires_at, Principal(*owner), key)


async def account(engine: Engine, key: int) -> Account | None:
    """An account by its identifier."""
    rows = await engine.read(_ACCOUNT, id=key)
    return Account(*rows[0]) if rows else None


async def account_named(engine: Engine, name: str) -> Account | None:
    """An account by its name."""
    rows = await engine.read(_ACCOUNT_BY_NAME, name=name)
    return Account(*rows[0]) if rows else None


async def accounts(engine: Engine, before: int, limit: int) -> list[Account]:
    """All accounts but the program's own, newest first."""
    rows = await engine.read(_ACCOUNTS, before=before, ours=OURS, most=limit)
    return [Account(*row) for row in rows]


async def named(unit: Writing, name: str) -> Account | None:
    """An account by its name, inside a transaction."""
    rows = await unit.rows(_ACCOUNT_BY_NAME, name=name)
    return Account(*rows[0]) if rows else None


async def locked(unit: Writing, key: int) -> tuple[Account, str] | None:
    """An account and its settings (JSON), locked."""
    rows = await unit.rows(_LOCKED, [(key,)])
    return (Account(*rows[0][:-1]), rows[0][-1]) if rows else None


async def settings(engine: Engine, key: int) -> str:
    """An account's settings (JSON)."""
    rows = await engine.read(_SETTINGS, id=key)
    return rows[0][0] if rows else "{}"


async def adjust(unit: Writing, changed: Account, settings: str) -> None:
    """Writes an account's state, trial flag and settings; its balance moves by the ledger alone."""
    await unit.run(_ADJUST, [(changed.id, changed.trial, changed.state, settings)])


async def principal(engine: Engine, public_id: str) -> Principal | None:
    """A principal by its public identifier."""
    rows = await engine.read(_PRINCIPAL, public_id=public_id)
    return Principal(*rows[0]) if rows else None


async def principals(engine: Engine, key: int) -> list[Principal]:
    """The principals of an account, oldest first, at most 1,000."""
    return [Principal(*row) for row in await engine.read(_PRINCIPALS, account=key)]


async def members(unit: Writing, ids: Iterable[int]) -> dict[int, Principal]:
    """Principals by their identifiers, inside a transaction."""
    found = [Principal(*row) for row in await unit.rows(_MEMBERS, [(i,) for i in set(ids)])]
    return {principal.id: principal for principal in found}


async def named_secret(unit: Writing, account: int, kind: str) -> tuple[str, str]:
    """(name, what is kept of the secret) of an account's first credential of a kind; both "" if it has none."""
    rows = await unit.rows(_NAMED_SECRET, account=account, kind=kind)
    return (rows[0][0].partition(":")[2], rows[0][1]) if rows else ("", "")


async def insert_account(unit: Writing, new: Account) -> None:
    """A new account; its balance comes from the ledger, so it starts with none."""
    await unit.run(_INSERT_ACCOUNT, [(new.id, new.name, 0, new.trial, new.created_at)])


async def insert_principal(unit: Writing, new: Principal, at: int) -> None:
    """A new principal."""
    await unit.run(
        _INSERT_PRINCIPAL, [(new.id, new.account, new.kind, new.public_id, new.email, new.name, at)]
    )


async def insert_credential(
    unit: Writing, key: int, principal_id: int, new: tuple[str, str, str, str, int], at: int
) -> None:
    """A new credential (kind, lookup, hash, scopes, expires_at) of a principal."""
    kind, lookup, digest, scopes, expires_at = new
    await unit.run(_INSERT_CREDENTIAL, [(key, principal_id, kind, lookup, digest, scopes, expires_at, at)])


async def prices(engine: Engine) -> dict[str, int]:
    """The price table: prefix of an E.164 number without + → 10⁻⁸ EUR per segment."""
    return dict(await engine.read(_PRICES))


async def setting(engine: Engine, name: str) -> str | None:
    """A value that the program keeps for itself."""
    rows = await engine.read(_SETTING, name=name)
    return rows[0][0] if rows else None


async def set_setting(unit: Writing, name: str, value: str) -> None:
    """Keeps a value."""
    await unit.run(_SET, [(name, value)])


async def replace_setting(unit: Writing, name: str, before: str, value: str) -> None:
    """Keeps a value if there is none, or if the one that there is reads so."""
    await unit.run(_REPLACE, [(name, value)], before=before)
