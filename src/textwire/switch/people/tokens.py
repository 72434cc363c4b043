"""Personal access tokens: given to a user and taken away, by nobody who could not have made that user."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from textwire.domain.account import Caller, NewCredential
from textwire.domain.refusal import Refusal
from textwire.domain.token import MOST_TOKENS
from textwire.store import accounts, people, tokens
from textwire.store.people import Person
from textwire.store.store import Store
from textwire.store.tokens import Token
from textwire.switch.once import Keep, write

from .principals import may

if TYPE_CHECKING:
    from .book import Book, Sheet


class Give(msgspec.Struct, frozen=True, kw_only=True):
    """A token for a user of the caller's account."""

    by: Caller
    user: str
    token: NewCredential


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is kept under this lookup counts no longer."""

    by: Caller
    kind: str
    lookup: str


async def give(sheet: "Sheet", wish: Give) -> Token:
    """Refusal not_found ("user"), scope_missing, too_many_tokens."""
    account, new = wish.by.account, wish.token
    await accounts.locked(sheet.unit, account)  # two nodes do not count the same tokens
    user = await people.find(sheet.unit, account, "user", wish.user)
    if user is None:
        raise Refusal("not_found", "The account has no such user.", "user")
    may(wish.by, user.scopes)
    if await tokens.count(sheet.unit, account, new.kind) >= MOST_TOKENS:
        raise Refusal("too_many_tokens")
    await people.equip(sheet.unit, [(sheet.id(), user.principal.id, new)], sheet.now)
    made = await tokens.find(sheet.unit, account, new.kind, new.lookup)
    assert made is not None, "it was written above"
    sheet.note(
        wish.by, account, "token.added", _id(made), user=wish.user, name=new.name, scopes=new.scopes.split()
    )
    return made


async def take(sheet: "Sheet", wish: Take) -> None:
    """Refusal not_found, scope_missing."""
    found = await tokens.find(sheet.unit, wish.by.account, wish.kind, wish.lookup)
    user = await _user(sheet, wish.by, found)
    if found is None or user is None:
        raise Refusal("not_found")
    may(wish.by, user.scopes)
    await tokens.remove(sheet.unit, found.id)
    sheet.note(wish.by, wish.by.account, "token.removed", _id(found), user=found.owner_id, name=found.name)


async def _user(sheet: "Sheet", by: Caller, found: Token | None) -> Person | None:
    return await people.find(sheet.unit, by.account, "user", found.owner_id) if found else None


def _id(token: Token) -> str:
    return token.lookup.partition(":")[2]


class Tokens:
    """The verbs. `told` is called after a token was taken away."""

    def __init__(self, store: Store, book: "Book", told: Callable[[], None]) -> None:
        self._store, self._book, self._told = store, book, told

    async def give(self, by: Caller, user: str, token: NewCredential, *, keep: Keep | None = None) -> Token:
        """A new token for a user. Refusal not_found ("user"), scope_missing, too_many_tokens."""
        made: Token = await write(self._store, self._book, Give(by=by, user=user, token=token), keep)
        return made

    async def take(self, by: Caller, kind: str, lookup: str) -> None:
        """Takes a token away. Refusal not_found, scope_missing."""
        await self._store.write(self._book, Take(by=by, kind=kind, lookup=lookup))
        self._told()
