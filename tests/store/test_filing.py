"""Messages are filed behind the writes, exactly once each, whatever the slices are."""

import itertools
import random
from typing import Any

import pytest

from textwire.domain.event import Event
from textwire.store import accounts, conversations, filing, messages, removal
from textwire.store.conversations import Conversation
from textwire.store.engines.engine import statement
from textwire.store.messages import Birth, Inbound
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, STEP, ask, birth, do, inbound, run, tell

OURS, PHONE = "+16139998877", "+447700900123"
LAST = 2**63 - 1


async def accepted(store: Store, *births: Birth) -> None:
    await do(store, messages.insert_out, births)
    await do(store, tell, [_event("message.accepted", b.account, b.draft.id) for b in births])


async def received(store: Store, *inbounds: Inbound) -> None:
    await do(store, messages.insert_in, inbounds)
    await do(store, tell, [_event("message.received", m.account, m.id) for m in inbounds])


def _event(kind: str, account: int, subject: int) -> Event:
    return Event(0, account, kind, subject, 1, "queued", NOW)


async def caught_up(store: Store, most: int = filing.SLICE) -> int:
    """Files everything; in how many slices."""
    for n in itertools.count(1):
        if not (await do(store, filing.file, most)).more:
            return n
    raise AssertionError


async def seen(store: Store, principal: int = PRINCIPAL, **named: Any) -> list[Conversation]:
    return await conversations.page(store.engine, ACCOUNT, principal, before=LAST, limit=100, **named)


async def test_out_and_in_meet_in_one_conversation(house: Store) -> None:
    await accepted(house, birth(1), birth(2))
    await received(house, inbound(3))
    await caught_up(house)
    [one] = await seen(house)
    assert (one.number, one.remote, one.length, one.received, one.unread) == (OURS, PHONE, 3, 1, 1)
    assert (one.first, one.last) == (STEP, 3 * STEP)
    thread = await conversations.messages(house.engine, one.id, before=LAST, limit=10)
    assert [m.text for m in thread] == ["answer 3", "text 2", "text 1"]
    assert [m.id for m in await conversations.messages(house.engine, one.id, before=3 * STEP, limit=1)] == [
        2 * STEP
    ]


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
async def test_any_slices_file_the_same(house: Store, most: int) -> None:
    chance = random.Random(most)
    for n in range(1, 41):
        remote = f"+44770090{chance.randrange(5):04d}"
        if chance.random() < 0.5:
            await accepted(house, birth(n, recipient=remote))
        else:
            await received(house, inbound(n, sender=remote))
        await do(house, tell, [_event("message.sent", ACCOUNT, n * STEP)])
        if chance.random() < 0.2:
            await caught_up(house, most)
    await caught_up(house, most)
    wanted = await ask(
        house,
        """select remote, count(*), sum(case when direction = 'in' then 1 else 0 end), min(id), max(id) from
             (select *, case when direction = 'in' then sender else recipient end as remote from message) m
           group by remote order by max(id) desc""",
    )
    assert [(c.remote, c.length, c.received, c.first, c.last) for c in await seen(house)] == wanted
    assert await ask(house, "select count(*), count(distinct message) from filed") == [(40, 40)]


async def test_filing_twice_files_nothing_twice(house: Store) -> None:
    await accepted(house, birth(1))
    await caught_up(house)
    assert await caught_up(house) == 1
    assert [c.length for c in await seen(house)] == [1]


async def test_conversations_are_found_by_either_side(house: Store) -> None:
    await accepted(house, birth(1), birth(2, recipient="+447700900124"), birth(3, sender="ACME"))
    await caught_up(house)
    assert [c.number for c in await seen(house)] == ["ACME", OURS, OURS]
    assert [c.remote for c in await seen(house, number=OURS)] == ["+447700900124", PHONE]
    assert [c.number for c in await seen(house, remote=PHONE)] == ["ACME", OURS]
    assert [c.number for c in await seen(house, number="ACME", remote=PHONE)] == ["ACME"]
    assert await seen(house, number="ACME", remote="+447700900124") == []
    assert await conversations.is_ours(house.engine, ACCOUNT, "ACME")
    assert not await conversations.is_ours(house.engine, ACCOUNT, PHONE)


