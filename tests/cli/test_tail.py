"""`textwire tail`: every event once, in order, across broken connections and restarts of the server."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import Server as SocketServer
from websockets.sync.server import ServerConnection, serve

from tests.cli.terminal import unsafe
from tests.serving import COMMAND, STOP_SECONDS, Server, clean_environment, server
from textwire.cli.failures import Failed
from textwire.cli.tail import FIRST_PAUSE, LONGEST_PAUSE, Lines, worded

HANDSET = "+447700900123"
MESSAGE = {"id": "7", "from": "+16139998877", "to": HANDSET, "text": "hello", "reason": None}


def event(number: int) -> dict[str, Any]:
    return {
        "id": f"evt_{number}", "type": "message.sent", "timestamp": "2030-01-31T09:00:00.250Z", "sequence": 1,
        "data": MESSAGE,
    }  # fmt: skip


class Told:
    """A live socket that tells a few events per connection and then breaks it."""

    def __init__(self, *connections: list[int], gap: bool = False) -> None:
        self.connections, self.gap = list(connections), gap
        self.asked: list[str] = []

    def __call__(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.asked.append(socket.request.path)
        socket.send(json.dumps({"type": "hello", "position": "evt_0", "gap": self.gap}))
        for number in self.connections.pop(0):
            socket.send(json.dumps(event(number)))
        if not self.connections:
            socket.recv()  # the last one stands until the listener leaves


@contextmanager
def telling(told: Told) -> Iterator[str]:
    listening: SocketServer = serve(told, "127.0.0.1", 0)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.socket.getsockname()[1]}"
    finally:
        listening.shutdown()
        thread.join()


def lines(url: str, sleeps: list[float], **wishes: str) -> Iterator[dict[str, Any]]:
    return iter(Lines(lambda: (url, "tw_k", Path("none")), wishes, sleep=sleeps.append))


def test_a_broken_connection_goes_on_behind_the_last_event() -> None:
    told, sleeps = Told([1, 2], [3], [4]), list[float]()
    with telling(told) as url:
        heard = lines(url, sleeps, events="message.sent")
        assert [next(heard)["id"] for _ in range(4)] == ["evt_1", "evt_2", "evt_3", "evt_4"]
        heard.close()  # type: ignore[attr-defined]
    assert told.asked == [
        "/api/live?events=message.sent", "/api/live?events=message.sent&after=evt_2",
        "/api/live?events=message.sent&after=evt_3",
    ]  # fmt: skip
    assert sleeps == [FIRST_PAUSE] * 2


def test_a_connection_that_told_nothing_goes_on_where_it_began() -> None:
    told = Told([], [1])
    with telling(told) as url:
        heard = lines(url, [])
        assert next(heard)["id"] == "evt_1"
        heard.close()  # type: ignore[attr-defined]
    assert told.asked == ["/api/live", "/api/live?after=evt_0"]


def test_a_gap_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with telling(Told([1], gap=True)) as url:
        heard = lines(url, [])
        next(heard)
        heard.close()  # type: ignore[attr-defined]
    assert "forgotten" in capsys.readouterr().err


def test_pauses_grow_while_no_server_is_there_and_it_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    sleeps: list[float] = []

    class Enough(Exception):
        pass

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 8:
            raise Enough

    with telling(Told([1], [])) as url:
        heard = iter(Lines(lambda: (url, "k", Path("none")), {}, sleep=sleep))
        next(heard)
        place = url
    with pytest.raises(Enough):
        next(heard)
    assert place
    assert sleeps == sorted(sleeps)
    assert (sleeps[0], sleeps[-1]) == (FIRST_PAUSE, LONGEST_PAUSE)
    assert capsys.readouterr().err.count("trying again") == 1


def test_without_a_server_at_first_it_ends_with_the_reason() -> None:
    with pytest.raises(Failed, match="no server answers"):
        next(lines("http://127.0.0.1:1", []))


def test_a_line_is_local_time_what_happened_and_to_what() -> None:
    shown = worded(event(1))
    assert re.fullmatch(
        r"\d\d:\d\d:00\.250 message\.sent          7 \+16139998877 → \+447700900123: hello", shown
    )
    assert worded(
        {**event(1), "type": "number.assigned", "data": {"number": "+1", "principal": "x"}}
    ).endswith("number.assigned       number=+1 principal=x")


@pytest.mark.parametrize("coloured", [True, False])
def test_what_strangers_wrote_reaches_no_terminal_as_a_command(coloured: bool) -> None:
    nasty = "\x1b[2J\x07\r\nforged line\x9b31m" * 20
    shown = worded({**event(1), "data": {**MESSAGE, "text": nasty, "from": nasty, "reason": nasty}}, coloured)
    assert "\n" not in shown
    assert not unsafe(shown)
    green = worded({**event(1), "type": "message.delivered"}, coloured)
    assert ("\x1b[" in green) is coloured


@contextmanager
def tailing(running: Server, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [*COMMAND, "tail", "--json", "--data", str(running.data), *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_across_a_kill_and_a_restart_on_another_port_every_event_comes_once(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        first = running.api("POST", "/api/messages", {"to": HANDSET, "text": "before"})["id"]
        with tailing(running, "--after", "evt_0") as tail:
            assert tail.stdout is not None
            assert tail.stderr is not None
            heard = [json.loads(tail.stdout.readline()) for _ in range(3)]
            assert {one["data"]["id"] for one in heard} == {first}
            running.kill()
            assert "trying again" in tail.stderr.readline()
            with server(tmp_path) as again:
                assert again.url != running.url
                sent = [
                    again.api("POST", "/api/messages", {"to": HANDSET, "text": f"{n}"})["id"]
                    for n in range(20)
                ]
                heard += [json.loads(tail.stdout.readline()) for _ in range(60)]
            tail.send_signal(signal.SIGINT)
            assert tail.wait(STOP_SECONDS) == 0
    numbers = [int(one["id"].removeprefix("evt_")) for one in heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))  # none lost, none twice, in order
    assert {one["data"]["id"] for one in heard} == {first, *sent}


def test_only_what_is_asked_for_is_told(tmp_path: Path) -> None:
    with (
        server(tmp_path) as running,
        tailing(running, "--events", "message.delivered", "--count", "2", "--after", "evt_0") as tail,
    ):
        for _ in range(2):
            running.textwire("send", "--to", HANDSET, "hello")
        assert tail.stdout is not None
        assert tail.wait(STOP_SECONDS) == 0
        assert [json.loads(one)["type"] for one in tail.stdout] == ["message.delivered"] * 2


def test_a_wish_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        wrong = running.textwire("tail", "--events", "message.nope")
        assert (wrong.returncode, wrong.stdout) == (1, "")
        assert "message.nope" in wrong.stderr
        stranger = running.textwire("tail", "--key", "tw_nobody")
        assert (stranger.returncode, stranger.stderr.count("\n")) == (1, 1)
        assert "does not know this key" in stranger.stderr
