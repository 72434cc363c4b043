"""Whole lists of opt-outs: all of it or nothing, in writes so small that nobody has to wait for them.

Rows are staged first and count for nothing; one small write lets all of them count; then they are moved to where they are
looked for. What a crash leaves behind is carried on (or, if it did not count yet, dropped) by the chore.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.store import opt_out_lists, opt_outs
from textwire.store.audit import Chain, Deed
from textwire.store.committer import Unit
from textwire.store.opt_out_lists import Listed
from textwire.store.opt_outs import OptOut, Veil
from textwire.store.store import Store
from textwire.switch.book import Book

from .heed import turned

MOST: Final = 100_000  # numbers of a list
SLICE: Final = 500  # of one write: some ten milliseconds
FORGOTTEN: Final = (
    3_600_000_000  # µs (real clock) after which nobody stages a list any more, or asks what came of it
)


class _Stage(msgspec.Struct, frozen=True):
    id: int
    account: int
    actor: str
    first: int
    numbers: tuple[str, ...]


class _Begin(msgspec.Struct, frozen=True):
    id: int


class _Apply(msgspec.Struct, frozen=True):
    id: int
    at: int


class _Drop(msgspec.Struct, frozen=True):
    id: int


class Importing:
    """The verb, and the chore behind it."""

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], veil: Veil, chain: Chain
    ) -> None:
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._veil, self._chain = veil, chain
        self._book = Book({_Stage: self._stage, _Begin: self._begin, _Apply: self._apply, _Drop: self._drop})

    async def take(self, account: int, numbers: Sequence[str], by: str = "system") -> int:
        """No more texts to any of these numbers (MOST at most); how many were welcome until now."""
        wanted, key = tuple(dict.fromkeys(numbers)), self._ids.take(self._real_now())
        if not wanted:
            return 0
        for first in range(0, len(wanted), SLICE):
            await self._store.write(
                self._book, _Stage(key, account, by, first, wanted[first : first + SLICE])
            )
        await self._store.write(self._book, _Begin(key))
        added = await self._carry_on(key)
        await self._store.write(self._book, _Drop(key))
        return added

    async def chore(self) -> bool:
        """Carries on what a crash has left; whether there is more to do."""
        old = self._real_now() - FORGOTTEN
        for one in await opt_out_lists.every(self._store.engine):
            if one.state == "applying":
                await self._carry_on(one.id)
            elif one.at < old:
                while await self._store.write(self._book, _Drop(one.id)):
                    pass
        return False

    async def _carry_on(self, key: int) -> int:
        while True:
            after: Listed | None = await self._store.write(self._book, _Apply(key, self._clock.now()))
            if after is None or after.state == "done":
                return after.added if after else 0

    async def _stage(self, unit: Unit, wish: _Stage) -> None:
        if wish.first == 0:
            await opt_out_lists.insert(unit, wish.id, wish.account, wish.actor, self._real_now())
        await opt_out_lists.stage(unit, wish.id, wish.first, wish.numbers)

    async def _begin(self, unit: Unit, wish: _Begin) -> None:
        if (found := await opt_out_lists.locked(unit, wish.id)) is not None:
            await opt_out_lists.save(unit, replace(found, state="applying"))

    async def _apply(self, unit: Unit, wish: _Apply) -> Listed | None:
        found = await opt_out_lists.locked(unit, wish.id)
        if found is None or found.state != "applying":
            return found
        rows = await opt_out_lists.following(unit, wish.id, SLICE)
        pairs = [(found.account, number) for _, number in rows]
        out = await opt_outs.opted_out(unit, pairs, self._veil)
        new = [number for _, number in rows if (found.account, number) not in out]
        await opt_outs.add(unit, found.account, [OptOut(n, "import", wish.at) for n in new])
        unit.events.extend(turned(found.account, n, True, wish.at, source="import") for n in new)
        await opt_out_lists.drop_rows(unit, wish.id, [n for n, _ in rows])
        after = replace(found, added=found.added + len(new))
        if len(rows) < SLICE:
            after = replace(after, state="done")
            told = msgspec.json.encode({"added": after.added}).decode()
            deed = Deed(after.account, self._real_now(), after.actor, "opt_outs.imported", "opt_outs", told)
            await self._chain.append(unit, [deed])
        await opt_out_lists.save(unit, after)
        return after

    async def _drop(self, unit: Unit, wish: _Drop) -> bool:
        """Whether rows of it are left."""
        rows = await opt_out_lists.following(unit, wish.id, SLICE)
        await opt_out_lists.drop_rows(unit, wish.id, [n for n, _ in rows])
        if len(rows) < SLICE:
            await opt_out_lists.drop(unit, wish.id)
        return len(rows) == SLICE
