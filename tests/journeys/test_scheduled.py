"""Scheduled: a time to send, cancellation, and what may change before it comes."""

import pytest

from textwire.store import numbers
from textwire.store.committer import Unit

from .life import BALANCE, DID, HOUR, SECOND, START, Life, living, refused

DAY = 24 * HOUR


async def test_a_text_for_tomorrow_leaves_tomorrow(life: Life) -> None:
    [sent] = await life.send(send_at=START + DAY)
    assert sent.state == "scheduled"
    await life.step(DAY - SECOND)
    assert (await life.message(sent.id)).state == "scheduled"
    await life.step(SECOND)
    delivered = await life.live(sent.id, "delivered")
    assert delivered.attempts == 1
    assert await life.told(sent.id) == ["message.accepted", "message.sent", "message.delivered"]


async def test_a_schedule_survives_a_restart(database: str) -> None:
    async with living(database) as life:
        [sent] = await life.send(send_at=START + DAY)
        clock = life.clock
    async with living(database, clock) as life:
        await life.step(DAY)
        await life.live(sent.id, "delivered")


async def test_cancel_before_it_leaves(life: Life) -> None:
    [sent] = await life.send(send_at=START + DAY)
    assert await life.balance() < BALANCE
    canceled = await life.core.desk.cancel(1, sent.id)
    assert canceled.state == "canceled"
    assert await life.balance() == BALANCE
    await life.step(2 * DAY)
    assert (await life.message(sent.id)).state == "canceled"
    assert life.shown() == []
    assert await refused(life.core.desk.cancel(1, sent.id)) == "not_cancelable"


async def test_what_has_left_cannot_be_canceled_and_foreign_messages_do_not_exist(life: Life) -> None:
    [sent] = await life.send()
    await life.state(sent.id, "sent")
    assert await refused(life.core.desk.cancel(1, sent.id)) == "not_cancelable"
    assert await refused(life.core.desk.cancel(99, sent.id)) == "not_found"
    assert await refused(life.core.desk.cancel(1, 12345)) == "not_found"


async def test_a_sender_that_was_taken_away_does_not_send_any_more(life: Life) -> None:
    [sent] = await life.send(send_at=START + HOUR, rights="assigned")
    await life.core.store.write(_Unassign(), (2, DID))
    final = await life.live(sent.id, "failed", by=1800 * SECOND)
    assert final.reason == "sender_unassigned"
    assert await life.balance() == BALANCE


@pytest.mark.parametrize("ahead", [-2 * HOUR, 400 * DAY])
async def test_the_past_and_the_far_future_are_refused(life: Life, ahead: int) -> None:
    assert await refused(life.send(send_at=START + ahead)) == "send_at_out_of_range"


async def test_a_moment_ago_means_now(life: Life) -> None:
    [sent] = await life.send(send_at=START - SECOND)
    await life.live(sent.id, "delivered")


class _Unassign:
    async def run(self, unit: Unit, items: list[tuple[int, str]]) -> list[None]:
        await numbers.unassign(unit, items)
        return [None for _ in items]
