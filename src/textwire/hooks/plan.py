"""plan: an event becomes one delivery for each webhook that wants it, in one write for many events."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.event import BIT, Event
from textwire.domain.ids import Ids
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.hooks.dialect import Calling
from textwire.hooks.directory import Directory
from textwire.hooks.turns import Post
from textwire.store import deliveries, events, hooks, messages, outbox
from textwire.store.committer import Unit
from textwire.store.deliveries import Delivery
from textwire.store.engines.engine import Unavailable
from textwire.store.events import HOOK_LEASE
from textwire.store.hooks import Hook
from textwire.store.store import Store
from textwire.switch.due import RETRY_SECONDS, Due

MOST_EVENTS = 20_000  # heard of and not yet planned; what comes beyond is claimed from the outbox
BATCH = 500  # events, or deliveries, of one write
HOLD_SECONDS = 0.05  # after the commit: whoever sent the message has its answer first (reliability H6)
POST_LEASE = 600_000_000  # µs; should this process die, the sweep takes its deliveries over long before

T = TypeVar("T")

log = structlog.get_logger("textwire.hooks")


class Plan(msgspec.Struct, frozen=True):
    """An event and its deliveries, to be judged once more in the write; `now` is µs on the message clock."""

    event: int
    segment: int
    account: int
    directed: bool
    pairs: tuple[tuple[int, int], ...]  # (delivery, hook)
    now: int


class Planning:
    """The write: the deliveries and what is owed for them come, what was owed for the event goes."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    async def run(self, unit: Unit, items: list[Plan]) -> list[frozenset[int]]:
        """The deliveries of each event that were written: their hook still exists and they are not there yet."""
        states = await hooks.states(unit, {hook for item in items for _, hook in item.pairs})
        new = [
            Delivery(key, item.event, hook, item.segment, item.account, "pending", 0, 0, "", item.now)
            for item in items
            for key, hook in item.pairs
            if _may_hear(states.get(hook), item.directed)
        ]
        written = await deliveries.insert(unit, new)
        await outbox.add(
            unit, [(d.id, "post", d.updated_at + POST_LEASE, self._epoch) for d in new if d.id in written]
        )
        await outbox.remove(unit, [-item.event for item in items])
        return [frozenset(key for key, _ in item.pairs if key in written) for item in items]


def _may_hear(state: str | None, directed: bool) -> bool:
    return state == "active" or (directed and state is not None)


