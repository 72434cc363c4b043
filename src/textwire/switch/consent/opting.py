"""Opt-outs by request: one by one, and whole lists at once."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from textwire.clock import Clock
from textwire.domain.refusal import Refusal
from textwire.store import opt_outs
from textwire.store.audit import Chain, Deed
from textwire.store.committer import Unit
from textwire.store.opt_outs import OptOut, Veil
from textwire.store.store import Store
from textwire.switch.book import Book

from .heed import turned

MOST_IMPORTED: Final = 100_000


class _Add(msgspec.Struct, frozen=True):
    account: int
    numbers: tuple[str, ...]
    source: str
    at: int
    by: str = ""  # who brings a list, for the audit


class _Remove(msgspec.Struct, frozen=True):
    account: int
    number: str
    at: int


class Opting:
    """The verbs."""

    def __init__(
        self, store: Store, clock: Clock, veil: Veil, chain: Chain, real_now: Callable[[], int]
    ) -> None:
        self._store, self._clock, self._veil = store, clock, veil
        self._chain, self._real_now = chain, real_now
        self._book = Book({_Add: self._added, _Remove: self._removed})

    async def add(self, account: int, number: str) -> OptOut:
        """No more texts to this number, from this moment on."""
        await self._store.write(self._book, _Add(account, (number,), "api", self._clock.now()))
        return await self.one(account, number)

    async def add_all(self, account: int, numbers: Sequence[str], by: str = "system") -> int:
        """No more texts to any of these numbers (MOST_IMPORTED at most): all of them or none; how many were new."""
        wish = _Add(account, tuple(dict.fromkeys(numbers)), "import", self._clock.now(), by)
        new: int = await self._store.write(self._book, wish)
        return new

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

    async def _added(self, unit: Unit, wish: _Add) -> int:
        pairs = [(wish.account, number) for number in wish.numbers]
        out = await opt_outs.opted_out(unit, pairs, self._veil)
        new = [n for n in wish.numbers if (wish.account, n) not in out]
        await opt_outs.add(unit, wish.account, [OptOut(n, wish.source, wish.at) for n in new])
        unit.events.extend(turned(wish.account, n, True, wish.at, source=wish.source) for n in new)
        if wish.by:
            told = msgspec.json.encode({"numbers": len(wish.numbers), "added": len(new)}).decode()
            deed = Deed(wish.account, self._real_now(), wish.by, "opt_outs.imported", "opt_outs", told)
            await self._chain.append(unit, [deed])
        return len(new)

    async def _removed(self, unit: Unit, wish: _Remove) -> None:
        pair = (wish.account, wish.number)
        if pair not in await opt_outs.opted_out(unit, [pair], self._veil):
            raise Refusal("not_found")
        await opt_outs.remove(unit, [pair], self._veil)
        unit.events.append(turned(wish.account, wish.number, False, wish.at, source="api"))
