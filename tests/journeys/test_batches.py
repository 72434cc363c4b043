"""Batches through restarts: each item is a message once, or refused, or still to come."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from textwire.store import batches, messages
from textwire.store.batches import Batch
from textwire.switch import batch_work
from textwire.switch.batch_work import Wishes, Work
from textwire.text import template

from .life import ACCOUNT, DID, HOUR, PRINCIPAL, START, Life, living

LAST = 2**63 - 1
LATER = Wishes(send_at=START + HOUR)


def items(count: int) -> list[tuple[str, dict[str, str | int]]]:
    return [(f"+4477009{n:05d}", {"n": n}) for n in range(10, 10 + count)]


async def made(life: Life, count: int, wishes: Wishes = LATER) -> Batch:
    return await life.core.desk.batches.create(
        ACCOUNT, PRINCIPAL, sender=DID, text="No {{n}}", items=items(count), wishes=wishes
    )


async def done(life: Life, batch: Batch) -> Batch:
    async with asyncio.timeout(20):
        while (found := await life.core.desk.batches.own(ACCOUNT, batch.id)).state == "working":
            await asyncio.sleep(0.005)
    return found


async def kept(life: Life) -> list[str]:
    """The texts of all messages, in order."""
    found = await messages.page(life.core.store.engine, ACCOUNT, before=LAST, limit=10_000)
    return [m.text for m in reversed(found)]


async def test_a_batch_that_a_crash_interrupts_goes_on_where_it_stopped(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 7)
    stopped = asyncio.Event()
    usual = Work._slice

    async def three_slices(work: Work, batch: Batch) -> None:
        if work._at.get(batch.id, 0) >= 21:
            stopped.set()
            await asyncio.Event().wait()  # the process is killed here
        await usual(work, batch)

    monkeypatch.setattr(Work, "_slice", three_slices)
    async with living(database) as life:
        batch = await made(life, 40)
        async with asyncio.timeout(20):
            await stopped.wait()
        assert await life.core.desk.batches.counts(batch) == {"scheduled": 21, "pending": 19}
    monkeypatch.setattr(Work, "_slice", usual)
    async with living(database) as life:
        found = await done(life, batch)
        assert found.state == "done"
        assert await life.core.desk.batches.counts(batch) == {"scheduled": 40}
        assert await kept(life) == [f"No {n}" for n in range(10, 50)]


async def test_a_crash_right_after_a_slice_was_written_makes_nothing_twice(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slice is on the disk, and the process that wrote it never learned it."""
    monkeypatch.setattr(batch_work, "SLICE", 10)
    written = asyncio.Event()
    usual = Work._write

    async def unheard(work: Work, *given: Any) -> bool:
        await usual(work, *given)
        written.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Work, "_write", unheard)
    async with living(database) as life:
        batch = await made(life, 15)
        async with asyncio.timeout(20):
            await written.wait()
    monkeypatch.setattr(Work, "_write", usual)
    async with living(database) as life:
        await done(life, batch)
        assert await kept(life) == [f"No {n}" for n in range(10, 25)]


async def test_two_at_work_on_one_batch_make_each_message_once(life: Life) -> None:
    batch = await made(life, 0 + 30)
    core = life.core
    second = Work(
        core.store, core.clock, core.real_now, core.batch_work._drafter, core.batch_work._working._admit,
        core.dispatcher, lambda: True, core.people.settings,
    )  # fmt: skip
    async with asyncio.timeout(20):
        while await second.turn():
            pass
    await done(life, batch)
    assert await kept(life) == [f"No {n}" for n in range(10, 40)]


async def test_a_canceled_batch_makes_no_more_messages(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 5)
    gate = asyncio.Event()
    usual = Work._slice

    async def gated(work: Work, batch: Batch) -> None:
        if work._at.get(batch.id, 0) >= 10:
            await gate.wait()
        await usual(work, batch)

    monkeypatch.setattr(Work, "_slice", gated)
    batch = await made(life, 30)
    async with asyncio.timeout(20):
        while (await life.core.desk.batches.counts(batch)).get("scheduled", 0) < 10:
            await asyncio.sleep(0.005)
    canceled = await life.core.desk.batches.cancel(ACCOUNT, batch.id)
    gate.set()
    await life.core.batch_work.turn()
    assert canceled.state == (await done(life, batch)).state == "canceled"
    assert await life.core.desk.batches.counts(batch) == {"canceled": 30}
    assert len(await kept(life)) == 10


async def test_an_item_that_breaks_the_write_is_refused_alone(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = template.fill

    def broken(text: str, values: Any) -> str:
        if values["n"] == 12:
            raise RuntimeError("a fault of ours")
        return usual(text, values)

    monkeypatch.setattr(template, "fill", broken)
    batch = await made(life, 6)
    await done(life, batch)
    found = await batches.items(life.core.store.engine, batch.id, start=0, limit=10)
    assert [item.code for item in found] == ["", "", "unprocessable", "", "", ""]
    assert await kept(life) == [f"No {n}" for n in (10, 11, 13, 14, 15)]
    assert life.core.routing.windows["simulated"].free == life.core.routing.windows["simulated"].size


async def test_a_batch_of_now_is_sent_and_gives_its_slots_back(life: Life) -> None:
    batch = await made(life, 20, Wishes())
    await done(life, batch)
    async with asyncio.timeout(20):
        while (await life.core.desk.batches.counts(batch)).get("delivered", 0) < 19:
            await life.step(100_000)
    window = life.core.routing.windows["simulated"]
    assert window.free == window.size


async def test_values_are_forgotten_once_an_item_is_a_message(life: Life) -> None:
    from textwire.store.engines.engine import statement

    batch = await made(life, 3)
    await done(life, batch)
    rows = await life.core.store.read(statement("select recipient, given from batch_item order by n"))
    assert [tuple(row) for row in rows] == [("", "")] * 3


@pytest.mark.parametrize("count", [1, batch_work.SLICE, batch_work.SLICE + 1])
async def test_batches_of_every_length_end(tmp_path: Path, count: int) -> None:
    async with living(str(tmp_path / "one.db")) as life:
        batch = await made(life, count)
        assert (await done(life, batch)).state == "done"
        assert len(await kept(life)) == min(count, 142)  # what 10 EUR pay for


async def test_a_worker_that_fails_altogether_goes_on_later(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "RETRY_SECONDS", 0.0)
    usual, failures = Work.turn, iter([RuntimeError("a fault of ours"), RuntimeError("again")])

    async def failing(work: Work) -> bool:
        for error in failures:
            raise error
        return await usual(work)

    monkeypatch.setattr(Work, "turn", failing)
    batch = await made(life, 3)
    assert (await done(life, batch)).state == "done"
    assert next(failures, None) is None
