"""What one connection makes of the bytes that come back, and how many of them it takes."""

import asyncio
import ssl
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hooks.sinks import Wire
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.connection import Connection, read_retry_after
from textwire.hooks.limits import Limits

LIMITS = Limits()


class Peer:
    """A connection with a call under way, and the other end of it."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.connection = Connection(limits, "192.0.2.1", memoryview(bytearray(limits.reply)))
        self.wire = Wire()
        self.connection.connection_made(self.wire)
        self.taken = 0
        self.ask()

    def ask(self, timeout: float = 60.0) -> None:
        deadline = asyncio.get_running_loop().time() + timeout
        self.answer = self.connection.send(b"request", perf_counter(), deadline)

    def says(self, *pieces: bytes) -> None:
        """Bytes arrive as a socket would deliver them: as many as the buffer takes, until the connection is closed."""
        for piece in pieces:
            while piece and not self.wire.aborted:
                buffer = self.connection.get_buffer(-1)
                size = min(len(buffer), len(piece))
                buffer[:size] = piece[:size]
                self.taken += size
                self.connection.buffer_updated(size)
                piece = piece[size:]

    def hangs_up(self, error: Exception | None = None) -> None:
        self.connection.connection_lost(error)

    def reply(self) -> Reply:
        return self.answer.result()

    def failed(self) -> tuple[str, int | None]:
        error = self.answer.exception()
        assert isinstance(error, Failed)
        return error.reason, error.status


# label, what arrives, whether the peer then closes; status, body, may another request follow
REPLIES = [
    ("a length", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", False, 200, b"ok", True),
    ("no body", b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, b"", True),
    ("empty body", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False, 200, b"", True),
    ("chunks", b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1;x=y\r\n!\r\n0\r\nT: 1\r\n\r\n", False, 202, b"ok!", True),
    ("close", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", False, 200, b"ok", False),
    ("version 1.0", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", False, 200, b"ok", False),
    ("until the end", b"HTTP/1.1 200 OK\r\n\r\nto the end", True, 200, b"to the end", False),
    ("nothing until the end", b"HTTP/1.1 200 OK\r\n\r\n", True, 200, b"", False),
    ("redirect", b"HTTP/1.1 302 F\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", False, 302, b"", True),
    ("gone", b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", False, 410, b"", True),
    ("gzip stays", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0", False, 200, b"\x1f\x8b\x08\0", True),
    ("interim", b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nRetry-After: 9\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n", False, 201, b"", True),
    ("two at once", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", False, 200, b"", False),
    ("bytes behind", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nH", False, 200, b"", False),
    ("garbage behind", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\xff\xff", False, 200, b"", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wire", "ends", "status", "body", "reusable"),
    [row[1:] for row in REPLIES],
    ids=[row[0] for row in REPLIES],
)
@pytest.mark.parametrize("split", ["whole", "bytes"])
async def test_a_reply_is_read(
    wire: bytes, ends: bool, status: int, body: bytes, reusable: bool, split: str
) -> None:
    peer = Peer()
    peer.says(*([wire] if split == "whole" else [wire[n : n + 1] for n in range(len(wire))]))
    if ends:
        peer.hangs_up()
    reply = peer.reply()
    assert (reply.status, reply.body, reply.retry_after) == (status, body, None)
    assert reply.elapsed >= 0
    assert (peer.connection.reusable and not peer.connection.closed) == reusable


# label, what arrives, whether the peer then closes; reason, status
FAILURES = [
    ("nothing", b"", True, "closed", None),
    ("half a head", b"HTTP/1.1 200 OK\r\nContent-", True, "closed", None),
    ("half a body", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", True, "closed", 200),
    ("half a chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha", True, "closed", 200),
    ("garbage", b"\x00\x01\x02\x03", False, "bad_response", None),
    ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n", False, "bad_response", None),
    ("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", False, "bad_response", None),
    ("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", False, "bad_response", None),
    ("HTTP/9", b"HTTP/9.9 200 OK\r\n\r\n", False, "bad_response", None),
    ("no number", b"HTTP/1.1 abc OK\r\n\r\n", False, "bad_response", None),
    ("status 099", b"HTTP/1.1 099 ?\r\nContent-Length: 0\r\n\r\n", False, "bad_response", None),
    ("status 600", b"HTTP/1.1 600 ?\r\nContent-Length: 0\r\n\r\n", False, "bad_response", None),
    ("an upgrade", b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", False, "bad_response", None),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", False, "bad_response", None),
    ("length and chunks", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", False, "bad_response", None),
    ("a bad chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", False, "bad_response", 200),
    ("a NUL in a field", b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", False, "bad_response", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wire", "ends", "reason", "status"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES]
)
async def test_what_is_no_whole_reply_fails(wire: bytes, ends: bool, reason: str, status: int | None) -> None:
    peer = Peer()
    peer.says(wire)
    if ends:
        peer.hangs_up()
    assert peer.failed() == (reason, status)
    assert peer.wire.aborted
    assert peer.connection.closed


async def test_only_the_beginning_of_a_body_is_kept() -> None:
    peer = Peer()
    peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n", b"a" * 1000, b"b" * 2000)
    assert peer.reply().body == b"a" * 1000 + b"b" * 24
    assert peer.connection.reusable


@pytest.mark.parametrize("piece", [1 << 20, 1000, 7])
async def test_an_endless_body_is_read_to_64_kib_and_the_status_stands(piece: int) -> None:
    peer = Peer()
    peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(70_000):
        peer.says(b"x" * piece)
        if peer.wire.aborted:
            break
    assert peer.taken == 64 * 1024
    assert peer.reply().status == 200
    assert len(peer.reply().body) == 1024


async def test_a_reply_of_exactly_the_limit_is_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 65494\r\n\r\n"
    assert len(head) + 65494 == LIMITS.reply
    peer = Peer()
    peer.says(head + b"x" * 65494)
    assert peer.reply().status == 200
    assert not peer.wire.aborted
    peer.ask()
    peer.says(b"HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n")
    assert peer.reply().status == 201


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * (1 << 20),
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 10_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        b"HTTP/1.1 200 " + b"a" * (1 << 20),
        b"\r\n" * 100_000,
    ],
    ids=["one field", "fields", "interims", "reason phrase", "empty lines"],
)
async def test_an_endless_head_is_read_to_16_kib(endless: bytes) -> None:
    peer = Peer()
    peer.says(endless)
    assert peer.failed() == ("bad_response", None)
    assert peer.taken <= 16 * 1024


@given(st.data())
@settings(max_examples=60)
def test_how_the_bytes_are_split_does_not_matter(data: st.DataObject) -> None:
    label, wire, ends, status, body, reusable = data.draw(st.sampled_from(REPLIES))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(wire)), max_size=6)))

    async def run() -> None:
        peer = Peer()
        peer.says(*(wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)))
        if ends:
            peer.hangs_up()
        assert (peer.reply().status, peer.reply().body) == (status, body), label
        assert (peer.connection.reusable and not peer.connection.closed) == reusable

    asyncio.run(run())


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_give_a_reply_or_a_known_reason(wire: bytes) -> None:
    async def run() -> None:
        peer = Peer()
        peer.says(b"HTTP/1.1 2", wire)
        peer.hangs_up()
        error = peer.answer.exception()
        assert error is None or (isinstance(error, Failed) and error.reason in {"bad_response", "closed"})

    asyncio.run(run())


async def test_a_connection_serves_one_request_after_the_other() -> None:
    peer = Peer()
    peer.says(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 1\r\n\r\na")
    assert (peer.reply().status, peer.reply().retry_after) == (429, 7.0)
    peer.ask()
    peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")
    assert (peer.reply().status, peer.reply().retry_after, peer.reply().body) == (200, None, b"b")
    assert peer.wire.written == b"requestrequest"


async def test_bytes_that_nobody_asked_for_close_an_idle_connection() -> None:
    peer = Peer()
    peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert not peer.connection.closed
    peer.says(b"HTTP/1.1 200 OK\r\n")
    assert peer.connection.closed
    assert peer.wire.aborted


async def test_only_a_kept_connection_closed_without_a_byte_is_stale() -> None:
    fresh = Peer()
    fresh.hangs_up()
    assert not fresh.connection.stale
    begun, kept, late = Peer(), Peer(), Peer()
    for peer in (begun, kept, late):
        peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    begun.ask()
    begun.says(b"H")
    begun.hangs_up()
    assert not begun.connection.stale
    kept.ask()
    kept.hangs_up(ConnectionResetError())
    assert kept.connection.stale
    late.hangs_up()
    late.ask()
    assert late.failed() == ("closed", None)
    assert late.connection.stale


async def test_a_reset_does_not_complete_a_body_that_ends_with_its_connection() -> None:
    peer = Peer()
    peer.says(b"HTTP/1.1 200 OK\r\n\r\nhalf")
    peer.hangs_up(ConnectionResetError())
    assert peer.failed() == ("closed", 200)


async def test_a_tls_error_after_the_handshake_is_called_so() -> None:
    peer = Peer()
    peer.hangs_up(ssl.SSLError(1, "certificate required"))
    assert peer.failed() == ("tls", None)


@pytest.mark.parametrize(("unsent", "sent"), [(0, True), (10, False)])
async def test_a_timeout_tells_whether_the_request_had_left(unsent: int, sent: bool) -> None:
    peer = Peer()
    peer.wire.unsent = unsent
    peer.connection.abort("timeout")
    error = peer.answer.exception()
    assert isinstance(error, Failed)
    assert (error.reason, error.sent) == ("timeout", sent)


async def test_a_deadline_that_moves_back_makes_no_new_timer() -> None:
    peer = Peer()
    first = peer.connection._timer
    for _ in range(5):
        peer.says(b"HTTP/1.1 204 No\r\n\r\n")
        peer.ask(timeout=120.0)
    assert peer.connection._timer is first
    peer.says(b"HTTP/1.1 204 No\r\n\r\n")
    peer.ask(timeout=0.01)
    with pytest.raises(Failed, match="timeout"):
        await peer.answer


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"0", 0.0),
        (b"120", 120.0),
        (b"99999999999999999999", 9999999999.0),
        (b"Thu, 01 Jan 1970 00:16:50 GMT", 10.0),
        (b"Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        (b"", None),
        (b"-5", None),
        (b"1.5", None),
        (b"soon", None),
        (b"\xff", None),
        (b"Thu, 01 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: bytes, seconds: float | None) -> None:
    assert read_retry_after(value, now=1000.0) == seconds
