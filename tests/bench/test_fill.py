"""A filled store looks like one whose messages were sent: every shelf finds what belongs to each of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench import fill as filling
from bench.fill import EVENTS, LONG_EVERY, LOST_EVERY, fill
from textwire import first_start
from textwire.access.seal import Seal
from textwire.domain.ids import MAX_INT, Ids
from textwire.domain.message import Message
from textwire.facades.api.messages.story import story
from textwire.store import accounts, events, messages, receipts
from textwire.store.engines.engine import statement
from textwire.store.store import Store, engine_for

COUNT = 60
NOW = 1_800_000_000_000_000

EVENT_NUMBER = statement("select value from counter where name = 'event'")
LEDGER = statement("select count(*), min(amount), max(amount) from ledger where kind = 'message'")
OWED = statement("select count(*) from outbox")


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(filling, "BLOCK", 25)
    made = Store(engine_for(str(tmp_path / "filled.db")), owner=1)
    await made.open()
    running = asyncio.create_task(made.run())
    await first_start.ensure(made, Ids(), lambda: NOW, tmp_path, Seal(bytes(32)).seal)
    await fill(made, COUNT, NOW)
    yield made
    running.cancel()
    await made.close()


async def history(store: Store) -> list[Message]:
    account = await accounts.account_named(store.engine, first_start.NAME)
    assert account is not None
    return await messages.page(store.engine, account.id, before=MAX_INT, limit=COUNT + 1)


async def test_there_are_as_many_finished_messages_as_wanted_with_identifiers_of_their_time(store: Store):
    found = await history(store)
    assert len(found) == COUNT
    assert {m.state for m in found} == {"delivered", "undelivered"}
    assert sum(m.state == "undelivered" for m in found) == -(-COUNT // LOST_EVERY)
    assert [m.id for m in found] == sorted((m.id for m in found), reverse=True)
    assert all(Ids().take(m.created_at) == m.id for m in found)
    assert found[0].id < Ids().take(NOW)


async def test_each_message_has_its_segments_receipts_and_events(store: Store):
    for message in await history(store):
        segments = await messages.segments(store.engine, message)
        kept = await receipts.of_message(store.engine, message)
        timeline = await events.of_subject(store.engine, message.id)
        assert len(segments) == len(kept) == message.total
        assert {s.state for s in segments} == {k.receipt.state for k in kept} == {message.state}
        assert [k.receipt.ref for k in kept] == [s.ref for s in segments]
        assert [e.sequence for e in timeline] == [1, 2, message.sequence]
        assert timeline[-1].state == message.state
        assert story(message, segments, kept, timeline).timeline


async def test_some_messages_are_long(store: Store):
    assert sum(m.total == 2 for m in await history(store)) == COUNT // LONG_EVERY


async def test_numbering_of_events_goes_on_behind_the_history(store: Store):
    assert await store.read(EVENT_NUMBER) == [(COUNT * EVENTS,)]


async def test_every_message_was_paid_and_nothing_is_owed(store: Store):
    assert await store.read(LEDGER) == [(COUNT, -14_000_000, -7_000_000)]
    assert await store.read(OWED) == [(0,)]