class ClaimEvents:
    """The write that takes events over whose planner has died or fallen behind; items are (most, now)."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    async def run(self, unit: Unit, items: list[tuple[int, int]]) -> list[list[int]]:
        return [await self._claim(unit, most, now) for most, now in items]

    async def _claim(self, unit: Unit, most: int, now: int) -> list[int]:
        rows = await outbox.due(unit, "hook", now, most)
        await outbox.lease(unit, rows, now + HOOK_LEASE, self._epoch)
        return [-row for row in rows]


class Planner:
    """Hears of committed events, plans them and hands the deliveries on."""

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], ids: Ids, directory: Directory,
        epoch: int, hand_on: Callable[[list[Post]], None], hold: float = HOLD_SECONDS,
        calling: Mapping[str, Calling] = {},
    ) -> None:  # fmt: skip
        self._store, self._clock, self._real_now, self._ids = store, clock, real_now, ids
        self._directory, self._hand_on, self._calling = directory, hand_on, calling
        self._planning, self._claiming = Planning(epoch), ClaimEvents(epoch)
        self._heard: deque[tuple[float, list[Event]]] = deque()  # commits, with the loop's time for each
        self._waiting, self._hold = 0, hold
        self._woken = asyncio.Event()
        self._due = Due(store, clock, "hook", self._take_due, lambda: True)
        self.wake = self._due.wake

    def observe(self, told: list[Event]) -> None:
        """Events of a commit. Those that nobody is owed are sorted out later, off the committer's path."""
        room = MOST_EVENTS - self._waiting
        taken = told if len(told) <= room else told[: max(room, 0)]
        if taken:
            self._heard.append((asyncio.get_running_loop().time() + self._hold, taken))
            self._waiting += len(taken)
            self._woken.set()

    def held(self) -> list[int]:
        """The outbox rows of the events that wait in memory."""
        return [-event.number for _, some in self._heard for event in some]

    async def run(self) -> None:
        """Plans until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._from_memory())
            group.create_task(self._due.run())

    async def _from_memory(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._heard:
                await self._plan_surely(await self._next_batch())

    async def _next_batch(self) -> list[Event]:
        """What may be told by now, about as much as one write takes; waits for the first."""
        loop = asyncio.get_running_loop()
        first, batch = self._heard[0][0], list[Event]()
        if (pause := first - loop.time()) > 0:
            await asyncio.sleep(pause)
        now = max(loop.time(), first)
        while self._heard and self._heard[0][0] <= now and len(batch) < BATCH:
            batch += self._heard.popleft()[1]
        self._waiting -= len(batch)
        return batch

    async def _plan_surely(self, batch: list[Event]) -> None:
        while True:
            try:
                return await self._plan(batch)
            except (Unavailable, Refusal) as error:
                log.warning("hooks.postponed", topic="hook", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _take_due(self) -> None:
        numbers: list[int] = await self._store.write(self._claiming, (BATCH, self._clock.now()))
        found = await events.by_number(self._store.engine, numbers)
        # An event that is gone owes nothing, but its row has to go as well.
        gone = set(numbers) - {event.number for event in found}
        await self._plan(found, owed=True)
        await self._write([(Plan(number, 0, 0, False, (), 0), {}) for number in gone], {}, {})

    async def _plan(self, batch: Sequence[Event], *, owed: bool = False) -> None:
        """Plans events that were heard of, or (`owed`) claimed and so to be worked off in any case."""
        readers = await self._directory.look({event.account for event in batch})
        wanted = [e for e in batch if owed or e.hook or readers[e.account].types & BIT[e.type]]
        if not wanted:
            return
        found = await messages.some(self._store.engine, list({e.subject for e in wanted if e.subject}))
        addressed = await self._directory.addressed({e.hook for e in wanted if e.hook})
        now, plans = self._clock.now(), []
        for event in wanted:
            if event.hook:
                takers = [addressed[event.hook]] if event.hook in addressed else []
            else:
                takers = readers[event.account].takers(event, found.get(event.subject))
            if self._calling:
                called = [hook for hook in takers if hook.dialect in self._calling]
                takers = [hook for hook in takers if hook.dialect not in self._calling]
                plans += await self._called(event, called, found.get(event.subject), now)
            by_key = {self._ids.take(self._real_now()): hook for hook in takers}
            pairs = tuple((key, hook.id) for key, hook in by_key.items())
            plans.append(
                (Plan(event.number, event.segment, event.account, bool(event.hook), pairs, now), by_key)
            )
        await self._write(plans, {event.number: event for event in wanted}, found)

    async def _called(
        self, event: Event, takers: Sequence[Hook], message: Message | None, now: int
    ) -> list[tuple[Plan, dict[int, Hook]]]:
        """One plan per part that a hook without an address of its own has to be told of."""
        plans = []
        for hook in takers:
            for part, url in (await addressed(self._calling[hook.dialect], hook, event, message)).items():
                key = self._ids.take(self._real_now())
                plan = Plan(event.number, part, event.account, False, ((key, hook.id),), now)
                plans.append((plan, {key: replace(hook, url=url)}))
        return plans

    async def _write(
        self, plans: Sequence[tuple[Plan, dict[int, Hook]]], told: dict[int, Event], found: dict[int, Message]
    ) -> None:
        for chunk in _chunks(plans):
            outcomes = await self._store.write_all(self._planning, [plan for plan, _ in chunk])
            posts = []
            for (plan, by_key), written in zip(chunk, outcomes, strict=True):
                if isinstance(written, Exception):
                    log.error("hooks.not_planned", event_number=plan.event, error=type(written).__name__)
                    continue
                event = told.get(plan.event)
                posts += [
                    Post(key, 0, event, found.get(event.subject), hook, plan.now, 0, plan.segment)
                    for key, hook in by_key.items()
                    if key in written and event is not None
                ]
            self._hand_on(posts)


async def addressed(dialect: Calling, hook: Hook, event: Event, message: Message | None) -> Mapping[int, str]:
    """What a dialect says of addresses; nothing, if it fails over this event: that must not stop the others."""
    return await _said(dialect.targets(hook, event, message), hook) or {}


async def addressed_part(
    dialect: Calling, hook: Hook, event: Event, message: Message | None, part: int
) -> str:
    """What it says of the address of one part, before another attempt."""
    return await _said(dialect.target(hook, event, message, part), hook) or ""


async def _said(saying: Coroutine[Any, Any, T], hook: Hook) -> T | None:
    try:
        return await saying
    except Unavailable:
        raise
    except Exception as error:
        log.error("hook.failed", hook=hook.public_id, part="targets", error=type(error).__name__)
        return None


def _chunks(
    plans: Iterable[tuple[Plan, dict[int, Hook]]],
) -> Iterator[list[tuple[Plan, dict[int, Hook]]]]:
    """Pieces of about one write each: an event may have many takers."""
    chunk: list[tuple[Plan, dict[int, Hook]]] = []
    size = 0
    for plan in plans:
        chunk.append(plan)
        size += max(1, len(plan[1]))
        if size >= BATCH:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
