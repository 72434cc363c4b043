"""Deliveries: the whole schedule by a stepped clock, disabling, isolation, and what a restart must not lose."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, do, run
from textwire.clock import ManualClock
from textwire.domain.event import Event, mask
from textwire.hooks import deliver, turns
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.finish import Later
from textwire.hooks.plan import POST_LEASE
from textwire.store import hooks, nodes
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store
from textwire.switch.sweep import Due, Sweep

from .world import EPOCH, HOUR, OK, SECOND, URL, Journal, Words, World, reply, until

SWALLOWED = Failed("timeout", sent=True)


@pytest.fixture
async def world(house: Store) -> World:
    clock = ManualClock(NOW)
    made = World(house, clock, Journal(clock), Words())
    made.words.jitter = 0.0
    await made.settle()
    return made


def disabled(world: World) -> list[str]:
    return [event.data for event in world.heard if event.type == "hook.disabled"]


async def test_the_whole_schedule_with_one_identifier(world: World) -> None:
    """The own API's and Kandy's figures are their dialects'; here three waits stand for any number."""
    await world.hook()
    world.client.at(URL, reply(500), Failed("refused"), reply(302), reply(404))
    async with world.running():
        await world.receive()
        for attempt, wait in enumerate((5, 300, 1800), 1):
            await world.attempted(attempt)
            await world.clock.step(wait * SECOND - 1)
            assert len(world.client.calls) == attempt
            await world.clock.step(1)
        await world.idle()
    assert [(call.at - NOW) // SECOND for call in world.client.calls] == [0, 5, 305, 2105]
    assert len({call.body["id"] for call in world.client.calls}) == 1
    assert [row[2:] for row in await world.deliveries()] == [("failed", 4, 404, "")]


async def test_a_retry_that_succeeds_ends_it_and_its_body_is_worded_anew(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(503), OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await run(world.store, "update message set text = 'changed'")
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert [row[2:] for row in await world.deliveries()] == [("delivered", 2, 200, "")]
    assert [call.body["text"] for call in world.client.calls] == ["answer 1", "changed"]


async def test_retries_are_spread_by_a_seeded_jitter(world: World) -> None:
    world.words.jitter = 0.1
    await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive(20)
        await until(lambda: _attempts(world, 20))
    dues = [due - NOW for _, due, _ in await world.owed()]
    assert len(set(dues)) > 10
    assert all(4.5 * SECOND <= due <= 5.5 * SECOND for due in dues)


async def _attempts(world: World, count: int) -> bool:
    return sum(row[3] for row in await world.deliveries()) == count


async def test_retry_after_moves_the_next_attempt(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(429, 60.0), OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        assert [due for _, due, _ in await world.owed()] == [NOW + 60 * SECOND]


async def test_a_clock_that_jumps_a_day_makes_one_attempt_not_all(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(24 * HOUR)
        await world.attempted(2)
        assert [due for _, due, _ in await world.owed()] == [NOW + 24 * HOUR + 300 * SECOND]


async def test_410_disables_the_hook_at_once_and_its_owner_hears_so_once(world: World) -> None:
    hook, other = await world.hook(), await world.hook(URL + "/other", types=mask(["hook.disabled"]))
    world.client.at(URL, reply(410))
    async with world.running():
        await world.receive(3)
        await until(lambda: world.client.of(other.url))
        await world.idle()
        await world.receive()
        await world.idle()
    assert disabled(world) == [f'{{"hook":"{hook.public_id}","reason":"gone"}}']
    assert [call.body["type"] for call in world.client.of(other.url)] == ["hook.disabled"]
    kept = await hooks.one(world.store.engine, ACCOUNT, hook.public_id)
    assert kept is not None
    assert kept.state == "disabled"
    assert {row[2] for row in await world.deliveries() if row[1] == hook.id} == {"failed"}


async def test_120_hours_of_nothing_but_failures_disable_a_hook(world: World) -> None:
    hook = await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(120 * HOUR - 1)
        await world.attempted(2)
        assert disabled(world) == []
        await world.clock.step(300 * SECOND)
        await until(lambda: disabled(world))
        await world.clock.step(HOUR)
        await world.idle()
    assert disabled(world) == [f'{{"hook":"{hook.public_id}","reason":"failing"}}']
    assert [row[2:] for row in await world.deliveries()] == [("failed", 3, 0, "hook_ended")]


async def test_one_success_forgives_all_failures(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(500), OK, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(119 * HOUR)
        await world.idle()
        await world.clock.step(HOUR)
        await world.receive()
        await until(lambda: _attempts(world, 3))
        await world.clock.step(HOUR)
        await until(lambda: _attempts(world, 4))
    assert disabled(world) == []


@pytest.mark.parametrize("answer", [reply(500), reply(410)])
async def test_a_dialect_that_never_disables_only_gives_up(world: World, answer: Reply) -> None:
    world.words.disables, world.words.waits = False, (130 * 3600.0,)
    await world.hook()
    world.client.at(URL, answer)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(130 * HOUR)
        await world.idle()
    assert disabled(world) == []
    assert await world.states() == ["failed"]


async def test_an_endpoint_that_swallows_requests_is_tried_twice_more_and_never_disabled(
    world: World,
) -> None:
    world.words.silence = (5.0, 5.0)
    await world.hook()
    world.client.at(URL, SWALLOWED)
    async with world.running():
        await world.receive()
        for attempt in (1, 2):
            await world.attempted(attempt)
            await world.clock.step(5 * SECOND)
        await world.idle()
        await world.clock.step(130 * HOUR)
        await world.receive()
        await until(lambda: _attempts(world, 4))
    assert [call.at - NOW for call in world.client.calls][:3] == [0, 5 * SECOND, 10 * SECOND]
    assert disabled(world) == []


async def test_a_blocked_address_is_recorded_and_tried_by_the_schedule(world: World) -> None:
    await world.hook()
    world.client.at(URL, Failed("blocked_address"))
    async with world.running():
        await world.receive()
        await world.attempted(1)
    assert [row[2:] for row in await world.deliveries()] == [("pending", 1, 0, "blocked_address")]
    assert [due for _, due, _ in await world.owed()] == [NOW + 5 * SECOND]


async def test_a_dialect_with_nothing_to_say_leaves_no_trace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.words, "body", lambda notice: None)
    await world.hook()
    async with world.running():
        await world.receive()
        await world.idle()
    assert world.client.calls == []
    assert await world.deliveries() == []


@pytest.mark.parametrize("fault", ["body", "headers"])
async def test_a_dialect_that_fails_is_asked_again_and_blames_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError("a secret that must not be logged")

    hook = await world.hook()
    with monkeypatch.context() as patch:
        patch.setattr(world.words, fault, fail)
        async with world.running():
            await world.receive()
            await world.attempted(1)
    assert [row[2:] for row in await world.deliveries()] == [("pending", 1, 0, "dialect")]
    kept = await hooks.one(world.store.engine, ACCOUNT, hook.public_id)
    assert kept is not None
    assert kept.failing_since == 0
    async with world.running():
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert await world.states() == ["delivered"]


async def test_a_client_that_breaks_is_a_failure_of_ours(world: World) -> None:
    async def broken() -> Reply:
        raise RuntimeError("a bug")

    await world.hook()
    world.client.at(URL, broken, OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert await world.states() == ["delivered"]


async def test_a_hook_of_a_dialect_that_nobody_speaks_gets_nothing(world: World) -> None:
    await world.hook(dialect="klingon")
    async with world.running():
        await world.receive()
        await world.idle()
    assert [row[2:] for row in await world.deliveries()] == [("failed", 0, 0, "no_dialect")]


# Isolation


async def test_dead_endpoints_do_not_keep_a_live_one_waiting(world: World) -> None:
    never = asyncio.Event()

    async def hang() -> Reply:
        await never.wait()
        return OK

    for n in range(30):
        await world.hook(f"https://dead{n}.test/")
        world.client.at(f"https://dead{n}.test/", hang)
    await world.hook()
    async with world.running():
        await world.receive(40)
        await until(lambda: len(world.client.of(URL)) == 40)
        await until(lambda: world.client.under_way == 30)  # one each, as they have not answered yet
        never.set()
        await world.idle()
    assert world.client.most_under_way <= turns.PER_NODE
    assert await world.states() == ["delivered"] * 40 * 31


async def test_what_finds_no_room_in_memory_waits_in_the_table_and_is_delivered_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 8)
    monkeypatch.setattr(turns, "MOST_UNPROVEN", 8)
    monkeypatch.setattr(deliver, "MOST_WAITING", 8)
    await world.hook()
    async with world.running():
        told = await world.receive(50)
        await until(lambda: _owes_nothing_by_and_by(world))
    assert sorted(call.body["id"] for call in world.client.calls) == sorted(f"evt_{n}" for n in told)
    assert await world.states() == ["delivered"] * 50


async def test_a_put_back_that_is_kept_late_forgets_nothing(world: World) -> None:
    """The clock jumped over the lease: the delivery came again before its being put back was kept."""
    await world.hook()
    [hook] = await world.webhooks.list(ACCOUNT)
    told = Event(1, ACCOUNT, "message.sent", 0, 1, "", NOW)
    deliverer = world.start()._deliverer
    deliverer._here[5] = turns.Post(5, 0, told, None, hook, NOW)
    deliverer._keep(Later(5, NOW))
    await deliverer._keep_batch()
    assert deliverer.held() == [5]
    deliverer.hand_on([turns.Post(5, 0, told, None, hook, NOW)])
    await asyncio.sleep(0)
    assert world.client.calls == []


async def _owes_nothing_by_and_by(world: World) -> bool:
    """Steps the clock to what is due next, and asks."""
    owed = await world.owed()
    free = [due for _, due, owner in owed if owner == 0]
    if free and free[0] > world.clock.now():
        await world.clock.step(free[0] - world.clock.now())
    return not owed


# Hooks that end


async def test_what_waits_for_a_hook_that_was_deleted_does_not_leave(world: World) -> None:
    hook = await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await world.webhooks.delete(ACCOUNT, hook.public_id)
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert len(world.client.calls) == 1
    assert [row[2:] for row in await world.deliveries()] == [("failed", 1, 500, "hook_ended")]


async def test_after_a_cancellation_only_its_notice_leaves_even_from_memory(world: World) -> None:
    first = asyncio.Event()

    async def slowly() -> Reply:
        await first.wait()
        return OK

    hook = await world.subscribe()
    world.client.at(URL, slowly)
    async with world.running():
        await world.receive(5)
        await until(lambda: world.client.calls)  # one is under way, the others wait for their turn
        await do(world.store, hooks.cancel, [hook.id])
        await world.tell("subscription.canceled", hook=hook.id)
        first.set()
        await world.idle()
    assert [call.body["type"] for call in world.client.calls] == ["message.received", "subscription.canceled"]
    assert sorted(await world.states()) == ["delivered"] * 2 + ["failed"] * 4


# Restart


async def test_a_crash_during_a_call_repeats_it_with_the_same_identifier(world: World) -> None:
    async def never() -> Reply:
        await asyncio.Event().wait()
        return OK

    await world.hook()
    world.client.at(URL, never)
    async with world.running(epoch=EPOCH):
        await world.receive()
        await world.calls(1)
    assert [(topic, owner) for topic, _, owner in await world.owed()] == [("post", EPOCH)]

    world.client.at(URL, OK)
    async with world.running(epoch=2) as hooks_:
        # What the sweep does once the lease of the dead process is over (real clock).
        await do(world.store, nodes.beat, EPOCH, NOW)
        await world.store.write(Sweep(world.ids, lambda: NOW, 2), Due(world.clock.now(), NOW))
        hooks_.wake()
        await world.idle()
    assert len({call.body["id"] for call in world.client.calls}) == 1
    assert [row[2:] for row in await world.deliveries()] == [("delivered", 1, 200, "")]


async def test_a_restart_in_the_middle_of_the_schedule_continues_it(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
    await world.clock.step(5 * SECOND)
    async with world.running(epoch=2):
        await world.attempted(2)
        await world.clock.step(300 * SECOND)
        await world.attempted(3)
    assert [(call.at - NOW) // SECOND for call in world.client.calls] == [0, 5, 305]


async def test_draining_lets_calls_end_and_gives_the_rest_back(world: World) -> None:
    gate = asyncio.Event()

    async def when_told() -> Reply:
        await gate.wait()
        return OK

    await world.hook()
    world.client.at(URL, when_told)
    async with world.running() as hooks_:
        await world.receive(5)
        await world.calls(1)
        draining = asyncio.create_task(hooks_.drain(PATIENT))
        await asyncio.sleep(0)
        gate.set()
        await draining
        await world.receive()
    assert len(world.client.calls) == 1
    assert sorted(await world.states()) == ["delivered"] + ["pending"] * 4
    owed = await world.owed()
    assert [(topic, due, owner) for topic, due, owner in owed if topic == "post"] == [("post", NOW, 0)] * 4
    assert [topic for topic, *_ in owed].count("hook") == 1


PATIENT = 10.0


async def test_draining_does_not_wait_longer_than_told(world: World) -> None:
    async def never() -> Reply:
        await asyncio.Event().wait()
        return OK

    await world.hook()
    world.client.at(URL, never)
    async with world.running() as hooks_:
        await world.receive()
        await world.calls(1)
        await hooks_.drain(0.01)
    assert await world.owed() == [("post", NOW, 0)]


async def test_draining_after_the_loops_have_ended_keeps_what_calls_came_to(world: World) -> None:
    gate = asyncio.Event()

    async def when_told() -> Reply:
        await gate.wait()
        return OK

    await world.hook()
    world.client.at(URL, when_told)
    hooks_ = world.start()
    loop = asyncio.create_task(hooks_.run())
    await world.receive()
    await world.calls(1)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    gate.set()
    await hooks_.drain(PATIENT)
    assert await world.states() == ["delivered"]
    assert await world.owed() == []


async def test_a_lease_that_ends_under_way_repeats_nothing(world: World) -> None:
    gate = asyncio.Event()

    async def when_told() -> Reply:
        await gate.wait()
        return OK

    await world.hook()
    world.client.at(URL, when_told)
    async with world.running() as hooks_:
        await world.receive()
        await world.calls(1)
        await world.clock.step(POST_LEASE + SECOND)
        hooks_.wake()
        now = world.clock.now()
        await until(lambda: _owed_is(world, [("post", now + POST_LEASE, EPOCH)]))
        gate.set()
        await world.idle()
    assert len(world.client.calls) == 1


async def _owed_is(world: World, owed: list[tuple[Any, ...]]) -> bool:
    return await world.owed() == owed


async def test_results_wait_while_the_store_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "RETRY_SECONDS", 0.001)
    await world.hook()
    away = [3]
    write_all = world.store.write_all

    async def refusing(verb: Any, items: list[Any]) -> list[Any]:
        if type(verb).__name__ == "Finish" and away[0]:
            away[0] -= 1
            raise Unavailable("away")
        return await write_all(verb, items)

    monkeypatch.setattr(world.store, "write_all", refusing)
    async with world.running():
        await world.receive()
        await world.idle()
    assert away == [0]
    assert len(world.client.calls) == 1


async def test_rows_that_lead_nowhere_are_cleared_away(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive(2)
        await until(lambda: _attempts(world, 2))
    await run(
        world.store, "update delivery set state = 'delivered' where id in (select min(id) from delivery)"
    )
    await run(world.store, "delete from delivery where id in (select max(id) from delivery)")
    async with world.running(epoch=2):
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert len(world.client.calls) == 2


async def test_a_delivery_whose_event_left_the_shelf_is_given_up(world: World) -> None:
    await world.hook()
    world.client.at(URL, reply(500))
    async with world.running():
        await world.receive()
        await world.attempted(1)
        await run(world.store, "delete from event")
        await world.clock.step(5 * SECOND)
        await world.idle()
    assert [row[2:] for row in await world.deliveries()] == [("failed", 1, 0, "event_gone")]
