"""Webhooks: where they go, what they say in which form, how they are signed, and all 103 attempts."""

from urllib.parse import parse_qsl

import msgspec
import pytest

from textwire.facades.vonage import signatures
from textwire.facades.vonage.fields import keyword
from textwire.facades.vonage.webhooks import waits
from textwire.hooks.answer import Failed

from .house import ACCOUNT, DID, KEY, PHONE, PLACE, SECOND, SIGNING, SPARE, START, House

OTHER = "http://127.0.0.1:9000/other"
UNSIGNED = {"callback_signature": "none"}
SIGNATURE = ("timestamp", "nonce", "sig")


async def inbound_at(house: House, url: str, number: str = DID) -> None:
    await house.core.desk.numbers.change(ACCOUNT, number, settings={"inbound_url": url})


async def test_an_inbound_text_has_the_captured_fields_in_order(house: House) -> None:
    await house.set(inbound_url=PLACE + "?token=1", **UNSIGNED)
    await house.text(" Hi there & more ")
    [called] = await house.told(1)
    [message] = [m for m in await house.kept() if m.direction == "in"]
    assert (called.method, called.url, called.body) == ("GET", PLACE + "?token=1", b"")
    assert called.headers == {"Accept": "*/*", "User-Agent": "Vonage/MessagingHUB/v1.0"}
    assert list(called.query.items()) == [
        ("msisdn", PHONE[1:]),
        ("to", DID[1:]),
        ("messageId", f"{message.id:016X}"),
        ("text", " Hi there & more "),
        ("type", "text"),
        ("keyword", "HI"),
        ("api-key", KEY),
        ("message-timestamp", "2027-01-15 08:00:00"),
    ]


async def test_each_inbound_part_is_told_by_itself(house: House) -> None:
    await house.set(inbound_url=PLACE, **UNSIGNED)
    text = "até " + "é" * 200
    await house.text(text)
    calls = await house.told(2)
    [message] = [m for m in await house.kept() if m.direction == "in"]
    parts = sorted((call.query for call in calls), key=lambda said: said["concat-part"])
    assert [said["messageId"] for said in parts] == [f"{message.id + n:016X}" for n in (0, 1)]
    assert "".join(said["text"] for said in parts) == text
    assert [said["keyword"] for said in parts] == [keyword(said["text"]) for said in parts]
    for n, said in enumerate(parts, 1):
        assert list(said)[3:8] == ["concat", "concat-ref", "concat-total", "concat-part", "text"]
        assert (said["concat"], said["concat-total"], said["concat-part"]) == ("true", "2", str(n))
        assert said["concat-ref"] == parts[0]["concat-ref"]


def test_a_keyword_is_the_first_word_in_capitals() -> None:
    assert [keyword(text) for text in ("até logo", "  stop", "", "ß x")] == ["ATÉ", "STOP", "", "SS"]


async def test_a_text_beyond_gsm_is_unicode(house: House) -> None:
    await house.set(inbound_url=PLACE)
    await house.text("grüße 😀")
    [called] = await house.told(1)
    assert (called.query["type"], called.query["text"]) == ("unicode", "grüße 😀")


async def test_the_numbers_own_place_goes_before_the_accounts(house: House) -> None:
    await house.set(inbound_url=PLACE)
    await inbound_at(house, OTHER)
    await house.text("one")
    await house.text("two", SPARE)
    calls = await house.told(2)
    assert {call.query["text"]: call.url for call in calls} == {"one": OTHER, "two": PLACE}


async def test_a_numbers_place_alone_is_enough(house: House) -> None:
    await inbound_at(house, PLACE)
    await house.text("one")
    await house.text("two", SPARE)
    assert [call.query["text"] for call in await house.told(1)] == ["one"]
    assert len(await house.quiet()) == 1


async def test_a_change_of_place_counts_from_the_next_attempt(house: House) -> None:
    await house.set(inbound_url=PLACE)
    house.place.answer = 500
    await house.text("hello")
    await house.told(1)
    await house.set(inbound_url=OTHER, callback_method="POST-JSON")
    house.place.answer = 200
    first, second = await house.told(2)
    assert (first.url, second.url, second.method) == (PLACE, OTHER, "POST")
    assert msgspec.json.decode(second.body)["messageId"] == first.query["messageId"]


