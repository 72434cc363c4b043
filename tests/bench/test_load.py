"""The load generator asks what it should, waits for whole answers, and counts time from when a request was due."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bench import load
from bench.doors import DOORS
from bench.load import Order, Result, Run, is_whole, percentiles, requests

ANSWER = b'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"id": "1"}'
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
SHORT = {"key": "tw_1", "warm": 0.0, "seconds": 0.05, "connections": 4}


def parsed(request: bytes) -> tuple[dict[str, str], dict[str, object]]:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert int(headers["content-length"]) == len(body)
    return headers, json.loads(body)


class Server(asyncio.Protocol):
    """Hands the transport of each request to `answer`, and counts them."""

    asked = 0

    def __init__(self, answer: Callable[[asyncio.Transport], None]) -> None:
        self._answer, self._rest = answer, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while b'opt out"' in self._rest:
            _, _, self._rest = self._rest.partition(b"}")
            Server.asked += 1
            self._answer(self._transport)


@asynccontextmanager
async def serving(answer: Callable[[asyncio.Transport], None]) -> AsyncIterator[str]:
    Server.asked = 0
    server = await asyncio.get_running_loop().create_server(lambda: Server(answer), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def carried_out(answer: Callable[[asyncio.Transport], None], **order: object) -> Result:
    async with serving(answer) as url:
        return await Run(Order(url=url, **{**SHORT, **order})).carry_out()  # type: ignore[arg-type]


def test_a_request_is_complete_and_carries_key_and_extra_members():
    headers, form = parsed(requests(Order(url="http://h:1", key="tw_%s", extra=', "send_at": 5'))())
    assert headers["authorization"] == "Bearer tw_%s"
    assert headers["host"] == "h:1"
    assert form["send_at"] == 5
    assert 90 < len(str(form["text"])) < 160


@pytest.mark.parametrize("door", DOORS)
def test_every_door_is_asked_with_a_body_of_its_length_that_names_recipient_and_text(door: str):
    make = requests(Order(url="http://h:1", key="name:secret", door=door))
    head, _, body = make().partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"4917000001000" in body
    assert b"000001000" in body.rpartition(b"arcel")[2]
    assert b"%" not in body


def test_no_recipient_comes_twice_and_none_has_manners():
    seen = set()
    for first in (0, 8_990, 2_000_000):
        make = requests(Order(url="http://h:1", key="k", first=first))
        seen |= {str(parsed(make())[1]["to"]) for _ in range(500)}
    assert len(seen) == 1000 + 500 - len({*range(500)} & {*range(8_990, 9_490)})
    assert not any(number.endswith(tuple(f"000{n}" for n in range(10))) for number in seen)


def test_an_answer_is_whole_with_its_last_byte_only():
    assert [is_whole(ANSWER[:n]) for n in range(len(ANSWER) + 1)] == [False] * len(ANSWER) + [True]


def test_an_answer_without_a_length_has_no_body():
    assert is_whole(b"HTTP/1.1 204 No Content\r\n\r\n")


async def test_a_closed_loop_has_one_request_under_way_on_each_connection():
    waiting: list[asyncio.Transport] = []
    most = 0

    def answer(transport: asyncio.Transport) -> None:
        nonlocal most
        assert transport not in waiting
        waiting.append(transport)
        most = max(most, len(waiting))
        if len(waiting) == 4:
            asyncio.get_running_loop().call_soon(release)

    def release() -> None:
        # Before the answers, as each of them brings the next request.
        ready, waiting[:] = waiting[:], []
        for transport in ready:
            transport.write(ANSWER)

    async with serving(answer) as url:
        run = Run(Order(url=url, **SHORT))  # type: ignore[arg-type]
        ending = asyncio.create_task(run.carry_out())
        await asyncio.sleep(SHORT["seconds"] + 0.02)  # type: ignore[operator]
        release()  # the last ones are fewer than four
        result = await ending
    assert most == 4
    assert result.created == Server.asked
    assert 0 < result.counted <= result.created


async def test_answers_in_pieces_are_put_together():
    def answer(transport: asyncio.Transport) -> None:
        transport.write(ANSWER[:30])
        asyncio.get_running_loop().call_later(0.001, transport.write, ANSWER[30:])

    result = await carried_out(answer)
    assert set(result.statuses) == {"201"}
    assert result.created == Server.asked > 4


async def test_refusals_are_counted_as_such():
    result = await carried_out(lambda transport: transport.write(REFUSAL))
    assert result.created == 0
    assert result.refused == Server.asked > 0


async def test_a_closed_connection_ends_the_run_with_an_error():
    with pytest.raises(ConnectionError):
        await carried_out(lambda transport: transport.close(), seconds=5.0)


async def test_what_is_never_answered_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(load, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        await carried_out(lambda transport: None)


async def test_an_open_loop_counts_the_time_that_a_request_waited_for_a_connection():
    # One connection, each answer after 5 ms: 1,000 a second cannot be, so that what is due piles up.
    def answer(transport: asyncio.Transport) -> None:
        asyncio.get_running_loop().call_later(0.005, transport.write, ANSWER)

    result = await carried_out(answer, rate=1000.0, connections=1, seconds=0.1)
    assert result.latency["max"] > 4 * 5
    assert result.created > result.counted  # those that were due are asked for even after the window


async def test_an_open_loop_goes_on_although_answers_are_late():
    late: list[asyncio.Transport] = []
    answered = asyncio.get_running_loop().create_future()

    def answer(transport: asyncio.Transport) -> None:
        late.append(transport)
        if len(late) == 10 and not answered.done():
            answered.set_result(None)
        if answered.done():
            for one in late:
                one.write(ANSWER)
            late.clear()

    result = await carried_out(answer, rate=2000.0, connections=64, seconds=0.1)
    assert result.created == Server.asked >= 10


def test_percentiles_are_those_of_the_durations_in_milliseconds():
    found = percentiles(load.array("d", (n / 1000 for n in range(1, 1002))))
    assert found == {"p50": 501.0, "p90": 901.0, "p99": 991.0, "p999": 1000.0, "max": 1001.0}
    assert percentiles(load.array("d")) == {}
