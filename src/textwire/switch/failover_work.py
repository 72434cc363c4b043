"""The worker of failovers: makes the next message of workflows whose last one has failed."""

from collections.abc import Callable, Iterable
from typing import Final

import structlog

from textwire.clock import Clock
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import Draft
from textwire.domain.refusal import Refusal
from textwire.store import workflows
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.events import FAILED, FAILOVER
from textwire.store.messages import Birth
from textwire.store.store import Store
from textwire.store.workflows import Workflow

from .accept import Admit, message_of
from .dispatch import Dispatcher
from .draft import Drafter
from .due import Due
from .failover import Advance, ClaimSteps, Next
from .following import request_of, steps
from .judge import Item
from .people.settings import SettingsCache

BATCH: Final = 50  # steps of one claim
SLICE: Final = 500  # workflows that one write looks at

log = structlog.get_logger("textwire.switch")


class Failovers:
    """The loop, and the chore that forgets what nothing can come of any more. Observes the store from its making on."""

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], ids: Ids, drafter: Drafter, admit: Admit,
        dispatcher: Dispatcher, names: Callable[[], bool], settings: SettingsCache, epoch: int,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._real_now = store, clock, real_now
        self._drafter, self._dispatcher, self._names = drafter, dispatcher, names
        self._settings = settings
        self._claim, self._advance, self._forget = ClaimSteps(epoch), Advance(admit, ids, real_now), Forget()
        self._due = Due(store, clock, FAILOVER, self._take, lambda: True)
        self._looked = 0
        store.committer.observers.append(self.observe)

    def observe(self, told: Iterable[Event]) -> None:
        """Hears the events of a commit: something may be due."""
        if any(event.type in FAILED for event in told):
            self._due.wake()

    async def run(self) -> None:
        """Works until cancelled."""
        await self._due.run()

    async def forget(self) -> bool:
        """Ends workflows whose message has arrived, or is gone, some in one write; whether there are more to look at."""
        self._looked = await self._store.write(self._forget, self._looked)
        return self._looked > 0

    async def _take(self) -> None:
        found: list[Workflow] = await self._store.write(self._claim, (BATCH, self._clock.now()))
        for workflow in found:
            try:
                await self._step(workflow)
            except (Refusal, Unavailable):
                raise  # nothing can be taken now
            except Exception as error:  # one workflow's bad luck; its lease ends, and it is tried again
                log.error("failover.failed", workflow=workflow.id, error=type(error).__name__)

    async def _step(self, workflow: Workflow) -> None:
        now, drafts, item = self._clock.now(), tuple[Draft, ...](), None
        try:
            settings = await self._settings.of(workflow.account)
            wanted = request_of(workflow, steps(workflow)[0])
            drafts = self._drafter.drafts(wanted, now, self._real_now(), settings)
            item = Item(
                account=workflow.account,
                principal=workflow.principal,
                drafts=drafts,
                at=now,
                names=self._names(),
            )
        except (
            Refusal
        ) as refusal:  # it was judged when it was taken: the account has another country now, say
            log.error("failover.skipped", workflow=workflow.id, code=refusal.code)
        try:
            born: Birth | None = await self._store.write(self._advance, Next(workflow, item, now))
        except BaseException:
            self._dispatcher.give_back(drafts)
            raise
        if born is None:
            self._dispatcher.give_back(drafts)
        else:
            self._dispatcher.hand_on([message_of(born)], drafts)


class Forget:
    """The write that looks at workflows behind an identifier; answers where to go on, 0: at the beginning."""

    async def run(self, unit: Unit, items: list[int]) -> list[int]:
        return [await self._look(unit, after) for after in items]

    async def _look(self, unit: Unit, after: int) -> int:
        found = await workflows.after(unit, after, SLICE)
        over = [key for key, state in found if state in OVER]
        await workflows.delete(unit, over)
        return found[-1][0] if len(found) == SLICE else 0


OVER: Final = frozenset({"", "delivered", "canceled"})
