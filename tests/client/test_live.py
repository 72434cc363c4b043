"""Live events of a real server: a dropped socket, a restarted server and a slow reader lose and repeat nothing."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.proxy import Proxy
from tests.serving import Server, server
from textwire_client import AsyncClient, Client, Event, EventsMissed, Unauthorized

EVENTS = 500
EACH = 3  # accepted, sent, delivered
TEXTS = EVENTS // EACH + 1
PATIENCE = 60.0


def send(client: Client, count: int) -> None:
    for start in range(0, count, 50):
        client.messages.send_many(
            [f"+44770092{n:04}" for n in range(start + 1000, start + 1000 + min(50, count - start))], "hi"
        )


def blocking(url: str, key: str, disturb: Callable[[int], None]) -> list[Event]:
    with Client(url, key) as client, client.live(after="0", patience=PATIENCE) as live:
        seen: list[Event] = []
        while len(seen) < TEXTS * EACH:
            event = live.next(timeout=PATIENCE)
            assert event is not None, f"only {len(seen)} events came"
            seen.append(event)
            disturb(len(seen))
        assert live.next(timeout=0.5) is None  # nothing comes twice afterwards
        return seen


def awaited(url: str, key: str, disturb: Callable[[int], None]) -> list[Event]:
    async def read() -> list[Event]:
        async with AsyncClient(url, key) as client, client.live(after="0", patience=PATIENCE) as live:
            seen: list[Event] = []
            while len(seen) < TEXTS * EACH:
                event = await live.next(timeout=PATIENCE)
                assert event is not None, f"only {len(seen)} events came"
                seen.append(event)
                await asyncio.to_thread(disturb, len(seen))
            assert await live.next(timeout=0.5) is None
            return seen

    return asyncio.run(read())


@pytest.mark.parametrize("read", [blocking, awaited])
def test_500_events_come_once_each_through_dropped_sockets_and_a_restarted_server(
    read: Callable[..., list[Event]], proxy: Proxy, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as lives:
        running: list[Server] = [lives.enter_context(server(tmp_path))]
        key = running[0].credentials["api"]["key"]

        def restart() -> None:
            with Client(running[-1].url, key) as looker:
                while len(list(looker.messages.list(state="delivered", limit=100))) < TEXTS // 2:
                    time.sleep(0.05)
            running[-1].kill()
            running.append(lives.enter_context(server(tmp_path)))
            proxy.target = running[-1].url

        def disturb(seen: int) -> None:
            if seen in {40, 400}:
                proxy.drop()
            if seen == 150:
                restart()
                with Client(running[-1].url, key) as sender:
                    send(sender, TEXTS - TEXTS // 2)

        proxy.target = running[0].url
        with Client(running[0].url, key) as sender:
            send(sender, TEXTS // 2)
        seen = read(proxy.url, key, disturb)
        with Client(running[-1].url, key) as teller, teller.live(after="0") as live:
            all_events = [live.next(PATIENCE) for _ in range(TEXTS * EACH)]
    ids = [event.id for event in seen]
    assert len(ids) == len(set(ids)) >= EVENTS
    assert ids == [event.id for event in all_events if event is not None]  # in order, and none is missing
    assert {event.message.state for event in seen if event.message} == {"submitting", "sent", "delivered"}
    assert proxy.dropped == 2


def test_a_slow_reader_gets_everything_all_the_same(running: Server, key: str) -> None:
    with Client(running.url, key) as client, client.live(events=["message.accepted"]) as live:
        client.accounts.change(client.account.get().id, topup="1000")
        for _ in range(3):  # more than the server keeps for a reader that does not read
            client.messages.send_many([f"+44770093{n:04}" for n in range(1000, 2000)], "x" * 300)
        time.sleep(0.5)  # it is the reader that sleeps here
        seen: list[str] = []
        while len(seen) < 3000:
            event = live.next(timeout=PATIENCE)
            assert event is not None, f"only {len(seen)} events came"
            seen.append(event.id)
    assert len(set(seen)) == 3000


def test_a_key_that_is_over_ends_it(running: Server, key: str) -> None:
    with Client(running.url, key) as client:
        made = client.keys.create("short", ["read"])
        with Client(running.url, made.key) as short, short.live(events=["hook.disabled"]) as live:
            client.keys.delete(made.id)
            with pytest.raises(Unauthorized):
                live.next(timeout=PATIENCE)
        with Client(running.url, made.key) as short, pytest.raises(Unauthorized), short.live():
            pass


def test_a_reader_that_waits_in_vain_is_told_so(running: Server, key: str) -> None:
    with Client(running.url, key) as client, client.live(events=["hook.disabled"]) as live:
        assert live.next(timeout=0.1) is None


def test_who_comes_back_to_a_place_that_is_not_kept_is_told_once_and_goes_on(
    running: Server, key: str
) -> None:
    with (
        Client(running.url, key) as client,
        client.live(after="evt_999999999") as live,
    ):  # ahead of all that there is, as after a restored backup
        with pytest.raises(EventsMissed):
            live.next(timeout=PATIENCE)
        client.messages.send("+447700920001", "hi")
        assert live.next(timeout=PATIENCE) is not None

    async def read() -> None:
        async with AsyncClient(running.url, key) as client, client.live(after="evt_999999999") as live:
            with pytest.raises(EventsMissed):
                await live.next(timeout=PATIENCE)
            await client.messages.send("+447700920001", "hi")
            assert await live.next(timeout=PATIENCE) is not None

    asyncio.run(read())


def test_one_that_is_closed_elsewhere_ends(running: Server, key: str) -> None:
    with Client(running.url, key) as client, client.live(events=["hook.disabled"]) as live:
        threading.Timer(0.1, live.close).start()
        assert list(live) == []
        assert live.next(timeout=PATIENCE) is None

    async def read() -> None:
        async with AsyncClient(running.url, key) as client, client.live(events=["hook.disabled"]) as live:
            asyncio.get_running_loop().call_later(0.1, asyncio.ensure_future, live.close())
            assert [event async for event in live] == []
            assert await live.next(timeout=PATIENCE) is None

    asyncio.run(read())
