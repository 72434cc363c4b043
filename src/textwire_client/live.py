"""Live events for callers that block: one socket after the other, one unbroken row of events."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .following import CLOSE_SECONDS, KEY_IS_OVER, Following
from .place import Place
from .plans import REFUSED_FOR_NOW, refused
from .request import Answer
from .values import Event


class Live:
    """Iterate over it, or take one event with `next`. It reconnects by itself, and loses and repeats nothing.

        If the server no longer has everything, EventsMissed is raised once, and it goes on:

            with client.live(events=["message.received"]) as live:
                for event in live:
                    print(event.message.text)

    If the server no longer has everything since then, EventsMissed is raised once, and it goes on.
    """

    def __init__(self, place: Place, following: Following) -> None:
        self._place, self._following = place, following
        self._socket: ClientConnection | None = None
        self._over = threading.Event()

    @property
    def after(self) -> str | None:
        """The id of the last event that came, to go on after it elsewhere: `client.live(after=…)`."""
        return self._following.after

    @property
    def closed(self) -> bool:
        """Whether it was ended."""
        return self._over.is_set()

    def __enter__(self) -> Live:
        self._over.clear()
        self._open(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Live:
        return self

    def __next__(self) -> Event:
        event = self.next()
        if event is None:  # without a timeout that means: closed
            raise StopIteration
        return event

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None if there was none within `timeout` seconds, or if another thread has closed it."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.closed:
            socket = self._socket
            if socket is None:
                if not self._open(deadline):
                    return None
                continue
            self._following.tell()
            frame = self._frame(socket, deadline)
            event = None if frame is None else self._following.take(frame)
            if event is not None or (deadline is not None and time.monotonic() >= deadline):
                return event
        return None

    def close(self) -> None:
        """End it; whoever waits for an event is told that there is none."""
        self._over.set()
        self._put_away()

    def _put_away(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()

    def _frame(self, socket: ClientConnection, deadline: float | None) -> str | bytes | None:
        """A frame; None when the time is over, or the socket, which is then put away."""
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            return socket.recv(timeout=left)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            self._socket = None
            if closed.rcvd is not None and closed.rcvd.code == KEY_IS_OVER:
                raise refused(Answer(401, {}, b""), closed.rcvd.reason) from None
            self._pause(str(closed), deadline)
            return None

    def _open(self, deadline: float | None) -> bool:
        """A socket whose greeting has come; False if there was no time for it, or it was closed meanwhile."""
        while not self.closed and (deadline is None or time.monotonic() < deadline):
            try:
                self._socket = socket = self._connected()
                self._following.take(socket.recv(timeout=self._place.timeout))
                if self.closed:  # while it was being opened, so that nobody else has seen this socket
                    self._put_away()
                return not self.closed
            except InvalidStatus as error:
                self._judge(error)
                self._pause(str(error), deadline)
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
                self._put_away()
                self._pause(str(error), deadline)
        return False

    def _connected(self) -> ClientConnection:
        connecting = connect(
            self._following.url(self._place), additional_headers={"Authorization": f"Bearer {self._place.key}"},
            open_timeout=self._place.timeout, close_timeout=CLOSE_SECONDS, ssl=self._place.tls, proxy=None, max_size=None,
        )  # fmt: skip
        return connecting.__enter__()  # what it gives is closed by `close`

    def _judge(self, error: InvalidStatus) -> None:
        """Raises what the server says, unless it is only for now."""
        response = error.response
        if response.status_code < 500 and response.status_code not in REFUSED_FOR_NOW:
            raise refused(Answer(response.status_code, {}, bytes(response.body or b""))) from None

    def _pause(self, what: str, deadline: float | None) -> None:
        wait = self._following.failed(what, time.monotonic())
        self._over.wait(wait if deadline is None else max(0.0, min(wait, deadline - time.monotonic())))
