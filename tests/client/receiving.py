"""An application's endpoint: keeps the octets and headers of every call, and says 204."""

import contextlib
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 30.0


class Call:
    """A call as frameworks hand it over: `headers` and `body`."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.headers, self.body = headers, body


class Endpoint:
    def __init__(self, port: int, calls: "queue.Queue[Call]") -> None:
        self.url, self._calls = f"http://127.0.0.1:{port}/hook", calls

    def next(self) -> Call:
        """The next call; queue.Empty if none comes."""
        return self._calls.get(timeout=PATIENCE)


@contextlib.contextmanager
def receiving() -> Iterator[Endpoint]:
    calls: queue.Queue[Call] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.put(Call(dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield Endpoint(server.server_address[1], calls)
    finally:
        server.shutdown()
        server.server_close()
