"""The shelf of replays, and events by number and time."""

import pytest
from msgspec.structs import replace

from textwire.store import events, replays
from textwire.store.replays import Replay
from textwire.store.store import Store

from .house import NOW, do, event, run, tell

ONE = Replay(5, 1, 10, 90, 0)


async def test_a_hook_has_one_replay_at_a_time(store: Store) -> None:
    assert await do(store, replays.insert, ONE)
    assert not await do(store, replays.insert, replace(ONE, id=6))
    assert await do(store, replays.insert, replace(ONE, id=7, hook=2, again=1))
    assert await do(store, replays.some, [5, 6, 7]) == [ONE, replace(ONE, id=7, hook=2, again=1)]


async def test_a_replay_moves_on_and_ends(store: Store) -> None:
    await do(store, replays.insert, ONE)
    await do(store, replays.move, 5, 40)
    assert await do(store, replays.some, [5]) == [replace(ONE, position=40)]
    await do(store, replays.delete, [5, 6])
    assert await do(store, replays.some, [5]) == []
    assert await do(store, replays.insert, ONE)


async def test_events_are_read_in_slices_by_number(store: Store) -> None:
    await do(store, tell, [event(at=NOW + n) for n in range(1, 8)])
    assert await do(store, events.last) == 7
    assert [e.number for e in await do(store, events.after, 2, 6, 3)] == [3, 4, 5]
    assert [e.number for e in await do(store, events.after, 5, 6, 3)] == [6]


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (0, 0),
        (NOW + 1, 0),
        (NOW + 2, 1),
        (NOW + 5, 3),
        (NOW + 6, 5),
        (NOW + 7, 5),
        (NOW + 8, 7),
        (NOW + 99, 7),
    ],
)
@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_event_before_a_time_is_found_though_some_are_forgotten(
    store: Store, at: int, number: int, forgotten: bool
) -> None:
    """The times of 1 to 7 rise; 4 and 5 share theirs, as those of one transaction do."""
    times = [1, 2, 4, 5, 5, 7, 7]
    await do(store, tell, [event(at=NOW + n) for n in times])
    if forgotten:
        await run(store, "delete from event where number in (1, 2)")
    found = await do(store, events.before, at)
    behind = [e.at for e in await do(store, events.after, found, 7, 9)]
    assert all(one >= at for one in behind)
    kept = [NOW + n for n in (times[2:] if forgotten else times)]
    assert behind == [one for one in kept if one >= at]
    if not forgotten:
        assert found == number
