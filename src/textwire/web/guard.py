"""uvicorn's HTTP protocol with the refusals it lacks: size, time, framing, Host, and a close that is heard."""

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from textwire.web.asgi import ANSWER, TRUST, WHOLE_BODY
from textwire.web.head import Head, judge, origin_form
from textwire.web.limits import Limits
from textwire.web.strangers import Strangers

_ALLOW: Final = b"allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n"
_IDLE, _HEAD, _BODY = range(3)  # what the next byte belongs to


class _Stop(Exception):
    """Ends the parser's run from inside one of its callbacks."""


class _Rest:
    """The ears of a second parser, which reads the body that an ignored Upgrade left unread."""

    def __init__(self, guard: "Guard") -> None:
        self.on_body = guard.on_body
        self.on_message_complete = guard.on_message_complete
        self._begun = False

    def on_message_begin(self) -> None:
        if self._begun:
            raise _Stop  # pipelined
        self._begun = True


class Guard(HttpToolsProtocol):
    """Every refusal here ends the connection, in plain text: no door has seen the request yet.

    One request at a time: what a client sends before it has its answer (pipelining) is not read, and the
    answer closes the connection, so the client knows which requests were never looked at (RFC 9112 §9.3.2).
    """

    limits: ClassVar[Limits] = Limits()
    strangers: ClassVar[Strangers]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phase = _IDLE
        self._verdict = Head()
        self._deaf = False  # nothing more is parsed on this connection
        self._moved = False  # a body's bytes were among the last ones
        self._unparsed = 0  # bytes since the head began, or since its body last moved
        self._discarded = 0
        self._stranger = ""  # under which name the connection is counted
        self._clock: asyncio.TimerHandle | None = None
        self._idle_from = 0.0  # since when nothing is asked for, on the loop's clock; 0: something is

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows it
        self._stranger = self.strangers.come(self.client[0] if self.client else "")
        if len(self.connections) > self.limits.connections or self.strangers.are_too_many(self._stranger):
            self._refuse(503)
        else:
            self._wind(self.limits.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwind()
        self._trust()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)

    def _trust(self) -> None:
        """The client has proved itself, or is gone: it counts as a stranger no longer."""
        if self._stranger:
            self.strangers.go(self._stranger)
            self._stranger = ""

    def timeout_keep_alive_handler(self) -> None:
        """Close if nothing was asked for long enough, otherwise look again when it may be.

        One timer for many requests: winding one up and down for each of them is a tenth of a small answer.
        A peer that does not even read its last answer is cut off instead of waited for.
        """
        self.timeout_keep_alive_task = None
        if not self._idle_from:
            return  # the end of the answer that is under way winds it up again
        left = self._idle_from + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._wind_keep_alive(left)
        elif self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _wind_keep_alive(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_from = 0.0

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._discard(len(data))
            return
        self._unset_keepalive_if_required()
        self._moved = False
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._stop()
        if self._phase != _IDLE or self._answered:
            self._account(len(data))

    def _account(self, size: int) -> None:
        """Bound what is under way after each read. A request that came whole does not get here."""
        if self._deaf:
            return
        if self._phase == _BODY and self._answered:
            self._discard(size)
            return
        self._unparsed = 0 if self._moved else self._unparsed + size
        if self._unparsed > self.limits.head_bytes:
            self._refuse(431)
        elif self._clock is None and self._phase != _BODY:
            self._wind(self.limits.head_seconds, self._head_is_late)

    # Parser

    def on_message_begin(self) -> None:
        if not self._answered:
            raise _Stop  # pipelined
        self._phase = _HEAD
        self._unparsed = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unwind()
        method, version = self.parser.get_method(), self.parser.get_http_version()
        self.url = origin_form(self.url)
        self._verdict = judge(
            method, version, self.url, self.headers, self.limits.head_bytes, self.limits.head_count
        )
        if self._verdict.status:
            raise _Stop
        super().on_headers_complete()
        self.scope[ANSWER] = self._answer  # type: ignore[typeddict-unknown-key]
        if self._stranger:
            self.scope[TRUST] = self._trust  # type: ignore[typeddict-unknown-key]
        # Trailers land in a list of their own: a header that comes after the body is not believed.
        self.headers = []
        self._phase = _BODY
        self._unparsed = 0

    def _answer(self, status: int, lines: bytes, body: bytes, last: bool) -> None:
        """A whole response in one write; its lines were made and checked by `wire_block`."""
        cycle = self.cycle
        assert not cycle.response_started, "answered twice"
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if cycle.disconnected:
            return
        parts = [STATUS_LINE[status]]
        for name, value in cycle.default_headers:
            parts += (name, b": ", value, b"\r\n")
        closes = b"" if last or cycle.keep_alive else b"connection: close\r\n"
        parts += (lines, closes, b"\r\n", b"" if self.scope["method"] == "HEAD" else body)
        cycle.keep_alive = cycle.keep_alive and not last
        self.transport.write(b"".join(parts))
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._phase = _IDLE
        self._unparsed = self._discarded = 0
        if self.cycle is not None:  # a WebSocket's handshake has none
            self.scope[WHOLE_BODY] = self.cycle.body  # type: ignore[typeddict-unknown-key]
        self._unwind()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, for a connection whose requests come one by one."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self._idle_from = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._wind_keep_alive(self.timeout_keep_alive)
        if self._phase == _BODY and not self.transport.is_closing():
            self._wind(self.limits.drain_seconds, self.transport.close)

    def _should_upgrade(self) -> bool:
        return self._verdict.websocket

    def _upgrade(self, rest: bytes) -> None:
        """Become a WebSocket; any other protocol on offer (h2c, say) is ignored, as RFC 9110 §7.8 allows."""
        if self._verdict.websocket:
            self._deaf = True
            self._trust()  # another protocol takes over, and its handler asks for credentials at once
            self.handle_websocket_upgrade()
            return
        self.cycle.keep_alive = False
        if self._verdict.framing:
            # The parser took the head for the whole message.
            self.cycle.more_body = True
            self.scope.pop(WHOLE_BODY)  # type: ignore[typeddict-item]
            self._phase = _BODY
            self.parser = httptools.HttpRequestParser(_Rest(self))
            self.parser.feed_data(b"POST / HTTP/1.1\r\n" + self._verdict.framing + b"\r\n\r\n")
            if rest:
                self.data_received(rest)

    # Time

    def _wind(self, seconds: float, ring: Any) -> None:
        self._unwind()
        self._clock = self.loop.call_later(seconds, ring)

    def _unwind(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _head_is_late(self) -> None:
        self._clock = None
        if self._phase == _HEAD:
            self._refuse(408)
        else:
            self.transport.close()  # it never began: browsers open such connections in advance

    # Refusal

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _stop(self) -> None:
        """The parser stopped: over a request still unanswered, or over the one it was reading."""
        if self._phase == _IDLE and not self._answered:
            self._deaf = True
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        else:
            self._refuse(self._verdict.status or 400)

    def _refuse(self, status: int) -> None:
        """Answer, stop listening, and close once the client had a chance to read (RFC 9112 §9.6)."""
        self._deaf = True
        self._unwind()
        if self._phase == _BODY and not self._give_up():
            self.transport.close()
            return
        self.transport.write(self._refusal(status))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._wind(self.limits.linger_seconds, self.transport.close)

    def _give_up(self) -> bool:
        """Tell the handler that its body will never be whole; whether the answer is still ours to give."""
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return not self.cycle.response_started

    def _refusal(self, status: int) -> bytes:
        phrase = HTTPStatus(status).phrase.encode()
        lines = [b"HTTP/1.1 %d %b\r\n" % (status, phrase)]
        lines += [b"%b: %b\r\n" % line for line in self.server_state.default_headers]
        if status == 405:
            lines.append(_ALLOW)
        lines.append(
            b"content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(phrase), phrase)
        )
        return b"".join(lines)

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > self.limits.drain_bytes:
            self.transport.abort()


def guard_with(limits: Limits) -> type[Guard]:
    """The protocol class of one listener, with its limits."""
    return type("Guard", (Guard,), {"limits": limits, "strangers": Strangers(limits)})
