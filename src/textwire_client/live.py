"""Live events for callers that block: one socket after the other, one unbroken row of events."""

from __future__ import annotations

import time
from types import TracebackType

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .following import KEY_IS_OVER, Following
from .place import Place
from .plans import REFUSED_FOR_NOW, refused
from .request import Answer
from .values import Event


class Live:
    """Iterate over it, or take one event with `next`. It reconnects by itself, and loses and repeats nothing.

    with client.live(events=["message.received"]) as live:
        for event in live:
            print(event.message.text)
    """

    def __init__(self, place: Place, following: Following) -> None:
        self._place, self._following = place, following
        self._socket: ClientConnection | None = None

    @property
    def after(self) -> str | None:
        """The id of the last event that came, to go on after it elsewhere: `client.live(after=…)`."""
        return self._following.after

    def __enter__(self) -> Live:
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
        assert event is not None  # without a timeout there is one
        return event

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None if there was none within `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            if self._socket is None and not self._open(deadline):
                return None
            self._following.tell()
            frame = self._frame(deadline)
            event = None if frame is None else self._following.take(frame)
            if event is not None or (deadline is not None and time.monotonic() >= deadline):
                return event

    def close(self) -> None:
        """End it."""
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()

    def _frame(self, deadline: float | None) -> str | bytes | None:
        """A frame; None when the time is over, or the socket, which is then put away."""
        assert self._socket is not None
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            return self._socket.recv(timeout=left)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            self._socket = None
            if closed.rcvd is not None and closed.rcvd.code == KEY_IS_OVER:
                raise refused(Answer(401, {}, b""), closed.rcvd.reason) from None
            self._pause(str(closed), deadline)
            return None

    def _open(self, deadline: float | None) -> bool:
        """A socket whose greeting has come; False if there was no time for it."""
        while deadline is None or time.monotonic() < deadline:
            try:
                self._socket = self._connected()
                self._following.take(self._socket.recv(timeout=self._place.timeout))
                return True
            except InvalidStatus as error:
                self._judge(error)
                self._pause(str(error), deadline)
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
                self.close()
                self._pause(str(error), deadline)
        return False

    def _connected(self) -> ClientConnection:
        connecting = connect(
            self._following.url(self._place), additional_headers={"Authorization": f"Bearer {self._place.key}"},
            open_timeout=self._place.timeout, ssl=self._place.tls, proxy=None, max_size=None,
        )  # fmt: skip
        return connecting.__enter__()  # what it gives is closed by `close`

    def _judge(self, error: InvalidStatus) -> None:
        """Raises what the server says, unless it is only for now."""
        response = error.response
        if response.status_code < 500 and response.status_code not in REFUSED_FOR_NOW:
            raise refused(Answer(response.status_code, {}, bytes(response.body or b""))) from None

    def _pause(self, what: str, deadline: float | None) -> None:
        wait = self._following.failed(what, time.monotonic())
        time.sleep(wait if deadline is None else max(0.0, min(wait, deadline - time.monotonic())))
