"""Speaks HTTP/1.1 over one keep-alive connection: one request, one bounded reply, and again."""

import asyncio
import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from textwire.clock import real_now
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.limits import Limits

_SLACK_S = 0.001  # uvloop's clock ticks in milliseconds; a timer may be that early


class Connection(asyncio.BufferedProtocol):
    """Reads into a buffer that all connections of a loop share: what arrives is parsed before the next one reads.

    The buffer handed out is never larger than what may still be read, so no bound can be overrun.
    """

    __slots__ = (
        "_answer",
        "_body",
        "_buffer",
        "_deadline",
        "_due",
        "_framed",
        "_head_done",
        "_interim",
        "_limit",
        "_limits",
        "_loop",
        "_parser",
        "_received",
        "_retry_after",
        "_started",
        "_status",
        "_timer",
        "_transport",
        "closed",
        "ip",
        "on_lost",
        "reusable",
        "used",
    )

    def __init__(self, limits: Limits, ip: str, buffer: memoryview) -> None:
        self.ip = ip
        self.closed = False
        self.reusable = False  # after a reply: whether another request may follow
        self.used = 0  # requests sent
        self.on_lost: Callable[[Connection], None] | None = None  # called when closed while idle
        self._limits = limits
        self._buffer = buffer
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport  # from connection_made, before anybody else sees this object
        self._answer: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._started = 0.0
        self._forget()

    def _forget(self) -> None:
        """Be ready for the next reply."""
        self._status: int | None = None
        self._body = b""
        self._retry_after: float | None = None
        self._received = 0
        self._limit = self._limits.head
        self._head_done = False
        self._framed = False
        self._interim = False

    # The owner's side

    def send(self, request: bytes, started: float, deadline: float) -> asyncio.Future[Reply]:
        """Write a request; the future gives its Reply or Failed. `started`: perf_counter; `deadline`: the loop's."""
        self._forget()
        self.used += 1
        answer = self._answer = self._loop.create_future()
        self._started = started
        if self.closed:
            self._fail("closed")
        else:
            self._watch(deadline)
            self._transport.write(request)
        return answer

    @property
    def stale(self) -> bool:
        """Whether the last call met a kept connection that its peer had given up: closed, no byte of answer."""
        return self.closed and self.used > 1 and self._received == 0

    def rest(self) -> None:
        """Stay open without a call, for a while."""
        self._watch(self._loop.time() + self._limits.idle_s)

    def abort(self, reason: str = "closed") -> None:
        """Close at once; a call under way fails for `reason`."""
        self._fail(reason)
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport.abort()

    # One lazy timer serves deadlines of calls and of idleness: a deadline that moves back costs no new timer.

    def _watch(self, deadline: float) -> None:
        self._deadline = deadline
        if self._timer is not None:
            if self._due <= deadline:
                return
            self._timer.cancel()
        self._due = deadline
        self._timer = self._loop.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._loop.time() + _SLACK_S < self._deadline:
            self._watch(self._deadline)
        else:
            self.abort("timeout")

    # The loop's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer[: max(1, self._limit - self._received)]  # an empty one is against the protocol

    def buffer_updated(self, nbytes: int) -> None:
        self._received += nbytes
        if self._answer is None:  # nobody asked: what follows could be taken for the next reply
            self.abort()
            return
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except (HttpParserError, HttpParserUpgrade):
            self.reusable = False
            self.abort("bad_response")
            return
        if self._answer is None:
            if not self.reusable:
                self.abort()
        elif self._received >= self._limit:
            self._overflow()

    def _overflow(self) -> None:
        if self._head_done:  # an endless body does not change the verdict
            self._settle()
            self.abort()
        else:
            self.abort("bad_response")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._head_done and not self._framed and exc is None and self._answer is not None:
            self.reusable = False
            self._settle()  # a body that ends with its connection (RFC 9112 §6.3)
        self.abort("tls" if isinstance(exc, ssl.SSLError) else "closed")
        if self.on_lost is not None:
            self.on_lost(self)

    # The parser's side

    def on_message_begin(self) -> None:
        if self._answer is None:  # a second reply to one request
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        size = len(name)
        if size == 11:
            if name.lower() == b"retry-after":
                self._retry_after = read_retry_after(value, real_now() / 1e6)
        elif (size == 14 and name.lower() == b"content-length") or (
            size == 17 and name.lower() == b"transfer-encoding"
        ):
            self._framed = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._interim = 100 <= status < 200 and status != 101
        if self._interim:
            return
        if not 200 <= status <= 599:
            raise ValueError("no final status")  # the parser turns it into its own error
        self._status = status
        self._head_done = True
        self._limit = self._limits.reply

    def on_body(self, chunk: bytes) -> None:
        room = self._limits.kept - len(self._body)
        if room > 0:
            self._body += chunk[:room]

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
            self._retry_after = None
        elif self._answer is not None:
            self.reusable = self._parser.should_keep_alive()
            self._settle()

    # How a call ends

    def _settle(self) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        assert self._status is not None
        answer.set_result(
            Reply(
                status=self._status,
                body=self._body,
                retry_after=self._retry_after,
                elapsed=perf_counter() - self._started,
            )
        )

    def _fail(self, reason: str) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        sent = self._transport.get_write_buffer_size() == 0
        answer.set_exception(Failed(reason, sent=sent, status=self._status))


def read_retry_after(value: bytes, now: float) -> float | None:
    """Seconds to wait, from a number or an HTTP date (RFC 9110 §10.2.3), else None. `now`: Unix seconds."""
    if value.isdigit():
        return float(value[:10])
    try:
        return max(0.0, parsedate_to_datetime(value[:64].decode("ascii")).timestamp() - now)
    except (ValueError, OverflowError):
        return None
