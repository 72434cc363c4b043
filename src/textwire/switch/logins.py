"""logins: the codes and chains of tokens that a user's consent is made of, each of which is good once.

What is used a second time was stolen, or is repeated by somebody who cannot know what came of it: the whole chain ends.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from textwire.domain.ids import Ids
from textwire.store import logins
from textwire.store.committer import Unit
from textwire.store.logins import Login
from textwire.store.store import Store

SECOND: Final = 1_000_000  # µs
CODE_SECONDS: Final = 60
LIFE_SECONDS: Final = 2_592_000  # of a chain, from its latest tokens on
MOST_OF_A_CLIENT: Final = 100  # logins of one user through one client; older ones end
MOST_PURGED: Final = 500  # in one write


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """A user has let a client in: with a code that opens it, or with its first tokens at once (`pair`)."""

    session: str
    principal: int
    credential: int
    client: str
    scopes: str
    asked: str = "{}"
    code: str = ""
    pair: str = ""
    seconds: int


class Redeem(msgspec.Struct, frozen=True):
    """A client brings a code. `fits`: whether what was `asked` then allows it; it is called inside the write."""

    code: str
    client: str
    fits: Callable[[str], bool]
    pair: str


class Renew(msgspec.Struct, frozen=True):
    """A client brings the refresh token of a pair, and gets another pair."""

    session: str
    client: str
    pair: str
    next: str


class End(msgspec.Struct, frozen=True):
    """A login is over, if it is this client's."""

    session: str
    client: str


class Logins:
    """The verbs. What cannot be had is None, whatever the reason."""

    def __init__(self, store: Store, ids: Ids, real_now: Callable[[], int]) -> None:
        self._store, self._book = store, _Book(ids, real_now)
        self._real_now = real_now

    async def begin(self, wish: Begin) -> Login:
        """A new login."""
        begun: Login = await self._store.write(self._book, wish)
        return begun

    async def redeem(self, wish: Redeem) -> Login | None:
        """The login that a code opens; one that was opened before ends here."""
        opened: Login | None = await self._store.write(self._book, wish)
        return opened

    async def renew(self, wish: Renew) -> Login | None:
        """The login with its next pair; it ends when the pair was replaced already."""
        renewed: Login | None = await self._store.write(self._book, wish)
        return renewed

    async def end(self, session: str, client: str) -> None:
        """Ends it, if it is there."""
        await self._store.write(self._book, End(session, client))

    async def forget(self) -> bool:
        """The chore: what is over goes, some at a time; whether there may be more."""
        gone: int = await self._store.write(self._book, self._real_now())
        return gone == MOST_PURGED


class _Book:
    """The write, one wish after the other."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._ids, self._real_now = ids, real_now
        self._steps: dict[type, Any] = {
            Begin: self._begin, Redeem: self._redeem, Renew: self._renew, End: _end, int: _purge,
        }  # fmt: skip

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        return [await self._steps[type(item)](unit, item) for item in items]

    async def _begin(self, unit: Unit, wish: Begin) -> Login:
        now = self._real_now()
        new = Login(
            self._ids.take(now), wish.session, wish.principal, wish.credential, wish.client, wish.scopes,
            wish.code, wish.asked, wish.pair, now, now + wish.seconds * SECOND,
        )  # fmt: skip
        await logins.trim(unit, new.client, new.principal, MOST_OF_A_CLIENT - 1)
        await logins.insert(unit, new)
        return new

    async def _redeem(self, unit: Unit, wish: Redeem) -> Login | None:
        found = await logins.by_code(unit, wish.code)
        if found is None or found.client != wish.client or found.until <= self._real_now():
            return None
        if found.pair:
            await logins.end(unit, found.session)
            return None
        return await self._moved(unit, found, wish.pair) if wish.fits(found.asked) else None

    async def _renew(self, unit: Unit, wish: Renew) -> Login | None:
        found = await logins.locked(unit, wish.session)
        if found is None or found.client != wish.client or found.until <= self._real_now():
            return None
        if found.pair != wish.pair:
            await logins.end(unit, found.session)
            return None
        return await self._moved(unit, found, wish.next)

    async def _moved(self, unit: Unit, login: Login, pair: str) -> Login:
        until = self._real_now() + LIFE_SECONDS * SECOND
        await logins.move(unit, login, pair, until)
        return msgspec.structs.replace(login, pair=pair, until=until)


async def _end(unit: Unit, wish: End) -> None:
    found = await logins.locked(unit, wish.session)
    if found is not None and found.client == wish.client:
        await logins.end(unit, found.session)


async def _purge(unit: Unit, now: int) -> int:
    return await logins.purge(unit, now, MOST_PURGED)
