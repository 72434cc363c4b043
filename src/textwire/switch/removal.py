"""removal: final messages are taken away with everything that shows their text."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import FINAL, Standing
from textwire.domain.refusal import Refusal
from textwire.store import conversations, filing, messages, removal
from textwire.store.committer import Unit

SLICE = 200  # messages of one transaction


class One(msgspec.Struct, frozen=True):
    """Take away one message of an account."""

    account: int
    message: int


class Some(msgspec.Struct, frozen=True):
    """Take away those final messages of a conversation that are among the SLICE newest before `before`."""

    conversation: int
    before: int


class Removed(msgspec.Struct, frozen=True):
    """How many went and how many are not final and stay; `before` is where to go on, 0 at the end."""

    gone: int
    kept: int
    before: int = 0


class Removal:
    """The write."""

    async def run(self, unit: Unit, items: list[One | Some]) -> list[Removed | Refusal]:
        return [
            await self._one(unit, item) if isinstance(item, One) else await self._some(unit, item)
            for item in items
        ]

    async def _one(self, unit: Unit, item: One) -> Removed | Refusal:
        found = (await messages.standing(unit, [item.message])).get(item.message)
        if found is None or found.account != item.account:
            return Refusal("not_found")
        if found.state not in FINAL:
            return Refusal("not_final", f"The message is {found.state}; only what is over can be deleted.")
        await removal.remove(unit, [(found.id, found.total)])
        return Removed(1, 0)

    async def _some(self, unit: Unit, item: Some) -> Removed:
        ids = await conversations.ids(unit, item.conversation, item.before, SLICE)
        gone = await self.let_go(unit, ids)
        return Removed(gone, len(ids) - gone, ids[-1] if len(ids) == SLICE else 0)

    async def let_go(self, unit: Unit, ids: Sequence[int]) -> int:
        """Takes those away that are final; how many."""
        found: list[Standing] = list((await messages.standing(unit, sorted(ids))).values()) if ids else []
        final = [m for m in found if m.state in FINAL]
        await removal.remove(unit, [(m.id, m.total) for m in final])
        return len(final)


class Trim:
    """The write that keeps the newest messages of a principal on trial; items are (principal, how many)."""

    def __init__(self, removal: Removal) -> None:
        self._removal = removal

    async def run(self, unit: Unit, items: list[tuple[int, int]]) -> list[int]:
        gone = []
        for principal, kept in items:
            old = await filing.beyond(unit, principal, kept, SLICE)
            gone.append(await self._removal.let_go(unit, old))
        return gone
