"""A line to a reader is bounded, and one that does not read is closed to come back."""

import asyncio

import pytest
import structlog

from textwire.live.limits import Limits
from textwire.live.socket import FAILED, TOO_SLOW, Line, frame

from .world import Peer, until

FEW = Limits(unsent_frames=4, unsent_bytes=100)


async def test_frames_are_sent_in_order_and_what_the_peer_says_is_forgotten() -> None:
    peer = Peer()
    line = Line(peer.socket)
    running = asyncio.create_task(line.run())
    for n in range(2_000):
        line.offer(frame(str(n).encode()))
        if n % 100 == 0:
            peer.say("whatever")
            await asyncio.sleep(0)
    await peer.has(2_000)
    assert peer.got == [str(n) for n in range(2_000)]
    assert line.unsent == (0, 0)
    peer.leave()
    await running
    assert (line.closed, peer.code) == (0, 0)


@pytest.mark.parametrize(
    ("size", "fits"),
    [(1, 4), (25, 4), (26, 3), (50, 2), (100, 1), (101, 0)],
    ids=lambda n: str(n),
)
async def test_a_reader_with_more_unread_than_the_bounds_allow_is_closed_with_4008(
    size: int, fits: int
) -> None:
    peer = Peer()
    peer.reads.clear()
    line = Line(peer.socket, FEW)
    running = asyncio.create_task(line.run())
    for _ in range(fits):
        line.offer(frame(b"x" * size))
    await asyncio.sleep(0)
    assert line.unsent == (fits, fits * size)
    assert not running.done()
    line.offer(frame(b"x" * size))
    line.offer(frame(b"x" * size))
    await asyncio.wait_for(running, 5)
    assert (peer.code, line.closed, peer.got, line.unsent) == (TOO_SLOW, TOO_SLOW, [], (0, 0))


async def test_the_bounds_of_a_server_are_a_thousand_frames_and_a_mebibyte() -> None:
    for size, count in ((10, 1_000), (1_048_576 // 4, 4)):
        peer = Peer()
        peer.reads.clear()
        line = Line(peer.socket)
        running = asyncio.create_task(line.run())
        for _ in range(count):
            line.offer(frame(b"x" * size))
        await asyncio.sleep(0.01)
        assert not running.done()
        line.offer(frame(b"x"))
        await asyncio.wait_for(running, 5)
        assert peer.code == TOO_SLOW


async def test_what_can_be_read_again_waits_for_room_instead() -> None:
    peer = Peer()
    peer.reads.clear()
    line = Line(peer.socket, FEW)
    running = asyncio.create_task(line.run())

    async def hand() -> None:
        for n in range(50):
            await line.hand(frame(str(n).encode()))

    line.spawn(hand())
    await asyncio.sleep(0.01)
    assert line.unsent[0] == 2
    peer.reads.set()
    await peer.has(50)
    assert peer.got == [str(n) for n in range(50)]
    peer.leave()
    await running


async def test_a_peer_that_leaves_ends_what_waits_for_it() -> None:
    peer = Peer()
    peer.reads.clear()
    line = Line(peer.socket, FEW)
    stopped = asyncio.Event()

    async def hand() -> None:
        try:
            while True:
                await line.hand(frame(b"x"))
        finally:
            stopped.set()

    running = asyncio.create_task(line.run())
    line.spawn(hand())
    await until(lambda: line.unsent[0] == 2)
    peer.leave()
    await asyncio.wait_for(running, 5)
    assert stopped.is_set()
    line.offer(frame(b"x"))
    assert line.unsent == (0, 0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_work_beside_a_socket_that_fails_closes_it_and_logs_no_words() -> None:
    peer = Peer()
    line = Line(peer.socket)

    async def fail() -> None:
        raise RuntimeError("secret")

    with structlog.testing.capture_logs() as logs:
        line.spawn(fail())
        await asyncio.wait_for(line.run(), 5)
    assert peer.code == FAILED
    assert logs == [{"event": "live.failed", "error": "RuntimeError", "log_level": "error"}]
