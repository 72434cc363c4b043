"""Telling again: one delivery, or all that a hook has missed; and hooks that change while something waits."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, ask, do, event, tell
from textwire.clock import ManualClock
from textwire.domain.event import mask
from textwire.hooks import replay
from textwire.hooks.answer import Reply
from textwire.store import attempts, hooks
from textwire.store.attempts import Attempt
from textwire.store.hooks import Hook
from textwire.store.store import Store
from textwire.switch import deliveries
from textwire.switch.webhooks import Change

from .world import HOUR, NUMBER, OK, OTHER_NUMBER, SECOND, URL, Journal, Words, World, reply, until

DAY = 24 * HOUR


@pytest.fixture
async def world(house: Store) -> World:
    clock = ManualClock(NOW)
    made = World(house, clock, Journal(clock), Words())
    made.words.jitter = 0.0
    await made.settle()
    return made


async def switch(world: World, hook: Hook, on: bool) -> None:
    await world.webhooks.change(ACCOUNT, hook.public_id, Change(active=on))


async def keys(world: World) -> list[int]:
    return [row[0] for row in await ask(world.store, "select id from delivery order by id")]


async def log(world: World, key: int) -> list[tuple[Any, ...]]:
    told = await world.told.one(ACCOUNT, key)
    return [(one.n, one.at - NOW, one.status, one.error, one.reply) for one in told.attempts]


async def given_up(world: World) -> None:
    """Steps the clock through the whole schedule of the one delivery there is."""
    for n, wait in enumerate(world.words.waits, 1):
        await world.attempted(n)
        await world.clock.step(int(wait) * SECOND)
    await world.idle()


# One delivery


async def test_a_delivery_that_was_given_up_begins_anew_under_its_own_id(world: World) -> None:
    await world.hook()
    world.client.at(URL, *[reply(500)] * 4, reply(503), OK)
    async with world.running():
        await world.receive()
        await given_up(world)
        [key] = await keys(world)
        assert await world.states() == ["failed"]
        again = await world.told.replay(ACCOUNT, key)
        assert (again.delivery.state, again.delivery.base) == ("pending", 4)
        await world.attempted(5)
        await world.clock.step(5 * SECOND)  # the schedule counts from the replay
        await world.idle()
    assert [row[2:] for row in await world.deliveries()] == [("delivered", 6, 200, "")]
    assert len({call.body["id"] for call in world.client.calls}) == 1
    log = (await world.told.one(ACCOUNT, key)).attempts
    assert [(one.n, one.status) for one in log] == [(n, 500) for n in range(1, 5)] + [(5, 503), (6, 200)]


async def test_a_delivery_that_arrived_is_delivered_once_more(world: World) -> None:
    await world.hook()
    async with world.running():
        await world.receive()
        await world.idle()
        [key] = await keys(world)
        assert await log(world, key) == [(1, 0, 200, "", "")]
        await world.clock.step(HOUR)
        await world.told.replay(ACCOUNT, key)
        await world.idle()
    assert await log(world, key) == [(1, 0, 200, "", ""), (2, HOUR, 200, "", "")]
    assert [call.body["id"] for call in world.client.calls] == ["evt_1", "evt_1"]


async def test_what_waits_for_its_time_is_hastened_and_what_is_under_way_left_alone(world: World) -> None:
    gate = asyncio.Event()

    async def slowly() -> Any:
        await gate.wait()
        return OK

    await world.hook()
    world.client.at(URL, reply(500), slowly)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        [key] = await keys(world)
        told = await world.told.one(ACCOUNT, key)
        assert told.due_at == NOW + 5 * SECOND
        assert (await world.told.replay(ACCOUNT, key)).delivery.attempts == 1
        await world.calls(2)
        assert world.client.calls[1].at == NOW
        await world.told.replay(ACCOUNT, key)
        assert (await world.told.one(ACCOUNT, key)).due_at is None  # it is being told
        gate.set()
        await world.idle()
    assert len(world.client.calls) == 2


async def test_replies_are_kept_as_far_as_they_matter(world: World) -> None:
    def says(status: int, body: bytes) -> Reply:
        return Reply(status=status, body=body, retry_after=None, elapsed=0.0)

    await world.hook()
    world.client.at(URL, says(500, b"no: +447700900123"), says(200, b"thanks"))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(5 * SECOND)
        await world.idle()
    [key] = await keys(world)
    assert await log(world, key) == [(1, 0, 500, "", "no: …0123"), (2, 5 * SECOND, 200, "", "thanks")]


# What a hook has missed


async def test_all_that_a_disabled_hook_has_missed_is_told_when_it_asks(world: World) -> None:
    """F48: 120 hours of failures, disabled once and told so once; then every event arrives."""
    hook = await world.hook()
    other = await world.hook(URL + "/other", types=mask(["hook.disabled"]))
    world.client.at(URL, reply(500))
    world.words.waits = (5.0, 121 * 3600.0)
    async with world.running():
        missed = await world.receive(3)
        await until(lambda: len(world.client.of(URL)) == 3)
        await world.clock.step(5 * SECOND)
        await until(lambda: len(world.client.of(URL)) == 6)
        await world.clock.step(121 * HOUR)
        await until(lambda: world.client.of(other.url))
        await world.idle()
        missed += await world.receive(4)  # while it is disabled
        await world.idle()
        assert [call.body["type"] for call in world.client.of(other.url)] == ["hook.disabled"]
        assert len([e for e in world.heard if e.type == "hook.disabled"]) == 1

        world.client.at(URL, OK)
        before = len(world.client.of(URL))
        await switch(world, hook, on=True)
        await world.told.replay_since(ACCOUNT, hook.public_id, NOW, heard=False)
        await world.idle()
    told = [
        call.body["id"] for call in world.client.of(URL)[before:] if call.body["type"] == "message.received"
    ]
    assert sorted(told) == sorted(f"evt_{number}" for number in missed)
    assert set(await world.states()) == {"delivered"}


@pytest.mark.parametrize("heard", [False, True])
async def test_what_was_heard_is_told_again_only_if_asked_for(world: World, heard: bool) -> None:
    hook = await world.hook()
    async with world.running():
        first = await world.receive(2)
        await world.idle()
        await switch(world, hook, on=False)
        second = await world.receive(2)
        await world.idle()
        await switch(world, hook, on=True)
        world.client.calls.clear()
        await world.told.replay_since(ACCOUNT, hook.public_id, NOW, heard=heard)
        await world.idle()
    expected = first + second if heard else second
    assert sorted(call.body["id"] for call in world.client.calls) == [f"evt_{n}" for n in expected]


async def test_a_replay_begins_at_its_time_and_tells_only_what_the_hook_wants(world: World) -> None:
    hook = await world.hook(types=mask(["message.received"]), numbers=(NUMBER,))
    async with world.running():
        await switch(world, hook, on=False)
        await world.receive()
        await world.clock.step(HOUR)
        wanted = await world.receive()
        await world.receive(recipient=OTHER_NUMBER)
        await world.send()
        await do(world.store, tell, [event(0, "message.received", account=ACCOUNT + 1)])
        await switch(world, hook, on=True)
        await world.told.replay_since(ACCOUNT, hook.public_id, NOW + HOUR, heard=True)
        await world.idle()
    assert [call.body["id"] for call in world.client.calls] == [f"evt_{wanted[0]}"]


async def test_a_long_replay_goes_in_slices_and_survives_a_crash_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "SLICE", 7)
    hook = await world.hook()
    async with world.running():
        await switch(world, hook, on=False)
        missed = await world.receive(40)
        await switch(world, hook, on=True)
        taken = world.hooks._replayer._take_due
        turns = 0

        async def twice() -> None:
            nonlocal turns
            turns += 1
            if turns > 2:
                await asyncio.Event().wait()
            await taken()

        world.hooks._replayer._due._take = twice
        await world.told.replay_since(ACCOUNT, hook.public_id, NOW, heard=False)
        await until(lambda: turns == 3)
        assert len(await keys(world)) == 14
    async with world.running(epoch=2):
        await world.clock.step(HOUR)
        await until(lambda: len({call.body["id"] for call in world.client.calls}) == 40)
        await world.idle()
    assert {call.body["id"] for call in world.client.calls} == {f"evt_{n}" for n in missed}
    assert await ask(world.store, "select count(*) from replay") == [(0,)]


async def test_a_replay_ends_with_its_hook(world: World) -> None:
    hook = await world.hook()
    async with world.running():
        await switch(world, hook, on=False)
        await world.receive()
        await switch(world, hook, on=True)
        await switch_off_while_replaying(world, hook)
        await world.idle()
    assert world.client.calls == []
    assert await ask(world.store, "select count(*) from replay") == [(0,)]


async def switch_off_while_replaying(world: World, hook: Hook) -> None:
    """Both in one transaction after the other, before a slice can be taken."""
    await asyncio.gather(
        world.told.replay_since(ACCOUNT, hook.public_id, NOW, heard=True),
        world.webhooks.change(ACCOUNT, hook.public_id, Change(active=False)),
    )


# Hooks that change while something waits for them


async def test_what_waits_goes_to_the_new_address_under_the_new_secret(world: World) -> None:
    first = asyncio.Event()

    async def slowly() -> Any:
        await first.wait()
        return OK

    hook = await world.hook()
    world.client.at(URL, slowly)
    secrets = iter(["second"])
    world.new_secret = lambda: next(secrets)  # type: ignore[method-assign]
    async with world.running():
        await world.receive(4)
        await until(lambda: world.client.calls)  # one is under way, the others wait for their turn
        await world.webhooks.change(ACCOUNT, hook.public_id, Change(url="https://new.test/"))
        await world.webhooks.rotate(ACCOUNT, hook.public_id)
        first.set()
        await world.idle()
    assert [call.url for call in world.client.calls] == [URL] + ["https://new.test/"] * 3
    assert [call.headers["x-secret"] for call in world.client.calls] == ["secret"] + ["second"] * 3
    assert await world.states() == ["delivered"] * 4


async def test_a_hook_that_is_switched_off_hears_nothing_and_on_again_what_comes_then(world: World) -> None:
    hook = await world.hook()
    world.client.at(URL, reply(500), OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await switch(world, hook, on=False)
        await world.clock.step(5 * SECOND)
        await world.idle()
        await world.receive()
        assert [row[2:] for row in await world.deliveries()] == [("failed", 1, 0, "hook_ended")]
        await switch(world, hook, on=True)
        await world.receive()
        await world.idle()
    assert [call.body["text"] for call in world.client.calls] == ["answer 1", "answer 3"]


# Tests


async def test_a_test_calls_once_whatever_the_answer_and_is_kept(world: World) -> None:
    hook = await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        told = await world.told.test(ACCOUNT, hook.public_id)
        await world.clock.step(DAY)
    [call] = world.client.calls
    assert (call.body["type"], call.body["data"]) == ("hook.test", {"hook": hook.public_id})
    assert call.headers["x-secret"] == "secret"
    assert [(a.n, a.status) for a in told.attempts] == [(1, 500)]
    assert await world.told.one(ACCOUNT, told.listed.delivery.id) == deliveries.Told(
        deliveries.Listed(told.listed.delivery, "", 0, hook.public_id), told.attempts
    )
    kept = await hooks.one(world.store.engine, ACCOUNT, hook.public_id)
    assert kept == hook  # a test blames nobody
    assert await world.owed() == []


async def test_so_many_tests_at_once_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_TESTS", 2)
    gate = asyncio.Event()

    async def slowly() -> Any:
        await gate.wait()
        return OK

    hook = await world.hook()
    world.client.at(URL, slowly)
    async with world.running():
        under_way = [asyncio.create_task(world.told.test(ACCOUNT, hook.public_id)) for _ in range(2)]
        await world.calls(2)
        with pytest.raises(Exception, match="queue_full"):
            await world.told.test(ACCOUNT, hook.public_id)
        gate.set()
        await asyncio.gather(*under_way)
        await world.told.test(ACCOUNT, hook.public_id)


# Forgetting


async def test_after_a_week_deliveries_are_forgotten_with_their_attempts(world: World) -> None:
    hook = await world.hook()
    world.client.at(URL, reply(500), OK)
    async with world.running():
        await world.receive(3)
        await until(lambda: len(world.client.calls) == 3)
        await world.clock.step(5 * SECOND)
        await world.idle()
        await world.told.test(ACCOUNT, hook.public_id)
        await world.clock.step(deliveries.KEEP - 6 * SECOND)
        assert await world.told.forget() is False
        assert len(await keys(world)) == 4
        await world.clock.step(6 * SECOND + 1)
        fresh = await world.receive()
        await world.idle()
        while await world.told.forget():
            pass
    assert await ask(world.store, "select event from delivery order by id") == [(fresh[0],)]
    assert await ask(world.store, "select count(*) from attempt") == [(0,)]


async def test_forgetting_goes_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_FORGOTTEN", 2)
    await world.hook()
    async with world.running():
        await world.receive(5)
        await world.idle()
        await world.clock.step(deliveries.KEEP + 1)
        more = [await world.told.forget() for _ in range(3)]
    assert more == [True, True, False]
    assert await keys(world) == []


async def test_an_attempt_that_is_kept_twice_is_one(world: World) -> None:
    made = Attempt(1, 1, NOW, 500, "", "", 3)
    await do(world.store, attempts.insert, [made])
    await do(world.store, attempts.insert, [made])
    assert await attempts.of_delivery(world.store.engine, 1) == [made]
