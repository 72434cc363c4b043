"""What a call comes to, at friendly and at hostile other ends."""

import asyncio

import pytest

from tests.hooks.sinks import OK, Call, Sink, answering, silent
from textwire.hooks.client import Client, Failed, Limits
from textwire.hooks.guard import Policy, judge_url

BOTH_LOOPS = True

DESK = Policy(allow_loopback=True)


async def failure(client: Client, url: str, timeout: float = 5.0) -> Failed:
    with pytest.raises(Failed) as caught:
        await client.post(url, {}, b"{}", timeout=timeout)
    return caught.value


async def test_a_post_arrives_as_written_and_its_answer_comes_back() -> None:
    raw = b"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 5\r\n\r\nlater"
    async with Sink(answering(raw)) as sink, Client(DESK) as client:
        reply = await client.post(
            sink.url, {"Content-Type": "text/plain", "webhook-id": "msg_1"}, "grüß".encode()
        )
        assert (reply.status, reply.body, reply.retry_after) == (429, b"later", 30.0)
        assert 0 < reply.elapsed < 5
        assert sink.requests == [
            f"POST /hook HTTP/1.1\r\nHost: 127.0.0.1:{sink.port}\r\nAccept-Encoding: identity\r\n"
            "Content-Type: text/plain\r\nwebhook-id: msg_1\r\nContent-Length: 6\r\n\r\ngrüß".encode()
        ]


async def test_a_get_carries_a_hostile_text_as_one_request() -> None:
    async with Sink() as sink, Client(DESK) as client:
        target = judge_url(sink.url + "?key=1", DESK).with_query(
            {"text": "a&b\r\nGET /evil HTTP/1.1\r\n\r\n"}
        )
        await client.post(target, {}, b"", method="GET")
        (request,) = sink.requests
        assert request.startswith(
            b"GET /hook?key=1&text=a%26b%0D%0AGET+%2Fevil+HTTP%2F1.1%0D%0A%0D%0A HTTP/1.1\r\n"
        )


@pytest.mark.parametrize(
    ("url", "headers", "reason"),
    [
        ("http://127.0.0.1/\r\nX: 1", {}, "bad_url"),
        ("http://127.0.0.1\r\n/", {}, "bad_url"),
        ("http://127.0.0.1/", {"X": "a\r\nY: b"}, "bad_header"),
        ("http://127.0.0.1/", {"X\r\nY": "a"}, "bad_header"),
        ("http://127.0.0.1:22/", {}, "blocked_address"),
    ],
)
async def test_what_would_break_the_framing_is_not_sent(
    url: str, headers: dict[str, str], reason: str
) -> None:
    async with Client(DESK) as client:
        with pytest.raises(Failed, match=reason):
            await client.post(url, headers, b"")
        assert not client._pool._origins


async def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 4096
    async with Sink() as sink, Client(DESK) as client:
        assert (await client.post(sink.url, {}, body)).status == 200
        assert sink.requests[0].endswith(body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(status: int) -> None:
    async with Sink() as canary:
        raw = f"HTTP/1.1 {status} Moved\r\nLocation: {canary.url}\r\nContent-Length: 0\r\n\r\n".encode()
        async with Sink(answering(raw)) as sink, Client(DESK) as client:
            assert (await client.post(sink.url, {}, b"{}")).status == status
            assert len(sink.requests) == 1
        assert canary.connections == 0


async def test_the_environment_names_no_proxy_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sink() as proxy, Sink() as sink:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with Client(DESK) as client:
            await client.post(sink.url, {}, b"")
        assert (sink.connections, proxy.connections) == (1, 0)


# Keeping connections


async def test_one_connection_serves_many_calls() -> None:
    async with Sink() as sink, Client(DESK) as client:
        for _ in range(20):
            await client.post(sink.url, {}, b"{}")
        assert (sink.connections, len(sink.requests)) == (1, 20)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        OK + OK,
    ],
)
async def test_a_connection_that_may_not_be_kept_is_closed(raw: bytes) -> None:
    async with Sink(answering(raw, close=b"1.0" in raw)) as sink, Client(DESK) as client:
        for _ in range(3):
            assert (await client.post(sink.url, {}, b"{}")).status == 200
        assert sink.connections == 3
        await sink.all_closed.wait()


async def test_a_kept_connection_that_the_peer_gave_up_costs_one_retry() -> None:
    async def once(call: Call) -> None:
        if call.on_connection == 1:
            await call.write(OK)
        else:
            call.close()

    async with Sink(once) as sink, Client(DESK) as client:
        for _ in range(4):
            assert (await client.post(sink.url, {}, b"{}")).status == 200
        assert (sink.connections, len(sink.requests)) == (4, 7)


