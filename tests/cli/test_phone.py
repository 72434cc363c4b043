"""`textwire phone` against a double of the simulated network: who is texted, what is shown, when it ends."""

import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner, Result

from tests.cli.terminal import unsafe
from textwire.cli import call, phone
from textwire.cli.failures import Failed
from textwire.cli.main import group
from textwire.cli.phone import Handset, Watch, typed, worded

ME, DEMO, OTHER = "+447700900123", "+16139998877", "+4915799912345"
NOBODY = "+00000"
PATIENCE = 10.0


class Network:
    """One handset's part of the own API. A long poll waits until something comes, or the test ends."""

    def __init__(self, page: int = 100) -> None:
        self.shown: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.state = "on"
        self.fails: Failed | None = None
        self._page = page
        self._more = threading.Condition()
        self.ended = False

    def arrive(self, text: str, sender: str = DEMO) -> None:
        self._add("in", sender, ME, text)

    def post(self, path: str, body: Any) -> Any:
        assert path == "/api/simnet/phones/%2B447700900123/messages"
        if body["to"] == NOBODY:
            raise Failed("no such number")
        return self._add("out", ME, body["to"], body["text"])

    def get(self, path: str, wait: float = 0.0) -> Any:
        self.asked.append(path)
        parts = urlsplit(path)
        if not parts.path.endswith("/messages"):
            return {"number": ME, "state": self.state, "messages": []}
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        after, start = int(query["after"]), int(query.get("cursor", "0"))
        with self._more:
            if wait:
                self._more.wait_for(lambda: self._newer(after) or self.fails or self.ended, PATIENCE)
            if self.fails:
                raise self.fails
            newer = self._newer(after)[::-1]
        end = start + self._page
        return {"items": newer[start:end], "next": str(end) if len(newer) > end else None}

    def fail(self, error: Failed) -> None:
        with self._more:
            self.fails = error
            self._more.notify_all()

    def close(self) -> None:
        with self._more:
            self.ended = True
            self.fails = Failed("closed")
            self._more.notify_all()

    def _add(self, direction: str, sender: str, to: str, text: str) -> dict[str, Any]:
        with self._more:
            one = {
                "id": str(len(self.shown) + 1), "direction": direction, "from": sender, "to": to, "text": text,
                "at": "2026-11-21T10:00:00.000Z",
            }  # fmt: skip
            self.shown.append(one)
            self._more.notify_all()
        return one

    def _newer(self, after: int) -> list[dict[str, Any]]:
        return [one for one in self.shown if int(one["id"]) > after]


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


@pytest.fixture
def seen() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def handset(network: Network, seen: list[tuple[str, str]]) -> Handset:
    return Handset(network, ME, None, lambda one: seen.append((one["direction"], one["text"])))


@pytest.mark.parametrize(
    ("line", "to", "text"),
    [
        ("+16139998877: hello", "+16139998877", "hello"),
        ("  +1 (613) 999-8877:  two  words ", "+1 (613) 999-8877", "two  words "),
        ("16139998877: hello", "16139998877", "hello"),
        ("+16139998877:", "+16139998877", ""),
        ("hello", OTHER, "hello"),
        ("10: see you", OTHER, "10: see you"),
        ("at 10:30", OTHER, "at 10:30"),
        ("+16139998877:hello", OTHER, "+16139998877:hello"),
        ("Grüße: +16139998877: x", OTHER, "Grüße: +16139998877: x"),
    ],
)
def test_to_whom_a_line_goes(network: Network, line: str, to: str, text: str) -> None:
    Handset(network, ME, OTHER, lambda _: None).say(line)
    [sent] = network.shown
    assert (sent["to"], sent["text"]) == (to, text)


def test_a_line_without_a_number_answers_whoever_texted_last(network: Network, handset: Handset) -> None:
    network.arrive("one", DEMO)
    network.arrive("two", OTHER)
    handset.look()
    handset.say(f"{DEMO}: aside")  # what the person wrote elsewhere changes nothing
    handset.look()
    handset.say("answer")
    assert network.shown[-1]["to"] == OTHER


def test_with_nobody_to_answer_one_is_asked_to_whom(network: Network, handset: Handset) -> None:
    with pytest.raises(Failed, match=r"to whom\?") as failed:
        handset.say("hello")
    assert failed.value.exit_code == 2
    assert network.shown == []


def test_messages_are_shown_once_oldest_first(
    network: Network, handset: Handset, seen: list[tuple[str, str]]
) -> None:
    for n in range(3):
        network.arrive(str(n))
    handset.look()
    handset.say("3")
    handset.look()
    handset.look()
    assert seen == [("in", "0"), ("in", "1"), ("in", "2"), ("out", "3")]


def test_more_than_a_page_is_fetched_to_its_end(seen: list[tuple[str, str]]) -> None:
    network = Network(page=10)
    for n in range(35):
        network.arrive(str(n))
    Handset(network, ME, None, lambda one: seen.append(("", one["text"]))).look()
    assert [text for _, text in seen] == [str(n) for n in range(35)]


def test_skipping_leaves_out_what_is_there_but_knows_who_texted(
    network: Network, handset: Handset, seen: list[tuple[str, str]]
) -> None:
    network.arrive("old")
    handset.skip()
    handset.say("answer")
    handset.look()
    assert seen == [("out", "answer")]
    assert network.shown[-1]["to"] == DEMO


def test_the_title_tells_the_handset_s_state(network: Network, handset: Handset) -> None:
    network.state = "off"
    assert f"Handset {ME} is off." in handset.title()


