"""Events become deliveries: to whom, exactly once, and whoever was to plan them may die."""

import asyncio

import pytest

from tests.store.house import ACCOUNT, NOW, ask, do, event, run, settle, tell
from textwire.clock import ManualClock
from textwire.domain.event import ALL, mask
from textwire.hooks import plan
from textwire.hooks.answer import Reply
from textwire.hooks.plan import HOLD_SECONDS, ClaimEvents, Plan, Planning
from textwire.store import hooks
from textwire.store.events import HOOK_LEASE
from textwire.store.store import Store

from .world import EPOCH, NUMBER, OK, OTHER_NUMBER, SECOND, URL, Journal, Words, World, until


@pytest.fixture
async def world(house: Store) -> World:
    clock = ManualClock(NOW)
    made = World(house, clock, Journal(clock), Words())
    await made.settle()
    return made


async def test_an_event_becomes_one_delivery_for_each_hook_that_wants_its_type(world: World) -> None:
    first, second = await world.hook(URL + "/1"), await world.hook(URL + "/2")
    await world.hook(URL + "/3", types=mask(["message.delivered"]))
    async with world.running():
        [number] = await world.receive()
        await world.idle()
    assert [row[:3] for row in await world.deliveries()] == [
        (number, first.id, "delivered"),
        (number, second.id, "delivered"),
    ]
    assert sorted(call.url for call in world.client.calls) == [first.url, second.url]


async def test_the_body_tells_the_message_and_the_secret_is_open_to_the_dialect(world: World) -> None:
    await world.hook()
    async with world.running():
        [number] = await world.receive()
        [call] = await world.calls(1)
        await world.idle()
    assert call.body["id"] == f"evt_{number}"
    assert call.body["text"] == "answer 1"
    assert call.headers["x-secret"] == "secret"
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["x-at"] == str(NOW)


async def test_an_event_of_a_part_names_the_part_in_its_identifier(world: World) -> None:
    await world.hook()
    async with world.running():
        [number] = await world.receive(segment=77)
        [call] = await world.calls(1)
        await world.idle()
    assert call.body["id"] == f"evt_{number}.77"
    assert await ask(world.store, "select segment from delivery") == [(77,)]


async def test_a_hook_about_numbers_hears_of_texts_from_and_to_these_only(world: World) -> None:
    await world.hook(URL + "/all")
    await world.hook(URL + "/first", numbers=(NUMBER,))
    await world.hook(URL + "/both", numbers=(NUMBER, OTHER_NUMBER))
    async with world.running():
        await world.receive(recipient=NUMBER)
        await world.send(sender=OTHER_NUMBER)
        await world.idle()
    told = {(c.url.rpartition("/")[2], c.body["type"].partition(".")[2]) for c in world.client.calls}
    assert told == {
        ("all", "received"),
        ("first", "received"),
        ("both", "received"),
        ("all", "accepted"),
        ("both", "accepted"),
    }


@pytest.mark.parametrize(
    ("kind", "data", "hears"),
    [
        ("number.unassigned", f'{{"number":"{NUMBER}"}}', True),
        ("number.unassigned", f'{{"number":"{OTHER_NUMBER}"}}', False),
        ("optout.added", f'{{"number":"{OTHER_NUMBER}","via":"{NUMBER}"}}', True),
        ("optout.added", f'{{"number":"{NUMBER}","via":"{OTHER_NUMBER}"}}', False),
        ("hook.disabled", '{"hook":"x"}', False),
        ("number.assigned", '{"number":7}', False),
    ],
)
async def test_an_event_without_message_is_about_the_number_that_its_data_names(
    world: World, kind: str, data: str, hears: bool
) -> None:
    await world.hook(numbers=(NUMBER,))
    async with world.running():
        await world.tell(kind, data)
        await world.idle()
    assert len(world.client.calls) == hears


async def test_a_subscription_hears_what_its_number_receives_and_sends(world: World) -> None:
    await world.subscribe()
    async with world.running():
        await world.receive(recipient=NUMBER)
        await world.receive(recipient=OTHER_NUMBER)
        await world.send(sender=NUMBER)
        await world.send(sender=OTHER_NUMBER)
        await world.idle()
    assert sorted(c.body["type"] for c in world.client.calls) == ["message.accepted", "message.received"]
    assert {c.headers["x-secret"] for c in world.client.calls} == {"Bearer x"}


