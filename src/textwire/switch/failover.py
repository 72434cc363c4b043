"""failover: messages of which each goes out only when the one before it has failed; durable, and each once.

What shall follow is written with the first message. The transaction in which a message fails owes the next step, and the
transaction that makes the next message takes the step away: whoever dies in between has lost nothing and repeats nothing.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.domain.ids import Ids
from textwire.domain.message import Draft, Message, State, move
from textwire.domain.refusal import Refusal
from textwire.store import messages, outbox, workflows
from textwire.store.committer import Unit
from textwire.store.events import FAILOVER
from textwire.store.messages import Birth
from textwire.store.workflows import Workflow

from .accept import Admit, message_of
from .claim import close
from .following import steps, written
from .judge import Item

LEASE: Final = 30_000_000  # µs; should this process die, the sweep takes its steps over long before
FAILURES: Final[frozenset[State]] = frozenset({"rejected", "undelivered", "failed", "expired"})
# code of a Refusal → reason of the message that was not let out for it; any other is called as it is.
REASONS: Final = {"recipient_opted_out": "opted_out", "sender_forbidden": "sender_unassigned"}


class ClaimSteps:
    """The write that takes steps that are due; items are (most, now)."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    async def run(self, unit: Unit, items: list[tuple[int, int]]) -> list[list[Workflow]]:
        return [await self._claim(unit, most, now) for most, now in items]

    async def _claim(self, unit: Unit, most: int, now: int) -> list[Workflow]:
        rows = await outbox.due(unit, FAILOVER, now, most)
        there = await workflows.locked(unit, rows)
        await outbox.lease(unit, list(there), now + LEASE, self._epoch)
        await outbox.remove(unit, [row for row in rows if row not in there])
        return list(there.values())


class Next(msgspec.Struct, frozen=True):
    """The next message of a workflow on its way into a transaction, if that is still as it was read.

    `item` None: no message can be made of the step, and it is passed over.
    """

    workflow: Workflow
    item: Item | None
    now: int


class Advance:
    """The write of steps: the next message is born, charged for and owed, and the step is gone.

    What is refused now (the balance is gone, the recipient has opted out) becomes a message all the same, which has
    failed and costs nothing: so it is told like any other, and what follows it has its turn.
    """

    def __init__(self, admit: Admit, ids: Ids, real_now: Callable[[], int]) -> None:
        self._admit, self._ids, self._real_now = admit, ids, real_now

    async def run(self, unit: Unit, items: list[Next]) -> list[Birth | None]:
        locked = await workflows.locked(unit, [one.workflow.id for one in items])
        # Taken out, so that a second wish for the same step finds nothing.
        return [await self._advance(unit, one, locked.pop(one.workflow.id, None)) for one in items]

    async def _advance(self, unit: Unit, item: Next, there: Workflow | None) -> Birth | None:
        if there is None or there != item.workflow:  # another process was faster, or the number was erased
            return None
        await outbox.remove(unit, [there.id])
        standing = (await messages.standing(unit, [there.message])).get(there.message)
        if standing is None or standing.state not in FAILURES:  # it has arrived after all
            await workflows.delete(unit, [there.id])
            return None
        born = await self._born(unit, item) if item.item else None
        rest = steps(there)[1:]
        if item.item is None and rest:
            await outbox.add(unit, [(there.id, FAILOVER, item.now, 0)])
        out = item.item.drafts[0].id if item.item else there.message
        if rest:
            await workflows.move(unit, [(there.id, out, written(rest))])
        else:
            await workflows.delete(unit, [there.id])
        return born

    async def _born(self, unit: Unit, item: Next) -> Birth | None:
        assert item.item is not None
        [verdict] = await self._admit.run(unit, [item.item])
        outcome = verdict if isinstance(verdict, Refusal) else verdict.births[0]
        if isinstance(outcome, Birth):
            return outcome
        await self._refused(unit, item.workflow, item.item.drafts[0], outcome, item.now)
        return None

    async def _refused(
        self, unit: Unit, workflow: Workflow, draft: Draft, refusal: Refusal, now: int
    ) -> None:
        free = replace(draft, birth="queued", price=0, send_at=0, reason="")
        birth = Birth(workflow.account, workflow.principal, draft.sender, free, now)
        await self._admit.write(unit, [birth])
        await close(unit, [_ended(message_of(birth), refusal)], now, self._ids, self._real_now())


def _ended(message: Message, refusal: Refusal) -> Message:
    move(message.state, "failed")
    reason = REASONS.get(refusal.code, refusal.code)
    return replace(message, state="failed", reason=reason, sequence=message.sequence + 1)
