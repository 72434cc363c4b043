"""The hooks of the house: from committed events to webhooks that have been called."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import structlog

from textwire.clock import Clock
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.hooks.deliver import Deliverer, Poster
from textwire.hooks.dialect import Calling, Dialect
from textwire.hooks.directory import Directory
from textwire.hooks.plan import HOLD_SECONDS, Planner
from textwire.hooks.replay import Replayer
from textwire.store import outbox
from textwire.store.attempts import Attempt
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.events import Told
from textwire.store.hooks import Hook
from textwire.store.store import Store

log = structlog.get_logger("textwire.hooks")


class GiveBack:
    """The write that lets go of what this process holds; items are lists of outbox rows."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now

    async def run(self, unit: Unit, items: list[list[int]]) -> list[None]:
        await outbox.lease(unit, [row for rows in items for row in rows], self._now(), 0)
        return [None for _ in items]


class Hooks:
    """Observes the store from its making on; delivers while `run` runs.

    `dialects` by the name that hooks bear; `unseal` opens a kept secret or raises ValueError; `epoch` is this
    process's, as everywhere; `seed` spreads retries; `hold` are the seconds that an event waits after its commit.
    """

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], ids: Ids,
        dialects: Mapping[str, Dialect | Calling], client: Poster, epoch: int, *, unseal: Callable[[str], str], seed: int = 0,
        hold: float = HOLD_SECONDS,
    ) -> None:  # fmt: skip
        self._store = store
        directory = Directory(store.engine, unseal)
        self._deliverer = Deliverer(store, clock, real_now, dialects, client, epoch, directory.open, seed)
        calling = {name: dialect for name, dialect in dialects.items() if isinstance(dialect, Calling)}
        self._planner = Planner(
            store, clock, real_now, ids, directory, epoch, self._deliverer.hand_on, hold, calling
        )
        self.outcomes = self._deliverer.outcomes
        self._replayer = Replayer(store, clock, real_now, ids, self._deliverer.wake)
        self._giving_back = GiveBack(clock.now)
        self._stopping = False
        store.committer.observers.append(self.observe)

    def observe(self, told: list[Event]) -> None:
        """Hears the events of a commit; without a hook that wants one of them it has nothing to do."""
        if isinstance(told, Told) and not told.owed:
            return
        self._deliverer.end(e.hook for e in told if e.hook and e.type == "subscription.canceled")
        if not self._stopping:
            self._planner.observe(told)

    def end(self, hooks: Iterable[int]) -> None:
        """Hears of hooks that have ended or been switched off; an observer for `Readers` and `Webhooks`."""
        self._deliverer.end(hooks)

    def change(self, hooks: Iterable[int]) -> None:
        """Hears of hooks that have another address, other wishes or another secret now, or were switched on."""
        self._deliverer.change(hooks)

    async def call(self, hook: Hook, event: Event) -> Attempt:
        """Calls a hook once, beside the turns of others, and owes nothing afterwards."""
        return await self._deliverer.call(hook, event)

    def wake(self) -> None:
        """Something may be due: the sweep has freed it, or the clock was stepped."""
        self._planner.wake()
        self._deliverer.wake()
        self._replayer.wake()

    async def run(self) -> None:
        """Plans and delivers until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._planner.run())
            group.create_task(self._deliverer.run())
            group.create_task(self._replayer.run())

    async def drain(self, seconds: float) -> None:
        """For an orderly stop: lets calls under way end, at most so long, and leaves the rest to the next process.

        The store must still commit; `run` may have ended already.
        """
        self._stopping = True
        try:
            await self._deliverer.drain(seconds)
            await self._store.write(self._giving_back, self._planner.held() + self._deliverer.held())
        except (Unavailable, Refusal) as error:
            log.warning("hooks.not_drained", error=str(error))
