"""Refusals of the Messages API: a problem document that names what is wrong, and nothing has happened."""

from typing import Any

import msgspec
import pytest

from tests.facades.vonage.asking import basic, json, problem
from tests.facades.vonage.house import ACCOUNT, BALANCE, BLOCKED, BY, PHONE, START, Answer, House
from tests.facades.vonage.test_failures import breaking
from textwire.domain.number import Number
from textwire.domain.refusal import CODES as HOUSE_CODES
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.messages import refusals
from textwire.store import accounts, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable

from .sending import BODY, OLD, changed, send

CODES = "https://developer.vonage.com/api-errors/messages#"
LONG = "x" * 3201


def refused(answer: Answer) -> tuple[int, str, str, list[str]]:
    """The same as `problem`, with a code instead of an address that has one."""
    status, kind, title, names = problem(answer)
    return status, kind.removeprefix(CODES), title, names


async def nothing_happened(house: House) -> None:
    assert await house.kept() == []
    assert await house.balance() == BALANCE
    assert await house.quiet() == []


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"channel": None}, ["channel"]),
        ({"message_type": None}, ["message_type"]),
        ({"to": None}, ["to"]),
        ({"to": ""}, ["to"]),
        ({"sender": None}, ["from"]),
        ({"text": None}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": None, "to": None, "ttl": 1}, ["to", "text", "ttl"]),
    ],
)
async def test_what_is_missing_is_named(house: House, changes: dict[str, Any], names: list[str]) -> None:
    assert refused(await send(house, **changes)) == (422, "1010", "Missing params", names)
    await nothing_happened(house)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"to": "0123456789"}, "to"),
        ({"to": "123456"}, "to"),
        ({"to": "1234567890123456"}, "to"),
        ({"to": "abc"}, "to"),
        ({"to": 447700900123}, "to"),
        ({"to": {"type": "sms", "number": PHONE[1:]}}, "to"),
        ({"sender": "AcmeIncorporated"}, "from"),
        ({"sender": "1234567890123456"}, "from"),
        ({"sender": 7}, "from"),
        ({"text": LONG}, "text"),
        ({"text": 7}, "text"),
        ({"ttl": 19}, "ttl"),
        ({"ttl": 604_801}, "ttl"),
        ({"ttl": 30.5}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": "soon"}, "ttl"),
        ({"client_ref": "r" * 101}, "client_ref"),
        ({"client_ref": 7}, "client_ref"),
        ({"webhook_url": 7}, "webhook_url"),
        ({"webhook_url": "http://x/" + "x" * 2048}, "webhook_url"),
        ({"webhook_url": BLOCKED}, "webhook_url"),
        ({"webhook_url": "ftp://x"}, "webhook_url"),
        ({"webhook_version": "v2"}, "webhook_version"),
        ({"trusted_recipient": "yes"}, "trusted_recipient"),
        ({"sms": []}, "sms"),
        ({"sms": {"encoding_type": "binary"}}, "sms.encoding_type"),
        ({"sms": {"encoding_type": ["text"]}}, "sms.encoding_type"),
        ({"sms": {"entity_id": "e" * 101}}, "sms.entity_id"),
        ({"sms": {"content_id": 7}}, "sms.content_id"),
        ({"sms": {"pool_id": {}}}, "sms.pool_id"),
    ],
)
async def test_what_cannot_be_is_named(house: House, changes: dict[str, Any], name: str) -> None:
    assert refused(await send(house, **changes)) == (422, "1150", "Invalid params", [name])
    await nothing_happened(house)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"channel": "whatsapp"}, ["channel"]),
        ({"channel": "mms", "message_type": "image", "text": "x"}, ["channel", "message_type"]),
        ({"message_type": "vcard"}, ["message_type"]),
        ({"channel": ["sms"]}, ["channel"]),
    ],
)
async def test_other_channels_and_types_are_not_offered(
    house: House, changes: dict[str, Any], names: list[str]
) -> None:
    answer = await send(house, **changes)
    assert refused(answer) == (422, "1020", "Invalid params", names)
    assert "only " in answer.json["invalid_parameters"][0]["reason"]
    await nothing_happened(house)


@pytest.mark.parametrize(
    ("body", "code", "names"),
    [
        ({}, "1010", ["to", "from", "message"]),
        ({**OLD, "to": {"type": "sms"}}, "1010", ["to.number"]),
        ({**OLD, "from": {"number": "x"}}, "1010", ["from.type"]),
        ({**OLD, "message": {}}, "1010", ["message.content"]),
        ({**OLD, "to": {"type": "viber_service_msg", "number": PHONE[1:]}}, "1020", ["to.type"]),
        ({**OLD, "message": {"content": {"type": "image", "text": "x"}}}, "1020", ["message.content.type"]),
        ({**OLD, "to": PHONE[1:]}, "1150", ["to"]),
        ({**OLD, "message": {"content": {"type": "text", "text": LONG}}}, "1150", ["message.content.text"]),
    ],
)
async def test_the_old_shape_is_judged_as_well(
    house: House, body: dict[str, Any], code: str, names: list[str]
) -> None:
    answer = await json(house, "POST", "/v0.1/messages", body)
    assert refused(answer)[:2] == (422, code)
    assert refused(answer)[3] == names
    await nothing_happened(house)


