"""Webhooks of a server as people start it: what the rooms' own tests show holds when `app` puts them together."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests.serving import Server, server

PATIENCE = 30.0
MESSAGE = {"to": "+447700900123", "text": "hello"}


class Listener(HTTPServer):
    """A receiver that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiving)
        self.told: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Receiving(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert isinstance(self.server, Listener)
        self.server.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    serving = threading.Thread(target=made.serve_forever)
    serving.start()
    try:
        yield made
    finally:
        made.shutdown()
        serving.join()
        made.server_close()


def until(question: Any) -> Any:
    end = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
    return answer


def log(running: Server, hook: str, state: str) -> Any:
    return running.api("GET", f"/api/hooks/{hook}/deliveries?state={state}")["items"]


def test_a_hook_from_its_first_test_to_a_replay_after_a_restart(tmp_path: Path, listener: Listener) -> None:
    with server(tmp_path) as running:
        form = {"url": listener.url, "events": ["message.accepted"]}
        hook = running.api("POST", "/api/hooks", form, Idempotency_Key="one")
        assert running.api("POST", "/api/hooks", form, Idempotency_Key="one") == hook
        path = f"/api/hooks/{hook['id']}"
        tested = running.api("POST", f"{path}/test")
        assert (tested["state"], tested["log"][0]["reply"]) == ("delivered", "thanks")
        running.api("POST", "/api/messages", MESSAGE)
        [delivery] = until(
            lambda: [d for d in log(running, hook["id"], "delivered") if d["event"]["message"]]
        )
        rotated = running.api("POST", f"{path}/rotate")
        assert running.api("PATCH", path, {"state": "disabled"})["state"] == "disabled"
        since = running.api("POST", "/api/messages", MESSAGE)["created_at"]
    with server(tmp_path) as running:
        assert len(listener.told) == 2
        assert running.api("PATCH", path, {"state": "active"})["state"] == "active"
        running.api("POST", f"{path}/replay", {"since": since})
        until(lambda: len(listener.told) == 3)
        running.api("POST", f"/api/deliveries/{delivery['id']}/replay")
        until(lambda: len(listener.told) == 4)
        until(lambda: not log(running, hook["id"], "pending"))
        detail = running.api("GET", f"/api/deliveries/{delivery['id']}")
        assert [one["reply"] for one in detail["log"]] == ["thanks", "thanks"]
    for headers, body in listener.told:
        signatures = headers["webhook-signature"].split()
        assert len(signatures) == (1 if (headers, body) in listener.told[:2] else 2)
        Webhook(hook["secret"]).verify(body, headers)
    for headers, body in listener.told[2:]:
        Webhook(rotated["secret"]).verify(body, headers)
    assert listener.told[1][0]["webhook-id"] == listener.told[3][0]["webhook-id"]


def test_our_own_ports_are_no_webhooks(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        for url in (running.url, running.url.replace("127.0.0.1", "localhost"), "http://127.0.0.1:5432/"):
            with pytest.raises(Exception, match="400"):
                running.api("POST", "/api/hooks", {"url": url + "/x", "events": ["message.sent"]})
