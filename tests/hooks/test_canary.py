"""Attackers' addresses, as they are saved and as they are called: what listens inside is never reached (SR1, SR2, SR4–SR7, SR9)."""

import contextlib
import gzip
import logging
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.facades.api import house as houses
from tests.facades.api.hooks.test_deliveries import made, telling, until
from tests.facades.api.house import House, opened
from tests.hooks.sinks import Call, Sink, answering, closed_port
from textwire.app import _Policy
from textwire.domain.event import mask
from textwire.hooks.client import Client
from textwire.hooks.guard import Policy

BANNER = b"SSH-2.0-canary-4f1d"
MIB = 1 << 20

HOSTS = [
    # IPv4 as inet_aton(3) reads it, and what IDNA makes digits and dots of
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.0.0.1.", "127.1", "127.0.1", "0177.0.0.1", "0177.1",
    "0x7f.1", "0x7f.0.0.1", "0x7F000001", "0x7f.0x0.0x0.0x1", "127.0.0.0x1", "2130706433", "2130706434",
    "017700000001", "00000177.0.0.1", "0", "0.0", "0.0.0.0", "0x0", "00", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "127．0．0．1", "127｡0｡0｡1", "１２７.0.0.1", "١٢٧.0.0.1",
    # names that mean this host
    "localhost", "localhost.", "LOCALHOST", "LocalHost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "foo.localhost", "a.b.localhost.",
    # IPv6, and IPv4 wrapped in it
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[::1%25lo]",
    "[fe80::1%25lo]", "[fe80::1]",
    # parts of a URL that readers disagree about
    "a@127.0.0.1", "user:pass@127.0.0.1", "8.8.8.8@127.0.0.1", "8.8.8.8\\@127.0.0.1", "example.com:80@127.0.0.1",
    "127.0.0.1%00.example.com", "127.0.0.1%2f", "%31%32%37.0.0.1", "\t127.0.0.1", "127.0.0.1\t", "127.0.0.1\n",
    "127.0.0.1\\", "example.com#@127.0.0.1",
    # the neighbourhood and the metadata services
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "168.63.129.16",
    "100.100.100.200", "192.0.0.192", "224.0.0.1", "255.255.255.255", "[fd00:ec2::254]", "[fc00::1]",
]  # fmt: skip
OTHER_SCHEMES = ["file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "http+unix://%2Fvar%2Frun%2Fx.sock/x"]
OUTSIDE = {"example.com#@127.0.0.1"}  # what stands behind # never leaves a client: this is example.com


def urls(port: int) -> list[str]:
    found = [f"http://{host}:{port}/hook" for host in HOSTS if host not in OUTSIDE]
    return found + [scheme.format(port=port) for scheme in OTHER_SCHEMES]


@contextlib.asynccontextmanager
async def canaries() -> AsyncIterator[list[Sink]]:
    """Listeners at one port of three addresses of this host; what means "any address" arrives at them, too."""
    async with (
        Sink(answering(BANNER)) as first,
        Sink(answering(BANNER), host="127.0.0.2", port=first.port) as second,
        Sink(answering(BANNER), host="::1", port=first.port) as third,
    ):
        yield [first, second, third]


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house that judges URLs as a server does that others can reach."""
    monkeypatch.setattr(houses, "_judge", _Policy(None).judge)  # type: ignore[arg-type]
    async with opened(tmp_path / "canary.db") as running:
        yield running


async def outcome_of(house: House, url: str) -> Any:
    """What a test of a webhook says whose address got past whoever judged it when it was saved."""
    hook, _ = await house.core.desk.webhooks.create(
        house.alice.account, house.alice.caller.id, url=url, types=mask(["message.sent"])
    )
    reply = await house.alice.ask("POST", f"/api/hooks/{hook.public_id}/test")
    assert reply.status == 200, reply
    return reply.json


def test_there_are_enough_spellings() -> None:
    assert len(set(HOSTS)) >= 60


async def test_no_spelling_of_an_inner_address_is_saved_or_called(house: House) -> None:
    async with canaries() as listening, telling(house, allow_loopback=False):
        saved, called = [], []
        for url in urls(listening[0].port):
            body = {"url": url, "events": ["message.sent"]}
            if (await house.alice.ask("POST", "/api/hooks", body)).problem != (
                400,
                "blocked_address",
                ["url"],
            ):
                saved.append(url)
            said = await outcome_of(house, url)
            if said["error"] not in ("blocked_address", "bad_url") or said["status"] is not None:
                called.append((url, said))
        assert (saved, called) == ([], [])
        assert [canary.connections for canary in listening] == [0, 0, 0]


async def test_a_changed_address_is_judged_as_a_new_one(house: House) -> None:
    hook = await made(house, "https://example.com/hook")
    for url in urls(8080):
        reply = await house.alice.ask("PATCH", f"/api/hooks/{hook['id']}", {"url": url})
        assert reply.problem == (400, "blocked_address", ["url"]), url
    assert (await house.alice.get(f"/api/hooks/{hook['id']}"))["url"] == "https://example.com/hook"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_inside_is_a_failure_and_leads_nowhere(tmp_path: Path, status: int) -> None:
    async with opened(tmp_path / "redirect.db") as house, canaries() as listening:
        to = f"http://127.0.0.2:{listening[0].port}/latest/meta-data/"
        moved = answering(
            f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode(), close=True
        )
        async with Sink(moved) as sink, telling(house):
            hook = await made(house, sink.url)
            said = (await house.alice.ask("POST", f"/api/hooks/{hook['id']}/test")).json
            assert (said["state"], said["status"], len(sink.requests)) == ("failed", status, 1)
        assert [canary.connections for canary in listening] == [0, 0, 0]


HOSTILE = "a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n\u2028\u0085 é 😀"


async def test_a_hostile_text_and_path_are_one_request_on_the_wire(tmp_path: Path) -> None:
    async with opened(tmp_path / "crlf.db") as house, Sink() as sink, telling(house):
        url = sink.url + "?a=%0d%0aX-Evil:%201&é=\u2028x"
        await made(house, url)
        message = await house.alice.sent(text=HOSTILE, ref="r\r\nX-Evil: 2")

        async def arrived() -> bool:
            return bool(sink.requests)

        await until(arrived)
    [request] = sink.requests
    assert sink.connections == 1
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /hook?a=%0d%0aX-Evil:%201&%C3%A9=%E2%80%A8x HTTP/1.1"
    names = [line.split(b":")[0].lower() for line in lines[1:]]
    assert names == [
        b"host", b"accept-encoding", b"content-type", b"user-agent", b"webhook-id", b"webhook-timestamp",
        b"webhook-signature", b"content-length",
    ]  # fmt: skip
    assert len(body) == int(lines[-1].split(b": ")[1])
    assert not {byte for byte in body if byte < 0x20}  # JSON escapes every control
    assert b"evil" in body  # the text is there, whole, as a value
    assert message["text"] == HOSTILE


async def test_what_stands_inside_is_told_by_nothing_but_an_error_class(
    house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.DEBUG):
        async with canaries() as listening, telling(house, allow_loopback=False):
            said = await outcome_of(house, listening[0].url)
    assert said["log"][0]["reply"] is None
    told = repr((said, logged, caplog.records, capfd.readouterr()))
    assert BANNER.decode() not in told


async def test_a_banner_that_is_no_http_is_told_by_its_error_class_alone(tmp_path: Path) -> None:
    """At the desk, where loopback may be called: still nothing of what a service says that is no webhook."""
    sink = Sink(answering(BANNER + b"\r\n", close=True))
    async with opened(tmp_path / "banner.db") as house, telling(house), sink:
        said = await outcome_of(house, sink.url)
    assert (said["error"], said["status"], said["log"][0]["reply"]) == ("bad_response", None, None)


async def test_open_closed_and_filtered_inner_ports_get_one_answer(house: House) -> None:
    async with canaries() as listening, telling(house, allow_loopback=False):
        ports = {"open": listening[0].port, "closed": await closed_port(), "privileged": 443}
        answers = []
        for port in ports.values():
            said = await outcome_of(house, f"http://127.0.0.1:{port}/hook")
            [attempt] = said["log"]
            answers.append(
                (said["state"], said["status"], said["error"], attempt["reply"], attempt["seconds"] < 0.5)
            )
        assert answers == [("failed", None, "blocked_address", None, True)] * 3
        assert listening[0].connections == 0


# SR9


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def test_a_flood_and_a_bomb_cost_no_memory() -> None:
    bomb = gzip.compress(bytes(200 * MIB))
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb

    async def endless(call: Call) -> None:
        await call.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + bytes(MIB) + b"\r\n"
        for _ in range(10_000):  # 10 GB, if anybody read them
            await call.write(chunk)

    async with Client(Policy(allow_loopback=True)) as client:
        async with Sink() as sink:
            await client.post(sink.url, {}, b"")
        before = peak()
        async with Sink(answering(packed)) as sink:
            reply = await client.post(sink.url, {}, b"")
            assert (reply.status, reply.body) == (200, bomb[: len(reply.body)])  # as it came, never unpacked
            assert len(reply.body) <= 1024
            await sink.all_closed.wait()
        async with Sink(endless) as sink:
            assert (await client.post(sink.url, {}, b"")).status == 200
            await sink.all_closed.wait()
        assert peak() - before <= 20 * MIB
