"""An application's webhook: a small HTTP server on a free loopback port that keeps what it is told."""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PATIENCE = 30.0  # seconds that a test waits for a call


class Told(NamedTuple):
    """One call of the webhook."""

    path: str
    headers: dict[str, str]
    body: Any


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

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.put(Told(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body)))
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
