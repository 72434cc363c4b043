"""Messages that wait for the morning, on the recipient's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from textwire.clock import ManualClock
from textwire.domain.compliance import QuietHours
from textwire.simnet.weather import Throttle, Weather
from textwire.switch.retry import VALIDITY

from .life import ACCOUNT, BALANCE, HOUR, SECOND, Life, living

LONDON, NEW_YORK = "+447700900123", "+12125550123"
NIGHT = QuietHours("21:00", "08:00")


def us(text: str, zone: str) -> int:
    return (
        int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp()) * SECOND
    )


async def until(life: Life, at: int) -> None:
    await life.step(at - life.clock.now())


@pytest.fixture
async def night(life: Life) -> Life:
    """22:00 on a winter's evening in London, where the account has quiet hours."""
    await until(life, us("2027-02-01T22:00", "Europe/London"))
    await life.core.desk.rulings.set_quiet_hours(ACCOUNT, NIGHT)
    return life


async def test_a_text_at_night_waits_for_the_morning_of_its_recipient(night: Life) -> None:
    morning = us("2027-02-02T08:00", "Europe/London")
    [held] = await night.send(LONDON)
    assert (held.state, held.reason, held.send_at) == ("scheduled", "quiet_hours", morning)
    assert held.valid_until == morning + VALIDITY  # it counts from then
    assert await night.message(held.id) == held
    [free] = await night.send(NEW_YORK)  # 17:00 there
    await night.live(free.id, "delivered")
    await until(night, morning - 10 * SECOND)
    assert (await night.message(held.id)).state == "scheduled"
    await until(night, morning)
    after = await night.live(held.id, "delivered")
    assert (after.attempts, after.reason) == (1, "")
    assert night.shown(LONDON) == ["hello"]


async def test_a_code_goes_at_once_and_so_does_our_own_answer(night: Life) -> None:
    [code] = await night.send(LONDON, klass="otp")
    await night.live(code.id, "delivered")
    await night.text("STOP", LONDON)
    await night.core.desk.rulings.set_quiet_hours(ACCOUNT, QuietHours("21:00", "08:00", ()))
    await night.text("HELP", LONDON)
    for _ in range(30):
        await night.step(200_000)
    assert len(night.shown(LONDON)) == 3


async def test_a_schedule_into_the_night_moves_to_its_end(night: Life) -> None:
    [late] = await night.send(LONDON, send_at=us("2027-02-03T23:30", "Europe/London"))
    assert (late.send_at, late.reason) == (us("2027-02-04T08:00", "Europe/London"), "quiet_hours")
    [noon] = await night.send(LONDON, send_at=us("2027-02-03T12:00", "Europe/London"))
    assert (noon.send_at, noon.reason) == (us("2027-02-03T12:00", "Europe/London"), "")


async def test_the_morning_after_the_clocks_were_put_forward_is_an_hour_earlier(life: Life) -> None:
    await until(life, us("2027-03-27T22:00", "Europe/London"))
    await life.core.desk.rulings.set_quiet_hours(ACCOUNT, NIGHT)
    [held] = await life.send(LONDON)
    assert held.send_at - life.clock.now() == 9 * HOUR


async def test_a_schedule_made_before_there_were_quiet_hours_is_held_when_its_turn_comes(life: Life) -> None:
    evening = us("2027-02-01T22:00", "Europe/London")
    [sent] = await life.send(LONDON, send_at=evening, validity=2 * HOUR)
    await life.core.desk.rulings.set_quiet_hours(ACCOUNT, NIGHT)
    await until(life, evening)
    held = await life.until(lambda m: m.reason == "quiet_hours", sent.id)
    morning = us("2027-02-02T08:00", "Europe/London")
    assert (held.state, held.send_at, held.attempts) == ("scheduled", morning, 0)
    assert held.valid_until == morning + 2 * HOUR  # the night does not count
    assert await life.told(sent.id) == ["message.accepted", "message.deferred"]
    await until(life, morning + SECOND)
    await life.live(sent.id, "delivered")


async def test_a_retry_does_not_wake_anybody_either(life: Life) -> None:
    await until(life, us("2027-02-01T20:59:58", "Europe/London"))
    await life.core.desk.rulings.set_quiet_hours(ACCOUNT, NIGHT)
    life.network.set_weather(Weather(throttle=Throttle(probability=1.0)))
    [sent] = await life.send(LONDON)
    await life.state(sent.id, "queued")
    life.network.set_weather(Weather())
    await until(life, us("2027-02-01T21:10", "Europe/London"))
    held = await life.until(lambda m: m.reason == "quiet_hours", sent.id)
    assert (held.state, held.attempts) == ("queued", 1)
    await until(life, us("2027-02-02T08:00:01", "Europe/London"))
    await life.live(sent.id, "delivered")
    assert life.shown(LONDON) == ["hello"]


async def test_what_is_held_can_be_canceled_and_is_refunded(night: Life) -> None:
    [held] = await night.send(LONDON)
    canceled = await night.core.desk.cancel(ACCOUNT, held.id)
    assert canceled.state == "canceled"
    assert await night.balance() == BALANCE


async def test_a_stop_at_night_reaches_what_is_held(night: Life) -> None:
    [held] = await night.send(LONDON)
    await night.text("STOP", LONDON)
    await until(night, us("2027-02-02T08:00:01", "Europe/London"))
    assert (await night.live(held.id, "failed")).reason == "opted_out"


async def test_without_quiet_hours_nothing_is_held_any_more(night: Life) -> None:
    [held] = await night.send(LONDON)
    await night.core.desk.rulings.set_quiet_hours(ACCOUNT, None)
    [free] = await night.send(LONDON)
    await night.live(free.id, "delivered")
    assert (await night.message(held.id)).state == "scheduled"


async def test_quiet_hours_outlive_a_restart(database: str) -> None:
    clock = ManualClock(us("2027-02-01T22:00", "Europe/London"))
    async with living(database, clock) as life:
        await life.core.desk.rulings.set_quiet_hours(ACCOUNT, NIGHT)
        [held] = await life.send(LONDON)
    async with living(database, clock) as life:
        [again] = await life.send(LONDON)
        assert again.send_at == held.send_at
        await until(life, held.send_at)
        await life.live(held.id, "delivered")


async def test_an_account_without_quiet_hours_asks_for_no_time_zone(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dear(number: str) -> None:
        raise AssertionError("a zone was looked up")

    monkeypatch.setattr("textwire.switch.quiet.nights.zones_of", dear)
    await life.core.desk.rulings.set_quiet_hours(99, NIGHT)  # somebody else
    [sent] = await life.send(LONDON)
    await life.live(sent.id, "delivered")
