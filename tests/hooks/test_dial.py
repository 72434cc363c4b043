"""Connections go to judged addresses or nowhere, and TLS is verified with the name in the URL."""

import asyncio
import itertools
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hooks.authority import Authority
from tests.hooks.sinks import OK, Sink, answering, closed_port
from textwire.hooks.client import Client, Failed, Limits, Lookup
from textwire.hooks.dial import is_ours
from textwire.hooks.guard import Allowance, Policy, Target, judge_url

BOTH_LOOPS = True

DESK = Policy(allow_loopback=True)
PUBLIC = Policy()


def names(*addresses: str) -> Lookup:
    async def look_up(name: str) -> Sequence[str]:
        return addresses

    return look_up


async def reason(client: Client, url: str | Target) -> str:
    with pytest.raises(Failed) as caught:
        await client.post(url, {}, b"{}", timeout=5.0)
    return caught.value.reason


# Rebinding (SR3). 127.0.0.2 is opened by an allowance and plays the public address; everything else is inner.


def stage(sink: Sink) -> Policy:
    return Policy(allowed=(Allowance.read(f"127.0.0.2:{sink.port}"),))


async def test_a_name_that_flips_never_reaches_the_inner_address() -> None:
    async with (
        Sink(answering(OK, close=True), host="127.0.0.2") as public,
        Sink(port=public.port) as canary,
        Sink(host="::1", port=public.port) as canary6,
    ):
        answers = itertools.cycle(
            [
                ["127.0.0.2"],
                ["127.0.0.1"],
                ["127.0.0.2", "127.0.0.1"],
                ["::1"],
                ["::ffff:127.0.0.1"],
                ["127.0.0.2", "::1"],
            ]
        )

        async def flip(name: str) -> Sequence[str]:
            return next(answers)

        outcomes = {"called": 0, "blocked_address": 0}
        async with Client(stage(public), flip, Limits(dns_ttl_s=0.0)) as client:
            for _ in range(1002):
                try:
                    await client.post(f"http://rebind.example:{public.port}/", {}, b"")
                    outcomes["called"] += 1
                except Failed as failed:
                    outcomes[failed.reason] += 1
        assert outcomes == {"called": 167, "blocked_address": 835}
        assert len(public.requests) == 167
        assert (canary.connections, canary6.connections) == (0, 0)


async def test_one_look_up_serves_both_the_judgement_and_the_connection() -> None:
    async with Sink(host="127.0.0.2") as public, Sink(port=public.port) as canary:
        asked = 0

        async def first_good_then_evil(name: str) -> Sequence[str]:
            nonlocal asked
            asked += 1
            return ["127.0.0.2"] if asked == 1 else ["127.0.0.1"]

        async with Client(stage(public), first_good_then_evil) as client:
            await client.post(f"http://rebind.example:{public.port}/", {}, b"")
        assert (asked, public.connections, canary.connections) == (1, 1, 0)


async def test_a_kept_connection_is_not_used_for_an_address_the_name_has_lost() -> None:
    async with Sink(host="127.0.0.2") as one, Sink(host="127.0.0.3", port=one.port) as two:
        current = ["127.0.0.2"]

        async def moving(name: str) -> Sequence[str]:
            return list(current)

        async with Client(DESK, moving, Limits(dns_ttl_s=0.0)) as client:
            url = f"http://moving.example:{one.port}/"
            await client.post(url, {}, b"")
            await client.post(url, {}, b"")
            current[:] = ["127.0.0.3"]
            await client.post(url, {}, b"")
            assert (one.connections, len(one.requests), len(two.requests)) == (1, 2, 1)
            await one.all_closed.wait()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "①②⑦.⓪.⓪.①", "localhost.", "[::1]", "0"]
)
async def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    async with Sink() as canary, Sink(host="::1", port=canary.port) as canary6:
        async with Client(PUBLIC) as client:
            assert await reason(client, f"http://{host}:{canary.port}/") == "blocked_address"
        assert (canary.connections, canary6.connections) == (0, 0)


async def test_a_target_made_under_another_policy_is_judged_again() -> None:
    async with Sink() as canary, Client(PUBLIC) as client:
        assert await reason(client, judge_url(canary.url, DESK)) == "blocked_address"
        assert canary.connections == 0


