"""The shelf of senders that an account has proved to hold, though it does not own them here."""

from collections.abc import Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

_PROVED = statement(
    """insert into sender (account, address, principal, verified_at)
       select account, address, principal, at from {rows} r where true
       on conflict (account, address) do update set verified_at = excluded.verified_at""",
    "account int, address text, principal int, at int",
)
_OF_ACCOUNT = statement(
    """select m.account, m.address, m.principal, m.verified_at from sender m
       where m.account = :account order by m.address limit :most""",
    args="account int, most int",
)
_REMOVE = statement(
    "delete from sender where (account, address) in (select account, address from {rows} r) returning address",
    "account int, address text",
)
_FORGET = statement("delete from sender where address in (select address from {rows} r)", "address text")


class Sender(msgspec.Struct, frozen=True):
    """A number that an account may send from; `principal` proved it, at `verified_at` (µs, real clock)."""

    account: int
    address: str
    principal: int
    verified_at: int


async def proved(unit: Writing, new: Sender) -> None:
    """The account may use this sender from now on."""
    await unit.run(_PROVED, [(new.account, new.address, new.principal, new.verified_at)])


async def of_account(engine: Engine, account: int, most: int) -> list[Sender]:
    """The senders of an account."""
    return [Sender(*row) for row in await engine.read(_OF_ACCOUNT, account=account, most=most)]


async def held(unit: Writing, account: int, most: int) -> set[str]:
    """The addresses of an account's senders, inside a transaction."""
    return {row[1] for row in await unit.rows(_OF_ACCOUNT, account=account, most=most)}


async def remove(unit: Writing, account: int, address: str) -> bool:
    """Ends a sender; whether there was one."""
    return bool(await unit.rows(_REMOVE, [(account, address)]))


async def forget(unit: Writing, addresses: Sequence[str]) -> None:
    """Whoever had proved these holds them no more: somebody owns them now."""
    await unit.run(_FORGET, [(address,) for address in addresses])
