"""Applications: made, changed and taken away like other principals, with where they hear of things."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from textwire.clock import Clock
from textwire.domain.account import Caller, NewCredential
from textwire.domain.application import Application, Places
from textwire.domain.refusal import Refusal
from textwire.store import applications
from textwire.store.applications import KIND
from textwire.store.store import Store

from . import principals
from .wishes import Add, Change, Remove

if TYPE_CHECKING:
    from .book import Book, Sheet


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A new application."""

    who: Add
    places: Places


class Alter(msgspec.Struct, frozen=True, kw_only=True):
    """Something else of an application; its places are all written anew."""

    who: Change
    places: Places


class Retire(msgspec.Struct, frozen=True, kw_only=True):
    """An application is to be none any more."""

    who: Remove


async def register(sheet: "Sheet", wish: Register) -> Application:
    """Refusal too_many_people."""
    made = await principals.add(sheet, wish.who)
    await applications.put(sheet.unit, made.principal.id, wish.places)
    return await _found(sheet, wish.who.by, wish.who.public_id)


async def alter(sheet: "Sheet", wish: Alter) -> Application:
    """Refusal not_found."""
    changed = await principals.change(sheet, wish.who)
    await applications.put(sheet.unit, changed.principal.id, wish.places)
    return await _found(sheet, wish.who.by, wish.who.public_id)


async def retire(sheet: "Sheet", wish: Retire) -> None:
    """Its key counts no longer, its numbers are taken from it. Refusal not_found."""
    found = await _found(sheet, wish.who.by, wish.who.public_id)
    await principals.remove(sheet, wish.who)
    await applications.forget(sheet.unit, found.id)


async def _found(sheet: "Sheet", by: Caller, public_id: str) -> Application:
    found = await applications.find(sheet.unit, by.account, public_id)
    if found is None:
        raise Refusal("not_found")
    return found


class Applications:
    """The verbs of an account's applications. `told` is called after whatever took a key away."""

    def __init__(self, store: Store, book: "Book", clock: Clock, told: Callable[[], None]) -> None:
        self._store, self._book, self._clock, self._told = store, book, clock, told

    async def add(
        self, by: Caller, public_id: str, name: str, key: NewCredential, places: Places
    ) -> Application:
        """A new application of the caller's account; `key` holds its public key. Refusal too_many_people."""
        who = Add(
            by=by, account=by.account, kind=KIND, public_id=public_id, name=name, credentials=(key,),
            now=self._clock.now(),
        )  # fmt: skip
        made: Application = await self._store.write(self._book, Register(who=who, places=places))
        return made

    async def change(
        self,
        by: Caller,
        public_id: str,
        name: str,
        places: Places,
        key: NewCredential | UnsetType = UNSET,
    ) -> Application:
        """Another name, other places, and another key if one is given. Refusal not_found."""
        who = Change(by=by, kind=KIND, public_id=public_id, name=name, secret=key, now=self._clock.now())
        changed: Application = await self._store.write(self._book, Alter(who=who, places=places))
        self._told()
        return changed

    async def remove(self, by: Caller, public_id: str) -> None:
        """Takes an application away. Refusal not_found."""
        who = Remove(by=by, kind=KIND, public_id=public_id, now=self._clock.now())
        await self._store.write(self._book, Retire(who=who))
        self._told()
