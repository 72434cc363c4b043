"""extensions: numbered places of an account's users, and what each of them sends as.

Every user has one; it is numbered when somebody first asks, in the order in which the users came. What it sends as
is the caller id that it has chosen, or the built-in name when it has chosen none or holds that number no more.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.domain.refusal import Refusal
from textwire.store import accounts, extensions
from textwire.store.committer import Unit
from textwire.store.extensions import CallerId, Extension
from textwire.store.store import Store

from .book import Book

BUILT_IN: Final = 0  # the number of the caller id that every extension has
MOST_CALLERS: Final = 100  # of an extension
MOST_SHOWN: Final = 1000  # extensions of an account


class Enrol(msgspec.Struct, frozen=True):
    """Every user of an account shall have an extension."""

    account: int


class Rename(msgspec.Struct, frozen=True):
    """An extension gets another alias."""

    extension: Extension
    alias: str


class Choose(msgspec.Struct, frozen=True):
    """An extension shall text as this caller id; with `instead_of`, only if that one is chosen now."""

    extension: Extension
    caller: int
    instead_of: int | None = None


class Drop(msgspec.Struct, frozen=True):
    """An extension shall not have this caller id any more."""

    extension: Extension
    caller: int


class Extensions:
    """The verbs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places = Book({Enrol: _enrol, Rename: _rename, Choose: _choose, Drop: _drop})

    async def of(self, account: int, principal: int) -> Extension:
        """A user's extension. Refusal not_found for who is no user of the account."""
        found = await extensions.of_principal(self._store.engine, principal)
        if found is None:
            await self._store.write(self._places, Enrol(account))
            found = await extensions.of_principal(self._store.engine, principal)
        if found is None or found.account != account:
            raise Refusal("not_found")
        return found

    async def all(self, account: int) -> list[Extension]:
        """Those of all users of an account, and of users who are gone."""
        await self._store.write(self._places, Enrol(account))
        return await extensions.of_account(self._store.engine, account, MOST_SHOWN)

    async def callers(self, extension: Extension) -> list[CallerId]:
        """Its caller ids but the built-in one."""
        return await extensions.callers(self._store.engine, extension, MOST_CALLERS)

    async def rename(self, extension: Extension, alias: str) -> None:
        """Gives it another alias."""
        await self._store.write(self._places, Rename(extension, alias))

    async def choose(self, extension: Extension, caller: int) -> None:
        """What it sends as from now on. Refusal not_found, sender_forbidden when it is not verified."""
        await self._store.write(self._places, Choose(extension, caller))

    async def let_go(self, extension: Extension, caller: int) -> None:
        """If it sends as that now, it sends as the built-in one. Refusal not_found."""
        await self._store.write(self._places, Choose(extension, BUILT_IN, caller))

    async def drop(self, extension: Extension, caller: int) -> None:
        """Takes a caller id away; the number stays proved. Refusal not_found, sender_forbidden for the built-in."""
        await self._store.write(self._places, Drop(extension, caller))


def chosen(extension: Extension, callers: list[CallerId]) -> int:
    """The number of the caller id that an extension sends as: there is always exactly one."""
    holds = any(one.number == extension.chosen and one.verified_at for one in callers)
    return extension.chosen if holds else BUILT_IN


async def _enrol(unit: Unit, wish: Enrol) -> None:
    await accounts.balances(unit, [wish.account])  # locked: two nodes do not count the same users
    new = await extensions.without(unit, [wish.account])
    first = (await extensions.last(unit, [wish.account])).get(wish.account, -1) + 1
    rows = [Extension(wish.account, first + n, principal) for n, (_, principal) in enumerate(new)]
    await extensions.insert(unit, rows)


async def _rename(unit: Unit, wish: Rename) -> None:
    await extensions.change(unit, replace(await _now(unit, wish.extension), alias=wish.alias))


async def _choose(unit: Unit, wish: Choose) -> None:
    extension = await _now(unit, wish.extension)
    if wish.instead_of is not None:
        if wish.instead_of != BUILT_IN:
            await _caller(unit, extension, wish.instead_of)
        if wish.instead_of != extension.chosen:
            return
    if wish.caller != BUILT_IN and not (await _caller(unit, extension, wish.caller)).verified_at:
        raise Refusal("sender_forbidden", "The caller id is not verified.", "id")
    await extensions.change(unit, replace(extension, chosen=wish.caller))


async def _drop(unit: Unit, wish: Drop) -> None:
    extension = await _now(unit, wish.extension)
    if wish.caller == BUILT_IN:
        raise Refusal("sender_forbidden", "The built-in caller id stays.", "id")
    await extensions.remove_caller(unit, await _caller(unit, extension, wish.caller))
    if extension.chosen == wish.caller:
        await extensions.change(unit, replace(extension, chosen=BUILT_IN))


async def _now(unit: Unit, extension: Extension) -> Extension:
    """As it stands, locked."""
    found = await extensions.locked(unit, extension.account, extension.number)
    if found is None or found.principal != extension.principal:
        raise Refusal("not_found")
    return found


async def _caller(unit: Unit, extension: Extension, number: int) -> CallerId:
    for one in await extensions.held(unit, extension, MOST_CALLERS):
        if one.number == number:
            return one
    raise Refusal("not_found")


__all__ = ["BUILT_IN", "MOST_CALLERS", "Extensions", "chosen"]
