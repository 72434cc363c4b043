"""Callbacks over a bad network: a dropped socket, a killed server and a slow callback lose and repeat nothing."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.client.proxy import Proxy
from tests.client.talk.test_journeys import OTHER, OWN, smsinbound
from tests.client.test_live import EACH, EVENTS, PATIENCE, TEXTS, send
from tests.serving import Server, server
from textwire_client import Client, Event, MessagesChange


class Seen:
    """The events that callbacks were told of, in their order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = threading.Condition()

    def __call__(self, change: MessagesChange) -> None:
        with self._came:
            self.events.append(change.event)
            self._came.notify_all()

    def wait(self, count: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.events) >= count, PATIENCE), (
                f"only {len(self.events)} events came"
            )

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.events]


def every_event(running: Server, key: str, count: int, *, number: str = OWN) -> list[str]:
    with Client(running.url, key) as client, client.live(after="0", numbers=[number]) as live:
        events = [live.next(PATIENCE) for _ in range(count)]
        assert live.next(timeout=0.5) is None
    return [event.id for event in events if event is not None]


def test_500_events_are_told_once_each_through_dropped_sockets_and_a_killed_server(
    hearing: Any, proxy: Proxy, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as lives:
        running: Server = lives.enter_context(server(tmp_path))
        key = running.credentials["api"]["key"]
        proxy.target = running.url
        client, seen = hearing(proxy.url, key), Seen()
        client.on("messages:change", seen)
        client.services.subscribe(smsinbound(OWN))
        with Client(running.url, key) as sender:
            send(sender, TEXTS // 2)
        seen.wait(40)
        proxy.drop()
        seen.wait(150)
        with Client(running.url, key) as looker:
            until(lambda: len(list(looker.messages.list(state="delivered", limit=100))) >= TEXTS // 2)
        running.kill()
        running = lives.enter_context(server(tmp_path))
        proxy.target = running.url
        with Client(running.url, key) as sender:
            send(sender, TEXTS - TEXTS // 2)
        seen.wait(400)
        proxy.drop()
        seen.wait(TEXTS * EACH)
        all_events = every_event(running, key, TEXTS * EACH)
        assert seen.ids == all_events  # in order, none is missing, none came twice
        assert len(all_events) == len(set(all_events)) >= EVENTS
        assert proxy.dropped == 2
        client.close()


def test_a_slow_callback_is_told_everything_all_the_same(running: Server, key: str, hearing: Any) -> None:
    client, seen, go_on = hearing(running.url, key), Seen(), threading.Event()

    def slow(change: MessagesChange) -> None:
        assert go_on.wait(PATIENCE)
        if change.event.type == "message.accepted":
            seen(change)

    client.on("messages:change", slow)
    client.services.subscribe(smsinbound(OWN))
    with Client(running.url, key) as sender:
        sender.accounts.change(sender.account.get().id, topup="1000")
        for _ in range(3):  # more than the server keeps for a reader that does not read
            sender.messages.send_many([f"+44770094{n:04}" for n in range(1000, 2000)], "x" * 300, from_=OWN)
    time.sleep(0.5)  # it is the reader that sleeps here
    go_on.set()
    seen.wait(3000)
    assert len(set(seen.ids)) == len(seen.ids) == 3000
    client.close()


def test_a_number_that_joins_in_the_middle_of_much_makes_nothing_come_twice(
    running: Server, key: str, hearing: Any
) -> None:
    client, seen = hearing(running.url, key), Seen()
    client.on("messages:change", seen)
    client.services.subscribe(smsinbound(OWN))
    with Client(running.url, key) as other:
        people = [f"+44770095{n:04}" for n in range(1000, 1100)]
        writing = threading.Thread(
            target=lambda: [other.simnet.phones.text(one, OWN, "hi") for one in people]
        )
        writing.start()
        for _ in range(3):
            seen.wait(len(seen.events) + 10)
            client.services.subscribe(smsinbound(OTHER))
            other.simnet.phones.text("+447700951999", OTHER, "hi")
            client.services.unsubscribe(smsinbound(OTHER))
        writing.join()
        own = [event for event in iter_own(seen, len(people)) if event.message and event.message.to == OWN]
    assert [event.message.from_ for event in own if event.message] == people
    assert len(set(seen.ids)) == len(seen.ids)
    client.close()


def test_closing_does_not_wait_for_what_nobody_has_read(running: Server, key: str, hearing: Any) -> None:
    client, go_on = hearing(running.url, key), threading.Event()
    client.on("messages:change", lambda _: go_on.wait(PATIENCE))
    client.services.subscribe(smsinbound(OWN))
    with Client(running.url, key) as sender:
        sender.accounts.change(sender.account.get().id, topup="1000")
        sender.messages.send_many([f"+44770096{n:04}" for n in range(1000, 1500)], "x" * 300, from_=OWN)
    threading.Timer(1.0, go_on.set).start()
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < 8.0  # a goodbye that is waited for takes ten seconds and more


def iter_own(seen: Seen, count: int) -> list[Event]:
    def own() -> list[Event]:
        return [event for event in seen.events if event.message and event.message.to == OWN]

    until(lambda: len(own()) >= count)
    return own()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
