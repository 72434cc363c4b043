"""Outbound: from accept to a final state, whatever the network does."""

import asyncio

import pytest

from textwire.domain.refusal import Refusal
from textwire.simnet.weather import Loss, Throttle, Weather
from textwire.store import messages, receipts

from .life import BALANCE, DID, HOUR, SECOND, START, Life, refused

PRICE = 7_000_000


async def test_a_text_reaches_the_handset_and_its_receipt_comes_back(life: Life) -> None:
    [sent] = await life.send(text="hi :)")
    assert sent.state == "submitting"
    assert sent.sender == DID
    await life.state(sent.id, "sent")
    assert (await life.live(sent.id, "delivered")).error == ""
    assert life.shown() == ["hi :)"]
    assert await life.told(sent.id) == ["message.accepted", "message.sent", "message.delivered"]
    assert await life.balance() == BALANCE - PRICE


async def test_a_long_text_arrives_whole_and_every_segment_has_its_receipt(life: Life) -> None:
    text = "0123456789" * 40
    [sent] = await life.send(text=text)
    delivered = await life.live(sent.id, "delivered")
    assert (delivered.total, delivered.encoding) == (3, "gsm7")
    assert life.shown() == [text]
    kept = await receipts.of_message(life.core.store.engine, delivered)
    assert [k.segment - sent.id for k in kept] == [0, 1, 2]
    assert await life.balance() == BALANCE - 3 * PRICE


@pytest.mark.parametrize(
    ("ending", "state", "reason"),
    [
        ("0001", "undelivered", "unknown_subscriber"),
        ("0003", "rejected", "refused"),
        ("0004", "delivered", ""),
        ("0005", "delivered", ""),
        ("0006", "delivered", ""),
        ("0007", "delivered", ""),
    ],
)
async def test_numbers_with_manners(life: Life, ending: str, state: str, reason: str) -> None:
    [sent] = await life.send(f"+44770090{ending}")
    final = await life.live(sent.id, "delivered", "undelivered", "rejected", by=SECOND)
    assert (final.state, final.reason) == (state, reason)


async def test_a_receipt_that_comes_before_the_submit_response_is_kept(life: Life) -> None:
    [sent] = await life.send("+447700900006")
    await life.live(sent.id, "delivered")
    # One event each: the receipt was parked and met its segment when the response came.
    assert (await life.told(sent.id))[1:] == ["message.sent", "message.delivered"]


async def test_a_throttled_message_tries_again_in_the_same_row(life: Life) -> None:
    [sent] = await life.send("+447700900004")
    queued = await life.state(sent.id, "queued")
    assert (queued.attempts, queued.reason) == (1, "throttled")
    delivered = await life.live(sent.id, "delivered")
    assert delivered.attempts == 2
    assert not delivered.possible_duplicate
    assert await life.told(sent.id) == [
        "message.accepted", "message.deferred", "message.sent", "message.delivered",
    ]  # fmt: skip


async def test_a_handset_that_stays_off_ends_expired_when_validity_does(life: Life) -> None:
    [sent] = await life.send("+447700900002", validity=2 * HOUR)
    await life.state(sent.id, "sent")
    await life.step(HOUR)
    assert (await life.message(sent.id)).state == "sent"
    assert (await life.live(sent.id, "expired", by=HOUR)).reason == "absent_subscriber"


async def test_a_receipt_that_never_comes_is_not_waited_for_longer_than_validity_and_an_hour(
    life: Life,
) -> None:
    [sent] = await life.send("+447700900008", validity=HOUR)
    await life.state(sent.id, "sent")
    await life.step(2 * HOUR - SECOND)
    assert (await life.message(sent.id)).state == "sent"
    await life.step(SECOND)
    assert (await life.state(sent.id, "expired")).reason == "no_receipt"


async def test_what_is_throttled_for_ever_expires_with_its_validity(life: Life) -> None:
    life.network.set_weather(Weather(throttle=Throttle(probability=1.0)))
    [sent] = await life.send(validity=60 * SECOND)
    final = await life.live(sent.id, "expired", by=5 * SECOND)
    assert final.reason == "validity"
    assert final.attempts > 3


