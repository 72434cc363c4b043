"""sipgate's wire against server processes: a month that a process does not live to see, one balance and many callers, a secret code."""

import base64
import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.serving import CALL_SECONDS, Server, server
from textwire_client import Client

from .webhook import listening

PHONE, OTHER_PHONE = "+4915799999123", "+4915799999124"
PRICE = "0.07"
PASSWORD = "correct-horse-battery"
DAY = 86_400
MONTH = 31 * DAY
AT_ONCE = 50
LAST = "the last that is told"
TOLD = [
    "message.accepted", "message.sent", "message.delivered", "message.received", "number.assigned", "number.unassigned",
    "optout.added",
]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What `textwire serve` is told of where to keep things."""
    if request.param == "sqlite":
        return ()
    return ("--database", str(request.getfixturevalue("postgres_url")))


class Said(NamedTuple):
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """A person's calls under /v2."""

    def __init__(self, running: Server, name: str, secret: str) -> None:
        self._root = f"{running.url}/v2"
        self._header = "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()

    def ask(self, method: str, path: str, body: object = None) -> Said:
        request = urllib.request.Request(
            self._root + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": self._header, "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
                return Said(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Said(error.code, error.read())

    def send(self, **fields: object) -> Said:
        return self.ask(
            "POST", "/sessions/sms", {"smsId": "s0", "recipient": PHONE, "message": "Hallo", **fields}
        )

    def entry(self) -> Any:
        """The only entry of the history."""
        [found] = self.ask("GET", "/history?limit=1000").json["items"]
        return found


def demo(running: Server) -> Wire:
    """The first account's token."""
    kept = running.credentials["sipgate"]
    return Wire(running, kept["token_id"], kept["token"])


def turned(running: Server, **turn: object) -> datetime:
    """Turns the message clock; what it says then."""
    return datetime.fromisoformat(running.api("POST", "/api/simnet/clock", turn)["now"])


def settled(running: Server) -> Any:
    """The only entry, once it is neither scheduled nor under way; the frozen clock is stepped meanwhile."""
    for _ in range(300):
        entry = demo(running).entry()
        if entry["state"] not in ("scheduled", "queued", "submitting", "sent"):
            return entry
        turned(running, advance="1s")
    raise AssertionError(f"still {entry['state']}")


def left(running: Server) -> Any:
    """The only entry, once it has left; the clock stands still."""
    for _ in range(300):
        entry = demo(running).entry()
        if entry["state"] not in ("scheduled", "queued", "submitting"):
            return entry
    raise AssertionError(f"still {entry['state']}")


def test_a_text_a_month_ahead_leaves_once_and_on_the_second_though_no_process_lives_so_long(
    tmp_path: Path, database: tuple[str, ...]
) -> None:
    with server(tmp_path, *database) as first:
        now = turned(first, freeze=True).replace(microsecond=0)
        due = now + timedelta(seconds=MONTH)
        later = demo(first).send(sendAt=int(due.timestamp()) + 1)
        assert later.status == 400
        assert later.json["errors"][0]["source"] == {"pointer": "/sendAt"}
        assert demo(first).send(sendAt=str(int(due.timestamp())), message="a month ago").status == 204
        turned(first, advance="480h")
        assert demo(first).entry()["state"] == "scheduled"
        assert first.stop() == 0
    with server(tmp_path, *database) as second:
        before = turned(second, advance=f"{MONTH - 480 * 3600 - 2}s")
        assert due - timedelta(seconds=2) <= before < due
        second.kill()
    with server(tmp_path, *database) as third:
        entry = demo(third).entry()
        assert (entry["state"], entry["scheduled"]) == ("scheduled", due.strftime("%Y-%m-%dT%H:%M:%SZ"))
        at = turned(third, advance="2s")
        assert due <= at < due + timedelta(seconds=1)
        assert left(third)["lastModified"] == entry["scheduled"], "it has left within the second"
        assert settled(third)["state"] == "delivered"
        assert [one["text"] for one in third.shown(PHONE)] == ["a month ago"]
        third.kill()
    with server(tmp_path, *database) as fourth:
        turned(fourth, advance="48h")
        assert demo(fourth).entry()["state"] == "delivered"
        [event] = [one for one in fourth.api("GET", "/api/messages")["items"] if one["text"] == "a month ago"]
        assert (event["state"], event["attempts"]) == ("delivered", 1)
        shown = fourth.api("GET", f"/api/simnet/phones/{PHONE}/messages")["items"]
        assert [one["text"] for one in shown] in ([], ["a month ago"]), "never twice"


def test_of_fifty_sends_over_fifty_sockets_on_a_balance_for_one_exactly_one_is_taken(
    tmp_path: Path, database: tuple[str, ...]
) -> None:
    with server(tmp_path, *database) as running:
        poor = _poor(running)
        assert poor.ask("GET", "/balance").json == {"amount": 700, "currency": "EUR"}
        together = threading.Barrier(AT_ONCE)

        def send(_: int) -> int:
            together.wait()
            return poor.send().status

        with ThreadPoolExecutor(AT_ONCE) as pool:
            statuses = Counter(pool.map(send, range(AT_ONCE)))
        assert statuses == {204: 1, 402: AT_ONCE - 1}
        assert poor.ask("GET", "/balance").json["amount"] == 0
        assert poor.ask("GET", "/history").json["totalCount"] == 1
        assert running.arrives(PHONE, "Hallo")
        assert len(running.api("GET", f"/api/simnet/phones/{PHONE}/messages")["items"]) == 1


def _poor(running: Server) -> Wire:
    """A person of a new account that can pay for one text."""
    founded = running.api("POST", "/api/accounts", {"name": "poor", "balance": PRICE})
    with Client(running.url, founded["key"]) as client:
        client.users.create("poor@example.test", password=PASSWORD, scopes=["send"])
    return Wire(running, "poor@example.test", PASSWORD)


@pytest.fixture
def codes(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, "--log-level", "debug") as running:
        yield running


def test_a_code_is_read_on_the_handset_and_nowhere_else(codes: Server, tmp_path: Path) -> None:
    """Whatever anybody is told by any door, while a code is asked for, waits, is tried and is used."""
    wire, told = demo(codes), list[bytes]()
    with listening() as hook:
        codes.api("POST", "/api/hooks", {"url": hook.url, "events": TOLD})
        told.append(wire.ask("POST", "/w0/sms/s0/callerids", {"phonenumber": OTHER_PHONE}).body)
        code = _code(codes)
        told += _everything(codes, wire)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        [key] = [
            one["id"]
            for one in wire.ask("GET", "/w0/sms/s0/callerids").json["items"]
            if one["phonenumber"] == OTHER_PHONE
        ]
        for given, status in ((wrong, 404), (code, 204), (code, 404)):
            said = wire.ask("POST", f"/w0/sms/s0/callerids/{key}/verification", {"verificationCode": given})
            assert said.status == status
            told.append(said.body)
        told += _everything(codes, wire)
        wire.send(message=LAST)
        while LAST not in (heard := json.dumps(hook.next().body)):
            told.append(heard.encode())
    told += _heard_live(codes)
    assert any(LAST.encode() in one for one in _everything(codes, wire)), "it looks where texts are"
    assert not [one for one in told if code.encode() in one]
    codes.stop()
    assert code not in codes.complaints
    assert code not in codes.printed


def _code(running: Server) -> str:
    """What the handset shows."""
    page = running.api("GET", f"/api/simnet/phones/{OTHER_PHONE}/messages?wait=20")
    [shown] = page["items"]
    assert shown["from"] == "sipgate"
    return str(shown["text"][:6])


def _heard_live(running: Server) -> list[bytes]:
    """Every event from the first one on, as a live reader hears it."""
    heard: list[bytes] = []
    with Client(running.url, running.credentials["api"]["key"]) as client, client.live(after="evt_0") as live:
        for event in live:
            heard.append(repr(event).encode())
            if LAST.encode() in heard[-1]:
                return heard
    raise AssertionError("the last event did not come")


def _everything(running: Server, wire: Wire) -> list[bytes]:
    """What an account can read of itself by every door, with all that was ever told to live readers."""
    vendor = (
        "/history?limit=1000", "/history/export", "/w0/sms", "/w0/sms/s0/callerids", "/account", "/numbers", "/log/webhooks",
    )  # fmt: skip
    found = [wire.ask("GET", path) for path in vendor]
    assert {one.status for one in found} == {200}
    own = (
        "/api/messages", "/api/conversations", "/api/senders", "/api/audit", "/api/hooks", "/api/account", "/api/users",
        "/api/keys",
    )  # fmt: skip
    said = [json.dumps(running.api("GET", path)).encode() for path in own]
    hooks = [one["id"] for one in running.api("GET", "/api/hooks")["items"]]
    said += [json.dumps(running.api("GET", f"/api/hooks/{one}/deliveries")).encode() for one in hooks]
    with urllib.request.urlopen(f"{running.url}/metrics", timeout=CALL_SECONDS) as answer:
        said.append(answer.read())
    return [*(one.body for one in found), *said]
