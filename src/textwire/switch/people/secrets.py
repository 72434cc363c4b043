"""The secrets of a client identifier: two at most, so that one can follow the other without a gap, and never none."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from textwire.domain.account import Caller, NewCredential
from textwire.domain.refusal import Refusal
from textwire.store import people
from textwire.store.people import Secret
from textwire.store.store import Store

if TYPE_CHECKING:
    from .book import Book, Sheet


class Another(msgspec.Struct, frozen=True, kw_only=True):
    """One more secret of the caller's own principal: the first of these whose kind it does not have."""

    by: Caller
    places: tuple[NewCredential, ...]


class Revoke(msgspec.Struct, frozen=True, kw_only=True):
    """One of the secrets of these kinds counts no longer."""

    by: Caller
    kinds: tuple[str, ...]
    secret: int


async def another(sheet: "Sheet", wish: Another) -> Secret:
    """Refusal too_many_secrets."""
    kinds = tuple(place.kind for place in wish.places)
    taken = {secret.kind for secret in await people.own_secrets(sheet.unit, wish.by.principal, kinds)}
    free = next((place for place in wish.places if place.kind not in taken), None)
    if free is None:
        raise Refusal("too_many_secrets")
    made = Secret(sheet.id(), free.kind, sheet.now)
    await people.equip(sheet.unit, [(made.id, wish.by.principal, free)], sheet.now)
    sheet.note(wish.by, wish.by.account, "secret.added", wish.by.public_id, secret=made.id)
    return made


async def revoke(sheet: "Sheet", wish: Revoke) -> None:
    """Refusal not_found, last_secret."""
    found = {one.id: one for one in await people.own_secrets(sheet.unit, wish.by.principal, wish.kinds)}
    if wish.secret not in found:
        raise Refusal("not_found")
    if len(found) == 1:
        raise Refusal("last_secret")
    await people.take_away(sheet.unit, wish.by.principal, found[wish.secret].kind)
    sheet.note(wish.by, wish.by.account, "secret.revoked", wish.by.public_id, secret=wish.secret)


class Secrets:
    """The verbs of a caller's own secrets. `told` is called after whatever took one away."""

    def __init__(self, store: Store, book: "Book", told: Callable[[], None]) -> None:
        self._store, self._book, self._told = store, book, told

    async def list(self, by: Caller, kinds: tuple[str, ...]) -> list[Secret]:
        """The caller's secrets of these kinds, the oldest first."""
        return await people.secrets(self._store.engine, by.principal, kinds)

    async def add(self, by: Caller, places: tuple[NewCredential, ...]) -> Secret:
        """Another secret; `places` are how it would be kept as the first one, the second one. Refusal too_many_secrets."""
        made: Secret = await self._store.write(self._book, Another(by=by, places=places))
        return made

    async def revoke(self, by: Caller, kinds: tuple[str, ...], secret: int) -> None:
        """Takes one away. Refusal not_found, last_secret."""
        await self._store.write(self._book, Revoke(by=by, kinds=kinds, secret=secret))
        self._told()
