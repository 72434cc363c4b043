"""The tutorial's reply flow pointed at itself, over each door of a running server: it comes to rest."""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .serving import Server, server

MOST = 20  # texts of a pair in a minute
OWN, OTHER = "+16139998877", "+447700900001"
ECHO = "+447700900009"  # its handset answers whatever it is texted
PATIENCE = 55.0  # seconds until they are stopped: a minute later they may go on
QUIET = 2.0  # seconds in which nothing more comes

Fields = dict[str, Any]


class Replier:
    """A program that answers what it is told by `answer`, as often as it is told; that returns a refusal, or None."""

    def __init__(self, answer: Callable[[Fields], Any]) -> None:
        self._answer = answer
        self.told: list[Fields] = []
        self.refused: list[Any] = []

    def hear(self, said: Fields) -> None:
        self.told.append(said)
        if (refusal := self._answer(said)) is not None:
            self.refused.append(refusal)


@contextlib.contextmanager
def listening(replier: Replier) -> Iterator[str]:
    """The URL of a web server that tells the replier what it gets."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))

        def do_POST(self) -> None:
            self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _take(self, said: Fields) -> None:
            self.send_response(204)
            self.end_headers()
            replier.hear(said)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.server_address[1]}/"
    finally:
        listener.shutdown()
        listener.server_close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as running:
        yield running


def messages(house: Server, remote: str) -> list[Fields]:
    """What the account has with a number, without what only repeats it: what came to a number of its own."""
    found: list[Fields] = house.api("GET", "/api/messages?limit=100")["items"]
    return [m for m in found if remote in (m["from"], m["to"])]


def at_rest(house: Server, remote: str, replier: Replier, refused: int = 1) -> list[Fields]:
    """The same once the program was refused so often, and nothing more has come for a while."""
    until = time.monotonic() + PATIENCE
    while len(replier.refused) < refused:
        assert time.monotonic() < until, "nobody stops them"
        time.sleep(0.05)
    found = messages(house, remote)
    time.sleep(QUIET)
    assert messages(house, remote) == found, "they go on"
    assert len(replier.refused) == refused
    return found


def stopped(house: Server) -> float:
    """How many pairs were stopped, by the metrics."""
    with urllib.request.urlopen(house.url + "/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    [line] = [line for line in lines if line.startswith("textwire_loops_stopped_total")]
    return float(line.split()[-1])


def by_vonage(house: Server, sender: str, to: str, text: str) -> Fields | None:
    """What /sms/json answers if it refuses."""
    vonage = house.credentials["vonage"]
    given = {
        "api_key": vonage["api_key"],
        "api_secret": vonage["api_secret"],
        "from": sender,
        "to": to,
        "text": text,
    }
    body = urllib.parse.urlencode(given).encode()
    with urllib.request.urlopen(house.url + "/sms/json", body, timeout=30) as answer:
        found: Fields = json.loads(answer.read())["messages"][0]
    return None if found["status"] == "0" else found


def by_api(house: Server, sender: str, to: str) -> Any:
    """Status, code and Retry-After of the own API if it refuses."""
    try:
        house.api("POST", "/api/messages", {"from": sender, "to": to, "text": "thanks"})
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["code"], int(error.headers["Retry-After"])
    return None


def test_vonages_reply_flow_pointed_at_itself_comes_to_rest(house: Server) -> None:
    replier = Replier(lambda said: by_vonage(house, said["to"], said["msisdn"], f"re: {said['text'][:20]}"))
    with listening(replier) as url:
        house.api("PATCH", "/api/account", {"settings": {"inbound_url": url}})
        assert by_vonage(house, OWN[1:], OTHER[1:], "hello") is None
        found = at_rest(house, OTHER, replier)
    sent = [m for m in found if m["direction"] == "out"]
    assert MOST - 1 <= len(sent) <= MOST
    [refusal] = replier.refused
    assert (refusal["status"], refusal["error-text"]) == ("6", "Unroutable message - rejected")
    assert refusal["to"] in (OWN[1:], OTHER[1:])
    assert stopped(house) == 1


def test_two_webhooks_that_answer_each_other_come_to_rest_and_the_owner_hears_of_it(house: Server) -> None:
    def answer(said: Fields) -> Any:
        message = said["data"]
        return by_api(house, message["to"], message["from"]) if said["type"] == "message.received" else None

    replier = Replier(answer)
    with listening(replier) as url:
        house.api("POST", "/api/hooks", {"url": url, "events": ["message.received", "loop.stopped"]})
        assert by_api(house, OWN, OTHER) is None
        found = at_rest(house, OTHER, replier)
        events = [said for said in replier.told if said["type"] == "loop.stopped"]
    assert MOST - 1 <= sum(m["direction"] == "out" for m in found) <= MOST
    [(status, code, seconds)] = replier.refused
    assert (status, code) == (429, "loop")
    assert 0 < seconds <= 60
    [event] = events
    assert {event["data"]["number"], event["data"]["remote"]} == {OWN, OTHER}


def test_a_program_and_an_answering_phone_come_to_rest_and_go_on_a_minute_later(house: Server) -> None:
    def answer(said: Fields) -> Any:
        return by_api(house, said["data"]["to"], said["data"]["from"])

    replier = Replier(answer)
    with listening(replier) as url:
        house.api("POST", "/api/hooks", {"url": url, "events": ["message.received"]})
        assert by_api(house, OWN, ECHO) is None
        assert len(at_rest(house, ECHO, replier)) == MOST
        house.api("POST", "/api/simnet/clock", {"advance": "61s"})
        assert by_api(house, OWN, ECHO) is None
        assert len(at_rest(house, ECHO, replier, 2)) == 2 * MOST