async def test_several_recipients_are_messages_of_one_batch(life: Life) -> None:
    sent = await life.send("+447700900101", "+447700900102", "+447700900103")
    assert {m.batch for m in sent} == {sent[0].id}
    for message in sent:
        await life.live(message.id, "delivered")
    assert await life.balance() == BALANCE - 3 * PRICE


async def test_one_bad_recipient_refuses_the_whole_request(life: Life) -> None:
    with pytest.raises(Refusal) as refusal:
        await life.send("+447700900101", "nonsense!", "+447700900103")
    assert (refusal.value.code, refusal.value.field) == ("invalid_address", "recipient[1]")
    assert await messages.page(life.core.store.engine, 1, before=2**62, limit=10) == []
    assert await life.balance() == BALANCE


async def test_a_foreign_sender_is_refused(life: Life) -> None:
    assert await refused(life.send(sender="+447700900999")) == "sender_forbidden"
    assert await refused(life.send(rights="assigned", sender="ACME")) == "sender_forbidden"
    [sent] = await life.send(sender="ACME")  # a name is free while only the simulated network is there
    assert (await life.live(sent.id, "delivered")).sender == "ACME"


async def test_the_default_sender_is_the_number_really_used(life: Life) -> None:
    [sent] = await life.send(sender="default", rights="assigned")
    assert sent.sender == DID


async def test_a_message_to_a_number_that_we_own_comes_back_as_inbound(life: Life) -> None:
    [sent] = await life.send(DID, text="to myself")
    await life.live(sent.id, "delivered")
    async with asyncio.timeout(5):
        while not (found := await life.inbox()):
            await asyncio.sleep(0.005)
    [inbound] = found
    assert (inbound.text, inbound.sender, inbound.recipient) == ("to myself", DID, DID)


async def test_a_text_beyond_the_balance_is_refused_and_costs_nothing(life: Life) -> None:
    assert await refused(life.send(text="x" * 160 * 150)) == "insufficient_balance"
    assert await life.balance() == BALANCE


async def test_more_than_the_window_waits_its_turn_and_leaves(database: str) -> None:
    from .life import living

    async with living(database, window=3) as life:
        sent = await life.send(*(f"+4477009001{n:02}" for n in range(12)))
        assert [m.state for m in sent] == ["submitting"] * 3 + ["queued"] * 9
        for message in sent:
            await life.live(message.id, "delivered")
        assert life.core.routing.windows["simulated"].free == 3


@pytest.mark.parametrize(
    ("policy", "klass", "hold", "state"),
    [("resend", "", 600, "delivered"), ("resend", "otp", 15, "delivered"), ("fail", "", 600, "failed")],
)
async def test_an_unanswered_submit_is_held_and_then_its_policy_decides(
    life: Life, policy: str, klass: str, hold: int, state: str
) -> None:
    life.network.set_weather(Weather(loss=(Loss(what="response", probability=1.0),)))
    [sent] = await life.send(on_ambiguous=policy, klass=klass)
    ambiguous = await life.live(sent.id, "ambiguous", by=10 * SECOND)
    assert ambiguous.reason == "no_answer"
    life.network.set_weather(Weather())
    await life.step((hold - 1) * SECOND)
    assert (await life.message(sent.id)).state == "ambiguous"
    final = await life.live(sent.id, "delivered", "failed", by=SECOND)
    assert final.state == state
    assert final.possible_duplicate == (policy == "resend")


async def test_what_is_held_ends_with_its_validity(life: Life) -> None:
    life.network.set_weather(Weather(loss=(Loss(what="response", probability=1.0),)))
    [sent] = await life.send(on_ambiguous="hold", validity=HOUR)
    await life.live(sent.id, "ambiguous", by=10 * SECOND)
    await life.step(1800 * SECOND)
    assert (await life.message(sent.id)).state == "ambiguous"
    final = await life.live(sent.id, "expired", by=600 * SECOND)
    assert final.reason == "ambiguous"
    assert (await life.told(sent.id))[-1] == "message.expired"


async def test_times_are_those_of_the_message_clock(life: Life) -> None:
    [sent] = await life.send()
    assert sent.created_at == START
    assert sent.valid_until == START + 72 * HOUR