async def test_open_closed_and_silent_inner_ports_are_told_alike() -> None:
    async with Sink() as canary, Client(PUBLIC, names("127.0.0.1")) as client:
        ports = (canary.port, await closed_port(), 443)
        failures = []
        for port in ports:
            with pytest.raises(Failed) as caught:
                await client.post(f"http://inner.example:{port}/", {}, b"")
            failures.append((caught.value.reason, caught.value.status, caught.value.sent))
        assert failures == [("blocked_address", None, False)] * 3
        assert canary.connections == 0


async def test_a_port_that_is_ours_is_refused_at_the_desk_too() -> None:
    async with Sink() as ours:
        policy = Policy(allow_loopback=True, own_ports=frozenset({ours.port}))
        async with Client(policy, names("127.0.0.1")) as client:
            assert await reason(client, ours.url) == "blocked_address"
            assert await reason(client, f"http://localhost:{ours.port}/") == "blocked_address"
            assert await reason(client, f"http://disguise.example:{ours.port}/") == "blocked_address"
        assert ours.connections == 0


async def test_a_peer_that_is_not_who_was_judged_gets_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    class Diverted(socket.socket):
        """The kernel sends us elsewhere, as a redirecting firewall rule would."""

        def getpeername(self) -> tuple[str, int]:
            return ("169.254.169.254", 80)

    async with Sink() as sink, Client(DESK) as client:
        with monkeypatch.context() as patched:
            patched.setattr("textwire.hooks.dial.socket.socket", Diverted)
            assert await reason(client, sink.url) == "blocked_address"
        assert sink.requests == []
        assert (await client.post(sink.url, {}, b"")).status == 200


async def test_a_socket_that_meets_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mirror(socket.socket):
        def getsockname(self) -> tuple[str, int]:
            return self.getpeername()  # type: ignore[no-any-return]

    async with Sink() as sink, Client(DESK) as client:
        with monkeypatch.context() as patched:
            patched.setattr("textwire.hooks.dial.socket.socket", Mirror)
            assert await reason(client, sink.url) == "refused"
        assert sink.requests == []


async def test_the_check_at_save_judges_what_the_name_means_now() -> None:
    async with Client(PUBLIC, names("10.0.0.1")) as client:
        with pytest.raises(Failed, match="blocked_address"):
            await client.check("https://hooks.example/")
        with pytest.raises(Failed, match="bad_url"):
            await client.check("ftp://hooks.example/")
    async with Client(PUBLIC, names("8.8.8.8")) as client:
        assert (await client.check("https://hooks.example/")).host == "hooks.example"
    async with Client(PUBLIC, names()) as client:
        with pytest.raises(Failed, match="dns"):
            await client.check("https://hooks.example/")


@pytest.mark.parametrize("answer", ["localhost", "", "1.2.3", "127.0.0.1:80", "not an address"])
async def test_a_resolver_that_gives_no_addresses_makes_no_look_up_behind_the_guard(answer: str) -> None:
    async with Sink() as canary, Client(DESK, names(answer)) as client:
        assert await reason(client, f"http://odd.example:{canary.port}/") == "dns"
        assert canary.connections == 0


async def test_an_address_is_never_asked_for() -> None:
    async with Sink() as sink, Client(DESK, names("127.0.0.9")) as client:
        assert (await client.post(sink.url, {}, b"")).status == 200


async def test_a_name_that_nobody_answers_for_fails_in_time() -> None:
    async def never(name: str) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError

    async with Client(DESK, never, Limits(connect_s=0.02)) as client:
        assert await reason(client, "http://slow.example/") == "dns"


async def test_addresses_of_this_host_are_known_without_sending() -> None:
    assert is_ours("127.0.0.1", 80)
    assert is_ours("::1", 80)
    assert not is_ours("192.0.2.1", 80)


async def test_an_address_of_this_host_is_blocked_even_if_it_is_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("textwire.hooks.dial.is_ours", lambda ip, port: ip == "8.8.8.8")
    async with Client(PUBLIC, names("8.8.8.8")) as client:
        assert await reason(client, "http://me.example/") == "blocked_address"


# Reaching the other end


async def test_a_port_where_nobody_listens_is_refused() -> None:
    async with Client(DESK) as client:
        assert await reason(client, f"http://127.0.0.1:{await closed_port()}/") == "refused"


