"""The own API's schedule, signatures and rotation, over a real store and a clock that is stepped."""

import itertools

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.store.house import ACCOUNT, NOW, ask
from textwire.clock import ManualClock, real_now
from textwire.facades.api.events import ApiDialect
from textwire.hooks import sign
from textwire.hooks.answer import Reply
from textwire.hooks.finish import Finish
from textwire.hooks.verdict import judge
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store
from textwire.switch.webhooks import OVERLAP

from .world import EPOCH, HOUR, OK, SECOND, URL, Call, Journal, Words, World, reply, until

MINUTE = 60 * SECOND
WAITS = (
    5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
)  # fmt: skip


@pytest.fixture
async def world(house: Store) -> World:
    clock = ManualClock(NOW)
    made = World(house, clock, Journal(clock), Words())
    made.dialect = ApiDialect(sign.sign)
    made.new_secret = sign.new_secret  # type: ignore[method-assign]
    await made.settle()
    return made


def steady(world: World) -> None:
    """Takes the chance out of the schedule."""
    dialect = ApiDialect(sign.sign)
    dialect.jitter = 0.0
    world.dialect = dialect


async def whole_schedule(world: World, *answers: Reply) -> list[int]:
    """When each attempt of one delivery was made, from the first one on, until it is given up."""
    world.client.at(URL, *answers)
    begun = world.clock.now()
    async with world.running():
        await world.receive()
        for n in range(1, 10):
            await world.attempted(n)
            due = [due for topic, due, _ in await world.owed() if topic == "post"]
            await world.clock.step(due[0] - world.clock.now() - 1)
            assert len(world.client.calls) == n  # not a microsecond early
            await world.clock.step(1)
        await world.idle()
    return [call.at - begun for call in world.client.calls]


async def test_ten_attempts_in_75_hours_35_minutes_to_the_second(world: World) -> None:
    steady(world)
    await world.hook()
    instants = await whole_schedule(world, reply(500))
    assert instants == [sum(WAITS[:n]) for n in range(10)]
    assert instants[-1] == 75 * HOUR + 35 * MINUTE + 5 * SECOND
    assert [row[2:] for row in await world.deliveries()] == [("failed", 10, 500, "")]
    assert len({call.headers["webhook-id"] for call in world.client.calls}) == 1
    assert len({call.raw for call in world.client.calls}) == 1


async def test_the_jitter_is_a_tenth_at_most_and_the_seed_decides_it(world: World) -> None:
    await world.hook()
    instants = await whole_schedule(world, reply(500))
    gaps = [after - before for before, after in itertools.pairwise(instants)]
    assert len(gaps) == len(WAITS)
    for gap, wait in zip(gaps, WAITS, strict=True):
        assert 0.9 * wait <= gap <= 1.1 * wait
    assert gaps != list(WAITS)
    again = await _same_delivery(world, seed=0)
    assert again == gaps[0]
    assert await _same_delivery(world, seed=1) != gaps[0]


async def _same_delivery(world: World, seed: int) -> int:
    """What the seed makes of the first wait of the delivery that was tried."""
    [(key,)] = await ask(world.store, "select id from delivery")
    return judge(reply(500), 1, world.dialect, f"{seed}:{key}:1").wait


@pytest.mark.parametrize(
    ("seconds", "waited"), [(60.0, 60), (3600.0, 3600), (7200.0, 3600), (1.0, 5)], ids=str
)
@pytest.mark.parametrize("status", [429, 503])
async def test_an_endpoint_may_ask_for_up_to_an_hour(
    world: World, status: int, seconds: float, waited: int
) -> None:
    steady(world)
    await world.hook()
    world.client.at(URL, reply(status, seconds), OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        assert await world.next_due() - NOW == waited * SECOND
        await world.idle()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 500, 502, 400, 404])
async def test_what_is_not_2xx_is_tried_again_at_the_same_address(world: World, status: int) -> None:
    steady(world)
    await world.hook()
    world.client.at(URL, reply(status, 600.0), OK)
    async with world.running():
        await world.receive()
        await world.attempted(1)
        assert await world.next_due() - NOW == 5 * SECOND  # nobody asked for patience who may
        await world.idle()
    assert [call.url for call in world.client.calls] == [URL, URL]


# Killed between the answer and its being kept


async def test_what_was_answered_and_not_kept_is_delivered_again_under_the_same_id(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[object] = []

    async def away(self: Finish, unit: Unit, items: list[object]) -> list[int]:
        lost.extend(items)
        raise Unavailable("killed before the commit")

    await world.hook()
    with monkeypatch.context() as patch:
        patch.setattr(Finish, "run", away)
        async with world.running(epoch=EPOCH):
            await world.receive()
            await world.calls(1)
            await until(lambda: lost)
    assert await world.states() == ["pending"]
    async with world.running(epoch=2):
        await world.clock.step(HOUR)  # the lease of whoever held it is over
        await world.idle()
    first, second = world.client.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert await world.states() == ["delivered"]


# Signatures


def verified(call: Call, secret: str) -> bool:
    """Whether the stock verifier takes a call for genuine."""
    try:
        Webhook(secret).verify(call.raw, call.headers)
    except WebhookVerificationError:
        return False
    return True


async def test_the_stock_verifier_takes_every_delivery_with_each_secret_as_long_as_it_holds(
    world: World,
) -> None:
    world.real = real_now()
    hook, first = await world.webhooks.create(ACCOUNT, 70, url=URL, types=(1 << 17) - 1)
    world.client.at(URL, reply(500), OK)
    async with world.running():
        await world.receive(20)
        await until(lambda: len(world.client.calls) == 20)
        _, second = await world.webhooks.rotate(ACCOUNT, hook.public_id)
        while (await world.states()).count("delivered") < 20:
            await world.clock.step(HOUR)
        rotated = len(world.client.calls)
        await world.receive(20)
        await world.idle()
        during = world.client.calls[rotated:]
        assert len(during) == 20
        assert all(len(call.headers["webhook-signature"].split()) == 2 for call in during)
        assert all(verified(call, first) and verified(call, second) for call in during)
        before = world.client.calls[:20]
        assert all(verified(call, first) and not verified(call, second) for call in before)

        world.real += OVERLAP  # the stock verifier would say that this comes from the future
        await world.receive()
        await world.idle()
        after = world.client.calls[-1]
        assert len(after.headers["webhook-signature"].split()) == 1
    assert _signature_of(after, second) == after.headers["webhook-signature"]
    assert len({first, second}) == 2


def _signature_of(call: Call, secret: str) -> str:
    return sign.sign(secret, call.headers["webhook-id"], int(call.headers["webhook-timestamp"]), call.raw)


async def test_a_forged_body_is_none_to_the_stock_verifier(world: World) -> None:
    world.real = real_now()
    _, secret = await world.webhooks.create(ACCOUNT, 70, url=URL, types=(1 << 17) - 1)
    async with world.running():
        await world.receive()
        await world.idle()
    [call] = world.client.calls
    assert verified(call, secret)
    forged = Call(call.at, call.url, call.headers, {}, call.raw.replace(b"answer", b"Answer"))
    assert forged.raw != call.raw
    assert not verified(forged, secret)
