"""OAuth clients of an account: registered, changed and taken away, with an entry in the audit each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store import accounts, logins, oauth_clients
from textwire.store.oauth_clients import Details, OAuthClient
from textwire.store.store import Store

if TYPE_CHECKING:
    from .book import Book, Sheet

MOST_CLIENTS: Final = 100  # of an account


class Enter(msgspec.Struct, frozen=True, kw_only=True):
    """A new client; `sealed` is what is kept of its secret."""

    by: Caller
    public_id: str
    sealed: str
    details: Details


class Amend(msgspec.Struct, frozen=True, kw_only=True):
    """Something else is said of a client."""

    by: Caller
    public_id: str
    details: Details


class Expel(msgspec.Struct, frozen=True, kw_only=True):
    """A client is to be none any more."""

    by: Caller
    public_id: str


async def enter(sheet: "Sheet", wish: Enter) -> OAuthClient:
    """Refusal too_many_people."""
    await accounts.balances(sheet.unit, [wish.by.account])  # locked: two nodes do not count the same clients
    if await oauth_clients.count(sheet.unit, wish.by.account) >= MOST_CLIENTS:
        raise Refusal("too_many_people", f"An account may have {MOST_CLIENTS} clients.")
    new = OAuthClient(sheet.id(), wish.by.account, wish.public_id, wish.sealed, wish.details, sheet.now)
    await oauth_clients.insert(sheet.unit, new)
    sheet.note(wish.by, new.account, "client.added", new.public_id, **_told(new.details))
    return new


async def amend(sheet: "Sheet", wish: Amend) -> OAuthClient:
    """Refusal not_found."""
    found = await _own(sheet, wish.by, wish.public_id)
    await oauth_clients.change(sheet.unit, found.id, wish.details)
    sheet.note(wish.by, found.account, "client.changed", found.public_id, **_told(wish.details))
    return msgspec.structs.replace(found, details=wish.details)


async def expel(sheet: "Sheet", wish: Expel) -> None:
    """With every login through it. Refusal not_found."""
    found = await _own(sheet, wish.by, wish.public_id)
    await oauth_clients.remove(sheet.unit, found.id)
    await logins.end_client(sheet.unit, found.public_id)
    sheet.note(wish.by, found.account, "client.removed", found.public_id, name=found.details.name)


async def _own(sheet: "Sheet", by: Caller, public_id: str) -> OAuthClient:
    found = await oauth_clients.found(sheet.unit, public_id)
    if found is None or found.account != by.account:
        raise Refusal("not_found")
    return found


def _told(details: Details) -> dict[str, object]:
    return {"name": details.name, "redirect_uris": details.redirect_uris}


class Clients:
    """The verbs. `told` is called after whatever took a right away."""

    def __init__(self, store: Store, book: "Book", told: Callable[[], None]) -> None:
        self._store, self._book, self._told = store, book, told

    async def add(self, by: Caller, public_id: str, sealed: str, details: Details) -> OAuthClient:
        """A new client of the caller's account. Refusal too_many_people."""
        wish = Enter(by=by, public_id=public_id, sealed=sealed, details=details)
        made: OAuthClient = await self._store.write(self._book, wish)
        return made

    async def change(self, by: Caller, public_id: str, details: Details) -> OAuthClient:
        """Says something else of it; its secret and the logins through it stay. Refusal not_found."""
        wish = Amend(by=by, public_id=public_id, details=details)
        changed: OAuthClient = await self._store.write(self._book, wish)
        return changed

    async def remove(self, by: Caller, public_id: str) -> None:
        """Takes it away, and every token that came through it. Refusal not_found."""
        await self._store.write(self._book, Expel(by=by, public_id=public_id))
        self._told()
