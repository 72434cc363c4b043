"""The worker of batches: a slice at a time of each, in turns, so that no batch and no caller waits for another."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import structlog
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.account import Settings
from textwire.domain.message import Draft, Message, OnAmbiguous
from textwire.domain.refusal import Refusal
from textwire.store import batches
from textwire.store.batches import Batch, Pending, Settled
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store
from textwire.text import template

from . import retry
from .accept import Admit, message_of
from .batch_slice import Slice, Worked, Working, refused
from .dispatch import Dispatcher
from .draft import Drafter, SendRequest
from .judge import Item
from .people.settings import SettingsCache

SLICE = 100  # items of one transaction
MOST_AT_ONCE = 100  # batches that take turns
CHARACTERS = 10_000  # of texts that are cut before others get a turn of the loop
RETRY_SECONDS = 0.5

log = structlog.get_logger("textwire.switch")


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What all messages of a batch have in common."""

    send_at: int = 0
    validity: int = retry.VALIDITY
    correlator: str = ""
    klass: str = ""
    on_ambiguous: OnAmbiguous | None = None
    flash: bool = False


class Work:
    """The loop. After a start it goes on with what was left."""

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], drafter: Drafter, admit: Admit,
        dispatcher: Dispatcher, names: Callable[[], bool], settings: SettingsCache,
    ) -> None:  # fmt: skip
        self.settings = settings.of
        self._store, self._clock, self._real_now = store, clock, real_now
        self._drafter, self._dispatcher, self._names = drafter, dispatcher, names
        self._working = Working(admit)
        self._at: dict[int, int] = {}  # batch → the item to go on with
        self._singly: set[int] = set()  # batches of which an item broke the write
        self._wake = asyncio.Event()
        self._wake.set()

    def wake(self) -> None:
        """There is a new batch."""
        self._wake.set()

    async def run(self) -> None:
        """Works batches off until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while await self.turn():
                    pass
            except (Unavailable, Refusal) as error:
                log.warning("batch.postponed", error=str(error))
                await self._rest()
            except Exception as error:  # no batch may take the house with it
                log.error("batch.failed", error=type(error).__name__)
                await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(RETRY_SECONDS)
        self._wake.set()

    async def turn(self) -> bool:
        """One slice of each batch; whether there was one."""
        found = await batches.working(self._store.engine, MOST_AT_ONCE)
        for batch in found:
            await self._slice(batch)
        return bool(found)

    async def _slice(self, batch: Batch) -> None:
        start = self._at.get(batch.id, 0)
        stop = min(start + (1 if batch.id in self._singly else SLICE), batch.total)
        waiting = await batches.pending(self._store.engine, batch.id, start, stop)
        try:
            over = await self._keep(batch, waiting, stop >= batch.total)
        except (Unavailable, Refusal):
            raise
        except Exception as error:
            log.error("batch.poison", id=batch.id, error=type(error).__name__)
            if batch.id not in self._singly:
                self._singly.add(batch.id)
                return
            broken = [refused(batch.id, one.n, Refusal("unprocessable")) for one in waiting]
            over = await self._write(batch, [], broken, stop >= batch.total)
        self._at[batch.id] = stop
        if over:
            self._at.pop(batch.id, None)
            self._singly.discard(batch.id)

    async def _keep(self, batch: Batch, waiting: Sequence[Pending], end: bool) -> bool:
        common = msgspec.json.decode(batch.wishes, type=Wishes)
        settings = await self.settings(batch.account)
        drafts: list[tuple[int, Draft]] = []
        refusals: list[Settled] = []
        characters = 0
        try:
            for one in waiting:
                outcome, size = self._draft(batch, common, one, settings)
                if isinstance(outcome, Refusal):
                    refusals.append(refused(batch.id, one.n, outcome))
                else:
                    drafts.append((one.n, outcome))
                characters += size + 100
                if characters > CHARACTERS:
                    characters = 0
                    await asyncio.sleep(0)
        except BaseException:
            self._dispatcher.give_back([draft for _, draft in drafts])
            raise
        return await self._write(batch, drafts, refusals, end)

    def _draft(
        self, batch: Batch, common: Wishes, item: Pending, settings: Settings
    ) -> tuple[Draft | Refusal, int]:
        """A draft of an item, or why there is none; and how long its text is."""
        now = self._clock.now()
        try:
            text = template.fill(batch.text, msgspec.json.decode(item.given, type=dict[str, str | int]))
        except template.MissingValue as error:
            return Refusal("missing_value", f"There is no value for {error.name}.", f"values.{error.name}"), 0
        except template.Overlong:
            return Refusal("text_too_long", field="text"), 0
        request = SendRequest(
            account=batch.account, principal=batch.principal, rights="owned", sender=batch.sender,
            recipients=(item.recipient,), text=text, send_at=common.send_at if common.send_at > now else 0,
            validity=common.validity, correlator=common.correlator, klass=common.klass,
            on_ambiguous=common.on_ambiguous, flash=common.flash,
        )  # fmt: skip
        try:
            [draft] = self._drafter.drafts(request, now, self._real_now(), settings)
        except Refusal as refusal:
            return refusal, len(text)
        return replace(draft, batch=batch.id), len(text)

    async def _write(
        self, batch: Batch, drafts: Sequence[tuple[int, Draft]], refusals: Sequence[Settled], end: bool
    ) -> bool:  # fmt: skip
        now, names = self._clock.now(), self._names()
        items = tuple(
            (
                n,
                Item(
                    account=batch.account,
                    principal=batch.principal,
                    drafts=(draft,),
                    at=now,
                    whole=False,
                    names=names,
                ),
            )
            for n, draft in drafts
        )
        try:
            worked: Worked = await self._store.write(
                self._working, Slice(batch, items, tuple(refusals), end, now)
            )
        except BaseException:
            self._dispatcher.give_back([draft for _, draft in drafts])
            raise
        self._dispatcher.give_back([draft for n, draft in drafts if n not in worked.births])
        born: list[Message | Refusal] = [
            message_of(worked.births[n]) for n, _ in drafts if n in worked.births
        ]
        self._dispatcher.hand_on(born, [draft for n, draft in drafts if n in worked.births])
        return worked.over