async def test_the_next_address_is_tried_when_one_is_refused() -> None:
    async with Sink() as sink, Client(DESK, names("::1", "127.0.0.9", "127.0.0.1")) as client:
        assert (await client.post(f"http://many.example:{sink.port}/", {}, b"")).status == 200


async def test_only_so_many_addresses_of_a_name_are_tried() -> None:
    limits = Limits(addresses=2)
    async with Sink() as sink, Client(DESK, names("127.0.0.8", "127.0.0.9", "127.0.0.1"), limits) as client:
        assert await reason(client, f"http://many.example:{sink.port}/") == "refused"


async def test_a_host_that_does_not_answer_at_all_times_out_and_the_next_address_has_its_share() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.2", 0))
        full.listen(0)
        port = full.getsockname()[1]
        crowd = [socket.socket() for _ in range(4)]  # the backlog takes one or two; the kernel drops the rest
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        async with Sink(port=port) as sink:
            async with Client(DESK, limits=Limits(connect_s=0.1)) as client:
                assert await reason(client, f"http://127.0.0.2:{port}/") == "timeout"
            async with Client(DESK, names("127.0.0.2", "127.0.0.1"), Limits(connect_s=0.4)) as client:
                assert (await client.post(f"http://half.example:{port}/", {}, b"")).status == 200
                assert len(sink.requests) == 1
        for one in crowd:
            one.close()


async def test_lack_of_sockets_is_not_the_other_ends_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(24, "Too many open files")

    async with Sink() as sink, Client(DESK) as client:
        with monkeypatch.context() as patched:
            patched.setattr("textwire.hooks.dial.is_ours", lambda ip, port: False)
            patched.setattr("textwire.hooks.dial.socket.socket", none_left)
            assert await reason(client, sink.url) == "busy"


# TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def secure(authority: Authority, **settings: object) -> Client:
    return Client(DESK, names("127.0.0.1"), ca_file=authority.file, **settings)  # type: ignore[arg-type]


async def test_https_is_verified_with_the_name_and_kept_open(authority: Authority) -> None:
    context = authority.server("hooks.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    async with Sink(tls=context) as sink, secure(authority) as client:
        for _ in range(3):
            assert (await client.post(f"https://Hooks.Example.:{sink.port}/", {}, b"{}")).body == b"ok"
        assert (sink.connections, asked) == (1, ["hooks.example"])
        assert b"\r\nHost: hooks.example:" in sink.requests[0]


async def test_https_to_an_address_is_verified_with_the_address(authority: Authority) -> None:
    async with Sink(tls=authority.server("127.0.0.1")) as sink, secure(authority) as client:
        assert (await client.post(sink.url, {}, b"")).status == 200


async def test_a_certificate_that_does_not_hold_fails_and_nothing_is_sent(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    contexts = {
        "another name": authority.server("other.example"),
        "only a common name": authority.server(common_name="hooks.example"),
        "expired": authority.server("hooks.example", expired=True),
        "another authority": stranger.server("hooks.example"),
    }
    for label, context in contexts.items():
        async with Sink(tls=context) as sink, secure(authority) as client:
            assert await reason(client, f"https://hooks.example:{sink.port}/") == "tls", label
            assert sink.requests == [], label


async def test_an_authority_is_not_trusted_unless_given(authority: Authority) -> None:
    async with (
        Sink(tls=authority.server("hooks.example")) as sink,
        Client(DESK, names("127.0.0.1")) as client,
    ):
        assert await reason(client, f"https://hooks.example:{sink.port}/") == "tls"


async def test_nothing_about_verification_is_switched_off(authority: Authority) -> None:
    context = secure(authority)._dialer._tls
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert not context.hostname_checks_common_name
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_a_peer_that_speaks_no_tls_fails_as_tls(authority: Authority) -> None:
    async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(chat, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with secure(authority) as client:
        assert await reason(client, f"https://hooks.example:{port}/") == "tls"
    server.close()


async def test_a_handshake_that_never_ends_times_out(authority: Authority) -> None:
    hanging = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with secure(authority, limits=Limits(connect_s=0.1)) as client:
        assert await reason(client, f"https://hooks.example:{port}/") == "timeout"
    hanging.set()
    server.close()


async def test_no_key_log_is_written(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    async with Sink(tls=authority.server("hooks.example")) as sink, secure(authority) as client:
        assert (await client.post(f"https://hooks.example:{sink.port}/", {}, b"")).status == 200
    assert not (tmp_path / "keys").exists()
