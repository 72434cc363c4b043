"""Listeners: where they bind, how they start and stop, and what a client of TLS sees."""

import asyncio
import logging
import signal
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from tests.web.shapes import APP, GET, SEEN, post
from tests.web.wire import PATIENCE, Wire, serving
from textwire.web import tls
from textwire.web.bind import BindRefused, PlaintextRefused, bind
from textwire.web.server import Listener

BEYOND = ["0.0.0.0", "::", "", "10.255.255.1"]


def taken() -> socket.socket:
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen()
    return busy


def lacks_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return True
    return False


NO_IPV6 = pytest.mark.skipif(lacks_ipv6(), reason="no IPv6 on loopback")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", pytest.param("::1", marks=NO_IPV6)])
def test_loopback_is_bound_and_the_real_port_told(host: str) -> None:
    listener = Listener(APP, host, 0)
    assert listener.port > 0
    expected = "127.0.0.1" if host == "localhost" else host
    assert listener.url == f"http://{f'[{host}]' if ':' in host else expected}:{listener.port}"
    listener._socket.close()


@pytest.mark.parametrize("host", BEYOND)
def test_plain_http_beyond_loopback_is_refused(host: str) -> None:
    with pytest.raises(PlaintextRefused, match="no TLS"):
        Listener(APP, host, 0)


def test_plain_http_beyond_loopback_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[bool] = []

    def note(host: str, port: int, *, beyond_loopback: bool) -> socket.socket:
        allowed.append(beyond_loopback)
        return bind("127.0.0.1", 0, beyond_loopback=False)  # a test listens on loopback only

    monkeypatch.setattr("textwire.web.server.bind", note)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for listener in (
        Listener(APP, "0.0.0.0", 0, allow_plaintext=True),
        Listener(APP, "0.0.0.0", 0, tls=context),
        Listener(APP, "0.0.0.0", 0),
    ):
        listener._socket.close()
    assert allowed == [True, True, False]


@pytest.mark.parametrize("host", ["no-such-name.invalid", "256.1.1.1", "a..b", "x" * 300])
def test_what_is_no_address_is_refused_by_name(host: str) -> None:
    with pytest.raises(BindRefused, match="cannot listen on"):
        bind(host, 0, beyond_loopback=True)


def test_a_port_that_is_taken_or_impossible_is_refused() -> None:
    with taken() as busy:
        port = busy.getsockname()[1]
        with pytest.raises(BindRefused, match=str(port)):
            bind("127.0.0.1", port, beyond_loopback=False)
    with pytest.raises(BindRefused):
        bind("127.0.0.1", 65536, beyond_loopback=False)


def test_a_port_is_ours_before_the_start() -> None:
    with (
        bind("127.0.0.1", 0, beyond_loopback=False) as first,
        pytest.raises(BindRefused),
    ):
        bind("127.0.0.1", first.getsockname()[1], beyond_loopback=False)


