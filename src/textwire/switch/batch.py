"""batch: one text for up to 10,000 recipients, taken at once and worked off in slices, through restarts.

A batch is on the disk, with all its items, before its caller hears of it. A worker then makes messages of the items,
a slice in each transaction: the messages are accepted, and the items settled, or neither. So after a crash what was
accepted is accepted once, and what was not goes on where it stopped.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import batches
from textwire.store.batches import Batch
from textwire.store.committer import Unit
from textwire.store.store import Store
from textwire.text import template

from . import once
from .batch_work import Wishes, Work
from .cancel import Cancel, Wanted
from .dispatch import Dispatcher
from .draft import Drafter, SendRequest
from .once import Keep

MOST_ITEMS = 10_000
LONGEST_TEXT = 10_000  # characters of a text with its variables
SLICE = 100  # messages of a batch that are canceled in one write
COUNTED = 1_000  # items that one read counts
WRITTEN = 200  # items whose values are written as JSON at a time

Given = tuple[str, Mapping[str, str | int]]
"""A recipient as it was written, and the values of its variables."""


class Batches:
    """The verbs. Fields of a Refusal are named as in SendRequest; `items` are the recipients."""

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], drafter: Drafter,
        dispatcher: Dispatcher, canceling: Cancel, work: Work,
    ) -> None:  # fmt: skip
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._drafter, self._dispatcher, self._canceling, self._work = drafter, dispatcher, canceling, work
        self._create, self._stop = _Create(), _Stop()

    async def create(
        self, account: int, principal: int, *, sender: str | None, text: str, items: Sequence[Given],
        wishes: Wishes, keep: Keep | None = None,
    ) -> Batch:  # fmt: skip
        """Takes a batch whole; what is wrong with one recipient is refused later, as the state of its item."""
        _judge(text, len(items))
        now, real = self._clock.now(), self._real_now()
        await self._judge_common(account, principal, sender, wishes, now)
        batch = Batch(
            self._ids.take(real), account, principal, "working", sender or "", text,
            msgspec.json.encode(wishes).decode(), len(items), now, now,
        )  # fmt: skip
        rows = await _written(items)
        created: Batch = await once.write(self._store, self._create, (batch, rows), keep)
        self._work.wake()
        return created

    async def _judge_common(
        self, account: int, principal: int, sender: str | None, wishes: Wishes, now: int
    ) -> None:
        """Refuses at once what would refuse every item."""
        trial = SendRequest(
            account=account, principal=principal, rights="owned", sender=sender, recipients=(_ANYBODY,), text="?",
            send_at=wishes.send_at, validity=wishes.validity,
        )  # fmt: skip
        settings = await self._work.settings(account)
        self._dispatcher.give_back(self._drafter.drafts(trial, now, self._real_now(), settings))

    async def own(self, account: int, key: int) -> Batch:
        """A batch of an account. Refusal not_found."""
        found = await batches.own(self._store.engine, account, key)
        if found is None:
            raise Refusal("not_found")
        return found

    async def counts(self, batch: Batch) -> dict[str, int]:
        """How many of its items are in each state; that of an accepted one is its message's."""
        found: dict[str, int] = {}
        for start in range(0, batch.total, COUNTED):
            part = await batches.counts(self._store.engine, batch.id, start, start + COUNTED)
            for state, count in part.items():
                found[state] = found.get(state, 0) + count
            await asyncio.sleep(0)
        return found

    async def cancel(self, account: int, key: int) -> Batch:
        """Nothing that has not left will leave. Refusal not_found."""
        batch: Batch = await self._store.write(self._stop, (account, key, self._clock.now()))
        after = 0
        while ids := await batches.waiting(self._store.engine, batch, after, SLICE):
            now, after = self._clock.now(), ids[-1]
            # What has left meanwhile is refused, and that is as it should be.
            await self._store.write_all(self._canceling, [Wanted(account, message, now) for message in ids])
        return batch


async def _written(items: Sequence[Given]) -> list[tuple[str, str]]:
    """Recipients with their values as JSON; others get their turns of the loop meanwhile."""
    rows: list[tuple[str, str]] = []
    for start in range(0, len(items), WRITTEN):
        part = items[start : start + WRITTEN]
        rows += [(recipient, msgspec.json.encode(values).decode()) for recipient, values in part]
        await asyncio.sleep(0)
    return rows


_ANYBODY = "+12025550123"


def _judge(text: str, items: int) -> None:
    if not items:
        raise Refusal("missing_field", "At least one recipient is needed.", "items")
    if items > MOST_ITEMS:
        raise Refusal("too_many_recipients", f"A batch has at most {MOST_ITEMS} recipients.", "items")
    if not text:
        raise Refusal("text_empty", field="text")
    if len(text) > LONGEST_TEXT:
        raise Refusal("text_too_long", f"The text of a batch has at most {LONGEST_TEXT} characters.", "text")
    try:
        template.variables(text)
    except template.BadTemplate as error:
        raise Refusal("invalid_field", f"A variable is written {{{{name}}}}: {error}.", "text") from None


class _Create:
    """The write of batches with their items."""

    async def run(self, unit: Unit, items: list[tuple[Batch, list[tuple[str, str]]]]) -> list[Batch]:
        await batches.insert(unit, items)
        return [batch for batch, _ in items]


class _Stop:
    """The write that ends a batch; items are (account, batch, at)."""

    async def run(self, unit: Unit, items: list[tuple[int, int, int]]) -> list[Batch | Refusal]:
        found = await batches.locked(unit, [key for _, key, _ in items])
        own = [found.get(key) for _, key, _ in items]
        stopped = {
            batch.id: at
            for batch, (account, _, at) in zip(own, items, strict=True)
            if batch is not None and batch.account == account and batch.state == "working"
        }
        await batches.move(unit, [(key, "canceled", at) for key, at in stopped.items()])
        await batches.cancel_items(unit, list(stopped))
        return [
            _stopped(batch, stopped)
            if batch is not None and batch.account == account
            else Refusal("not_found")
            for batch, (account, _, _) in zip(own, items, strict=True)
        ]


def _stopped(batch: Batch, at: Mapping[int, int]) -> Batch:
    if batch.id not in at:
        return batch
    return msgspec.structs.replace(batch, state="canceled", updated_at=at[batch.id])