async def test_the_retry_is_not_retried() -> None:
    async def only_first(call: Call) -> None:
        if call.number == 1:
            await call.write(OK)
        else:
            call.close()

    async with Sink(only_first) as sink, Client(DESK) as client:
        await client.post(sink.url, {}, b"{}")
        assert (await failure(client, sink.url)).reason == "closed"
        assert (sink.connections, len(sink.requests)) == (2, 3)


async def test_a_fresh_connection_closed_without_an_answer_is_not_retried() -> None:
    async def close(call: Call) -> None:
        call.close()

    async with Sink(close) as sink, Client(DESK) as client:
        assert (await failure(client, sink.url)).reason == "closed"
        assert (sink.connections, len(sink.requests)) == (1, 1)


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
async def test_a_call_whose_answer_had_begun_is_not_retried(begun: bytes) -> None:
    async def second_breaks(call: Call) -> None:
        await call.write(OK if call.number == 1 else begun)
        if call.number > 1:
            call.close()

    async with Sink(second_breaks) as sink, Client(DESK) as client:
        await client.post(sink.url, {}, b"{}")
        assert (await failure(client, sink.url)).reason == "closed"
        assert len(sink.requests) == 2


async def test_a_timeout_on_a_kept_connection_is_not_retried() -> None:
    async def answers_once(call: Call) -> None:
        if call.number == 1:
            await call.write(OK)

    async with Sink(answers_once) as sink, Client(DESK) as client:
        await client.post(sink.url, {}, b"{}")
        assert (await failure(client, sink.url, timeout=0.05)).reason == "timeout"
        assert len(sink.requests) == 2


async def test_an_idle_connection_is_closed_after_its_time() -> None:
    async with Sink() as sink, Client(DESK, limits=Limits(idle_s=0.02)) as client:
        await client.post(sink.url, {}, b"")
        await asyncio.wait_for(sink.all_closed.wait(), 5)
        assert not client._pool._origins
        assert (await client.post(sink.url, {}, b"")).status == 200
        assert sink.connections == 2


async def test_idle_connections_are_few() -> None:
    limits = Limits(idle=3)
    sinks = [Sink() for _ in range(6)]
    async with Client(DESK, limits=limits) as client:
        for sink in sinks:
            await sink.__aenter__()
            await client.post(sink.url, {}, b"")
        await asyncio.gather(*(sink.all_closed.wait() for sink in sinks[:3]))
        assert [sink.open for sink in sinks] == [0, 0, 0, 1, 1, 1]
    for sink in sinks:
        await sink.__aexit__()


# Hostile other ends


async def test_a_peer_that_swallows_the_request_times_out_as_sent() -> None:
    async with Sink(silent) as sink, Client(DESK) as client:
        error = await failure(client, sink.url, timeout=0.05)
        assert (error.reason, error.sent, error.status) == ("timeout", True, None)
        await sink.all_closed.wait()


async def test_a_body_that_trickles_does_not_outlive_the_timeout() -> None:
    async def trickle(call: Call) -> None:
        await call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            await call.write(b"x")
            await asyncio.sleep(0.01)

    async with Sink(trickle) as sink, Client(DESK) as client:
        error = await failure(client, sink.url, timeout=0.1)
        assert (error.reason, error.status) == ("timeout", 200)
        await sink.all_closed.wait()


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", None),
        (b"HTTP/1.1 200 OK\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", "bad_response"),
    ],
    ids=["10 GB", "4 GB chunk", "until the end", "a field without end"],
)
async def test_a_flood_is_cut_off(head: bytes, reason: str | None) -> None:
    written = 0

    async def flood(call: Call) -> None:
        nonlocal written
        await call.write(head)
        for _ in range(10_000):
            await call.write(b"x" * 1_000_000)
            written += 1_000_000

    async with Sink(flood) as sink, Client(DESK) as client:
        if reason is None:
            reply = await client.post(sink.url, {}, b"")
            assert (reply.status, reply.body) == (200, b"x" * 1024)
        else:
            assert (await failure(client, sink.url)).reason == reason
        await sink.all_closed.wait()
    assert written < 50_000_000  # what kernels buffer; the sink would have written 10 GB


