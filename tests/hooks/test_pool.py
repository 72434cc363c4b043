"""Turns are bounded and fair, and idle connections are few."""

import asyncio

import pytest

from tests.hooks.sinks import Wire
from textwire.hooks.answer import Failed
from textwire.hooks.connection import Connection
from textwire.hooks.limits import Limits
from textwire.hooks.pool import Origin, Pool


def later(seconds: float = 60.0) -> float:
    return asyncio.get_running_loop().time() + seconds


def line_up(pool: Pool, origin: Origin, count: int) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(pool.wait(origin, later())) for _ in range(count)]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def connection(ip: str = "192.0.2.1") -> Connection:
    made = Connection(Limits(), ip, memoryview(bytearray(100)))
    made.connection_made(Wire())
    return made


async def test_an_origin_has_so_many_turns_and_the_node_so_many_in_all() -> None:
    pool = Pool(Limits(per_origin=2, per_node=3))
    a, b = pool.origin("a"), pool.origin("b")
    assert [pool.enter(a), pool.enter(a), pool.enter(a)] == [True, True, False]
    assert [pool.enter(b), pool.enter(b)] == [True, False]
    pool.leave(a)
    assert pool.enter(b)


async def test_turns_are_given_in_order_of_arrival() -> None:
    pool = Pool(Limits(per_origin=1))
    a = pool.origin("a")
    assert pool.enter(a)
    waiting = line_up(pool, a, 3)
    await settle()
    for n in range(3):
        pool.leave(a)
        await settle()
        assert [task.done() for task in waiting] == [m <= n for m in range(3)]


async def test_nobody_overtakes_those_who_wait() -> None:
    pool = Pool(Limits(per_origin=1))
    a = pool.origin("a")
    assert pool.enter(a)
    (waiting,) = line_up(pool, a, 1)
    await settle()
    pool.leave(a)
    assert not pool.enter(a)
    await waiting


async def test_origins_take_turns_when_the_node_is_full() -> None:
    pool = Pool(Limits(per_origin=10, per_node=1))
    crowd, lone, first = pool.origin("crowd"), pool.origin("lone"), pool.origin("first")
    assert pool.enter(first)
    many = line_up(pool, crowd, 5)
    await settle()
    (one,) = line_up(pool, lone, 1)
    await settle()
    pool.leave(first)
    await settle()
    assert [task.done() for task in many] == [True, False, False, False, False]
    pool.leave(crowd)
    await settle()
    assert one.done()
    for origin in (lone, crowd, crowd, crowd, crowd):
        pool.leave(origin)
        await settle()
    assert all(task.done() for task in many)


async def test_a_full_origin_does_not_hold_up_another() -> None:
    pool = Pool(Limits(per_origin=1, per_node=2))
    slow, fast = pool.origin("slow"), pool.origin("fast")
    assert pool.enter(slow)
    line_up(pool, slow, 3)
    await settle()
    assert pool.enter(fast)
    (next_fast,) = line_up(pool, fast, 1)
    await settle()
    pool.leave(fast)
    await settle()
    assert next_fast.done()


async def test_too_many_who_wait_are_refused() -> None:
    pool = Pool(Limits(per_origin=1, waiting=2))
    a = pool.origin("a")
    assert pool.enter(a)
    line_up(pool, a, 2)
    await settle()
    with pytest.raises(Failed, match="busy"):
        await pool.wait(a, later())


async def test_who_waits_too_long_is_refused_and_forgotten() -> None:
    pool = Pool(Limits(per_origin=1))
    a = pool.origin("a")
    assert pool.enter(a)
    with pytest.raises(Failed, match="busy"):
        await pool.wait(a, later(0.01))
    assert not a.waiting
    pool.leave(a)
    assert pool.enter(a)


async def test_a_turn_that_comes_to_one_who_has_just_left_is_passed_on() -> None:
    pool = Pool(Limits(per_origin=1))
    a = pool.origin("a")
    assert pool.enter(a)
    first, second = line_up(pool, a, 2)
    await settle()
    pool.leave(a)
    first.cancel()
    await settle()
    assert first.cancelled()
    assert second.done()
    assert not second.cancelled()


async def test_one_who_leaves_the_line_frees_nothing() -> None:
    pool = Pool(Limits(per_origin=1))
    a = pool.origin("a")
    assert pool.enter(a)
    first, second = line_up(pool, a, 2)
    await settle()
    first.cancel()
    await settle()
    assert first.cancelled()
    assert not second.done()
    pool.leave(a)
    await second
    assert a.active == 1


async def test_an_origin_of_which_nothing_is_left_is_forgotten() -> None:
    pool = Pool(Limits(per_node=1, waiting=0))
    a = pool.origin("a")
    assert pool.enter(a)
    with pytest.raises(Failed):
        await pool.wait(pool.origin("b"), later())
    assert list(pool._origins) == ["a"]
    pool.leave(a)
    assert not pool._origins


async def test_the_connection_used_last_is_used_next() -> None:
    pool = Pool(Limits())
    a = pool.origin("a")
    a.addresses = ("192.0.2.1",)
    one, two = connection(), connection()
    pool.keep(a, one)
    pool.keep(a, two)
    assert [pool.take(a), pool.take(a), pool.take(a)] == [two, one, None]


async def test_a_connection_to_an_address_that_the_name_has_lost_is_closed() -> None:
    pool = Pool(Limits())
    a = pool.origin("a")
    a.addresses = ("192.0.2.2",)
    old = connection("192.0.2.1")
    pool.keep(a, old)
    assert pool.take(a) is None
    assert old.closed


async def test_a_connection_that_ends_while_idle_is_forgotten() -> None:
    pool = Pool(Limits())
    a = pool.origin("a")
    a.addresses = ("192.0.2.1",)
    one = connection()
    pool.keep(a, one)
    one.connection_lost(None)
    assert not a.idle
    assert not pool._origins
    two = connection()
    pool.keep(a, two)
    two.abort()  # connection_lost has not come yet
    assert pool.take(a) is None


async def test_the_longest_idle_connection_makes_room() -> None:
    pool = Pool(Limits(idle=2))
    a, b = pool.origin("a"), pool.origin("b")
    one, two, three = connection(), connection(), connection()
    pool.keep(a, one)
    pool.keep(b, two)
    pool.keep(b, three)
    assert [one.closed, two.closed, three.closed] == [True, False, False]
    assert list(pool._origins) == ["b"]


async def test_an_idle_connection_is_closed_in_time() -> None:
    pool = Pool(Limits())
    a = pool.origin("a")
    one = Connection(Limits(idle_s=0.01), "192.0.2.1", memoryview(bytearray(100)))
    one.connection_made(Wire())
    lost = asyncio.Event()
    pool.keep(a, one)
    one._transport.abort = lost.set  # type: ignore[method-assign]
    await asyncio.wait_for(lost.wait(), 5)
    assert one.closed


async def test_closing_closes_what_is_idle() -> None:
    pool = Pool(Limits())
    kept = [connection() for _ in range(3)]
    for one in kept:
        pool.keep(pool.origin("a"), one)
    pool.close()
    assert all(one.closed for one in kept)
    assert not pool._origins
