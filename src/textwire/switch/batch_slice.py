"""The write of batches: a slice of items becomes messages, and the items are settled, in one transaction."""

import msgspec

from textwire.domain.refusal import Refusal
from textwire.store import batches
from textwire.store.batches import Batch, Settled
from textwire.store.committer import Unit
from textwire.store.messages import Birth

from .accept import Admit
from .judge import Item


class Slice(msgspec.Struct, frozen=True):
    """Items of a batch on their way into a transaction; those in `refused` are that already.

    `end`: there is nothing behind them.
    """

    batch: Batch
    items: tuple[tuple[int, Item], ...]
    refused: tuple[Settled, ...]
    end: bool
    at: int


class Worked(msgspec.Struct, frozen=True):
    """What became of a slice: its births by number; `over`: nothing more is to be done for the batch."""

    births: dict[int, Birth]
    over: bool


class Working:
    """The write of slices: messages are accepted, and their items settled, in one transaction."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit

    async def run(self, unit: Unit, items: list[Slice]) -> list[Worked]:
        locked = await batches.locked(unit, [one.batch.id for one in items])
        return [await self._work(unit, one, locked[one.batch.id].state == "working") for one in items]

    async def _work(self, unit: Unit, slice_: Slice, working: bool) -> Worked:
        if not working:
            return Worked({}, True)
        key = slice_.batch.id
        numbers = [n for n, _ in slice_.items] + [s.n for s in slice_.refused]
        # Another process may have been here since the items were read.
        still = {n for _, n in await batches.still(unit, [(key, n) for n in numbers])}
        waiting = [(n, item) for n, item in slice_.items if n in still]
        verdicts = await self._admit.run(unit, [item for _, item in waiting]) if waiting else []
        births: dict[int, Birth] = {}
        settled = [one for one in slice_.refused if one.n in still]
        for (n, _), verdict in zip(waiting, verdicts, strict=True):
            outcome = verdict if isinstance(verdict, Refusal) else verdict.births[0]
            if isinstance(outcome, Refusal):
                settled.append(refused(key, n, outcome))
            else:
                births[n] = outcome
                settled.append(Settled(key, n, "accepted", outcome.draft.id))
        await batches.settle(unit, settled)
        if slice_.end:
            await batches.move(unit, [(key, "done", slice_.at)])
        return Worked(births, slice_.end)


def refused(batch: int, n: int, refusal: Refusal) -> Settled:
    """An item that was refused."""
    return Settled(batch, n, "refused", 0, refusal.code, refusal.field, refusal.detail)
