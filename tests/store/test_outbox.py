"""The shelf of what is owed: order, leases, and what a dead process leaves behind."""

from itertools import count
from pathlib import Path

import pytest

from textwire.store import nodes, outbox
from textwire.store.store import Store

from .house import ask, do, run, running

HERE, THERE = 501, 502  # epochs of two processes
NOW = 1_000_000


async def rows(store: Store) -> list[tuple]:
    return await ask(store, "select id, topic, due_at, ref, owner from outbox order by id")


async def test_a_row_keeps_topic_time_and_holder_and_refers_to_its_message(store: Store) -> None:
    await do(store, outbox.add, [(2, "depart:x", NOW, 0), (1, "flight", NOW + 9, HERE)])
    assert await rows(store) == [(1, "flight", NOW + 9, 1, HERE), (2, "depart:x", NOW, 2, 0)]


async def test_due_rows_come_oldest_first_and_up_to_the_number_wanted(store: Store) -> None:
    await do(store, outbox.add, [(n, "await", NOW - n // 2, 0) for n in range(1, 8)])
    await do(store, outbox.add, [(9, "flight", 0, 0), (10, "await", NOW + 1, 0)])
    assert await do(store, outbox.due, "await", NOW, 99) == [6, 7, 4, 5, 2, 3, 1]
    assert await do(store, outbox.due, "await", NOW, 3) == [6, 7, 4]
    assert await do(store, outbox.due, "await", NOW + 1, 99) == [6, 7, 4, 5, 2, 3, 1, 10]
    assert await do(store, outbox.due, "post", NOW, 99) == []


async def test_the_departures_of_carriers_do_not_mix(store: Store) -> None:
    topics = [outbox.depart("x"), outbox.depart("x2")]
    await do(store, outbox.add, [(n, topic, NOW, 0) for n, topic in enumerate(topics, 1)])
    assert [await do(store, outbox.due, topic, NOW, 9) for topic in topics] == [[1], [2]]


async def test_a_leased_row_is_due_again_only_after_its_lease(store: Store) -> None:
    await do(store, outbox.add, [(1, "hook", NOW, 0), (2, "hook", NOW, 0)])
    await do(store, outbox.lease, [1], NOW + 30, HERE)
    assert await do(store, outbox.due, "hook", NOW, 9) == [2]
    assert await do(store, outbox.due, "hook", NOW + 29, 9) == [2]
    assert await do(store, outbox.due, "hook", NOW + 30, 9) == [2, 1]
    assert (1, "hook", NOW + 30, 1, HERE) in await rows(store)


async def test_first_attempt_retry_and_wait_are_one_row(store: Store) -> None:
    await do(store, outbox.add, [(1, "depart:x", NOW, 0), (2, "depart:x", NOW, 0)])
    await do(store, outbox.change, [(1, "flight", NOW + 5, HERE)])
    await do(store, outbox.change, [(1, "await", NOW + 50, 0)])
    assert await rows(store) == [(1, "await", NOW + 50, 1, 0), (2, "depart:x", NOW, 2, 0)]
    assert await do(store, outbox.topics, [1, 2, 3]) == {1: "await", 2: "depart:x"}


async def test_a_message_is_owed_one_thing_at_a_time(store: Store) -> None:
    await do(store, outbox.add, [(1, "flight", NOW, HERE)])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await do(store, outbox.add, [(1, "await", NOW, 0)])


async def test_what_is_removed_is_owed_no_more(store: Store) -> None:
    await do(store, outbox.add, [(n, "await", NOW, 0) for n in (1, 2, 3)])
    await do(store, outbox.remove, [1, 3, 99])
    await do(store, outbox.remove, [])
    assert [row[0] for row in await rows(store)] == [2]


async def test_the_next_time_is_that_of_the_first_row_of_the_topic(store: Store) -> None:
    await do(store, outbox.add, [(1, "await", NOW + 9, 0), (2, "await", NOW + 3, 0), (3, "hook", NOW, 0)])
    assert await outbox.next_due(store.engine, "await") == NOW + 3
    assert await outbox.next_due(store.engine, "post") is None


async def test_orphans_are_rows_of_processes_whose_lease_is_over(store: Store) -> None:
    await do(store, outbox.add, [(1, "flight", 0, HERE), (2, "flight", 0, THERE), (3, "flight", 0, 0)])
    await do(store, outbox.add, [(4, "hook", 0, THERE), (5, "flight", 0, THERE)])
    await do(store, nodes.beat, HERE, NOW + 5)
    await do(store, nodes.beat, THERE, NOW + 5)
    # What nobody holds is nobody's orphan.
    assert await do(store, outbox.orphans, "flight", HERE, NOW + 4) == []
    assert await do(store, outbox.orphans, "flight", HERE, NOW + 5) == [2, 5]
    assert await do(store, outbox.orphans, "hook", HERE, NOW + 5) == [4]


async def test_a_dead_process_is_remembered_until_all_it_held_is_taken_over(store: Store) -> None:
    await do(store, outbox.add, [(1, "flight", 0, THERE), (2, "hook", 0, THERE)])
    await do(store, nodes.beat, THERE, NOW)
    for topic in ("flight", "hook"):
        await do(store, nodes.bury, NOW + 9)
        orphans = await do(store, outbox.orphans, topic, HERE, NOW + 9)
        assert len(orphans) == 1
        await do(store, outbox.lease, orphans, NOW, HERE)
    await do(store, nodes.bury, NOW + 9)
    assert await ask(store, "select epoch from node") == []


async def test_a_process_never_takes_its_own_rows_for_orphans(store: Store) -> None:
    """A process that was stopped for longer than its lease wakes up and finds that it is dead."""
    await do(store, outbox.add, [(1, "flight", 0, HERE)])
    await do(store, nodes.beat, HERE, NOW)
    assert await do(store, outbox.orphans, "flight", HERE, NOW + 99) == []
    assert await do(store, outbox.orphans, "flight", THERE, NOW + 99) == [1]


async def test_a_beat_lengthens_the_lease_and_burying_forgets_the_dead_alone(store: Store) -> None:
    await do(store, nodes.beat, HERE, NOW)
    await do(store, nodes.beat, THERE, NOW)
    await do(store, nodes.beat, HERE, NOW + 9)
    assert await ask(store, "select epoch, lease_until from node order by epoch") == [
        (HERE, NOW + 9),
        (THERE, NOW),
    ]
    await do(store, nodes.bury, NOW)
    assert await ask(store, "select epoch from node") == [(HERE,)]
    await do(store, nodes.bury, NOW + 8)
    assert await ask(store, "select epoch from node") == [(HERE,)]


async def test_orphans_are_bounded(store: Store) -> None:
    fill = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10010) "
        "insert into outbox (id, topic, due_at, ref, owner) select i, 'flight', 0, i, 99 from n"
    )
    await run(store, fill)
    await do(store, nodes.beat, 99, 0)
    found = await do(store, outbox.orphans, "flight", HERE, NOW)
    assert found == list(range(1, 10_001))


async def test_looking_for_orphans_costs_nothing_while_all_processes_live(tmp_path: Path) -> None:
    """It is asked every few seconds, in the writer's transaction, while a million rows may wait."""
    async with running(tmp_path / "textwire.db") as store:
        fill = (
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) "
            f"insert into outbox (id, topic, due_at, ref, owner) select i, 'hook', 0, i, {HERE} from n"
        )
        await run(store, fill)
        await do(store, nodes.beat, HERE, NOW + 5)
        steps: list[int] = []
        writer = store.engine._writer
        for now in (NOW, NOW + 9):
            ticks = count()
            writer.set_progress_handler(lambda ticks=ticks: next(ticks) < 0, 10)
            await do(store, outbox.orphans, "hook", THERE, now)
            await do(store, nodes.bury, now)
            steps.append(next(ticks))
        assert steps[0] < 50 < 2_000 < steps[1], "the second time the process is dead and its rows are read"
