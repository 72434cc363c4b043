"""Opt-outs by request, one by one."""

import msgspec

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.store import opt_outs
from textwire.store.committer import Unit
from textwire.store.opt_outs import OptOut, Veil
from textwire.store.store import Store
from textwire.switch.book import Book

from .heed import turned


class _Add(msgspec.Struct, frozen=True):
    account: int
    number: str
    at: int


class _Remove(msgspec.Struct, frozen=True):
    account: int
    number: str
    at: int


class Opting:
    """The verbs."""

    def __init__(self, store: Store, clock: Clock, veil: Veil) -> None:
        self._store, self._clock, self._veil = store, clock, veil
        self._book = Book({_Add: self._added, _Remove: self._removed})

    async def add(self, account: int, number: str) -> OptOut:
        """No more texts to this number, from this moment on."""
        await self._store.write(self._book, _Add(account, number, self._clock.now()))
        return await self.one(account, number)

    async def remove(self, account: int, number: str) -> None:
        """Texts to this number are welcome again. Refusal not_found."""
        await self._store.write(self._book, _Remove(account, number, self._clock.now()))

    async def one(self, account: int, number: str) -> OptOut:
        """The opt-out of a number. Refusal not_found."""
        found = await opt_outs.one(self._store.engine, account, number, self._veil)
        if found is None:
            raise Refusal("not_found")
        return found

    async def page(self, account: int, *, at: int, number: str, limit: int) -> list[OptOut]:
        """Opt-outs, newest first, behind the place (at, number)."""
        return await opt_outs.page(self._store.engine, account, at=at, number=number, limit=limit)

    async def _added(self, unit: Unit, wish: _Add) -> None:
        pair = (wish.account, wish.number)
        if pair not in await opt_outs.opted_out(unit, [pair], self._veil):
            await opt_outs.add(unit, wish.account, [OptOut(wish.number, "api", wish.at)])
            unit.events.append(turned(wish.account, wish.number, True, wish.at, source="api"))

    async def _removed(self, unit: Unit, wish: _Remove) -> None:
        pair = (wish.account, wish.number)
        if pair not in await opt_outs.opted_out(unit, [pair], self._veil):
            raise Refusal("not_found")
        await opt_outs.remove(unit, [pair], self._veil)
        unit.events.append(turned(wish.account, wish.number, False, wish.at, source="api"))