async def read(store: Store, one: Conversation, principal: int = PRINCIPAL) -> None:
    position = (await filing.position(store.engine)).filed
    await do(store, conversations.read, [(one.id, principal, position, NOW)])


async def test_what_is_unread_is_each_principals_own(house: Store) -> None:
    await received(house, inbound(1), inbound(2))
    await caught_up(house)
    [one] = await seen(house)
    await read(house, one)
    await received(house, inbound(3))
    await caught_up(house)
    assert [(c.unread, c.read_at) for c in await seen(house)] == [(1, NOW)]
    assert [(c.unread, c.read_at) for c in await seen(house, principal=71)] == [(3, 0)]


async def test_removal_keeps_every_count_right(house: Store) -> None:
    await accepted(house, birth(1))
    await received(house, inbound(2), inbound(3))
    await caught_up(house)
    [one] = await seen(house)
    await read(house, one)
    await received(house, inbound(4), inbound(5))
    await caught_up(house)
    await do(house, removal.remove, [(5 * STEP, 1), (2 * STEP, 1)])
    [one] = await seen(house)
    assert (one.length, one.received, one.unread, one.first, one.last) == (3, 2, 1, STEP, 4 * STEP)
    await do(house, removal.remove, [(n * STEP, 1) for n in (1, 3, 4)])
    assert await seen(house) == []
    for table in ("message", "segment", "filed", "conversation", "read_mark"):
        assert await ask(house, f"select count(*) from {table}") == [(0,)]


async def test_what_goes_before_it_is_filed_is_never_counted(house: Store) -> None:
    await received(house, inbound(1), inbound(2))
    await do(house, removal.remove, [(STEP, 1)])
    await caught_up(house)
    assert [(c.length, c.unread) for c in await seen(house)] == [(1, 1)]


async def test_a_removed_message_takes_all_its_parts_and_receipts_along(house: Store) -> None:
    from textwire.store import receipts

    from .house import kept

    long = {"parts": ("a", "b"), "text": "ab"}
    await accepted(house, birth(1, **long), birth(2, **long))
    await do(house, receipts.insert, [kept(1, STEP), kept(2, STEP + 1), kept(3, 2 * STEP + 1), kept(4)])
    await do(house, removal.remove, [(STEP, 2)])
    assert await ask(house, "select id from segment order by id") == [(2 * STEP,), (2 * STEP + 1,)]
    assert await ask(house, "select segment from receipt order by segment") == [(0,), (2 * STEP + 1,)]


async def test_messages_of_trial_accounts_are_filed_by_principal(house: Store) -> None:
    await run(house, "update account set trial = 1")
    await accepted(house, *(birth(n) for n in range(1, 6)))
    filed = await do(house, filing.file)
    assert filed.principals == frozenset({PRINCIPAL})


async def test_the_skew_of_the_message_clock_is_remembered(house: Store) -> None:
    await accepted(house, birth(1))
    await caught_up(house)
    before = await filing.position(house.engine)
    assert before.skew_high > 0 >= before.skew_low
    assert before.filed == before.last == 1
    [(born,)] = await house.read(statement("select created_at from message"))
    assert born - before.skew_high <= born


async def test_accounts_never_share_a_conversation(house: Store) -> None:
    other = accounts.Account(9, "other", 0, 0, "active", NOW)
    await do(house, accounts.insert_account, other)
    theirs = Birth(9, 90, OURS, birth(2).draft, NOW)
    await accepted(house, birth(1), theirs)
    await caught_up(house)
    assert [c.length for c in await seen(house)] == [1]
    assert [c.account for c in await conversations.page(house.engine, 9, 90, before=LAST, limit=9)] == [9]
