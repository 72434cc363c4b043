"""The group committer: the writes of all concurrent callers in one transaction, each woken after its commit."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from textwire.domain.event import Event
from textwire.domain.refusal import Refusal

from .engines.engine import Engine, Fatal, Transaction, Unavailable
from .events import append

Item = TypeVar("Item")
Outcome = TypeVar("Outcome", covariant=True)

LINGER_TURNS = 4
"""How many turns of the loop a commit waits for company: enough for every request that is here already.

A timer (1 ms) made the same 64 connections a third slower: it waits also when nobody else can come.
"""
MOST_ITEMS = 500
BOUND_ITEMS = 20_000
REFUSED = "the disk refused to write; the store has stopped"

log = structlog.get_logger("textwire.store")


class Unit:
    """What one transaction is made of: the engine's transaction and the events it will write at its end."""

    __slots__ = ("events", "rows", "run")

    def __init__(self, tx: Transaction) -> None:
        self.rows, self.run = tx.rows, tx.run
        self.events: list[Event] = []


class Verb(Protocol[Item, Outcome]):
    """A batch-shaped write: reads conditions set-based, decides, writes set-based; one outcome per item.

    It never waits for the outside world. An outcome that is a Refusal is raised in its caller; the verb has
    written nothing for that item.
    """

    async def run(self, unit: Unit, items: list[Item]) -> Sequence[Outcome | Refusal]: ...


class _Job:
    __slots__ = ("done", "items", "verb")

    def __init__(self, verb: Any, items: list[Any], done: asyncio.Future[list[Any]]) -> None:
        self.verb, self.items, self.done = verb, items, done


