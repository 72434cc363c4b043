"""uvicorn's WebSocket protocol with closes that always end, and without complaints that a client can cause in our log."""

import asyncio
from typing import Any, Final

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from textwire.web.asgi import ARRIVED, CONFIRM

CLOSE_SECONDS: Final = (
    12.0  # uvicorn waits 10 for the answer to a close, then for a buffer that may never empty
)


class SocketGuard(WebSocketsSansIOProtocol):
    """Works around uvicorn 0.54."""

    _cut: asyncio.TimerHandle | None = None
    _sent = 0  # messages
    _pinged = 0  # of those, sent before the ping under way
    _arrived = 0  # of those, sent before a ping that was answered

    def handle_connect(self, event: Any) -> None:
        """Lets the handler know how much of what it sends has arrived."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            self.scope[ARRIVED] = lambda: self._arrived  # type: ignore[typeddict-unknown-key]
            self.scope[CONFIRM] = self._confirm  # type: ignore[typeddict-unknown-key]

    def send_keepalive_ping(self) -> None:
        """Remember what goes before it: frames keep their order, so the answer confirms that."""
        self._pinged = self._sent
        super().send_keepalive_ping()

    def handle_pong(self, event: Any) -> None:
        """Count what the other end must have had when it answered."""
        if self.pending_ping_payload is not None and bytes(event.data) == self.pending_ping_payload:
            self._arrived = self._pinged
        super().handle_pong(event)

    def _confirm(self) -> None:
        """Ping now, unless a ping is under way."""
        if self.ping_timer is not None and not self.disconnected:
            self.ping_timer.cancel()
            self.send_keepalive_ping()

    async def send(self, message: ASGISendEvent) -> None:
        """Count a handshake refused by an HTTP response as over; uvicorn takes it for one forgotten."""
        closes = message["type"] == "websocket.close"
        if closes:
            # Who is closed for not reading does not make room for the close frame: it goes behind what is buffered.
            self.writable.set()
        await super().send(message)
        self._sent += message["type"] == "websocket.send"
        if closes:
            self._cut_later()
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the peer."""
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        """Drop a dead peer; uvicorn waits until it has read what is buffered."""
        super().keepalive_timeout()
        self._cut_later()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The handler is over, so the connection has to end too."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._cut_later()

    def _cut_later(self) -> None:
        if self._cut is None and not self.disconnected:
            self._cut = self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def handle_parser_exception(self) -> None:
        """Close; uvicorn asserts that a close frame was sent, which before the handshake there was not."""
        if self.conn.close_sent is None:
            self.transport.close()
        else:
            super().handle_parser_exception()
