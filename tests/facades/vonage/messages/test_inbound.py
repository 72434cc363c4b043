"""Inbound texts: told whole in the words of the Messages API where the account's switch says so."""

import hashlib
from typing import Any

import pytest

from tests.facades.vonage.asking import json, post
from tests.facades.vonage.house import ACCOUNT, DID, KEY, PHONE, PLACE, SECOND, SPARE, House

from .sending import INBOUND, Application, application, claims, said


async def linked(house: House, number: str = DID, **places: str | None) -> Application:
    """An application with a number, and the switch thrown."""
    app = await application(house, **places)
    assert (await post(house, "/number/update", country="GB", msisdn=number[1:], app_id=app.id)).status == 200
    await house.set(sms_api="messages")
    return app


async def test_a_text_is_told_to_the_numbers_application(house: House) -> None:
    app = await linked(house)
    await house.text("hello you")
    [call] = await house.told(1)
    told = said(call)
    assert (call.method, call.url, call.query) == ("POST", INBOUND, {})
    assert len(told.pop("message_uuid")) == 36
    assert told.pop("timestamp").startswith("2027-01-15T08:00:00")
    assert told == {
        "channel": "sms", "to": DID[1:], "from": PHONE[1:], "message_type": "text", "text": "hello you",
        "sms": {"num_messages": "1", "keyword": "HELLO"}, "usage": {"currency": "EUR", "price": "0.00000000"},
        "origin": {"network_code": "00101"},
    }  # fmt: skip
    found = claims(call)
    assert (found["api_key"], found["application_id"]) == (KEY, app.id)
    assert found["payload_hash"] == hashlib.sha256(call.body).hexdigest()
    assert len(await house.quiet()) == 1


async def test_a_long_text_is_told_once_and_whole(house: House) -> None:
    await linked(house)
    text = "até " + "é 😀" * 100
    await house.text(text)
    [call] = await house.told(1)
    assert said(call)["text"] == text
    assert said(call)["sms"] == {"num_messages": "7", "keyword": "ATÉ"}
    assert len(await house.quiet()) == 1


async def test_its_uuid_is_the_same_on_every_attempt_and_another_one_for_another_text(house: House) -> None:
    await linked(house)
    house.place.answer = 500
    await house.text("one")
    await house.told(1)
    house.place.answer = 200
    await house.told(2)
    await house.text("two")
    first, second, third = (said(call)["message_uuid"] for call in await house.told(3))
    assert first == second != third


async def test_the_old_words_are_told_to_an_application_of_that_version(house: House) -> None:
    await linked(house, version="v0.1")
    await house.text("hello")
    told: dict[str, Any] = said((await house.told(1))[0])
    assert (told["to"], told["from"]) == (
        {"type": "sms", "number": DID[1:]},
        {"type": "sms", "number": PHONE[1:]},
    )
    assert told["message"] == {"content": {"type": "text", "text": "hello"}}
    assert set(told) == {"message_uuid", "to", "from", "timestamp", "message"}


async def test_the_switch_goes_before_the_numbers_and_the_accounts_place(house: House) -> None:
    await linked(house)
    await house.set(inbound_url=PLACE)
    await house.core.desk.numbers.change(ACCOUNT, DID, settings={"inbound_url": PLACE + "/own"})
    await house.text("by the application")
    assert [call.url for call in await house.told(1)] == [INBOUND]
    assert len(await house.quiet()) == 1


async def test_without_the_switch_the_sms_api_tells(house: House) -> None:
    await linked(house)
    await house.set(sms_api=None, inbound_url=PLACE)
    await house.text("hello")
    [call] = await house.told(1)
    assert (call.method, call.url, call.query["text"]) == ("GET", PLACE, "hello")


@pytest.mark.parametrize("number", [DID, SPARE])
async def test_a_number_without_an_application_that_wants_to_hear_is_told_by_the_sms_api(
    house: House, number: str
) -> None:
    await linked(house, inbound_url=None)
    await house.set(inbound_url=PLACE)
    await house.text("hello", number)
    assert [call.url for call in await house.told(1)] == [PLACE]


async def test_an_application_that_comes_after_the_switch_hears(house: House) -> None:
    await house.set(sms_api="messages")
    app = await application(house)
    await post(house, "/number/update", country="GB", msisdn=DID[1:], app_id=app.id)
    await house.text("hello")
    assert [call.url for call in await house.told(1)] == [INBOUND]


@pytest.mark.parametrize("first", ["sms", "messages"])
async def test_what_is_under_way_is_told_to_its_end_as_it_was_begun(house: House, first: str) -> None:
    other = {"sms": "messages", "messages": "sms"}
    await linked(house)
    await house.set(sms_api=first, inbound_url=PLACE)
    house.place.answer = 500
    await house.text("hello")
    await house.told(1)
    await house.set(sms_api=other[first])
    house.place.answer = 200
    one, two = await house.told(2)
    assert (one.url, one.method) == (two.url, two.method)
    assert len(await house.quiet()) == 2


async def test_a_removed_application_hears_nothing_more(house: House) -> None:
    app = await linked(house)
    house.place.answer = 500
    await house.text("hello")
    await house.told(1)
    await json(house, "DELETE", f"/v2/applications/{app.id}")
    house.clock.advance(60 * SECOND)
    assert len(await house.quiet()) == 1


async def test_what_is_no_text_is_told_by_the_sms_api(house: House) -> None:
    """The Messages API has no words for it."""
    await linked(house)
    await house.set(inbound_url=PLACE)
    await house.octets("00FF")
    [call] = await house.told(1)
    assert (call.url, call.query["data"]) == (PLACE, "00ff")
