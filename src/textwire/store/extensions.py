"""The shelf of extensions: numbered places of an account's users, each with caller ids of which one is chosen.

A caller id counts as verified while its account still holds the number: it owns it, or is a proved sender.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import astuple

from .engines.engine import Engine, statement
from .events import Writing

_COLUMNS = "m.account, m.number, m.principal, m.alias, m.chosen, m.callers"
_OF_PRINCIPAL = statement(
    f"select {_COLUMNS} from extension m where m.principal = :principal", args="principal int"
)
_OF_ACCOUNT = statement(
    f"select {_COLUMNS} from extension m where m.account = :account order by m.number limit :most",
    args="account int, most int",
)
_LOCKED = statement(
    f"""select {_COLUMNS} from {{rows}} r cross join extension m
        where m.account = r.account and m.number = r.number order by m.account, m.number {{lock}}""",
    "account int, number int",
)
_WITHOUT = statement(
    """select m.account, m.id from {rows} r cross join principal m where m.account = r.account and m.kind = 'user'
       and not exists (select 1 from extension e where e.principal = m.id) order by m.id""",
    "account int",
)
_LAST = statement(
    """select m.account, max(m.number) from {rows} r cross join extension m where m.account = r.account
       group by m.account""",
    "account int",
)
_INSERT = statement(
    """insert into extension (account, number, principal, alias, chosen, callers)
       select account, number, principal, alias, chosen, callers from {rows} r""",
    "account int, number int, principal int, alias text, chosen int, callers int",
)
_CHANGE = statement(
    """update extension set alias = r.alias, chosen = r.chosen, callers = r.callers from {rows} r
       where extension.account = r.account and extension.number = r.number""",
    "account int, number int, alias text, chosen int, callers int",
)
_HOLDS = """c.verified_at > 0 and (
    exists (select 1 from sender s where s.account = c.account and s.address = c.address)
    or exists (select 1 from number n where n.number = c.address and n.account = c.account
      and n.state <> 'suspended'))"""
_CALLERS = statement(
    f"""select c.account, c.extension, c.number, c.address, case when {_HOLDS} then c.verified_at else 0 end
        from caller_id c where c.account = :account and c.extension = :extension order by c.number limit :most""",
    args="account int, extension int, most int",
)
_ALL_CALLERS = statement(
    f"""select c.account, c.extension, c.number, c.address, case when {_HOLDS} then c.verified_at else 0 end
        from caller_id c where c.account = :account order by c.extension, c.number limit :most""",
    args="account int, most int",
)
_ADD_CALLER = statement(
    """insert into caller_id (account, extension, number, address, verified_at)
       select account, extension, number, address, verified_at from {rows} r""",
    "account int, extension int, number int, address text, verified_at int",
)
_VERIFIED = statement(
    """update caller_id set verified_at = r.at from {rows} r where caller_id.account = r.account
       and caller_id.extension = r.extension and caller_id.number = r.number""",
    "account int, extension int, number int, at int",
)
_REMOVE_CALLER = statement(
    """delete from caller_id where (account, extension, number) in
       (select account, extension, number from {rows} r)""",
    "account int, extension int, number int",
)


class Extension(msgspec.Struct, frozen=True):
    """A user's place in the account. `chosen` is a caller id of its own, 0: the built-in name. Columns in order."""

    account: int
    number: int
    principal: int
    alias: str = ""
    chosen: int = 0
    callers: int = 0


class CallerId(msgspec.Struct, frozen=True):
    """A number that an extension may text from once it is verified (µs, real clock; 0: it is not, or not any more)."""

    account: int
    extension: int
    number: int
    address: str
    verified_at: int = 0


async def of_principal(engine: Engine, principal: int) -> Extension | None:
    """A user's extension."""
    rows = await engine.read(_OF_PRINCIPAL, principal=principal)
    return Extension(*rows[0]) if rows else None


async def of_account(engine: Engine, account: int, most: int) -> list[Extension]:
    """An account's extensions by number, those of users who are gone too."""
    return [Extension(*row) for row in await engine.read(_OF_ACCOUNT, account=account, most=most)]


async def locked(unit: Writing, account: int, number: int) -> Extension | None:
    """An extension, locked."""
    rows = await unit.rows(_LOCKED, [(account, number)])
    return Extension(*rows[0]) if rows else None


async def without(unit: Writing, accounts: Iterable[int]) -> list[tuple[int, int]]:
    """(account, principal) of users who have no extension yet, in the order in which they came."""
    return [(row[0], row[1]) for row in await unit.rows(_WITHOUT, [(a,) for a in sorted(set(accounts))])]


async def last(unit: Writing, accounts: Iterable[int]) -> dict[int, int]:
    """The highest number in use of each account that has some."""
    return {row[0]: row[1] for row in await unit.rows(_LAST, [(a,) for a in sorted(set(accounts))])}


async def insert(unit: Writing, new: Sequence[Extension]) -> None:
    """New extensions."""
    await unit.run(_INSERT, [astuple(one) for one in new])


async def change(unit: Writing, changed: Extension) -> None:
    """Writes alias, choice and count."""
    await unit.run(
        _CHANGE, [(changed.account, changed.number, changed.alias, changed.chosen, changed.callers)]
    )


async def callers(engine: Engine, extension: Extension, most: int) -> list[CallerId]:
    """The caller ids of an extension, oldest first."""
    found = await engine.read(_CALLERS, account=extension.account, extension=extension.number, most=most)
    return [CallerId(*row) for row in found]


async def all_callers(engine: Engine, account: int, most: int) -> list[CallerId]:
    """The caller ids of all extensions of an account."""
    return [CallerId(*row) for row in await engine.read(_ALL_CALLERS, account=account, most=most)]


async def held(unit: Writing, extension: Extension, most: int) -> list[CallerId]:
    """The same inside a transaction."""
    found = await unit.rows(_CALLERS, account=extension.account, extension=extension.number, most=most)
    return [CallerId(*row) for row in found]


async def add_caller(unit: Writing, new: CallerId) -> None:
    """A new caller id."""
    await unit.run(_ADD_CALLER, [astuple(new)])


async def verified(unit: Writing, caller: CallerId, at: int) -> None:
    """Its number was proved."""
    await unit.run(_VERIFIED, [(caller.account, caller.extension, caller.number, at)])


async def remove_caller(unit: Writing, caller: CallerId) -> None:
    """It is none any more."""
    await unit.run(_REMOVE_CALLER, [(caller.account, caller.extension, caller.number)])
