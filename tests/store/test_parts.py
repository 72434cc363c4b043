"""The shelf of inbound segments that wait for the others."""

from msgspec.structs import replace

from textwire.store import parts
from textwire.store.parts import Part
from textwire.store.store import Store

from .house import NOW, do


def part(key: int, n: int, **changes) -> Part:
    return replace(Part(key, "x", "+4479", "+4915", 7, 3, n, f"part {n}", "00", NOW + key), **changes)


async def test_parts_of_one_message_come_together_in_order(store: Store) -> None:
    late, early = part(1, 3), part(2, 1)
    await do(store, parts.insert, [late, early])
    again = part(3, 3)
    await do(store, parts.insert, [again])
    assert await do(store, parts.together, [early.key]) == {early.key: [early, late, again]}


async def test_whatever_tells_two_messages_apart_keeps_their_parts_apart(store: Store) -> None:
    mine = part(1, 1)
    others = [
        part(2, 2, carrier="y"),
        part(3, 2, sender="+4480"),
        part(4, 2, recipient="+4916"),
        part(5, 2, reference=8),
        part(6, 2, total=2),
    ]
    await do(store, parts.insert, [mine, *others])
    assert await do(store, parts.together, [mine.key]) == {mine.key: [mine]}
    keys = [p.key for p in (mine, *others)]
    assert len(await do(store, parts.together, keys)) == 6


async def test_stale_parts_come_oldest_first_and_up_to_the_number_wanted(store: Store) -> None:
    waiting = [part(n, 1, reference=n) for n in (3, 1, 2)]
    await do(store, parts.insert, waiting)
    assert [p.id for p in await do(store, parts.stale, NOW + 3, 9)] == [1, 2]
    assert [p.id for p in await do(store, parts.stale, NOW + 3, 1)] == [1]
    assert await do(store, parts.stale, NOW + 1, 9) == []


async def test_removed_parts_wait_no_more(store: Store) -> None:
    await do(store, parts.insert, [part(1, 1), part(2, 2)])
    await do(store, parts.remove, [1, 99])
    assert await do(store, parts.together, [part(1, 1).key]) == {part(1, 1).key: [part(2, 2)]}