@pytest.mark.parametrize("body", [b"", b"{", b"channel=sms", b"\xff", b"[" * 100, b'{"channel":"sms"}x'])
async def test_what_is_no_json_is_told_so(house: House, body: bytes) -> None:
    for path in ("/v1/messages", "/v0.1/messages"):
        answer = await house.ask("POST", path, body, basic())
        said = (422, "#invalid-json", "The request body did not contain valid JSON", [])
        assert problem(answer) == said
    await nothing_happened(house)


@pytest.mark.parametrize("body", ["x", [], [BODY], 7, None, True])
async def test_json_that_is_no_object_is_none_either(house: House, body: Any) -> None:
    answer = await house.ask("POST", "/v1/messages", msgspec.json.encode(body), basic())
    assert refused(answer) == (422, "1150", "Invalid params", ["body"])
    await nothing_happened(house)


@pytest.mark.parametrize("text", [r"a\u0000b", r"\ud800"])
async def test_a_character_that_cannot_be_sent_is_named(house: House, text: str) -> None:
    body = msgspec.json.encode(changed({"text": "TEXT"})).replace(b"TEXT", text.encode())
    assert refused(await house.ask("POST", "/v1/messages", body, basic()))[1:] == (
        "1150", "Invalid params", ["text"],
    )  # fmt: skip
    await nothing_happened(house)


async def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    answer = await json(house, "POST", "/v1/messages", {**BODY, "more": "x" * 262_144})
    assert answer.status == 413
    await nothing_happened(house)


@pytest.mark.parametrize("sender", ["447700900999", "12345"])
async def test_a_foreign_number_is_no_sender(house: House, sender: str) -> None:
    assert refused(await send(house, sender=sender)) == (422, "1120", "Illegal sender address", [])
    await nothing_happened(house)


async def test_a_number_whose_rent_is_owed_is_no_sender(house: House) -> None:
    async def owe(unit: Unit) -> None:
        await numbers.insert(unit, [Number("+447700900777", ACCOUNT, "GB", START, state="suspended")])

    await house.do(owe)
    assert refused(await send(house, sender="447700900777"))[1] == "1120"
    await nothing_happened(house)


async def test_who_has_opted_out_is_not_sent_to(house: House) -> None:
    await house.core.desk.opting.add(ACCOUNT, PHONE)
    assert refused(await send(house)) == (422, "1050", "Number barred", [])
    await nothing_happened(house)


async def test_a_balance_that_is_too_low_is_a_402(house: House) -> None:
    async def spend(unit: Unit) -> None:
        await accounts.book(unit, [Entry(77, ACCOUNT, 0, "topup", 1 - BALANCE, START)])

    await house.do(spend)
    assert problem(await send(house)) == (402, "/#low-balance", "Low balance", [])
    assert (await house.kept(), await house.balance()) == ([], 1)


async def test_a_suspended_account_sends_nothing(house: House) -> None:
    await house.core.people.adjust(BY, ACCOUNT, state="suspended")
    assert refused(await send(house)) == (403, "1060", "Partner account barred", [])
    await nothing_happened(house)


async def test_who_gets_it_wrong_too_often_waits(house: House) -> None:
    wrong = basic(secret="Wrong0secret0Wrong0secret")
    for _ in range(5):
        assert (await json(house, "POST", "/v1/messages", BODY, wrong)).status == 401
    answer = await json(house, "POST", "/v1/messages", BODY, wrong)
    assert problem(answer) == (429, "/messages-olympus#1010", "Rate Limit Hit", [])
    assert answer.json["detail"] == "Please wait, then retry your request"
    assert int(answer.headers["retry-after"]) > 0


async def test_what_cannot_be_stored_is_not_taken(house: House) -> None:
    breaking(house, Unavailable("no disk"))
    answer = await send(house)
    assert problem(answer)[:2] == (503, "#unavailable")
    assert answer.headers["retry-after"] == "1"
    assert await house.kept() == []


@pytest.mark.parametrize("code", sorted(HOUSE_CODES))
def test_every_refusal_of_the_house_has_an_address_and_a_title(code: str) -> None:
    failing = refusals.failing(Refusal(code))
    assert 402 <= failing.status < 504
    assert failing.title
    assert failing.detail