def test_of_a_names_addresses_the_ipv4_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET6, 1, 6, "", ("::1", 0, 0, 0)), (socket.AF_INET, 1, 6, "", ("127.0.0.3", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with bind("any.name", 0, beyond_loopback=False) as opened:
        assert opened.getsockname()[0] == "127.0.0.3"


async def test_signals_and_logging_stay_the_programs_own() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    root = list(logging.getLogger().handlers)
    async with serving(APP):
        assert {number: signal.getsignal(number) for number in before} == before
        assert logging.getLogger().handlers == root
        assert logging.getLogger("uvicorn.error").level == logging.WARNING
        assert not logging.getLogger("uvicorn.access").hasHandlers()


async def test_a_stop_lets_a_request_under_way_finish_and_takes_no_other() -> None:
    SEEN.clear()
    async with serving(APP) as listener:
        busy, idle = await Wire.to(listener), await Wire.to(listener)
        await busy.put(GET.replace(b"/get", b"/slow"))
        await asyncio.sleep(0.03)
        stopping = asyncio.create_task(listener.stop(timeout=5.0))
        reply = await busy.reply()
        assert (reply.status, reply.body, reply.headers["connection"]) == (200, b"slow", "close")
        assert await idle.rest() == b""
        await asyncio.wait_for(stopping, PATIENCE)
        with pytest.raises(ConnectionRefusedError):
            await Wire.to(listener)
        for wire in (busy, idle):
            wire.close()


async def test_a_stop_waits_no_longer_than_it_is_told_and_answers_503() -> None:
    async with serving(APP) as listener:
        wire = await Wire.to(listener)
        await wire.put(GET.replace(b"/get", b"/asleep"))
        await asyncio.sleep(0.03)
        begun = asyncio.get_running_loop().time()
        await listener.stop(timeout=0.2)
        assert asyncio.get_running_loop().time() - begun < 2
        assert (await wire.reply()).status == 503
        wire.close()


async def test_a_stop_before_the_start_frees_the_port() -> None:
    listener = Listener(APP, "127.0.0.1", 0)
    await listener.stop()
    bind("127.0.0.1", listener.port, beyond_loopback=False).close()


async def test_a_listener_that_cannot_start_says_so() -> None:
    listener = Listener(APP, "127.0.0.1", 0)
    listener._socket.close()
    with pytest.raises((OSError, ValueError)):
        await asyncio.wait_for(listener.start(), PATIENCE)


async def test_connections_are_counted() -> None:
    async with serving(APP) as listener:
        wire = await Wire.to(listener)
        await wire.ask(GET)
        assert listener.connections == 1
        wire.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tls.Files:
    return tls.ensure(tmp_path_factory.mktemp("tls"), ["api.example"], int(time.time()) * 1_000_000)


def trusting(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def test_tls_serves_the_same_application_to_a_client_that_trusts_the_ca(files: tls.Files) -> None:
    async with serving(APP, tls=tls.server_context(files)) as listener:
        assert listener.url == f"https://127.0.0.1:{listener.port}"
        for name in ("localhost", "127.0.0.1", "::1", "api.example"):
            wire = await Wire.to(listener, trusting(files.ca), name)
            assert (await wire.ask(GET)).body == b"/get"
            assert (await wire.ask(post(b"Content-Length: 5"))).body == b"hello"
            wire.close()


async def test_tls_is_refused_by_a_client_that_trusts_another_ca_or_wants_another_name(
    files: tls.Files,
) -> None:
    async with serving(APP, tls=tls.server_context(files)) as listener:
        for context, name in ((trusting(None), "localhost"), (trusting(files.ca), "other.example")):
            with pytest.raises(ssl.SSLCertVerificationError):
                await Wire.to(listener, context, name)


@pytest.mark.parametrize(
    ("version", "spoken"),
    [(ssl.TLSVersion.TLSv1_1, ""), (ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_only_tls_1_2_and_1_3_are_spoken(
    files: tls.Files, version: ssl.TLSVersion, spoken: str
) -> None:
    context = trusting(files.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    async with serving(APP, tls=tls.server_context(files)) as listener:
        if not spoken:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await Wire.to(listener, context)
            return
        wire = await Wire.to(listener, context)
        assert wire.extra("ssl_object").version() == spoken
        wire.close()


async def test_ciphers_without_authentication_of_their_data_are_refused(files: tls.Files) -> None:
    context = trusting(files.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0")
    async with serving(APP, tls=tls.server_context(files)) as listener:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await Wire.to(listener, context)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_an_idle_client_of_tls_that_never_says_goodbye_does_not_hold_a_stop_up(
    files: tls.Files, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Its connection is cut when it had its time, long before a stop would give up on a request."""

    def greet(port: int) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        wire = trusting(files.ca).wrap_socket(plain, server_hostname="localhost")
        wire.sendall(GET)
        assert wire.recv(15) == b"HTTP/1.1 200 OK"
        return wire

    async def stop() -> float:
        clock = asyncio.get_running_loop().time
        async with serving(APP, tls=tls.server_context(files), goodbye_seconds=0.2) as listener:
            wire = await asyncio.to_thread(greet, listener.port)
            began = clock()
            await listener.stop(timeout=6 * PATIENCE)
            took = clock() - began
            wire.close()
            return took

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(stop()) < 2 * PATIENCE


async def test_http_1_1_is_agreed_upon_where_a_client_offers_more(files: tls.Files) -> None:
    context = trusting(files.ca)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with serving(APP, tls=tls.server_context(files)) as listener:
        wire = await Wire.to(listener, context)
        assert wire.extra("ssl_object").selected_alpn_protocol() == "http/1.1"
        wire.close()


async def test_the_guard_stands_behind_tls_too(files: tls.Files) -> None:
    async with serving(APP, tls=tls.server_context(files), head_seconds=0.2, linger_seconds=0.1) as listener:
        for data, status in ((GET.replace(b"GET", b"TRACE"), 405), (GET[:-2], 408)):
            wire = await Wire.to(listener, trusting(files.ca))
            assert (await wire.ask(data)).status == status
            assert await wire.rest() == b""
            wire.close()


async def test_a_client_that_never_shakes_hands_is_dropped(files: tls.Files) -> None:
    async with serving(APP, tls=tls.server_context(files), handshake_seconds=0.2) as listener:
        wire = await Wire.to(listener)
        assert await wire.rest() == b""
        wire.close()


async def test_plain_http_on_the_tls_port_gets_nothing(files: tls.Files) -> None:
    async with serving(APP, tls=tls.server_context(files)) as listener:
        wire = await Wire.to(listener)
        await wire.put(GET)
        assert b"HTTP" not in await wire.rest()
        wire.close()
