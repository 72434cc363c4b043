"""The shelf of receipts, bound and parked."""

import pytest

from textwire.store import messages, receipts
from textwire.store.store import Store

from .house import ACCOUNT, STEP, birth, do, kept


@pytest.fixture
async def sent(store: Store) -> Store:
    """Two messages of two segments each."""
    await do(store, messages.insert_out, [birth(n, parts=("a", "b")) for n in (1, 2)])
    return store


async def of(store: Store, n: int) -> list[receipts.Kept]:
    message = (await messages.own(store.engine, ACCOUNT, [n * STEP]))[n * STEP]
    return await receipts.of_message(store.engine, message)


async def test_a_receipt_comes_back_as_it_was_kept(sent: Store) -> None:
    bound = kept(1, STEP + 1, carrier="x", ref="0A", state="rejected", error="0x45", raw="id:0A stat:REJECTD")
    await do(sent, receipts.insert, [bound])
    assert await of(sent, 1) == [bound]
    assert await of(sent, 2) == []


async def test_the_receipts_of_a_message_come_by_segment_and_in_order(sent: Store) -> None:
    wanted = [kept(3, STEP), kept(5, STEP, state="expired"), kept(1, STEP + 1)]
    await do(sent, receipts.insert, [wanted[2], wanted[1], kept(4, 2 * STEP), wanted[0], kept(6)])
    assert await of(sent, 1) == wanted


async def test_a_receipt_without_its_other_half_is_parked_and_found_by_its_reference(sent: Store) -> None:
    first, twin = kept(1, ref="a"), kept(2, ref="a", state="sent")
    await do(sent, receipts.insert, [twin, first, kept(3, ref="b"), kept(4, ref="a", carrier="y")])
    assert await do(sent, receipts.parked, [("simulated", "a"), ("simulated", "z")]) == [first, twin]
    assert await do(sent, receipts.parked, []) == []
    assert await of(sent, 1) == []


async def test_a_parked_receipt_that_is_bound_is_parked_no_more(sent: Store) -> None:
    await do(sent, receipts.insert, [kept(1, ref="a"), kept(2, ref="a")])
    await do(sent, receipts.bind, [(1, STEP + 1)])
    assert await do(sent, receipts.parked, [("simulated", "a")]) == [kept(2, ref="a")]
    assert await of(sent, 1) == [kept(1, STEP + 1, ref="a")]


async def test_the_same_receipt_twice_is_kept_twice(sent: Store) -> None:
    """Each is an event of its own; that repetition changes nothing is the verb's promise."""
    await do(sent, receipts.insert, [kept(1, STEP), kept(2, STEP, at=kept(1).receipt.at)])
    assert [k.id for k in await of(sent, 1)] == [1, 2]
