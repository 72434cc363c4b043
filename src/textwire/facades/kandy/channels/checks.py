"""Keep-alive inside the socket: `connCheck` is answered by `connAck`, whichever end asks."""

import asyncio
from typing import Any, Final

import msgspec

from textwire.live.socket import Line, frame

INTERVAL_SECONDS: Final = 30.0  # as the browser SDK asks, and gives up after three times as long
MOST_MISSED: Final = 3
SILENT: Final = 4002  # it did not answer; a client that is there after all comes back at once

ACK: Final = frame(b'{"connAck":{}}')


class _Heard(msgspec.Struct, frozen=True):
    """What a client says; a ping of the keepAlive method has `message_type` alone and gets no answer."""

    check: Any = msgspec.field(default=msgspec.UNSET, name="connCheck")
    ack: Any = msgspec.field(default=msgspec.UNSET, name="connAck")


_heard: Final = msgspec.json.Decoder(_Heard)


class _Interval(msgspec.Struct, frozen=True):
    interval: float


class _Check(msgspec.Struct, frozen=True):
    check: _Interval = msgspec.field(name="connCheck")


class Checks:
    """Of one socket. `ask` is for channels whose role is the server's: closes who leaves three questions unanswered."""

    def __init__(self, line: Line, interval: float = INTERVAL_SECONDS) -> None:
        self._line, self._interval = line, interval
        seconds = int(interval) if interval == int(interval) else interval
        self._question = frame(msgspec.json.encode(_Check(check=_Interval(seconds))))
        self._missed = 0

    def hear(self, said: str | bytes) -> None:
        """What the client says; what is none of this is nobody's."""
        try:
            heard = _heard.decode(said)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return
        if heard.ack is not msgspec.UNSET:
            self._missed = 0
        if heard.check is not msgspec.UNSET:
            self._line.offer(ACK)

    async def ask(self) -> None:
        """Asks at once and then again and again, until nobody answers."""
        while self._missed < MOST_MISSED:
            self._missed += 1
            self._line.offer(self._question)
            await asyncio.sleep(self._interval)
        self._line.end(SILENT, "no connAck")