async def test_a_subscription_on_a_socket_is_not_called_and_leaves_nothing_owed(world: World) -> None:
    await world.subscribe(kind="websocket")
    async with world.running():
        await world.receive()
        assert world.heard
        await world.idle()
    assert world.client.calls == []
    assert await world.deliveries() == []


async def test_another_account_hears_nothing(world: World) -> None:
    await settle(world.store, account=8)
    await world.webhooks.create(8, 80, url=URL, types=ALL)
    await world.hook(URL + "/mine")
    async with world.running():
        await world.receive()
        await world.idle()
    assert [call.url for call in world.client.calls] == [URL + "/mine"]


async def test_a_directed_event_goes_to_its_hook_alone_even_if_that_is_canceled(world: World) -> None:
    canceled, other = await world.subscribe(URL + "/1"), await world.hook(URL + "/2")
    await do(world.store, hooks.cancel, [canceled.id])
    async with world.running():
        await world.tell("subscription.canceled", '{"number":"x"}', hook=canceled.id)
        await world.idle()
        await world.receive()
        await world.idle()
    assert [(c.url, c.body["type"]) for c in world.client.calls] == [
        (URL + "/1", "subscription.canceled"),
        (other.url, "message.received"),
    ]


async def test_a_directed_event_whose_hook_was_deleted_owes_nothing(world: World) -> None:
    async with world.running():
        await world.tell("subscription.canceled", hook=12345)
        await world.idle()
    assert world.client.calls == []


async def test_the_write_judges_again_whether_a_hook_may_hear(world: World) -> None:
    gone, active = await world.subscribe(URL + "/1"), await world.hook(URL + "/2")
    await do(world.store, hooks.cancel, [gone.id])
    [number] = await world.receive()

    def planned(event: int, directed: bool, *hooks: int) -> Plan:
        pairs = tuple((event * 100 + n, hook) for n, hook in enumerate(hooks))
        return Plan(event, 0, ACCOUNT, directed, pairs, NOW)

    written = await world.store.write_all(
        Planning(EPOCH),
        [planned(number, False, gone.id, active.id, 999), planned(number + 1, True, gone.id)],
    )
    assert written == [{number * 100 + 1}, {(number + 1) * 100}]
    assert [row[1] for row in await world.deliveries()] == [active.id, gone.id]
    assert [topic for topic, *_ in await world.owed()] == ["post", "post"]


async def test_planning_an_event_twice_writes_nothing_the_second_time(world: World) -> None:
    hook = await world.hook()
    [number] = await world.receive()
    first = Plan(number, 0, ACCOUNT, False, ((1, hook.id),), NOW)
    again = Plan(number, 0, ACCOUNT, False, ((2, hook.id),), NOW)
    part = Plan(number, 5, ACCOUNT, False, ((3, hook.id),), NOW)
    planning = Planning(EPOCH)
    assert await world.store.write(planning, first) == {1}
    assert await world.store.write_all(planning, [again, part]) == [frozenset(), {3}]
    assert len(await world.deliveries()) == 2


async def test_a_lease_that_ends_while_the_event_is_in_memory_does_not_double_it(world: World) -> None:
    await world.hook()
    hooks_ = world.start()
    [number] = await world.receive()  # heard, and not planned before the clock jumps over its lease
    await world.clock.step(HOOK_LEASE + SECOND)
    loop = asyncio.create_task(hooks_.run())
    await world.idle()
    loop.cancel()
    assert [row[0] for row in await world.deliveries()] == [number]
    assert len(world.client.calls) == 1


async def test_events_of_a_process_that_died_are_planned_by_the_next(world: World) -> None:
    await world.hook()
    told = await world.receive(3)  # nobody observes
    async with world.running(epoch=2) as hooks_:
        await asyncio.sleep(0)
        assert world.client.calls == []  # still leased to the one that wrote them
        await world.clock.step(HOOK_LEASE)
        hooks_.wake()
        await world.idle()
    assert sorted(c.body["id"] for c in world.client.calls) == sorted(f"evt_{n}" for n in told)