async def test_a_place_that_was_taken_away_is_called_no_more(house: House) -> None:
    await house.set(inbound_url=PLACE)
    house.place.answer = 500
    await house.text("hello")
    await house.told(1)
    await house.set(inbound_url=None)
    assert len(await house.quiet()) == 1


async def test_a_form_and_json_say_the_same_as_a_query(house: House) -> None:
    await house.set(inbound_url=PLACE, callback_method="POST", **UNSIGNED)
    await house.text("a & b = ü +1")
    [form] = await house.told(1)
    await house.set(callback_method="POST-JSON")
    await house.text("a & b = ü +1")
    _, posted = await house.told(2)
    assert form.query == posted.query == {}
    assert form.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert posted.headers["Content-Type"] == "application/json"
    as_form, as_json = dict(parse_qsl(form.body.decode())), msgspec.json.decode(posted.body)
    assert as_form["text"] == as_json["text"] == "a & b = ü +1"
    assert list(as_form) == list(as_json)
    assert all(isinstance(value, str) for value in as_json.values())


@pytest.mark.parametrize("method", signatures.METHODS)
async def test_a_webhook_is_signed_as_the_account_has_set_it(house: House, method: str) -> None:
    await house.set(inbound_url=PLACE, callback_signature=method)
    await house.text("signed & delivered")
    [called] = await house.told(1)
    assert tuple(called.query)[-3:] == SIGNATURE
    assert called.query["timestamp"] == str(START // SECOND)
    assert signatures.method_of(SIGNING, called.query) == method


async def test_new_accounts_sign_with_sha256(house: House) -> None:
    await house.set(inbound_url=PLACE)
    await house.text("hello")
    [called] = await house.told(1)
    assert signatures.method_of(SIGNING, called.query) == "sha256"


async def test_a_receipt_has_the_captured_fields_in_order(house: House) -> None:
    await house.set(receipt_url=PLACE, **UNSIGNED)
    sent = (await house.send(**{"client-ref": "r1"})).first
    [called] = await house.told(1)
    assert list(called.query.items()) == [
        ("msisdn", PHONE[1:]),
        ("to", "AcmeInc"),
        ("network-code", "00101"),
        ("messageId", sent["message-id"]),
        ("price", "0.07000000"),
        ("status", "delivered"),
        ("scts", "2701150800"),
        ("err-code", "0"),
        ("api-key", KEY),
        ("client-ref", "r1"),
        ("message-timestamp", "2027-01-15 08:00:00"),
    ]


async def test_each_part_has_a_receipt_of_its_own(house: House) -> None:
    await house.set(receipt_url=PLACE)
    answer = (await house.send(text="a" * 400)).json
    calls = await house.told(3)
    assert sorted(c.query["messageId"] for c in calls) == [m["message-id"] for m in answer["messages"]]
    assert {c.query["status"] for c in calls} == {"delivered"}
    assert len(await house.quiet()) == 3


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("0001", "failed", "9"),
        ("0003", "rejected", "4"),
        ("0123", "delivered", "0"),
        ("0006", "delivered", "0"),
    ],
)
async def test_a_receipt_says_what_became_of_it(house: House, ending: str, status: str, code: str) -> None:
    await house.set(receipt_url=PLACE)
    await house.send(to="44163296" + ending)
    [called] = await house.told(1)
    assert (called.query["status"], called.query["err-code"]) == (status, code)


async def test_what_nobody_took_in_its_time_has_expired(house: House) -> None:
    await house.set(receipt_url=PLACE)
    await house.send(to="441632960002", ttl="20000")
    [called] = await house.told(1, step=SECOND)
    assert called.query["status"] == "expired"
    assert called.query["err-code"] == "2"


async def test_a_messages_own_place_goes_before_the_accounts(house: House) -> None:
    await house.set(receipt_url=PLACE)
    await house.send(callback=OTHER)
    assert [call.url for call in await house.told(1)] == [OTHER]


async def test_a_messages_own_place_alone_is_enough(house: House) -> None:
    await house.send(callback=OTHER)
    assert [call.url for call in await house.told(1)] == [OTHER]
    await house.send()
    assert len(await house.quiet()) == 1


