"""claim: takes deliveries that are due from the outbox: retries, and what another process or a full memory left."""

from collections.abc import Mapping

import msgspec

from textwire.hooks.plan import POST_LEASE
from textwire.hooks.turns import Post
from textwire.store import deliveries, outbox
from textwire.store.committer import Unit
from textwire.store.deliveries import Delivery, Outcome
from textwire.store.hooks import Hook

SHORTEST, LONGEST = (
    1_000_000,
    3_600_000_000,
)  # µs for which a delivery is put back when there is no room for it


class Wanted(msgspec.Struct, frozen=True):
    """Up to `most` deliveries that are due `now` (µs, message clock).

    `here`: those that are in memory already; `crowded`: hooks for which there is no room.
    """

    most: int
    now: int
    here: Mapping[int, Post]
    crowded: frozenset[int]


class Taken(msgspec.Struct, frozen=True):
    """A delivery that is this process's now, with its hook (the secret still sealed)."""

    delivery: Delivery
    hook: Hook


def later(since: int, now: int) -> int:
    """Until when to put a delivery back that waits since then.

    As long again as it has waited: however many an endpoint leaves behind, each is looked at a few times only.
    """
    return now + min(max(now - since, SHORTEST), LONGEST)


class Claim:
    """The write."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    async def run(self, unit: Unit, items: list[Wanted]) -> list[list[Taken]]:
        return [await self._claim(unit, item) for item in items]

    async def _claim(self, unit: Unit, wanted: Wanted) -> list[Taken]:
        due = await outbox.due(unit, "post", wanted.now, wanted.most)
        found = await deliveries.with_hooks(unit, due)
        waiting = [(d, h) for d, h in found if h and d.state == "pending"]
        held = {d.id for d, _ in waiting if _is_here(d, wanted.here)}
        back = [d for d, h in waiting if d.id not in held and h.id in wanted.crowded]
        put = {d.id for d in back}
        taken = [Taken(d, h) for d, h in waiting if d.id not in held and d.id not in put]
        await self._drop(unit, due, found, wanted.now)
        until = wanted.now + POST_LEASE
        rows = [(key, "post", until, self._epoch) for key in [*held, *(one.delivery.id for one in taken)]]
        rows += [(d.id, "post", later(d.updated_at, wanted.now), 0) for d in back]
        await outbox.change(unit, rows)
        return taken

    async def _drop(
        self, unit: Unit, due: list[int], found: list[tuple[Delivery, Hook | None]], now: int
    ) -> None:
        """Rows that lead nowhere: the hook was deleted meanwhile, or the delivery has ended or is gone."""
        lost = [d for d, h in found if h is None and d.state == "pending"]
        await deliveries.save(
            unit, [Outcome(d.id, "failed", d.attempts, d.status, "hook_ended", now) for d in lost]
        )
        waiting = {d.id for d, h in found if h is not None and d.state == "pending"}
        await outbox.remove(unit, [key for key in due if key not in waiting])


def _is_here(delivery: Delivery, here: Mapping[int, Post]) -> bool:
    """Whether it is in memory: not if the attempt that we know of as under way has been kept meanwhile."""
    post = here.get(delivery.id)
    return post is not None and post.attempts >= delivery.attempts
