"""Our commands' client against canned answers: what it sends, what it takes, and how it words what went wrong."""

import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from textwire.cli import call
from textwire.cli.call import Api
from textwire.cli.failures import Failed
from textwire.clock import real_now
from textwire.web import tls

PROBLEM = {
    "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "The number is too short.",
    "code": "invalid_address", "errors": [{"field": "to", "detail": "The number is too short."}],
}  # fmt: skip


class Canned(http.server.ThreadingHTTPServer):
    """Answers everything with `status` and `body`, and keeps what it was asked."""

    status, body = 200, b'{"ok":true}'
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Canned

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, self.rfile.read(length)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def canned() -> Iterator[Canned]:
    yield from serving(Canned())


def serving(server: Canned) -> Iterator[Canned]:
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def authority(tmp_path: Path) -> tls.Files:
    return tls.ensure(tmp_path / "tls", (), real_now())


@pytest.fixture
def secure(authority: tls.Files) -> Iterator[Canned]:
    yield from serving(Canned(tls.server_context(authority)))


def test_a_get_carries_the_key_and_gives_the_json_of_the_answer(canned: Canned) -> None:
    assert Api(canned.url, "tw_k").get("/api/account?a=b") == {"ok": True}
    [(method, path, headers, body)] = canned.asked
    assert (method, path, body) == ("GET", "/api/account?a=b", b"")
    assert headers["authorization"] == "Bearer tw_k"


def test_a_post_sends_json_and_named_headers(canned: Canned) -> None:
    Api(canned.url, "tw_k").post("/api/messages", {"text": "ü"}, idempotency_key="one")
    [(method, _, headers, body)] = canned.asked
    assert (method, json.loads(body)) == ("POST", {"text": "ü"})
    assert (headers["content-type"], headers["idempotency-key"]) == ("application/json", "one")


def test_a_server_may_live_below_a_path(canned: Canned) -> None:
    Api(canned.url + "/house/", "k").get("/api/account")
    assert canned.asked[0][1] == "/house/api/account"


def test_https_is_trusted_by_the_local_authority(secure: Canned, authority: tls.Files) -> None:
    assert Api(secure.url, "k", authority.ca).get("/") == {"ok": True}


def test_https_of_a_stranger_is_refused_before_the_key_is_told(secure: Canned, tmp_path: Path) -> None:
    for ca in (None, tmp_path / "none.pem"):
        with pytest.raises(Failed, match="not trusted"):
            Api(secure.url, "k", ca).get("/")
    assert secure.asked == []


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, json.dumps(PROBLEM).encode(), r"The number is too short\. \(to\) \[invalid_address\]"),
        (409, b'{"detail":"Used.","code":"conflict","errors":[]}', r"Used\. \[conflict\]"),
        (401, json.dumps(PROBLEM).encode(), "does not know this key"),
        (502, b"<html>bad gateway</html>", r"the server answers 502 \[502\]"),
        (503, b"", r"the server answers 503"),
        (500, b"\xff", r"the server answers 500"),
        (200, b"<html>hello</html>", "is not Textwire"),
        (200, b"", "is not Textwire"),
        (200, b'"\xff"', "is not Textwire"),
    ],
)
def test_what_is_no_good_answer_is_worded(canned: Canned, status: int, body: bytes, said: str) -> None:
    canned.status, canned.body = status, body
    with pytest.raises(Failed, match=said):
        Api(canned.url, "k").get("/")


def test_an_answer_without_end_is_given_up(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "MOST", 10)
    canned.body = b"[" + b"1," * 20 + b"1]"
    with pytest.raises(Failed, match="too long"):
        Api(canned.url, "k").get("/")


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8080", "ftp://127.0.0.1", "http://", "http://h:port", "http://h:99999", "http://[::1"],
)
def test_what_is_no_url_is_told_as_such(url: str) -> None:
    with pytest.raises(Failed, match="not the URL of a server"):
        Api(url, "k")


@pytest.mark.parametrize("key", ["a\nb", "a\r\nHost: x", "schlüssel☃"])
def test_a_key_that_no_header_can_hold_is_not_sent(canned: Canned, key: str) -> None:
    with pytest.raises(Failed, match="cannot be sent"):
        Api(canned.url, key).get("/")
    assert canned.asked == []


def test_where_nobody_listens_one_is_told_how_to_start_a_server() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(Failed, match=r"no server answers .*`textwire serve`"):
            Api(f"http://127.0.0.1:{taken.getsockname()[1]}", "k").get("/")


def silent(answer: bytes | None) -> Iterator[str]:
    """A listener that answers every connection with these bytes and hangs up; with None it says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held = []

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                held.append(peer)
                if answer is not None:
                    peer.recv(65536)
                    peer.sendall(answer)
                    peer.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for peer in held:
            peer.close()


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "SECONDS", 0.05)
    for url in silent(None):
        with pytest.raises(Failed, match="does not answer in time"):
            Api(url, "k").get("/")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_what_is_no_web_server_is_told_as_such(answer: bytes) -> None:
    for url in silent(answer):
        with pytest.raises(Failed, match=r"no web server|cannot be reached|not Textwire"):
            Api(url, "k").get("/")
