"""rejections: requests to send that a facade has refused, kept for some days, behind the answer.

Nobody waits for it: a refusal is answered at once, and kept with the next commit. So many of an account are kept in a
day, and so many are under way to the disk; what is above is not kept (decision 19).
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import rejections
from textwire.store.committer import Unit
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.store.rejections import Rejection
from textwire.store.store import Store

DAY: Final = 86_400_000_000  # µs
KEEP: Final = 7 * DAY
MOST_A_DAY: Final = 1_000  # of an account, by each process
MOST_UNDER_WAY: Final = 200
MOST_FORGOTTEN: Final = 500  # in one write
MOST_ACCOUNTS: Final = 10_000  # that are counted at once


class Forget(msgspec.Struct, frozen=True):
    """Forget what is from before."""

    before: int


class Rejections:
    """The verbs, and their write."""

    def __init__(self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int]) -> None:
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._today, self._counts = 0, dict[int, int]()
        self._under_way: set[asyncio.Task[None]] = set()

    def note(self, account: int, sender: str, recipient: str, code: str, label: str) -> None:
        """Keeps a refusal, if there is room."""
        now = self._clock.now()
        if not self._has_room(account, now):
            return
        kept = Rejection(0, account, sender, recipient, code, label, now)
        task = asyncio.get_running_loop().create_task(self._keep(kept))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def found(self, account: int, recipient: str, since: int, until: int, most: int) -> list[Rejection]:
        """Those for a recipient, newest first, with all that were noted before this call."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))
        return await rejections.found(self._store.engine, account, recipient, since, until, most)

    async def chore(self) -> bool:
        """Forgets some of what is old; whether there may be more."""
        forgotten: int = await self._store.write(self, Forget(self._clock.now() - KEEP))
        return forgotten == MOST_FORGOTTEN

    async def run(self, unit: Unit, items: list[Rejection | Forget]) -> list[int]:
        now = self._real_now()
        new = [one for one in items if isinstance(one, Rejection)]
        await rejections.insert(unit, [msgspec.structs.replace(one, id=self._ids.take(now)) for one in new])
        return [
            await rejections.purge(unit, one.before, MOST_FORGOTTEN) if isinstance(one, Forget) else 0
            for one in items
        ]

    def _has_room(self, account: int, now: int) -> bool:
        if now // DAY != self._today:
            self._today, self._counts = now // DAY, {}
        count = self._counts.get(account, 0)
        if count >= MOST_A_DAY or len(self._under_way) >= MOST_UNDER_WAY:
            return False
        if account not in self._counts and len(self._counts) >= MOST_ACCOUNTS:
            return False
        self._counts[account] = count + 1
        return True

    async def _keep(self, kept: Rejection) -> None:
        try:
            await self._store.write(self, kept)
        except (Unavailable, Fatal, Refusal):
            return  # nothing can be stored: whoever was refused has been told so, and that is all it needs