async def test_who_wants_no_receipt_gets_none(house: House) -> None:
    await house.set(receipt_url=PLACE)
    await house.send(**{"status-report-req": "False", "callback": OTHER})
    assert await house.quiet() == []


def test_the_schedule_has_103_attempts_and_ends_after_23_hours_and_51_minutes() -> None:
    assert waits()[:9] == (5, 10, 20, 40, 80, 160, 320, 640, 900)
    assert len(waits()) + 1 == 103
    assert sum(waits()) == (23 * 60 + 51) * 60 + 15


@pytest.mark.parametrize("answer", [404, 500, 429, 302, Failed("timeout", sent=True), Failed("refused")])
async def test_every_failure_is_tried_103_times_and_then_no_more(house: House, answer: int | Failed) -> None:
    await house.set(inbound_url=PLACE)
    house.place.answer = answer
    await house.text("hello")
    await house.told(1)
    for n, wait in enumerate(waits(), 1):
        house.clock.advance(int(wait) * SECOND)
        await house.told(n + 1, step=0)
    calls = house.place.calls
    assert len(calls) == 103
    assert calls[-1].at - calls[0].at == ((23 * 60 + 51) * 60 + 15) * SECOND
    assert len({call.query["messageId"] for call in calls}) == 1
    assert len({call.query["nonce"] for call in calls}) == 103
    house.clock.advance(48 * 3600 * SECOND)
    assert len(await house.quiet()) == 103


@pytest.mark.parametrize("status", [200, 202, 204, 205])
async def test_any_success_is_enough(house: House, status: int) -> None:
    await house.set(inbound_url=PLACE)
    house.place.answer = status
    await house.text("hello")
    await house.told(1)
    assert len(await house.quiet()) == 1


async def test_an_account_without_places_owes_nothing(house: House) -> None:
    await house.send()
    await house.text("hello")
    assert await house.quiet() == []


async def test_what_is_no_text_is_told_as_octets(house: House) -> None:
    await house.set(inbound_url=PLACE, **UNSIGNED)
    await house.octets("48656C6C6F00", "06050415811581")
    [called] = await house.told(1)
    [message] = await house.kept()
    assert (message.encoding, message.text, message.raw) == (
        "octets",
        "48656c6c6f00",
        "0605041581158148656c6c6f00",
    )
    assert list(called.query.items()) == [
        ("msisdn", PHONE[1:]),
        ("to", DID[1:]),
        ("messageId", f"{message.id:016X}"),
        ("type", "binary"),
        ("api-key", KEY),
        ("message-timestamp", "2027-01-15 08:00:00"),
        ("data", "48656c6c6f00"),
        ("udh", "06050415811581"),
    ]
    await house.octets("00")
    alone = (await house.told(2))[1].query
    assert (alone["data"], "udh" in alone) == ("00", False)


@pytest.mark.parametrize("place", ["account", "message"])
async def test_that_the_network_has_it_is_told_to_who_wants_that(house: House, place: str) -> None:
    account, callback = (PLACE, None) if place == "account" else ("", PLACE)
    await house.set(receipt_url=account, intermediate_receipts=True, **UNSIGNED)
    parts = (await house.send(text="a" * 200, callback=callback)).json["messages"]
    said = [call.query for call in await house.told(4)]
    for part in parts:
        told = [one for one in said if one["messageId"] == part["message-id"]]
        assert sorted((one["status"], one["err-code"]) for one in told) == [
            ("accepted", "0"),
            ("delivered", "0"),
        ]
        assert {(one["msisdn"], one["price"]) for one in told} == {(PHONE[1:], part["message-price"])}
    assert len(await house.quiet()) == 4


async def test_usually_only_the_end_is_told(house: House) -> None:
    await house.set(receipt_url=PLACE, **UNSIGNED)
    await house.send()
    assert [call.query["status"] for call in await house.quiet()] == ["delivered"]
    await house.set(intermediate_receipts=True)
    await house.set(intermediate_receipts=False)
    await house.send()
    assert [call.query["status"] for call in await house.quiet()] == ["delivered", "delivered"]
