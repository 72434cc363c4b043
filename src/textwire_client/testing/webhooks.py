"""An endpoint on loopback that keeps the webhooks that a test's account is told."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, overload

from textwire_client.errors import BadSignature, WaitedTooLong
from textwire_client.notification import Notification
from textwire_client.values import Event

EVENTS = (
    "message.accepted", "message.sent", "message.delivered", "message.undelivered", "message.failed", "message.rejected",
    "message.expired", "message.canceled", "message.received", "message.ambiguous", "message.deferred",
    "number.assigned", "number.unassigned", "number.bought", "number.released", "number.renewed", "number.overdue",
    "number.suspended", "hook.disabled", "optout.added", "optout.removed", "loop.stopped",
)  # fmt: skip
MOST_OCTETS = 1 << 20


class ReceivedWebhooks(Sequence[Event]):
    """The events that came, each once, in the order in which they came; only what is signed counts."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._came = threading.Condition()
        self._notification = Notification()

    def wait_for(
        self,
        type: str | None = None,
        *,
        where: Callable[[Event], bool] = lambda event: True,
        timeout: float = 10.0,
    ) -> Event:
        """The first event of this type (or of any) for which `where` holds, awaited for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._came:
            while True:
                for event in self._events:
                    if type in {None, event.type} and where(event):
                        return event
                if (
                    not self._came.wait(max(0.0, deadline - time.monotonic()))
                    and time.monotonic() >= deadline
                ):
                    raise WaitedTooLong(
                        f"no {type or 'event'} after {timeout} s, but {[e.type for e in self._events]}"
                    )

    def trust(self, secret: str) -> None:
        """From now on believe what is signed with this."""
        self._notification = Notification(secret)

    def take(self, body: bytes, headers: Any) -> None:
        """A call that came: BadSignature unless it is signed."""
        event = self._notification.parse(body, headers)
        with self._came:
            if all(event.id != known.id for known in self._events):
                self._events.append(event)
            self._came.notify_all()

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        with self._came:
            return self._events[index]

    def __len__(self) -> int:
        with self._came:
            return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        with self._came:
            return iter(tuple(self._events))

    def __repr__(self) -> str:
        return f"<{len(self)} webhooks: {', '.join(event.type for event in self)}>"


class Endpoint:
    """One listener for all tests of a process; each test has a path that nobody guesses."""

    def __init__(self) -> None:
        self._rooms: dict[str, ReceivedWebhooks] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def open(self) -> tuple[str, ReceivedWebhooks]:
        """An address, and what will come there."""
        path, room = f"/{secrets.token_urlsafe(16)}", ReceivedWebhooks()
        self._rooms[path] = room
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}", room

    def end(self, url: str) -> None:
        """What comes there from now on is nobody's."""
        self._rooms.pop("/" + url.rpartition("/")[2], None)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rooms = self._rooms

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body, room = self.rfile.read(min(length, MOST_OCTETS)), rooms.get(self.path)
                status = 410
                if room is not None:
                    try:
                        room.take(body, dict(self.headers.items()))
                        status = 204
                    except BadSignature:
                        status = 401
                self.send_response(status)
                self.send_header("content-length", "0") if status != 204 else None
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing: tests have enough to say."""

        return Handler


_endpoint: Endpoint | None = None
_lock = threading.Lock()


def endpoint() -> Endpoint:
    """The listener of this process."""
    global _endpoint
    with _lock:
        if _endpoint is None:
            _endpoint = Endpoint()
        return _endpoint
