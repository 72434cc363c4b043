"""The live readers count what they are told, however it is cut, and the figure built on them runs."""

import asyncio
from array import array
from pathlib import Path
from typing import Any

import pytest

from bench.context import Context
from bench.figures import live
from bench.report import Report
from bench.sockets import CLOSE, PING, SAMPLE, TEXT, Reader

from .test_figures import TINY

OK = b"HTTP/1.1 101 Switching Protocols\r\nX: y\r\n\r\n"


class Wire:
    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


def frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 65_536:
        return bytes((kind, 126)) + size.to_bytes(2) + payload
    return bytes((kind, 127)) + size.to_bytes(8) + payload


def reader() -> tuple[Reader, Any, "asyncio.Future[None]", "array[float]"]:
    hello = asyncio.get_running_loop().create_future()
    late, wire = array("d"), Wire()
    one = Reader(hello, late)
    one.connection_made(wire)  # type: ignore[arg-type]
    return one, wire, hello, late


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1_000, 10**6])
async def test_frames_are_counted_however_they_are_cut(piece: int) -> None:
    one, wire, hello, late = reader()
    event = b'{"id":"evt_1","timestamp":"2020-01-01T00:00:00.000Z"}'
    stream = OK + frame(TEXT, b"hello") + frame(PING, b"1234")
    stream += b"".join(frame(TEXT, event + b" " * (n * 50)) for n in range(SAMPLE))
    stream += frame(TEXT, b"x" * 70_000) + frame(CLOSE, b"\x03\xf4")
    for at in range(0, len(stream), piece):
        one.data_received(stream[at : at + piece])
    assert hello.done()
    assert one.events == SAMPLE + 1
    assert len(late) == 1
    assert late[0] > 10**6
    assert wire.written == b"\x8a\x84\0\0\0\0" + b"1234"
    assert wire.closed


async def test_a_refused_handshake_is_an_error() -> None:
    one, wire, hello, _ = reader()
    one.data_received(b"HTTP/1.1 401 Unauthorized\r\n\r\n")
    assert wire.closed
    one.connection_lost(None)
    with pytest.raises(ConnectionError):
        await hello


def test_live_events_and_idle_sockets_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "IDLE_SOCKETS", 50)
    monkeypatch.setattr(live, "KEEP_ALIVE_SECONDS", 0.2)
    monkeypatch.setattr(live, "SETTLE_SECONDS", 0.1)
    context = Context(TINY, tmp_path, Report({}), connections=4)
    context.rates |= {"baseline.echo": 1.0, "baseline.fsync": 1.0}
    live.measure(context)
    said = capsys.readouterr().out
    assert "exactly once" in said
    assert "KiB each" in said
