"""The shelf of events: their numbers, and what they owe."""

import asyncio

import pytest
from msgspec.structs import replace

from textwire.domain.event import BIT, Event
from textwire.domain.refusal import Refusal
from textwire.store import events
from textwire.store.committer import Unit
from textwire.store.store import Store

from .house import ACCOUNT, NOW, STEP, ask, do, event, run, tell


async def hook(store: Store, n: int, types: int, account: int = ACCOUNT, state: str = "active") -> None:
    await run(
        store,
        "insert into hook (id, account, principal, public_id, dialect, url, types, state, created_at) "
        f"values ({n}, {account}, 1, 'hook-{n}', 'own', 'http://127.0.0.1', {types}, '{state}', 0)",
    )


async def owed(store: Store) -> list[tuple]:
    return await ask(store, "select id, topic, due_at, ref, owner from outbox order by ref")


async def test_events_come_back_as_they_were_told_with_their_numbers(store: Store) -> None:
    told = [
        event(STEP, data='{"reason":"ü"}', segment=STEP + 1, sequence=2, state="sent", hook=3),
        event(0, "number.assigned", state=""),
    ]
    await do(store, tell, told)
    numbered = [replace(e, number=n) for n, e in enumerate(told, 1)]
    assert await events.by_number(store.engine, [2, 1, 99]) == numbered
    assert await events.by_number(store.engine, []) == []


async def test_the_timeline_of_a_message_is_its_own_and_oldest_first(store: Store) -> None:
    await do(store, tell, [event(STEP), event(2 * STEP), event(0, "hook.disabled")])
    await do(store, tell, [event(STEP, "message.sent", sequence=2)])
    assert [(e.number, e.type) for e in await events.of_subject(store.engine, STEP)] == [
        (1, "message.accepted"),
        (4, "message.sent"),
    ]
    # 0 means "no message": those events are nobody's timeline.
    assert await events.of_subject(store.engine, 0) == []


async def test_an_event_owes_a_row_to_the_hooks_of_its_account_that_want_its_type(store: Store) -> None:
    await hook(store, 1, BIT["message.sent"])
    await hook(store, 2, BIT["message.delivered"] | BIT["message.sent"])
    await hook(store, 3, BIT["message.accepted"], state="disabled")
    await hook(store, 4, BIT["message.accepted"], account=ACCOUNT + 1)
    await do(store, tell, [event(), event(kind="message.sent"), event(kind="message.delivered")])
    lease = NOW + events.HOOK_LEASE
    assert await owed(store) == [(-2, "hook", lease, 2, 0), (-3, "hook", lease, 3, 0)]


async def test_an_event_for_one_hook_is_owed_whatever_its_type(store: Store) -> None:
    await do(store, tell, [event(kind="hook.disabled", hook=9)])
    assert [row[3] for row in await owed(store)] == [1]


async def test_what_is_owed_belongs_to_the_process_that_hands_it_on(store: Store) -> None:
    await hook(store, 1, BIT["message.sent"])

    async def append(unit: Unit) -> list[Event]:
        return await events.append(unit, [event(kind="message.sent")], 77)

    [numbered] = await do(store, append)
    assert numbered.number == 1
    assert [row[4] for row in await owed(store)] == [77]


async def test_observers_hear_numbered_events_after_the_commit_and_before_callers_go_on(store: Store) -> None:
    order: list[object] = []
    store.committer.observers.append(lambda heard: order.append([e.number for e in heard]))
    await do(store, tell, [event(), event()])
    order.append("answered")
    await do(store, tell, [])
    assert order == [[1, 2], "answered", []]


async def test_a_refused_item_leaves_no_event(store: Store) -> None:
    class Picky:
        async def run(self, unit: Unit, items: list[int]) -> list[int | Refusal]:
            unit.events.extend(event(item) for item in items if item % 2)
            return [item if item % 2 else Refusal("not_found") for item in items]

    outcomes = await store.write_all(Picky(), [1, 2, 3])
    assert [type(o).__name__ for o in outcomes] == ["int", "Refusal", "int"]
    assert [e.subject for e in await events.by_number(store.engine, [1, 2, 3])] == [1, 3]


async def test_an_unknown_type_is_the_fault_of_its_writer_and_uses_no_number_up(store: Store) -> None:
    with pytest.raises(KeyError):
        await do(store, tell, [event(kind="message.teleported")])
    await do(store, tell, [event()])
    assert await ask(store, "select number from event") == [(1,)]


async def test_numbers_have_no_gaps_when_writes_fail_among_many(store: Store) -> None:
    async def tell_or_fail(unit: Unit, n: int) -> None:
        unit.events.append(event(n))
        if n % 10 == 0:
            raise ValueError(n)

    told = await asyncio.gather(*(do(store, tell_or_fail, n) for n in range(1, 101)), return_exceptions=True)
    assert sum(isinstance(o, ValueError) for o in told) == 10
    found = await ask(store, "select number, subject from event order by number")
    assert [n for n, _ in found] == list(range(1, 91))
    assert sorted(s for _, s in found) == [n for n in range(1, 101) if n % 10]
