"""uvicorn's WebSocket protocol without the two ways in which a client can make it complain in our log."""

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketGuard(WebSocketsSansIOProtocol):
    """Works around uvicorn 0.54."""

    async def send(self, message: ASGISendEvent) -> None:
        """Count a handshake refused by an HTTP response as over; uvicorn takes it for one forgotten."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def handle_parser_exception(self) -> None:
        """Close; uvicorn asserts that a close frame was sent, which before the handshake there was not."""
        if self.conn.close_sent is None:
            self.transport.close()
        else:
            super().handle_parser_exception()
