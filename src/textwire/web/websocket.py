"""One WebSocket as a handler sees it: accept or refuse, then text and bytes both ways."""

from collections.abc import Sequence
from typing import Final

from textwire.web.asgi import ARRIVED, CONFIRM, Message, Receive, Send
from textwire.web.problem import Headers
from textwire.web.request import Request
from textwire.web.response import Line, Response, encoded, wire_lines

# RFC 6455 §7.4.1
ABNORMAL: Final = 1006  # no close frame was seen
INTERNAL_ERROR: Final = 1011
RESTARTING: Final = 1012

NO_LINES: Final[tuple[Line, ...]] = ()


def _nothing() -> int:
    """Of a server that cannot tell."""
    return 0


class SocketClosed(Exception):
    """The other end, or the server's stop, ended the socket; `code` as in RFC 6455 §7.4.1."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Socket:
    """Not safe for two readers; several writers may send, each message is whole."""

    def __init__(
        self, request: Request, receive: Receive, send: Send, lines: Sequence[Line] = NO_LINES
    ) -> None:
        self._request = request
        self._lines = lines  # the door's, on a refusal
        self._receive = receive
        self._send = send
        self.accepted = False
        self.over = False

    @property
    def subprotocols(self) -> list[str]:
        """What the client offers."""
        return list(self._request.scope.get("subprotocols", ()))

    async def opened(self) -> None:
        """Wait for the handshake's event; the router does, before it calls the handler."""
        await self._next("websocket.connect")

    async def accept(self, subprotocol: str | None = None, headers: Headers = ()) -> None:
        """Answer 101."""
        message = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": encoded(headers)}
        await self._put(message)
        self.accepted = True

    async def refuse(self, response: Response) -> None:
        """Answer the handshake with an HTTP response instead (ASGI's websocket.http.response)."""
        lines = wire_lines(response, self._request.id, self._lines)
        if "websocket.http.response" not in (self._request.scope.get("extensions") or {}):
            await self.close()
            return
        start = {"type": "websocket.http.response.start", "status": response.status, "headers": lines}
        await self._put(start)
        await self._put({"type": "websocket.http.response.body", "body": response.body})
        self.over = True

    async def receive(self) -> str | bytes:
        """The next message; raises SocketClosed."""
        message = await self._next("websocket.receive")
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def send(self, message: str | bytes) -> None:
        """Send one message, waiting while the peer reads slowly; raises SocketClosed."""
        kind = "text" if isinstance(message, str) else "bytes"
        await self._put({"type": "websocket.send", kind: message})

    @property
    def arrived(self) -> int:
        """How many of the messages sent have certainly arrived, by the answers to pings."""
        count: int = self._request.scope.get(ARRIVED, _nothing)()
        return count

    def confirm(self) -> None:
        """Ping now, so that `arrived` soon counts what was sent up to here."""
        self._request.scope.get(CONFIRM, _nothing)()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; a socket that is already over stays so."""
        if not self.over:
            await self._put({"type": "websocket.close", "code": code, "reason": reason})
            self.over = True

    async def _next(self, wanted: str) -> Message:
        if self.over:
            raise SocketClosed(ABNORMAL)
        message = await self._receive()
        if message["type"] != wanted:
            self.over = True
            raise SocketClosed(message.get("code") or ABNORMAL)
        return message

    async def _put(self, message: Message) -> None:
        if self.over:
            raise SocketClosed(ABNORMAL)
        try:
            await self._send(message)
        except OSError:  # what ASGI servers raise once the client is gone
            self.over = True
            raise SocketClosed(ABNORMAL) from None
