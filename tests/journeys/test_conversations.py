"""Conversations are exact at every read, whatever is being written, and through restarts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from textwire.store import filing
from textwire.store.conversations import Conversation
from textwire.switch import filing as behind
from textwire.switch.removal import Removal, Removed
from textwire.switch.trial import Trials

from .life import ACCOUNT, DID, PHONE, PRINCIPAL, START, Life, living

LATER = START + 3_600_000_000


async def thread(life: Life) -> Conversation:
    return await life.core.desk.conversations.one(ACCOUNT, PRINCIPAL, DID, PHONE)


async def test_what_was_accepted_is_in_its_conversation_at_the_next_read(life: Life) -> None:
    for n in range(1, 6):
        await life.send(send_at=LATER)
        assert (await thread(life)).length == n


async def test_concurrent_writes_and_reads_lose_and_repeat_nothing(life: Life) -> None:
    async def write(n: int) -> None:
        await life.send(f"+4477009001{n:02d}", send_at=LATER)

    async def look() -> int:
        page = await life.core.desk.conversations.page(ACCOUNT, PRINCIPAL, limit=100)
        return sum(c.length for c in page.conversations)

    async def step(n: int) -> None:
        await write(n)
        await look()

    await asyncio.gather(*(step(n) for n in range(50)))
    assert await look() == 50


async def test_filing_goes_on_after_a_crash(database: str) -> None:
    async with living(database) as life:
        await life.send(send_at=LATER)
        await thread(life)
        await life.send(send_at=LATER)
    async with living(database) as life:
        assert (await thread(life)).length == 2


@pytest.fixture
async def left_alone(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Life]:
    """A house that does not file by itself, with three messages that are not filed."""
    monkeypatch.setattr(behind, "BEAT_SECONDS", 3600.0)
    async with living(database) as life:
        for _ in range(3):
            await life.send(send_at=LATER)
        yield life


def busy(life: Life) -> behind.Filing:
    """One that sees all that had come within the last second as far too much."""
    files = behind.Filing(life.core.store, Trials(Removal()))
    files._last = -behind.BUSY_EVENTS - 1
    return files


async def backlog(life: Life) -> int:
    return (await filing.position(life.core.store.engine)).backlog


async def test_a_busy_house_is_left_alone_and_an_idle_one_files(left_alone: Life) -> None:
    files = busy(left_alone)
    await files.beat()
    assert await backlog(left_alone) == 3
    await files.beat()
    assert await backlog(left_alone) == 0


async def test_a_backlog_that_grows_too_long_is_worked_on_in_busy_times_too(
    left_alone: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "MOST_BACKLOG", 2)
    await busy(left_alone).beat()
    assert await backlog(left_alone) == 0


async def test_a_text_is_unread_until_its_principal_reads_it(life: Life) -> None:
    await life.text("one")
    one = await thread(life)
    assert one.unread == 1
    await life.core.desk.conversations.read(one, PRINCIPAL)
    assert (await thread(life)).unread == 0
    await life.text("two")
    assert (await thread(life)).unread == 1


async def test_a_long_conversation_is_removed_in_slices(life: Life, monkeypatch: Any) -> None:
    from textwire.switch import removal

    monkeypatch.setattr(removal, "SLICE", 3)
    for n in range(8):
        await life.text(f"text {n}")
    await life.send(send_at=LATER)
    one = await thread(life)
    assert await life.core.desk.conversations.remove_all(one) == Removed(8, 1)
    assert (await thread(life)).length == 1


async def test_filing_that_fails_is_tried_again_and_takes_nothing_with_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "BEAT_SECONDS", 0.0)
    usual, tries = behind.Filing.beat, [0]

    async def failing(files: behind.Filing) -> None:
        tries[0] += 1
        if tries[0] == 1:
            raise RuntimeError("a fault of ours")
        await usual(files)

    monkeypatch.setattr(behind.Filing, "beat", failing)
    async with living(database) as life:
        await life.send(send_at=LATER)
        async with asyncio.timeout(20):
            while tries[0] < 2 or await backlog(life):
                await asyncio.sleep(0.005)
