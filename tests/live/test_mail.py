"""The mail: from a commit into boxes and over lines, on both engines, alone and beside another process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, STEP, ask, do, event, inbound, run, running, tell
from textwire.domain.event import ALL, mask
from textwire.domain.refusal import Refusal
from textwire.live.box import AHEAD, Box
from textwire.live.letters import File, Sorted
from textwire.live.limits import LIMITS, Limits
from textwire.live.mail import Mail
from textwire.live.socket import TOO_SLOW, Frame, Line, frame
from textwire.live.told import Told
from textwire.store import boxes, channels, hooks, messages
from textwire.store.boxes import Letter
from textwire.store.channels import Channel
from textwire.store.committer import Unit
from textwire.store.hooks import Hook
from textwire.store.store import Store

from .world import Peer, until

NUMBER = "+16139998877"
LATE = 2**62


def channel(key: int, principal: int = PRINCIPAL, lifetime: int = 3600) -> Channel:
    return Channel(key, ACCOUNT, principal, f"ws-{key}", "websocket", "", "", "", lifetime, NOW)


def hook(key: int, at: Channel, number: str = NUMBER, types: int = ALL, account: int = ACCOUNT) -> Hook:
    return Hook(
        key, account, at.principal, f"h-{key}", "kandy", at.id, "", types, number, "", "", "active", 0, NOW
    )


async def _subscribe(unit: Unit, at: Channel, new: Hook) -> None:
    if await boxes.find(unit, at.id) is None:
        await channels.insert(unit, at)
        await boxes.open_(unit, boxes.Box(at.id, "client", NOW, LATE))
    await hooks.insert(unit, new)
    await boxes.add_route(unit, new)


async def subscribe(store: Store, at: Channel, new: Hook) -> None:
    await do(store, _subscribe, at, new)


async def receive(store: Store, first: int, count: int = 1, number: str = NUMBER) -> None:
    """So many texts, each in a commit of its own."""

    async def write(unit: Unit, n: int) -> None:
        await messages.insert_in(unit, [inbound(n, recipient=number)])
        await tell(unit, [event(n * STEP, "message.received")])

    for n in range(first, first + count):
        await do(store, write, n)


def words(told: Told, to: Hook) -> Frame | None:
    if told.message is None:
        return frame(f"{told.event.type}".encode())
    return None if told.message.text == "answer 13" else frame(told.message.text.encode())


class Reader:
    """A connected channel."""

    def __init__(self, mail: Mail, at: Channel, limits: Limits = LIMITS) -> None:
        self.peer = Peer()
        self.line = Line(self.peer.socket, limits)
        self.mail, self.box = mail, Box(at, self.line, words)

    async def run(self) -> None:
        try:
            self.line.spawn(self.box.begin(await self.mail.join(self.box)))
            await self.line.run()
        finally:
            await self.mail.leave(self.box)

    @property
    def said(self) -> list[str]:
        return self.peer.got


@contextlib.asynccontextmanager
async def mailing(store: Store) -> AsyncIterator[Mail]:
    mail = Mail(store, lambda: NOW, tend_seconds=0.02)
    going = asyncio.create_task(mail.run())
    try:
        yield mail
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        store.committer.observers.remove(mail.observe)


@contextlib.asynccontextmanager
async def reading(mail: Mail, at: Channel, limits: Limits = LIMITS) -> AsyncIterator[Reader]:
    reader = Reader(mail, at, limits)
    going = asyncio.create_task(reader.run())
    await until(lambda: mail.boxes.get(at.id) is reader.box or going.done())
    try:
        yield reader
    finally:
        reader.peer.leave()
        await going


def answers(*numbers: int) -> list[str]:
    return [f"answer {n}" for n in numbers]


async def in_box(store: Store, at: Channel) -> int:
    return len(await boxes.letters(store.engine, at.id))


async def until_in_box(store: Store, at: Channel, count: int) -> None:
    async with asyncio.timeout(20):
        while await in_box(store, at) != count:
            await asyncio.sleep(0.005)


async def test_while_nobody_subscribes_nothing_is_sorted_or_written(store: Store) -> None:
    async with mailing(store) as mail:
        await receive(store, 1, 5)
        await asyncio.sleep(0.05)
        assert not await mail.sort()
    assert await boxes.position(store.engine) == 0


async def test_events_reach_those_who_subscribed_before_them_once_and_in_order(store: Store) -> None:
    one, two = channel(1), channel(2)
    async with mailing(store) as mail:
        await receive(store, 1)
        await subscribe(store, one, hook(11, one))
        await subscribe(store, two, hook(12, two, number="+16139990000"))
        mail.wake()
        async with reading(mail, one) as first, reading(mail, two) as second:
            await receive(store, 2, 20)
            await first.peer.has(19)
            assert first.said == [f"answer {n}" for n in range(2, 22) if n != 13]
            assert second.said == []


async def test_wishes_and_numbers_choose_what_is_heard(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one, types=mask(["message.received"])))
    async with mailing(store) as mail, reading(mail, one) as reader:
        await receive(store, 1, number="+16139990000")
        await do(store, tell, [event(2 * STEP, "message.delivered")])
        await receive(store, 3)
        await reader.peer.has(1)
        assert reader.said == answers(3)


async def test_the_mail_of_a_process_that_died_is_sorted_by_the_next(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    async with mailing(store):
        await receive(store, 1, 3)
        await until_in_box(store, one, 3)
    await receive(store, 4, 3)  # heard by nobody
    async with mailing(store) as mail:
        await until_in_box(store, one, 6)
        async with reading(mail, one) as reader:
            await reader.peer.has(6)
            assert reader.said == answers(1, 2, 3, 4, 5, 6)


async def test_what_another_process_has_filed_is_not_filed_again(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    letters = [Letter(1, n, 11) for n in (1, 2, 3)]
    await store.write(File(), Sorted(3, letters, []))
    await do(store, boxes.arrived, [(1, 3)])
    await store.write(File(), Sorted(4, [*letters, Letter(1, 4, 11)], []))
    assert [letter.event for letter in await boxes.letters(store.engine, 1)] == [4]
    assert await boxes.position(store.engine) == 4
    await store.write(File(), Sorted(2, [], []))
    assert await boxes.position(store.engine) == 4


async def test_a_letter_for_a_box_that_is_gone_goes_nowhere(store: Store) -> None:
    await store.write(File(), Sorted(3, [Letter(99, 1, 11)], []))
    assert await ask(store, "select count(*) from letter") == [(0,)]


async def test_a_canceled_subscription_hears_what_was_before_and_its_end(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))

    async def cancel(unit: Unit) -> None:
        await hooks.cancel(unit, [11])
        await tell(unit, [event(0, "subscription.canceled", hook=11)])

    await receive(store, 1)
    await do(store, cancel)
    await receive(store, 2)
    async with mailing(store) as mail, reading(mail, one) as reader:
        await reader.peer.has(2)
        await until_in_box(store, one, 2)
        assert reader.said == ["answer 1", "subscription.canceled"]
    assert await ask(store, "select count(*) from route") == [(0,)]


async def test_a_deleted_subscription_hears_nothing_more_not_even_what_waited(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    await subscribe(store, one, hook(12, one, number="+16139990000"))
    async with mailing(store) as mail:
        await receive(store, 1)
        await receive(store, 2, number="+16139990000")
        await until_in_box(store, one, 2)
        await do(store, hooks.delete, [11])
        await receive(store, 3)
        await receive(store, 4, number="+16139990000")
        async with reading(mail, one) as reader:
            await reader.peer.has(2)
            assert reader.said == answers(2, 4)


async def test_a_reader_that_does_not_read_is_closed_and_gets_the_rest_when_it_returns(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    async with mailing(store) as mail:
        async with reading(mail, one, Limits(unsent_frames=5)) as reader:
            reader.peer.reads.clear()
            await receive(store, 20, 10)
            await until(lambda: reader.line.closed == TOO_SLOW)
            reader.peer.reads.set()
        async with reading(mail, one) as reader:
            await reader.peer.has(10)
            assert reader.said == answers(*range(20, 30))


async def test_events_that_come_while_the_box_is_emptied_come_after_what_waited(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    async with mailing(store) as mail:
        await receive(store, 20, 10)
        await until_in_box(store, one, 10)
        async with reading(mail, one, Limits(unsent_frames=8)) as reader:
            reader.peer.reads.clear()
            await receive(store, 30, 5)
            await until_in_box(store, one, 15)
            reader.peer.reads.set()
            await reader.peer.has(15)
            assert reader.said == answers(*range(20, 35))


async def test_too_much_news_while_the_box_is_emptied_closes_the_line(store: Store) -> None:
    one = channel(1)
    peer = Peer()
    box = Box(one, Line(peer.socket), words)
    told = Told(event(1, "message.received"), None)
    for n in range(AHEAD + 1):
        told.number = n + 1
        box.offer(told, hook(11, one))
    assert box.line.closed == TOO_SLOW


async def test_a_channel_that_is_over_or_gone_cannot_be_joined(store: Store) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    async with mailing(store) as mail:
        await run(store, f"update box set ends_at = {NOW}")
        with pytest.raises(Refusal, match="not_found"):
            await mail.join(Box(one, Line(Peer().socket), words))
        await run(store, f"update box set ends_at = {NOW + 1}")
        await run(store, "delete from channel")
        with pytest.raises(Refusal, match="not_found"):
            await mail.join(Box(one, Line(Peer().socket), words))


async def test_the_end_moves_while_connected_and_counts_from_the_leaving(store: Store) -> None:
    one = channel(1, lifetime=100)
    await subscribe(store, one, hook(11, one))
    now = NOW
    mail = Mail(store, lambda: now, tend_seconds=9)

    async def ends_at() -> int:
        return (await boxes.some(store.engine, [1]))[1].ends_at

    reader = Reader(mail, one)
    going = asyncio.create_task(reader.run())
    await until(lambda: 1 in mail.boxes and bool(mail.boxes[1].ends_at))
    assert await ends_at() == NOW + 100_000_000
    now += 40_000_000
    await mail.look()
    assert await ends_at() == NOW + 100_000_000  # not written every time
    now += 20_000_000
    await mail.look()
    assert await ends_at() == now + 100_000_000
    now += 30_000_000
    reader.peer.leave()
    await going
    assert await ends_at() == now + 100_000_000
    store.committer.observers.remove(mail.observe)


async def test_a_box_overflows_at_its_oldest_end(store: Store) -> None:
    one, two = channel(1), channel(2)
    for each in (one, two):
        await subscribe(store, each, hook(10 + each.id, each))
    letters = [Letter(1, n, 11) for n in range(1, 1_301)] + [Letter(2, 5, 12)]
    await store.write(File(), Sorted(1_300, letters, []))
    assert [x.event for x in await boxes.letters(store.engine, 1)] == list(range(301, 1_301))
    assert await in_box(store, two) == 1


async def test_accounts_are_found_with_their_first_event_however_many_routes_they_have(store: Store) -> None:
    assert await boxes.accounts(store.engine) == {}
    for n, account in enumerate((3, 3, 9, 4, 9), 1):
        at = channel(n)
        await do(store, tell, [event()])
        await subscribe(store, at, hook(10 + n, at, account=account))
    assert await boxes.accounts(store.engine) == {3: 1, 4: 4, 9: 3}


@pytest.mark.parametrize("kind", ["closed", "forgotten"])
async def test_the_socket_of_a_channel_that_is_gone_is_closed_for_good(store: Store, kind: str) -> None:
    one = channel(1)
    await subscribe(store, one, hook(11, one))
    async with mailing(store) as mail, reading(mail, one) as reader:
        await run(store, "delete from box" if kind == "closed" else "delete from channel")
        await until(lambda: reader.peer.code != 0)
        assert reader.peer.code == 1000


async def test_two_processes_tell_their_own_sockets_of_each_others_commits(postgres: str) -> None:
    one, two = channel(1), channel(2)
    async with running(postgres, owner=1) as here, running(postgres, owner=2) as there:
        for each in (one, two):
            await subscribe(here, each, hook(10 + each.id, each))
        async with mailing(here) as mail, mailing(there) as other:
            async with reading(mail, one) as first, reading(other, two) as second:
                for n in range(20, 40, 2):
                    await receive(here, n)
                    await receive(there, n + 1)
                await first.peer.has(20)
                await second.peer.has(20)
                assert first.said == second.said == answers(*range(20, 40))
            await until_in_box(here, one, 20)
            async with reading(other, one) as moved:
                await moved.peer.has(20)
                async with reading(mail, one):  # the newest takes it over, wherever it is
                    await until(lambda: moved.peer.code != 0)
                    assert moved.peer.code == 4009
