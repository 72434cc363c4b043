"""How long the queues are is seen without reading them whole."""

import pytest

from textwire.store import outbox, queues
from textwire.store.queues import Queue
from textwire.store.store import Store

from .house import NOW, do


async def test_an_empty_outbox_has_no_queues(house: Store) -> None:
    assert await queues.queues(house.engine) == []


async def test_every_topic_is_found_with_its_rows_and_its_first_due_time(house: Store) -> None:
    rows = [
        (n, topic, NOW - n, 0) for n, topic in enumerate(("post", "depart:b", "post", "await", "depart:a"), 1)
    ]
    await do(house, outbox.add, rows)
    assert await queues.queues(house.engine) == [
        Queue("await", 1, NOW - 4),
        Queue("depart:a", 1, NOW - 5),
        Queue("depart:b", 1, NOW - 2),
        Queue("post", 2, NOW - 3),
    ]


async def test_rows_and_topics_are_counted_up_to_a_bound(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await do(house, outbox.add, [(n, "flight", NOW, 0) for n in range(1, queues.MOST_ROWS + 50)])
    await do(house, outbox.add, [(-n, f"depart:{n}", NOW, 0) for n in range(1, 10)])
    [*_, last] = await queues.queues(house.engine)
    assert last == Queue("flight", queues.MOST_ROWS, NOW)
    monkeypatch.setattr(queues, "MOST_TOPICS", 4)
    assert len(await queues.queues(house.engine)) == 4