def test_watching_ends_with_the_lines_and_shows_all_that_came(
    network: Network, handset: Handset, seen: list[tuple[str, str]]
) -> None:
    network.arrive("hello")
    Watch(handset).run(iter(["", "hi", "  ", "bye"]), 0.0)
    assert seen == [("in", "hello"), ("out", "hi"), ("out", "bye")]


def test_what_arrives_while_a_person_thinks_is_shown_at_once(network: Network) -> None:
    shown = threading.Event()
    handset = Handset(network, ME, None, lambda one: shown.set() if one["text"] == "now" else None)

    def thinking() -> Iterator[str]:
        network.arrive("now")
        assert shown.wait(PATIENCE)
        yield "answer"

    Watch(handset).run(thinking(), 0.0)
    assert network.shown[-1]["text"] == "answer"


def test_lingering_shows_what_comes_after_the_last_line(network: Network) -> None:
    ended = threading.Event()

    def show(one: dict[str, Any]) -> None:
        if one["text"] == "late":
            network.fail(Failed("the end of the test"))
            ended.set()

    def lines() -> Iterator[str]:
        yield "hi"
        network.arrive("late")

    with pytest.raises(Failed, match="the end of the test"):
        Watch(Handset(network, ME, DEMO, show)).run(lines(), PATIENCE)
    assert ended.is_set()


def test_a_line_that_cannot_be_sent_is_told_and_the_next_one_sent(
    network: Network, handset: Handset, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(click.exceptions.Exit) as ended:
        Watch(handset).run(iter(["to whom?", f"{NOBODY}: lost", f"{DEMO}: kept"]), 0.0)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.count("textwire: ") == 2
    assert [one["text"] for one in network.shown] == ["kept"]


def test_a_server_that_goes_away_ends_it_with_the_reason(network: Network, handset: Handset) -> None:
    thinking = threading.Event()

    def lines() -> Iterator[str]:
        network.fail(Failed("no server answers"))
        thinking.wait(PATIENCE)
        yield from ()

    with pytest.raises(Failed, match="no server answers"):
        Watch(handset).run(lines(), 0.0)
    thinking.set()


def test_ctrl_c_ends_it_quietly(network: Network, handset: Handset, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    watch = Watch(handset)
    monkeypatch.setattr(watch, "_ended", type("Queue", (), {"get": interrupted, "put": lambda *_: None})())
    watch.run(iter(()), 0.0)


def message(text: str, direction: str = "in", sender: str = DEMO) -> dict[str, Any]:
    return {
        "id": "1", "direction": direction, "from": sender, "to": OTHER, "text": text, "at": "2026-11-21T10:00:00.000Z",
    }  # fmt: skip


@pytest.fixture
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_utc")
@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (message("hello"), f"10:00:00 {DEMO}: hello"),
        (message("hello", "out"), f"10:00:00 → {OTHER}: hello"),
        (message("hi\n10:00:01 +491: forged"), f"10:00:00 {DEMO}: hi\n         10:00:01 +491: forged"),
        (message("\x1b[2Jcleared\x07"), f"10:00:00 {DEMO}: cleared"),
        (message("hi", sender="Sh\x1b[31mop\n"), "10:00:00 Shop: hi"),
    ],
)
def test_how_a_message_looks(one: dict[str, Any], shown: str) -> None:
    assert worded(one) == shown
    assert not unsafe(worded(one))


def through_pipe(*chunks: bytes) -> list[str]:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream:
        for chunk in chunks:
            os.write(writing, chunk)
        os.close(writing)
        return list(typed(stream))


def test_lines_of_a_pipe_come_whole_however_they_were_written() -> None:
    assert through_pipe(b"one\ntw", b"o\n\nthree") == ["one", "two", "", "three"]
    assert through_pipe() == [""]
    assert through_pipe("Grüße ".encode(), b"\xff\n") == ["Grüße \ufffd", ""]


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone, "LONGEST", 10)
    with pytest.raises(Failed, match="longer than 10 bytes"):
        through_pipe(b"x" * 11)


def test_lines_of_what_is_no_file_are_taken_as_they_are() -> None:
    assert list(typed(io.StringIO("one\ntwo\n"))) == ["one\n", "two\n"]


Run = Callable[..., Result]


@pytest.fixture
def run(network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setattr(call, "Api", lambda url, key, ca: network)
    monkeypatch.setenv("TEXTWIRE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TEXTWIRE_KEY", "tw_k")
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(group, ["phone", ME, *arguments], input=typed)

    return invoke


def test_once_texts_and_shows_that_alone(network: Network, run: Run) -> None:
    network.arrive("old")
    result = run("--once", "hi", "--to", DEMO)
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert result.stdout.endswith(f"→ {DEMO}: hi\n")


def test_once_reads_nothing(network: Network, run: Run) -> None:
    run("--once", "hi", "--to", DEMO, typed="never\n")
    assert [one["text"] for one in network.shown] == ["hi"]


def test_once_to_nobody_is_wrong_use(run: Run) -> None:
    result = run("--once", "hi")
    assert result.exit_code == 2
    assert "to whom?" in result.stderr


def test_with_json_every_message_is_a_line_of_json(network: Network, run: Run) -> None:
    network.arrive("\x1b[31mred\nblue")
    result = run("--json", "--to", DEMO, typed="hi\n")
    lines = result.stdout.split("\n")[:-1]
    assert [json.loads(line)["text"].rstrip("\n") for line in lines] == ["\x1b[31mred\nblue", "hi"]
    assert not unsafe(result.stdout)


def test_new_leaves_out_what_the_handset_shows_already(network: Network, run: Run) -> None:
    network.arrive("old")
    assert run("--new").stdout == ""
    assert "old" in run().stdout