async def test_what_finds_no_room_in_memory_is_claimed_from_the_outbox(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MOST_EVENTS", 2)
    await world.hook()
    async with world.running():
        told = await world.receive(7)
        await world.calls(2)
        await until(lambda: _states_are(world, ["delivered"] * 2))
        await world.clock.step(HOOK_LEASE)
        await world.idle()
    assert sorted(c.body["id"] for c in world.client.calls) == sorted(f"evt_{n}" for n in told)
    assert await world.states() == ["delivered"] * 7


async def _states_are(world: World, states: list[str]) -> bool:
    return await world.states() == states


async def test_an_event_with_many_takers_is_written_in_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BATCH", 2)
    for n in range(3):
        await world.hook(f"{URL}/{n}")
    async with world.running():
        await world.receive(5)
        await world.idle()
    assert await world.states() == ["delivered"] * 15
    assert len({(c.url, c.body["id"]) for c in world.client.calls}) == 15


async def test_a_hook_made_just_before_an_event_hears_it_and_a_deleted_one_does_not(world: World) -> None:
    first = await world.hook(URL + "/1")
    async with world.running():
        await world.receive()
        await world.idle()
        await world.hook(URL + "/2")
        await world.webhooks.delete(ACCOUNT, first.public_id)
        await world.receive()
        await world.idle()
    assert [c.url for c in world.client.calls] == [URL + "/1", URL + "/2"]


async def test_an_event_that_left_the_shelf_takes_its_row_along(world: World) -> None:
    await world.hook()
    await world.receive()
    await run(world.store, "delete from event")
    async with world.running():
        await world.clock.step(HOOK_LEASE)
        await world.idle()
    assert world.client.calls == []


async def test_claims_hold_what_they_take_and_take_no_more_than_asked(world: World) -> None:
    await world.hook()
    told = await world.receive(3)
    now = NOW + HOOK_LEASE
    claim = ClaimEvents(9)
    taken = [await world.store.write(claim, (2, now)) for _ in range(3)]
    assert [len(batch) for batch in taken] == [2, 1, 0]
    assert sorted(taken[0] + taken[1]) == told
    assert await world.owed() == [("hook", now + HOOK_LEASE, 9)] * 3


async def test_a_secret_sealed_under_another_key_leaves_the_others_working(world: World) -> None:
    await world.hook(URL + "/1")
    await run(world.store, "update hook set secret = 'foreign'")
    await world.hook(URL + "/2")
    async with world.running():
        await world.receive()
        await world.idle()
    assert {c.url: c.headers["x-secret"] for c in world.client.calls} == {
        URL + "/1": "",
        URL + "/2": "secret",
    }


async def test_an_event_whose_message_was_deleted_is_told_without_it(world: World) -> None:
    await world.hook()
    async with world.running():
        await do(world.store, tell, [event(424242)])
        [call] = await world.calls(1)
        await world.idle()
    assert call.body["text"] == ""


async def test_an_event_is_told_a_moment_after_its_commit_so_that_its_sender_has_the_answer_first(
    world: World,
) -> None:
    world.hold = HOLD_SECONDS
    await world.hook()
    loop = asyncio.get_running_loop()
    called: list[float] = []

    async def note() -> Reply:
        called.append(loop.time())
        return OK

    world.client.at(URL, note)
    async with world.running():
        for n in range(1, 4):
            before = loop.time()
            await world.receive()
            await until(lambda n=n: len(called) == n)
            assert called[-1] - before >= HOLD_SECONDS - 0.001  # a timer's grain
        await world.idle()


async def test_what_waits_for_its_moment_is_left_to_the_next_process_at_a_stop(world: World) -> None:
    world.hold = 60.0
    await world.hook()
    async with world.running() as hooks_:
        numbers = await world.receive(3)
        assert hooks_._planner.held() == [-number for number in numbers]
        await hooks_.drain(1.0)
    assert [(topic, owner) for topic, _, owner in await world.owed()] == [("hook", 0)] * 3
    world.hold = 0.0
    async with world.running(epoch=2):
        await world.idle()
    assert len(world.client.calls) == 3


async def test_events_that_no_hook_wants_cost_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    async with world.running() as hooks_:
        monkeypatch.setattr(hooks_._planner._directory, "look", looked.append)
        await world.receive(50)
        assert hooks_._planner.held() == []
    assert looked == []