class Committer:
    """Gathers jobs and commits them. `observe` hears the events of every commit, on the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        fatal: Callable[[BaseException], None],
        linger: int = LINGER_TURNS,
        most: int = MOST_ITEMS,
        bound: int = BOUND_ITEMS,
        owner: int = 0,
    ) -> None:
        self._engine, self._fatal, self._owner = engine, fatal, owner
        self._linger, self._most, self._bound = linger, most, bound
        self._jobs: list[_Job] = []
        self._waiting = 0
        self._wake = asyncio.Event()
        self._stopped = ""  # why nothing is taken any more
        self._refused = False  # by the disk
        self.observers: list[Callable[[list[Event]], None]] = []
        self.metered: Callable[[int, float], None] = lambda items, seconds: None  # is told of every commit

    async def write(self, verb: Verb[Any, Any], item: Any) -> Any:
        """One item through `verb`: its outcome after the commit, or its Refusal raised.

        Raises Unavailable when nothing can be stored, Refusal("queue_full") above the bound, and whatever the
        item alone has broken.
        """
        [outcome] = await self._queue(verb, [item])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def write_all(self, verb: Verb[Any, Any], items: list[Any]) -> list[Any]:
        """Several items through `verb`; an item's own failure stands in its place as an exception."""
        return await self._queue(verb, items) if items else []

    def _queue(self, verb: Verb[Any, Any], items: list[Any]) -> asyncio.Future[list[Any]]:
        if self._stopped:
            raise Unavailable(self._stopped)
        if self._waiting + len(items) > self._bound:
            raise Refusal("queue_full")
        done: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._jobs.append(_Job(verb, items, done))
        self._waiting += len(items)
        self._wake.set()
        return done

    async def run(self) -> None:
        """Commits until cancelled; a commit that is under way then is finished and answered first."""
        while not self._stopped:
            await self._wake.wait()
            for _ in range(self._linger):
                if self._waiting >= self._most:
                    break
                await asyncio.sleep(0)
            await _to_its_end(self._commit(self._take()))

    async def drain(self) -> None:
        """Commits what is waiting; for an orderly stop after `run` was cancelled."""
        while self._jobs:
            await _to_its_end(self._commit(self._take()))

    async def close(self) -> None:
        """Takes nothing more and commits what is waiting."""
        self._stopped = self._stopped or "the store is closed"
        await self.drain()

    def _take(self) -> list[_Job]:
        size = count = 0
        for job in self._jobs:
            if count and size + len(job.items) > self._most:
                break
            size += len(job.items)
            count += 1
        jobs, self._jobs = self._jobs[:count], self._jobs[count:]
        self._waiting -= size
        if not self._jobs:
            self._wake.clear()
        return jobs

    async def _commit(self, jobs: list[_Job]) -> None:
        if self._refused:
            _fail(jobs, Unavailable(REFUSED))
        if not jobs or self._refused:
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            outcomes, events = await self._engine.transact(lambda tx: self._work(tx, jobs))
        except Unavailable as error:
            log.error("store.unavailable", error=str(error))
            _fail(jobs, error)
        except Fatal as error:
            self._end(jobs, error)
        except Exception as error:
            await self._isolate(jobs, error)
        else:
            for job, outcome in zip(jobs, outcomes, strict=True):
                _answer(job, outcome)
            self.metered(sum(len(job.items) for job in jobs), loop.time() - began)
            self._tell(events)

    def _end(self, jobs: list[_Job], error: Fatal) -> None:
        """The disk refused an fsync: no further transaction by this process (reliability A4)."""
        self._refused, self._stopped = True, REFUSED
        waiting, self._jobs, self._waiting = self._jobs, [], 0
        _fail(jobs + waiting, Unavailable(REFUSED))
        self._fatal(error)

    def _tell(self, events: list[Event]) -> None:
        # Callers resume after this: their wake-ups are queued on the loop. What is committed is committed, so
        # an observer's fault must not look like the store's; whatever it missed is claimed from the outbox.
        for observe in self.observers:
            try:
                observe(events)
            except Exception as error:
                log.error("store.observer_failed", observer=repr(observe), error=type(error).__name__)

    async def _work(self, tx: Transaction, jobs: list[_Job]) -> tuple[list[list[Any]], list[Event]]:
        """One transaction: each verb once, over the items of all its jobs, in order of first appearance."""
        unit = Unit(tx)
        groups: dict[int, list[int]] = {}
        for at, job in enumerate(jobs):
            groups.setdefault(id(job.verb), []).append(at)
        outcomes: list[list[Any]] = [[] for _ in jobs]
        for members in groups.values():
            items = [item for at in members for item in jobs[at].items]
            verb = jobs[members[0]].verb
            answers = await verb.run(unit, items)
            assert len(answers) == len(items), f"{type(verb).__name__} must answer each item"
            start = 0
            for at in members:
                end = start + len(jobs[at].items)
                outcomes[at] = list(answers[start:end])
                start = end
        return outcomes, await append(unit, unit.events, self._owner)

    async def _isolate(self, jobs: list[_Job], error: Exception) -> None:
        """Poison in a batch: split in halves down to the row; only that row's caller gets the error."""
        if len(jobs) > 1:
            middle = len(jobs) // 2
            await self._commit(jobs[:middle])
            await self._commit(jobs[middle:])
            return
        [job] = jobs
        if len(job.items) == 1:
            log.error("store.poison", verb=type(job.verb).__name__, error=type(error).__name__)
            _answer(job, [error])
            return
        middle = len(job.items) // 2
        loop = asyncio.get_running_loop()
        halves = [
            _Job(job.verb, part, loop.create_future()) for part in (job.items[:middle], job.items[middle:])
        ]
        for half in halves:
            await self._commit([half])
        errors = [half.done.exception() for half in halves]
        if all(errors):
            _fail([job], errors[0])
        else:
            _answer(job, [outcome for half in halves for outcome in _outcomes(half)])


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Runs `work` to its end even if cancelled meanwhile: a transaction cut off would leave callers unanswered."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _answer(job: _Job, outcomes: list[Any]) -> None:
    if not job.done.done():  # its caller may have been cancelled
        job.done.set_result(outcomes)


def _fail(jobs: list[_Job], error: BaseException | None) -> None:
    for job in jobs:
        if error is not None and not job.done.done():
            job.done.set_exception(error)


def _outcomes(job: _Job) -> list[Any]:
    """The outcomes of a finished job, item by item."""
    error = job.done.exception()
    return job.done.result() if error is None else [error] * len(job.items)
