"""The group committer by itself, over an engine that is nothing but a list of transactions."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from textwire.domain.refusal import Refusal
from textwire.store.committer import BOUND_ITEMS, LINGER_TURNS, MOST_ITEMS, Committer, Unit
from textwire.store.engines.engine import Fatal, Unavailable


class Poison(Exception):
    """What the engine says to a batch with this in it."""


class Pretend:
    """An engine that keeps what was written in lists, one per transaction, and fails as it is told."""

    name = "pretend"

    def __init__(self) -> None:
        self.commits: list[list[Any]] = []
        self.tried = 0
        self.fails: Callable[[list[Any]], Exception | None] = lambda _: None
        self.gate = asyncio.Event()
        self.gate.set()

    async def transact(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        self.tried += 1
        tx = Pages()
        result = await work(tx)
        await self.gate.wait()
        if error := self.fails(tx.written):
            raise error
        self.commits.append(tx.written)
        return result

    @property
    def stored(self) -> list[Any]:
        return [item for commit in self.commits for item in commit]


class Pages:
    """What one transaction has written."""

    def __init__(self) -> None:
        self.written: list[Any] = []

    async def run(self, rows: list[Any]) -> None:
        self.written += rows

    async def rows(self, *_: Any) -> list[Any]:
        return []


class Keep:
    """Writes its items; answers each with itself, and "no" with a refusal."""

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        await unit.run([item for item in items if item != "no"])  # type: ignore[arg-type]
        return [Refusal("not_found") if item == "no" else item for item in items]


@contextlib.asynccontextmanager
async def committing(engine: Pretend, **limits: Any) -> AsyncIterator[Committer]:
    """A committer that runs."""
    limits.setdefault("fatal", pytest.fail)
    committer = Committer(engine, **limits)  # type: ignore[arg-type]
    task = asyncio.create_task(committer.run())
    try:
        async with asyncio.timeout(20):  # a caller that nobody answers is a failure, not a hanging suite
            yield committer
    finally:
        engine.gate.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def engine() -> Pretend:
    return Pretend()


async def gather(committer: Committer, verb: Any, items: list[Any]) -> list[Any]:
    return await asyncio.gather(*(committer.write(verb, i) for i in items), return_exceptions=True)


async def test_callers_that_come_together_share_a_transaction(engine: Pretend) -> None:
    async with committing(engine) as committer:
        assert await gather(committer, Keep(), list(range(200))) == list(range(200))
        for n in range(3):
            await committer.write(Keep(), n)
    assert [len(commit) for commit in engine.commits] == [200, 1, 1, 1]


async def test_a_batch_ends_at_its_size_and_jobs_stay_whole(engine: Pretend) -> None:
    async with committing(engine, most=10) as committer:
        jobs = [committer.write_all(Keep(), [n] * 4) for n in range(5)]
        assert await asyncio.gather(*jobs) == [[n] * 4 for n in range(5)]
        assert await committer.write_all(Keep(), list(range(25))) == list(range(25))
    assert [len(commit) for commit in engine.commits] == [8, 8, 4, 25]


async def test_a_verb_runs_once_over_the_items_of_all_its_callers(engine: Pretend) -> None:
    runs: list[tuple[str, list[Any]]] = []

    class Named(Keep):
        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
            runs.append((self.name, items))
            return [f"{self.name}{item}" for item in items]

    one, two = Named("one"), Named("two")
    async with committing(engine) as committer:
        answers = await asyncio.gather(
            committer.write(one, 1), committer.write(two, 2), committer.write_all(one, [3, 4])
        )
    assert runs == [("one", [1, 3, 4]), ("two", [2])]
    assert answers == ["one1", "two2", ["one3", "one4"]]


async def test_a_refusal_is_raised_for_one_and_stands_in_place_among_several(engine: Pretend) -> None:
    async with committing(engine) as committer:
        one, several = await asyncio.gather(
            committer.write(Keep(), "no"), committer.write_all(Keep(), [1, "no", 3]), return_exceptions=True
        )
    assert isinstance(one, Refusal)
    assert several[0] == 1
    assert isinstance(several[1], Refusal)
    assert several[2] == 3
    assert engine.stored == [1, 3]


async def test_nothing_to_write_needs_no_transaction(engine: Pretend) -> None:
    async with committing(engine) as committer:
        assert await committer.write_all(Keep(), []) == []
    assert engine.tried == 0


async def test_above_the_bound_a_caller_hears_queue_full_at_once_and_the_rest_is_kept(
    engine: Pretend,
) -> None:
    engine.gate.clear()
    async with committing(engine, bound=5, linger=0) as committer:
        under_way = asyncio.create_task(committer.write(Keep(), "first"))
        await asyncio.sleep(0.01)  # the first is being committed and does not count as waiting
        waiting = [asyncio.create_task(committer.write(Keep(), n)) for n in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as full:
            await committer.write(Keep(), "one too many")
        assert full.value.code == "queue_full"
        with pytest.raises(Refusal):
            await committer.write_all(Keep(), [1, 2])
        engine.gate.set()
        assert await asyncio.gather(under_way, *waiting) == ["first", 0, 1, 2, 3, 4]
        assert await committer.write(Keep(), "there is room again") == "there is room again"
    assert engine.stored == ["first", 0, 1, 2, 3, 4, "there is room again"]


def test_the_bounds_are_what_the_papers_say() -> None:
    assert (LINGER_TURNS, MOST_ITEMS, BOUND_ITEMS) == (4, 500, 20_000)


@pytest.mark.parametrize("bad", [{0}, {199}, {37}, {3, 4, 150}])
async def test_only_the_caller_of_a_poisonous_row_gets_the_error(engine: Pretend, bad: set[int]) -> None:
    engine.fails = lambda rows: Poison() if bad & set(rows) else None
    async with committing(engine) as committer:
        answers = await gather(committer, Keep(), list(range(200)))
    assert {n for n, a in enumerate(answers) if isinstance(a, Poison)} == bad
    assert sorted(engine.stored) == [n for n in range(200) if n not in bad]
    # Halving: a handful of further transactions, not one per row.
    assert engine.tried <= 1 + 2 * 8 * len(bad)


async def test_poison_among_the_items_of_one_caller_stands_in_its_place(engine: Pretend) -> None:
    engine.fails = lambda rows: Poison() if 5 in rows else None
    async with committing(engine) as committer:
        answers = await committer.write_all(Keep(), list(range(9)))
    assert isinstance(answers[5], Poison)
    assert [a for a in answers if not isinstance(a, Poison)] == [0, 1, 2, 3, 4, 6, 7, 8]
    assert sorted(engine.stored) == [0, 1, 2, 3, 4, 6, 7, 8]


async def test_a_verb_that_raises_fails_its_own_item_only(engine: Pretend) -> None:
    class Brittle(Keep):
        async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
            if 3 in items:
                raise KeyError(3)
            return await super().run(unit, items)

    brittle = Brittle()
    async with committing(engine) as committer:
        answers, other = await asyncio.gather(
            gather(committer, brittle, list(range(6))), committer.write(Keep(), "of another verb")
        )
    assert [type(a).__name__ for a in answers] == ["int", "int", "int", "KeyError", "int", "int"]
    assert other == "of another verb"


async def test_a_verb_that_forgets_to_answer_an_item_commits_nothing(engine: Pretend) -> None:
    class Forgetful(Keep):
        async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
            return (await super().run(unit, items))[:-1]

    async with committing(engine) as committer:
        answers = await gather(committer, Forgetful(), [1, 2])
    assert all(isinstance(a, AssertionError) for a in answers)
    assert engine.stored == []


async def test_when_nothing_can_be_stored_all_callers_hear_so_and_later_ones_are_served(
    engine: Pretend,
) -> None:
    engine.fails = lambda _: Unavailable("disk full")
    async with committing(engine) as committer:
        answers = await gather(committer, Keep(), [1, 2, 3])
        assert [str(a) for a in answers] == ["disk full"] * 3
        assert engine.tried == 1, "a full disk is not poison: halving would not help"
        engine.fails = lambda _: None
        assert await committer.write(Keep(), 4) == 4
    assert engine.stored == [4]


async def test_what_was_stored_before_the_disk_ran_full_is_answered_as_stored(engine: Pretend) -> None:
    """A poisonous batch is split; the store fails between its halves."""

    def fails(rows: list[Any]) -> Exception | None:
        if len(rows) > 2:
            return Poison()
        return Unavailable("disk full") if 2 in rows else None

    engine.fails = fails
    async with committing(engine) as committer:
        answers = await committer.write_all(Keep(), [0, 1, 2, 3])
        assert answers[:2] == engine.stored == [0, 1]
        assert all(isinstance(a, Unavailable) for a in answers[2:])
        engine.fails = lambda rows: Poison() if len(rows) > 2 else Unavailable("disk full")
        with pytest.raises(Unavailable):
            await committer.write_all(Keep(), [0, 1, 2, 3])


async def test_after_a_refused_fsync_nothing_is_ever_tried_again(engine: Pretend) -> None:
    deaths: list[BaseException] = []

    def fails(rows: list[Any]) -> Exception | None:
        return Poison() if len(rows) > 2 else Fatal("EIO")

    engine.fails = fails
    async with committing(engine, fatal=deaths.append, most=4, linger=0) as committer:
        # One batch that is split when the disk fails, and one that waits behind it.
        answers = await gather(committer, Keep(), list(range(8)))
        assert all(isinstance(a, Unavailable) for a in answers)
        assert [str(d) for d in deaths] == ["EIO"]
        assert engine.tried == 2, "the whole, then its first half, and no second"
        with pytest.raises(Unavailable):
            await committer.write(Keep(), 9)
        await committer.drain()
        await committer.close()
    assert engine.tried == 2
    assert engine.stored == []


async def test_a_caller_that_went_away_harms_nobody(engine: Pretend) -> None:
    engine.gate.clear()
    engine.fails = lambda rows: Poison() if 1 in rows else None
    async with committing(engine) as committer:
        tasks = [asyncio.create_task(committer.write(Keep(), n)) for n in range(4)]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        tasks[2].cancel()
        engine.gate.set()
        assert await asyncio.gather(tasks[0], tasks[3]) == [0, 3]
        assert await committer.write(Keep(), 5) == 5, "the committer still runs"
    assert sorted(engine.stored) == [0, 2, 3, 5]


async def test_a_stop_in_the_middle_of_a_commit_answers_it_and_the_rest_is_drained(engine: Pretend) -> None:
    engine.gate.clear()
    committer = Committer(engine, fatal=pytest.fail, linger=0)  # type: ignore[arg-type]
    loop = asyncio.create_task(committer.run())
    under_way = asyncio.create_task(committer.write(Keep(), "under way"))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(committer.write(Keep(), "waiting"))
    await asyncio.sleep(0)
    loop.cancel()
    await asyncio.sleep(0)
    assert not loop.done(), "it must not leave the commit alone"
    engine.gate.set()
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await loop
        assert await under_way == "under way"
        assert not waiting.done()
        await committer.close()
        assert await waiting == "waiting"
    assert engine.stored == ["under way", "waiting"]


async def test_a_closed_committer_answers_at_once(engine: Pretend) -> None:
    async with committing(engine) as committer:
        await committer.close()
        with pytest.raises(Unavailable, match="closed"):
            await committer.write(Keep(), 1)
    assert engine.tried == 0


async def test_an_observer_that_fails_does_not_take_the_answer_away(engine: Pretend) -> None:
    heard: list[Any] = []

    def broken(_: Any) -> None:
        raise RuntimeError("an observer's own fault")

    async with committing(engine) as committer:
        committer.observers += [broken, heard.append]
        assert await committer.write(Keep(), 1) == 1
        assert await committer.write(Keep(), 2) == 2
    assert heard == [[], []]


async def test_nobody_is_answered_before_the_commit(engine: Pretend) -> None:
    engine.gate.clear()
    async with committing(engine) as committer:
        caller = asyncio.create_task(committer.write(Keep(), 1))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not caller.done()
        assert engine.stored == []
        engine.gate.set()
        assert await caller == 1
