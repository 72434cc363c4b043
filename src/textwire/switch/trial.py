"""trial: for a principal on trial so many messages are kept; the oldest that are over go when new ones come.

Nothing that is under way is touched: when all that is kept is under way, nothing new is taken. Sends are judged, and
counted, in the transaction that takes them; what comes in is counted when it is filed.
"""

from collections.abc import Mapping, Sequence

from textwire.domain.ids import MAX_INT
from textwire.store import trials
from textwire.store.committer import Unit
from textwire.store.messages import Birth

from .removal import Removal

SLICE = 200  # messages of one transaction that nobody waits for
MOST = 1_000  # kept, unless the server is told otherwise


class Trials:
    """Rules for `Admit`, and a write for `Filing`: items are principals, outcomes how many messages went."""

    def __init__(self, removal: Removal, most: int = MOST) -> None:
        self._removal, self._most = removal, most

    async def room(self, unit: Unit, wanted: Mapping[int, int]) -> dict[int, int]:
        """For how many messages there is room or can be made, as far as they are wanted, by principal."""
        kept = await trials.count(unit, sorted(wanted))
        return {p: await self._room(unit, p, kept[p][0], n) for p, n in wanted.items()}

    async def _room(self, unit: Unit, principal: int, kept: int, wanted: int) -> int:
        free = self._most - kept
        if wanted <= free:
            return free
        return max(free + len(await trials.oldest(unit, principal, MAX_INT, wanted - free)), 0)

    async def keep(self, unit: Unit, births: Sequence[Birth]) -> None:
        """What was just taken is kept, and as many old ones go as that takes."""
        await trials.keep(unit, [(b.principal, b.draft.id) for b in births])
        for principal in sorted({b.principal for b in births}):
            await self._trim(unit, principal, newest_too=True)

    async def run(self, unit: Unit, items: list[int]) -> list[int]:
        return [await self._trim(unit, principal) for principal in items]

    async def _trim(self, unit: Unit, principal: int, *, newest_too: bool = False) -> int:
        """What has just come in is not what goes for it, though it is over."""
        kept, newest = (await trials.count(unit, [principal]))[principal]
        if kept <= self._most:
            return 0
        before, most = (MAX_INT, kept - self._most) if newest_too else (newest, min(kept - self._most, SLICE))
        return await self._removal.let_go(unit, await trials.oldest(unit, principal, before, most))
