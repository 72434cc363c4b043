"""Inbound: what a phone sends is kept for the number's owner; STOP, START and HELP are heeded."""

import pytest

from textwire.domain.arrival import Arrival, Concat
from textwire.store.engines.engine import statement

from .life import BALANCE, DID, HOUR, PHONE, SECOND, START, Life, refused


async def test_a_persons_text_becomes_the_owners_message(life: Life) -> None:
    await life.text("hi there 😀")
    [inbound] = await life.inbox()
    assert (inbound.sender, inbound.recipient, inbound.text) == (PHONE, DID, "hi there 😀")
    assert (inbound.state, inbound.direction, inbound.principal) == ("received", "in", 2)
    assert await life.told(inbound.id) == ["message.received"]


async def test_a_long_text_is_put_together_and_keeps_its_parts(life: Life) -> None:
    text = "abcdefghij" * 50
    await life.text(text)
    [inbound] = await life.inbox()
    assert inbound.text == text
    assert inbound.total == 4


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 1, 1)])
async def test_parts_come_in_any_order_and_twice(life: Life, order: tuple[int, ...]) -> None:
    for n in order:
        await life.core.inlet.receive([_part(n, 3)])
    [inbound] = await life.inbox()
    assert inbound.text == "part1 part2 part3 "
    assert not inbound.incomplete


async def test_a_message_that_misses_a_part_is_delivered_as_it_is_after_a_day(life: Life) -> None:
    await life.core.inlet.receive([_part(1, 3), _part(3, 3)])
    await life.step(23 * HOUR)
    await life.core.upkeep.lost()
    assert await life.inbox() == []
    await life.step(2 * HOUR)
    await life.core.upkeep.lost()
    [inbound] = await life.inbox()
    assert (inbound.text, inbound.incomplete) == ("part1 part3 ", 1)


async def test_a_text_to_a_number_that_nobody_owns_is_nobodys_message(life: Life) -> None:
    await life.core.inlet.receive(
        [Arrival(carrier="simulated", sender=PHONE, recipient="+15550000000", text="?", at=START)]
    )
    assert await life.inbox() == []


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Unsubscribe", "opt-out", "Stop All!"])
async def test_stop_is_confirmed_once_and_ends_all_texts(life: Life, word: str) -> None:
    await life.text(word)
    await life.live_until_shown("You are unsubscribed")
    assert await refused(life.send()) == "recipient_opted_out"
    await life.text("STOP")
    await life.step(5 * SECOND)
    assert len([t for t in life.shown() if t.startswith("You are unsubscribed")]) == 1
    assert await life.balance() == BALANCE  # our answers are free
    added = statement("select count(*) from event where type = 'optout.added'")
    assert [tuple(row) for row in await life.core.store.read(added)] == [(1,)]


async def test_start_opens_again(life: Life) -> None:
    await life.text("STOP")
    await life.live_until_shown("You are unsubscribed")
    await life.text("start")
    await life.live_until_shown("You will get messages")
    [sent] = await life.send()
    await life.live(sent.id, "delivered")


async def test_help_is_answered_and_changes_nothing(life: Life) -> None:
    await life.text("HELP")
    await life.live_until_shown("Reply STOP")
    await life.send()


async def test_a_sentence_with_the_word_is_no_wish(life: Life) -> None:
    await life.text("please stop by at eight")
    await life.send()


async def test_stop_reaches_what_waits_already(life: Life) -> None:
    [sent] = await life.send(send_at=START + HOUR)
    await life.text("STOP")
    final = await life.live(sent.id, "failed", by=600 * SECOND)
    assert final.reason == "opted_out"
    assert await life.balance() == BALANCE  # refunded: nothing reached a carrier


def _part(n: int, total: int) -> Arrival:
    return Arrival(
        carrier="simulated",
        sender=PHONE,
        recipient=DID,
        text=f"part{n} ",
        at=START,
        concat=Concat(77, total, n),
    )
