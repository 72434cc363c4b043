"""finish: what attempts have come to, kept in one write for many: delivered, owed again later, or given up."""

from collections.abc import Sequence

import msgspec

from textwire.domain.event import Event
from textwire.domain.ids import MAX_INT
from textwire.store import attempts, deliveries, hooks, outbox
from textwire.store.attempts import Attempt
from textwire.store.committer import Unit
from textwire.store.deliveries import Outcome

PATIENCE = (
    120 * 3_600_000_000
)  # µs of nothing but failures after which an endpoint is disabled (reliability H4)


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, made `now` (µs, message clock). `due_at`: when the next one is, if the state is pending.

    `outcome` None: there was nothing to say, and the delivery goes without a trace. `blames`, `gone`: see Verdict;
    both only where endpoints are disabled at all. `attempt` None: it succeeded at once, or nobody was called; the
    delivery says all there is.
    """

    id: int
    hook: int
    outcome: Outcome | None
    due_at: int
    now: int
    blames: bool = False
    gone: bool = False
    attempt: Attempt | None = None


class Later(msgspec.Struct, frozen=True):
    """A delivery that is put back, untouched, until `due_at`."""

    id: int
    due_at: int


class Finish:
    """The write. Answers per item the hook that it has disabled, or 0."""

    async def run(self, unit: Unit, items: list[Finished | Later]) -> list[int]:
        done = [item for item in items if isinstance(item, Finished)]
        await deliveries.save(unit, [item.outcome for item in done if item.outcome])
        await deliveries.delete(unit, [item.id for item in done if not item.outcome])
        await attempts.insert(unit, [item.attempt for item in done if item.attempt])
        await outbox.remove(unit, [item.id for item in done if not _pending(item)])
        again = [item for item in items if isinstance(item, Later) or _pending(item)]
        await outbox.change(unit, [(item.id, "post", item.due_at, 0) for item in again])
        disabled = await self._blame(unit, done)
        return [item.hook if isinstance(item, Finished) and item.hook in disabled else 0 for item in items]

    async def _blame(self, unit: Unit, done: Sequence[Finished]) -> set[int]:
        """Keeps the record of endpoints; those that are disabled now."""
        well = {i.hook for i in done if i.outcome and i.outcome.state == "delivered"}
        await hooks.recovered(unit, well)
        blamed = {i.hook: i.now for i in reversed(done) if i.gone or (i.blames and i.hook not in well)}
        await hooks.failing(unit, sorted(blamed.items()))
        gone = {i.hook for i in done if i.gone}
        limits = [(hook, MAX_INT if hook in gone else at - PATIENCE) for hook, at in sorted(blamed.items())]
        disabled = await hooks.disable(unit, limits)
        for hook, account, public_id in disabled:
            data = {"hook": public_id, "reason": "gone" if hook in gone else "failing"}
            unit.events.append(
                Event(0, account, "hook.disabled", 0, 1, "", blamed[hook], msgspec.json.encode(data).decode())
            )
        return {hook for hook, _, _ in disabled}


def _pending(item: Finished) -> bool:
    return item.outcome is not None and item.outcome.state == "pending"
