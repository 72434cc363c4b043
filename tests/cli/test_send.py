"""`textwire send` against a server double: what it asks for, what it shows, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cli.terminal import unsafe
from textwire.cli import call, send
from textwire.cli.failures import Failed
from textwire.cli.main import group

MESSAGE = {
    "id": "7", "state": "submitting", "from": "+16139998877", "to": "+447700900123", "text": "hello", "segments": 1,
    "price": "0.07", "timeline": [], "reason": None,
}  # fmt: skip


def step(state: str, reason: str | None = None) -> dict[str, Any]:
    data = {"reason": reason} if reason else {}
    return {"at": "2026-11-21T10:00:00.000Z", "type": f"message.{state}", "state": state, "data": data}


class House:
    """The own API: takes one message, which goes through `states`, one more each time it is looked at."""

    def __init__(self, *states: str, reason: str | None = None) -> None:
        self.states, self.reason = states, reason
        self.posted: list[tuple[str, Any, dict[str, str]]] = []
        self.looks = 0

    def post(self, path: str, body: Any, **headers: str) -> Any:
        self.posted.append((path, body, headers))
        return MESSAGE

    def get(self, path: str) -> Any:
        assert path == "/api/messages/7"
        self.looks += 1
        seen = self.states[: self.looks]
        reason = self.reason if len(seen) == len(self.states) else None
        timeline = [
            step(state, self.reason if n == len(self.states) else None) for n, state in enumerate(seen, 1)
        ]
        return MESSAGE | {"state": seen[-1], "timeline": timeline, "reason": reason}


class Clock:
    """Time that passes by sleeping alone."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= send.SLOWEST_LOOK
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(send, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEXTWIRE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TEXTWIRE_KEY", "tw_k")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    house = House("submitting", "sent", "delivered")
    monkeypatch.setattr(call, "Api", lambda url, key, ca: house)
    return house


def run(*arguments: str, typed: str | bytes | None = None) -> Result:
    return CliRunner().invoke(group, ["send", *arguments], input=typed)


def test_a_text_is_posted_once_with_a_key_of_its_own(house: House) -> None:
    assert run("--to", "+447700900123", "hello").exit_code == 0
    assert run("--to", "+447700900123", "--from", "Shop", "hello").exit_code == 0
    (path, first, one), (_, second, two) = house.posted
    assert path == "/api/messages"
    assert first == {"to": "+447700900123", "text": "hello"}
    assert second == {"to": "+447700900123", "text": "hello", "from": "Shop"}
    assert one["idempotency_key"] != two["idempotency_key"]


def test_what_was_taken_is_shown_in_one_line(house: House) -> None:
    said = run("--to", "+447700900123", "hello").stdout
    assert said == "7 +16139998877 → +447700900123 submitting 1 segment 0.07 EUR\n"
    assert house.looks == 0


def test_json_is_the_message_as_the_api_gives_it(house: House) -> None:
    assert json.loads(run("--to", "1", "--json", "hello").stdout) == MESSAGE
    waited = run("--to", "1", "--json", "--wait", "hello").stdout
    assert waited.count("\n") == 1
    assert json.loads(waited)["state"] == "delivered"


def test_waiting_shows_each_state_once_until_the_message_is_final(house: House) -> None:
    result = run("--to", "1", "--wait", "hello")
    assert result.exit_code == 0
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["submitting", "sent", "delivered"]


@pytest.mark.parametrize("state", ["undelivered", "rejected", "expired", "failed", "canceled"])
def test_waiting_fails_with_the_reason_unless_the_message_is_delivered(house: House, state: str) -> None:
    house.states, house.reason = ("submitting", state), "unknown_subscriber"
    result = run("--to", "1", "--wait", "hello")
    assert result.exit_code == 1
    assert f"{state} (unknown_subscriber)" in result.stdout
    assert result.stderr == f"textwire: the message is {state} (unknown_subscriber)\n"


def test_waiting_ends_after_its_time(house: House, clock: Clock) -> None:
    house.states = ("sent",)
    result = run("--to", "1", "--wait", "--timeout", "7", "hello")
    assert result.exit_code == 1
    assert "after 7 seconds the message is still sent" in result.stderr
    assert clock.now == pytest.approx(7.0)
    assert house.looks < 20


def test_without_time_a_message_is_looked_at_once(clock: Clock) -> None:
    house = House("sent")
    with pytest.raises(Failed):
        send.follow(house, "7", 0.0, lambda _: None)
    assert (house.looks, clock.now) == (1, 0.0)


def test_a_text_may_come_through_a_pipe(house: House) -> None:
    run("--to", "1", "-", typed="two\nlines\n")
    run("--to", "1", "-", typed="no end")
    assert [body["text"] for _, body, _ in house.posted] == ["two\nlines", "no end"]


def test_a_text_may_begin_with_a_dash(house: House) -> None:
    run("--to", "1", "--", "-5 degrees")
    assert house.posted[0][1]["text"] == "-5 degrees"


def test_what_the_server_says_reaches_no_terminal_as_a_command(house: House) -> None:
    house.states, house.reason = ("rejected",), "\x1b[2Jgone\x9b31m\r\n\x07"
    result = run("--to", "1", "--wait", "hello")
    assert not unsafe(result.stdout + result.stderr)
    assert "gone" in result.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("hello",), ("--to", "1"), ("--to", "1", "--timeout", "-1", "hello")]
)
def test_wrong_use_is_told_as_such(house: House, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
    assert house.posted == []
