"""An application's webhook: a small HTTP server on a free loopback port that keeps what it is told."""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

FORM = "application/x-www-form-urlencoded"
PATIENCE = 30.0  # seconds that a test waits for a call


class Told(NamedTuple):
    """One call of the webhook; `body` are the fields of a query, a form or JSON, `octets` what came."""

    path: str
    headers: dict[str, str]
    body: Any
    octets: bytes = b""


def fields(written: str) -> dict[str, str]:
    return dict(parse_qsl(written, keep_blank_values=True, strict_parsing=True))


class Webhook:
    def __init__(self, port: int, calls: "queue.Queue[Told]") -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self._calls = calls

    def next(self) -> Told:
        """The next call; AssertionError if none comes."""
        try:
            return self._calls.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError("the webhook was not called") from None


@contextlib.contextmanager
def listening() -> Iterator[Webhook]:
    """A webhook that answers 200, for the length of a test."""
    calls: queue.Queue[Told] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(fields(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_form = self.headers["Content-Type"].startswith(FORM)
            self._answer(fields(body.decode()) if is_form else json.loads(body), body)

        def _answer(self, said: Any, octets: bytes = b"") -> None:
            calls.put(Told(self.path, {k.lower(): v for k, v in self.headers.items()}, said, octets))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Webhook(server.server_address[1], calls)
    finally:
        server.shutdown()
        server.server_close()