@pytest.mark.parametrize(
    ("raw", "close", "reason"),
    [
        (b"\x00\xff garbage \r\n\r\n", False, "bad_response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", True, "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", True, "closed"),
        (b"HTTP/1.1 101 Switch\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", False, "bad_response"),
    ],
)
async def test_a_broken_answer_fails_and_the_next_call_is_clean(raw: bytes, close: bool, reason: str) -> None:
    async with Sink(answering(raw, close=close)) as sink, Client(DESK) as client:
        assert (await failure(client, sink.url)).reason == reason
        await sink.all_closed.wait()
        sink.personality = answering(OK)
        assert (await client.post(sink.url, {}, b"")).status == 200


async def test_an_answer_smuggled_behind_another_is_never_given_to_the_next_call() -> None:
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    async with Sink(answering(OK + forged)) as sink, Client(DESK) as client:
        assert [(await client.post(sink.url, {}, b"")).body for _ in range(5)] == [b"ok"] * 5


async def test_a_reply_that_is_longer_than_kept_comes_from_a_connection_that_stays() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + b"y" * 40_000
    async with Sink(answering(raw)) as sink, Client(DESK) as client:
        for _ in range(3):
            assert (await client.post(sink.url, {}, b"")).body == b"y" * 1024
        assert sink.connections == 1


# Turns


@pytest.mark.parametrize(("endpoints", "most"), [(1, 4), (2, 6)], ids=["one endpoint", "the node"])
async def test_calls_under_way_reach_their_bound_and_never_pass_it(endpoints: int, most: int) -> None:
    under_way = 0
    reached = asyncio.Event()

    async def gather(call: Call) -> None:
        nonlocal under_way
        under_way += 1
        assert under_way <= most
        if under_way == most:
            reached.set()
        await reached.wait()
        under_way -= 1
        await call.write(OK)

    limits = Limits(per_origin=4, per_node=6)
    async with Sink(gather) as one, Sink(gather) as two, Client(DESK, limits=limits) as client:
        sinks = (one, two)[:endpoints]
        replies = await asyncio.gather(*(client.post(sink.url, {}, b"") for sink in sinks for _ in range(50)))
        assert [reply.status for reply in replies] == [200] * 50 * endpoints


async def test_a_hanging_endpoint_does_not_hold_up_another() -> None:
    async with Sink(silent) as dead, Sink() as alive, Client(DESK) as client:
        hanging = [asyncio.create_task(failure(client, dead.url, timeout=0.5)) for _ in range(50)]
        await asyncio.sleep(0)
        for _ in range(20):
            assert (await client.post(alive.url, {}, b"")).status == 200
        assert not any(task.done() for task in hanging)
        reasons = [(await task).reason for task in hanging]
        assert reasons.count("timeout") + reasons.count("busy") == 50
        assert reasons[:10] == ["timeout"] * 10
        # Who was in line too long was never sent.
        assert len(dead.requests) <= reasons.count("timeout") < 50


async def test_a_cancelled_call_gives_its_turn_back_and_closes_its_connection() -> None:
    async with Sink(silent) as sink, Client(DESK, limits=Limits(per_origin=1)) as client:
        call = asyncio.create_task(client.post(sink.url, {}, b""))
        while not sink.requests:
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await sink.all_closed.wait()
        sink.personality = answering(OK)
        assert (await client.post(sink.url, {}, b"")).status == 200


async def test_closing_ends_calls_under_way_and_in_line() -> None:
    async with Sink(silent) as sink:
        client = Client(DESK, limits=Limits(per_origin=1))
        calls = [asyncio.create_task(failure(client, sink.url)) for _ in range(3)]
        while not sink.requests:
            await asyncio.sleep(0)
        await client.close()
        assert [(await call).reason for call in calls] == ["closed"] * 3
        assert (await failure(client, sink.url)).reason == "closed"
        assert sink.connections == 1
        await sink.all_closed.wait()


async def test_a_thousand_calls_leave_nothing_behind() -> None:
    async with Sink() as sink, Client(DESK, limits=Limits(idle_s=0.5)) as client:
        await asyncio.gather(*(client.post(sink.url, {}, b"") for _ in range(1000)))
        assert sink.connections <= 10
        await asyncio.wait_for(sink.all_closed.wait(), 5)
        assert not client._pool._origins
        assert not client._under_way
        assert (client._pool._active, client._pool._waiting) == (0, 0)


async def test_time_in_line_does_not_count_against_the_endpoint() -> None:
    async def slow(call: Call) -> None:
        await asyncio.sleep(0.4)
        await call.write(OK)

    async with Sink(slow) as sink, Client(DESK, limits=Limits(per_origin=1)) as client:
        replies = await asyncio.gather(*(client.post(sink.url, {}, b"", timeout=0.75) for _ in range(2)))
        assert all(reply.elapsed < 0.75 for reply in replies)
