"""What a hook was told, over the wire: the log, tests, replays; and what is another tenant's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests.facades.api.house import House
from tests.hooks.sinks import Call, Sink, answering
from textwire.clock import real_now
from textwire.facades.api.events import ApiDialect
from textwire.hooks import sign
from textwire.hooks.client import Client
from textwire.hooks.guard import Policy
from textwire.hooks.hooks import Hooks
from textwire.switch import deliveries

PATIENCE = 30.0
REFUSING = answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 7\r\n\r\nsorry!\n")


@contextlib.asynccontextmanager
async def telling(house: House, **policy: Any) -> AsyncIterator[Hooks]:
    """The house with its webhooks, as `app` puts them together."""
    core = house.core
    async with Client(Policy(**{"allow_loopback": True, **policy})) as client:
        hooks = Hooks(
            core.store, core.clock, real_now, core.ids, {"api": ApiDialect(sign.sign)}, client, core.epoch,
            unseal=core.seal.open,
        )  # fmt: skip
        core.desk.webhooks.ended.append(hooks.end)
        core.desk.webhooks.changed.append(hooks.change)
        core.desk.deliveries.observers.append(hooks.wake)
        core.desk.deliveries.call = hooks.call
        running = asyncio.create_task(hooks.run())
        try:
            yield hooks
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def until(question: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not (answer := await question()):
            await asyncio.sleep(0.005)
    return answer


async def made(house: House, url: str, **wishes: Any) -> Any:
    body = {"url": url, "events": ["message.accepted"], **wishes}
    reply = await house.alice.ask("POST", "/api/hooks", body)
    assert reply.status == 201, reply
    return reply.json


async def listed(house: House, hook: str, query: str = "") -> Any:
    return (await house.alice.get(f"/api/hooks/{hook}/deliveries{query}"))["items"]


async def test_a_delivery_says_what_was_told_and_what_came_of_it(house: House) -> None:
    async with Sink(REFUSING) as sink, telling(house):
        hook = await made(house, sink.url)
        message = (await house.alice.sent())["id"]
        [one] = await until(lambda: tried(house, hook["id"]))
        detail = await house.alice.get(f"/api/deliveries/{one['id']}")
    assert one.items() <= detail.items()
    assert (one["hook"], one["state"], one["attempts"], one["status"]) == (hook["id"], "pending", 1, 500)
    assert (one["event"]["type"], one["event"]["message"]) == ("message.accepted", message)
    [attempt] = detail["log"]
    assert (attempt["status"], attempt["error"], attempt["reply"]) == (500, None, "sorry!\n")
    assert detail["next_attempt_at"] > attempt["at"]


async def tried(house: House, hook: str) -> Any:
    found = await listed(house, hook)
    return found if found and all(one["attempts"] for one in found) else None


async def test_deliveries_are_listed_newest_first_in_pages_and_by_state(house: House) -> None:
    def moody(call: Call) -> Awaitable[None]:
        return answering(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (204 if call.number % 2 else 410))(
            call
        )

    async with Sink(moody) as sink, telling(house):
        hook = await made(house, sink.url)
        for n in range(1, 3):
            await house.alice.sent()

            async def all_done(n: int = n) -> bool:
                found = await listed(house, hook["id"])
                return len(found) == n and all(one["state"] != "pending" for one in found)

            await until(all_done)
    first = await house.alice.get(f"/api/hooks/{hook['id']}/deliveries?limit=1")
    rest = await house.alice.get(f"/api/hooks/{hook['id']}/deliveries?limit=1&cursor={first['next']}")
    assert rest["next"] is None
    both = first["items"] + rest["items"]
    assert [one["state"] for one in both] == ["failed", "delivered"]
    assert await listed(house, hook["id"], "?state=failed") == both[:1]
    assert await listed(house, hook["id"], "?state=delivered") == both[1:]
    assert await listed(house, hook["id"], "?state=pending") == []
    gone = await house.alice.ask("GET", f"/api/hooks/{hook['id']}/deliveries?state=lost")
    assert gone.problem == (400, "invalid_field", ["state"])


async def test_a_test_answers_with_what_the_endpoint_said_and_is_signed(house: House) -> None:
    async with Sink(REFUSING) as sink, telling(house):
        hook = await made(house, sink.url)
        reply = await house.alice.ask("POST", f"/api/hooks/{hook['id']}/test")
        [request] = sink.requests
        again = await house.alice.get(f"/api/deliveries/{reply.json['id']}")
    assert reply.status == 200
    assert (reply.json["state"], reply.json["status"], reply.json["event"]["type"]) == (
        "failed",
        500,
        "hook.test",
    )
    assert reply.json["log"][0]["reply"] == "sorry!\n"
    assert again == reply.json
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    said = Webhook(hook["secret"]).verify(body, headers)
    assert (said["type"], said["data"], said["id"]) == (
        "hook.test", {"hook": hook["id"]}, reply.json["event"]["id"],
    )  # fmt: skip
    refused = await house.alice.ask("POST", f"/api/deliveries/{reply.json['id']}/replay")
    assert refused.problem == (409, "not_replayable", [])


async def test_a_test_of_an_address_that_we_never_call_says_so_and_nobody_is_called(house: House) -> None:
    async with Sink() as sink, telling(house, allow_loopback=False):
        hook = await made(house, sink.url)  # what was allowed when it was saved need not be now
        reply = await house.alice.ask("POST", f"/api/hooks/{hook['id']}/test")
    assert (reply.json["state"], reply.json["status"], reply.json["error"]) == (
        "failed",
        None,
        "blocked_address",
    )
    assert reply.json["log"][0]["reply"] is None
    assert sink.connections == 0


async def test_a_test_without_webhooks_running_is_unavailable(house: House) -> None:
    hook = await made(house, "http://127.0.0.1:9/hook")
    reply = await house.alice.ask("POST", f"/api/hooks/{hook['id']}/test")
    assert reply.problem == (503, "unavailable", [])


async def test_one_delivery_and_all_that_was_missed_are_told_again(house: House) -> None:
    since = house.core.clock.now() // 1_000_000 - 1
    async with Sink() as sink, telling(house):
        hook = await made(house, sink.url)
        one = f"/api/hooks/{hook['id']}"
        await house.alice.sent()
        [delivery] = await until(lambda: tried(house, hook["id"]))
        again = await house.alice.ask("POST", f"/api/deliveries/{delivery['id']}/replay")
        assert (again.status, again.json["state"], again.json["attempts"]) == (202, "pending", 1)

        async def twice() -> bool:
            return len(sink.requests) == 2

        await until(twice)
        assert (await house.alice.ask("PATCH", one, {"state": "disabled"})).json["state"] == "disabled"
        await house.alice.sent()
        for path, body in (
            (f"/api/deliveries/{delivery['id']}/replay", None),
            (f"{one}/replay", {"since": since}),
        ):
            refused = await house.alice.ask("POST", path, body)
            assert refused.problem == (409, "hook_disabled", [])
        await house.alice.ask("PATCH", one, {"state": "active"})
        replay = await house.alice.ask("POST", f"{one}/replay", {"since": since})
        assert (replay.status, replay.json["hook"], replay.json["delivered"]) == (202, hook["id"], False)

        async def thrice() -> bool:
            return len(sink.requests) == 3

        await until(thrice)
    ids = [next(line for line in r.split(b"\r\n") if line.startswith(b"webhook-id")) for r in sink.requests]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("since", [0, "2020-01-01T00:00:00Z", 4_000_000_000])
async def test_a_replay_is_of_the_last_seven_days(house: House, since: object) -> None:
    hook = await made(house, "http://127.0.0.1:9/hook")
    reply = await house.alice.ask("POST", f"/api/hooks/{hook['id']}/replay", {"since": since})
    assert reply.problem == (400, "invalid_field", ["since"])


async def test_a_second_replay_waits_for_the_first(house: House) -> None:
    hook = await made(house, "http://127.0.0.1:9/hook")
    since = {"since": house.core.clock.now() // 1_000_000 - 1}
    first, second = [
        await house.alice.ask("POST", f"/api/hooks/{hook['id']}/replay", since) for _ in range(2)
    ]
    assert first.status == 202
    assert second.problem == (409, "replay_running", [])


async def test_what_is_another_tenants_is_as_missing_as_nothing(house: House) -> None:
    async with Sink() as sink, telling(house):
        hook = await made(house, sink.url)
        await house.alice.sent()
        [delivery] = await until(lambda: tried(house, hook["id"]))
    for method, path, body in (
        ("GET", "/api/hooks/{hook}/deliveries", None),
        ("POST", "/api/hooks/{hook}/test", None),
        ("POST", "/api/hooks/{hook}/replay", {"since": house.core.clock.now() // 1_000_000 - 1}),
        ("GET", "/api/deliveries/{delivery}", None),
        ("POST", "/api/deliveries/{delivery}/replay", None),
    ):
        foreign = await house.bob.ask(method, path.format(hook=hook["id"], delivery=delivery["id"]), body)
        missing = await house.bob.ask(method, path.format(hook="none", delivery="77"), body)
        assert (foreign.status, foreign.body) == (404, missing.body), path


async def test_deliveries_are_forgotten_by_the_house_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sink() as sink, telling(house):
        hook = await made(house, sink.url)
        await house.alice.sent()
        await until(lambda: tried(house, hook["id"]))
        house.core.clock.advance(deliveries.KEEP)
        house.core.upkeep._busy = list(house.core.upkeep.chores)
        await house.core.upkeep.tidy()
        assert await listed(house, hook["id"]) == []
