"""A text in every form in which clients ask for it, and the vendor's table of statuses."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.facades.sipgate.house import (
    BALANCE,
    JSON,
    NOW,
    OTHER_PHONE,
    PHONE,
    PRICE,
    SECOND,
    START,
    House,
    User,
    opened,
)
from textwire.clock import ManualClock
from textwire.store import exchanges

DAY = 86_400
MONTH = 31 * DAY


async def test_accepted_is_204_without_a_body_and_the_text_arrives_as_it_was_written(
    house: House, ada: User
) -> None:
    reply = await ada.send(message="  Grüße, 5 € 👋\n")
    assert (reply.status, reply.body) == (204, b"")
    assert "content-length" not in reply.headers
    assert await house.shown(PHONE) == ["  Grüße, 5 € 👋\n"]
    [kept] = await ada.messages()
    assert (kept.sender, kept.recipient) == ("sipgate", PHONE)
    assert await ada.balance() == BALANCE - PRICE * kept.total


# What clients send now, by the label of who does.
AT_ONCE: dict[str, Any] = {
    "absent": ..., "null, as PHP": None, "empty": "", "0, as Java": 0, "-1, as a recipe": -1, "-1 as text": "-1",
    "-5": -5, "0 as text": "0", "a fraction of nothing": 0.9, "-0.5": -0.5, "this very second": NOW,
}  # fmt: skip


@pytest.mark.parametrize("label", AT_ONCE)
async def test_these_times_mean_now(ada: User, label: str) -> None:
    assert (await ada.send(sendAt=AT_ONCE[label])).status == 204
    [kept] = await ada.messages()
    assert (kept.state == "scheduled", kept.send_at) == (False, 0)


LATER: dict[str, tuple[Any, int]] = {
    "seconds": (NOW + 60, NOW + 60),
    "a second": (NOW + 1, NOW + 1),
    "text, as the seed": (f"{NOW + 60}", NOW + 60),
    "text with a plus": (f"+{NOW + 60}", NOW + 60),
    "a float, as Python": (float(NOW + 60), NOW + 60),
    "milliseconds behind the point, as the library": (NOW + 60.725, NOW + 60),
    "text with a fraction": (f"{NOW + 60}.725", NOW + 60),
    "text with a point": (f"{NOW + 60}.", NOW + 60),
    "31 days": (NOW + MONTH, NOW + MONTH),
}


@pytest.mark.parametrize("label", LATER)
async def test_these_times_are_heeded_to_the_second(ada: User, label: str) -> None:
    written, at = LATER[label]
    assert (await ada.send(sendAt=written)).status == 204
    [kept] = await ada.messages()
    assert (kept.state, kept.send_at) == ("scheduled", at * SECOND)


NEVER: dict[str, bytes] = {
    "a second ago": b"%d" % (NOW - 1),
    "1970": b"1",
    "31 days and a second": b"%d" % (NOW + MONTH + 1),
    "milliseconds": b"%d" % (NOW * 1000),
    "beyond 2038": b"%d" % 2**31,
    "2**63": b"%d" % 2**63,
    "2**64": b"%d" % 2**64,
    "a hundred digits": b"9" * 100,
    "1e400": b"1e400",
    "1e18": b"1e18",
    "words": b'"tomorrow"',
    "a date": b'"2027-01-15 08:00:00"',
    "blanks": b'"  "',
    "a blank around": b'" 1800000060"',
    "an exponent as text": b'"1e3"',
    "other digits": '"١٨٠٠٠٠٠٠٦٠"'.encode(),
    "hexadecimal": b'"0x7f"',
    "NaN as text": b'"NaN"',
    "infinity as text": b'"Infinity"',
    "endless text": b'"' + b"1" * 5000 + b'"',
    "true": b"true",
    "false": b"false",
    "an object": b"{}",
    "an array": b"[1800000060]",
}


@pytest.mark.parametrize("label", NEVER)
async def test_these_times_are_refused(ada: User, label: str) -> None:
    body = b'{"smsId":"s0","recipient":"+4915799999123","message":"x","sendAt":' + NEVER[label] + b"}"
    reply = await ada.ask("POST", "/sessions/sms", raw=body)
    assert reply.refusal[0] == 400
    assert await ada.messages() == []


# The bodies of the vendor's examples and clients, byte for byte but for number and time.
BODIES = {
    "npm sipgateio": (b'{"smsId":"s0","message":"Gr\xc3\xbc\xc3\x9fe","recipient":"+49 1579 9999123"}', 0),
    "npm sipgateio, scheduled": (
        b'{"smsId":"s0","message":"x","recipient":"+4915799999123","sendAt":1800000253.725}', NOW + 253),
    "the seed's example": (b'{"smsId":"s0","recipient":"+4915799999123","message":"x"}', 0),
    "the seed's example, scheduled": (
        b'{"smsId":"s0","recipient":"+4915799999123","message":"x","sendAt":"1800003845"}', NOW + 3845),
    "python": (b'{"smsId": "s0", "recipient": "+4915799999123", "message": "Gr\\u00fc\\u00dfe"}', 0),
    "python, scheduled": (
        b'{"smsId": "s0", "recipient": "+4915799999123", "message": "x", "sendAt": 1800003800.0}', NOW + 3800),
    "sipgate-rest-api-client-v2": (
        b'{"smsId":"s0","recipient":"+4915799999123","message":"x","sendAt":1800000804}', NOW + 804),
    "java": (b'{"smsId":"s0","message":"x","recipient":"+4915799999123","sendAt":0}', 0),
    "php": (b'{"smsId":"s0","message":"x","recipient":"+4915799999123","sendAt":null}', 0),
    "healthchecks.io": (b'{"smsId":"s0","message":"x","recipient":"+4915799999123","sendAt":-1}', 0),
    "IPSymcon": (b'{"smsId":"s0","message":"x","recipient":"004915799999123"}', 0),
    "unknown members": (b'{"smsId":"s0","message":"x","recipient":"+4915799999123","tag":[1,{"a":null}]}', 0),
}  # fmt: skip


@pytest.mark.parametrize("client", BODIES)
async def test_the_bodies_that_clients_send_are_taken(ada: User, client: str) -> None:
    body, at = BODIES[client]
    reply = await ada.ask("POST", "/sessions/sms", raw=body, accept="*/*", x_sipgate_client='{"a":"b"}')
    assert (reply.status, reply.body) == (204, b"")
    [kept] = await ada.messages()
    assert (kept.recipient, kept.send_at) == (PHONE, at * SECOND)


# The headers beside the credentials with which clients send (protocol page §1, §2.1 and §3.1).
SENT_WITH: dict[str, dict[str, str]] = {
    "npm sipgateio": {
        "accept": "application/json", "content-type": "application/json", "x-sipgate-version": "2.15.1",
        "x-sipgate-client": '{"type":"node","name":"node","version":"18.20.4","os":"linux"}', "user-agent": "axios/0.27.2",
    },
    "sipgate-rest-api-client-v2": {
        "accept": "application/json", "content-type": "application/json", "x-sipgate-client": "app.sipgate.com",
        "x-sipgate-version": "5.30.1", "origin": "https://app.sipgate.com",
    },
    "the seed's example": {"accept": "application/json", "content-type": "application/json"},
    "python": {
        "accept": "*/*", "accept-encoding": "gzip, deflate", "connection": "keep-alive", "content-type": "application/json",
        "user-agent": "python-requests/2.31.0",
    },
    "go": {"accept": "application/json", "content-type": "application/json; charset=utf-8"},
    "java": {"accept": "application/json", "content-type": "application/json;charset=UTF-8"},
    "php": {"content-type": "application/json", "user-agent": "GuzzleHttp/7"},
    "nothing but the type": {"content-type": "application/json"},
}  # fmt: skip


@pytest.mark.parametrize("client", SENT_WITH)
async def test_the_headers_that_clients_send_are_taken(house: House, ada: User, client: str) -> None:
    given = {"authorization": ada.header, **SENT_WITH[client]}
    body = b'{"smsId":"s0","recipient":"+4915799999123","message":"x"}'
    reply = await house.ask("POST", "/sessions/sms", body, given)
    assert (reply.status, reply.body) == (204, b"")
    assert "content-type" not in reply.headers


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+4915799999123", PHONE), ("+49 1579 9999123", PHONE), ("+49 (1579) 9999-123", PHONE),
        ("+49/1579.9999123", PHONE), ("004915799999123", PHONE), ("015799999123", PHONE),
        ("4915799999123", PHONE), (4915799999123, PHONE), ("+49 (0) 1579 9999123", PHONE),
        (" +4915799999123 ", PHONE), ("+447700900123", "+447700900123"), ("+493012345678", "+493012345678"),
    ],
)  # fmt: skip
async def test_recipients_are_read_as_clients_write_them(ada: User, written: Any, kept: str) -> None:
    assert (await ada.send(recipient=written)).status == 204
    assert [m.recipient for m in await ada.messages()] == [kept]


@pytest.mark.parametrize(
    "written",
    ["abc", "+", "+1", "110", "+49", "+4915799999123456789", "tel:+4915799999123", "sip:1@x.de", "+49١٥٧٩٩٩٩٩١٢٣",
     "++4915799999123", "+49157999991a3", "0049", "+0000000000", "+4915799999123,+4915799999124"],
)  # fmt: skip
async def test_other_recipients_are_refused(ada: User, written: str) -> None:
    assert (await ada.send(recipient=written)).refusal == (400, "/recipient")
    assert await ada.messages() == []


async def test_national_numbers_are_of_the_country_that_the_account_has_set(ada: User) -> None:
    from textwire.domain.account import Caller

    by = Caller(ada.account, ada.principal.id, "user", ada.principal.public_id)
    await ada.house.core.people.settle(by, {"country": "44"})
    assert (await ada.send(recipient="07700900123")).status == 204
    assert [m.recipient for m in await ada.messages()] == ["+447700900123"]


# Fields → status and pointer; a field that is Ellipsis is left out.
REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "no smsId": ({"smsId": ...}, (500, "/smsId")),
    "smsId null": ({"smsId": None}, (500, "/smsId")),
    "nothing at all": ({"smsId": ..., "recipient": ..., "message": ...}, (500, "/smsId")),
    "no smsId and no recipient": ({"smsId": None, "recipient": ""}, (500, "/smsId")),
    "smsId empty": ({"smsId": ""}, (400, "/smsId")),
    "smsId blank": ({"smsId": "  "}, (400, "/smsId")),
    "smsId an object": ({"smsId": {}}, (400, "/smsId")),
    "no recipient": ({"recipient": ...}, (400, "/recipient")),
    "recipient null": ({"recipient": None}, (400, "/recipient")),
    "recipient empty": ({"recipient": ""}, (400, "/recipient")),
    "recipient blank": ({"recipient": " \t"}, (400, "/recipient")),
    "recipient a list": ({"recipient": [PHONE]}, (400, "/recipient")),
    "no message": ({"message": ...}, (400, "/message")),
    "message empty": ({"message": ""}, (400, "/message")),
    "message blank": ({"message": " \n\u3000"}, (400, "/message")),
    "message an object": ({"message": {}}, (400, "/message")),
    "message endless": ({"message": "x" * 50_000}, (400, "/message")),
    "an unknown extension": ({"smsId": "s1"}, (403, "/smsId")),
    "an extension of no form": ({"smsId": "w0"}, (403, "/smsId")),
    "an extension with a zero before": ({"smsId": "s00"}, (403, "/smsId")),
    "an extension as a number": ({"smsId": 0}, (403, "/smsId")),
    "an extension beyond all": ({"smsId": "s" + "9" * 400}, (403, "/smsId")),
    "fields come before the extension": ({"smsId": "s9", "message": ""}, (400, "/message")),
    "the time comes before the extension": ({"smsId": "s9", "sendAt": 1}, (400, "/sendAt")),
    "the recipient comes before the time": ({"recipient": "x", "sendAt": 1}, (400, "/recipient")),
}


@pytest.mark.parametrize("label", REFUSED)
async def test_fields_are_refused_in_the_vendors_order(ada: User, label: str) -> None:
    fields, refusal = REFUSED[label]
    assert (await ada.send(**fields)).refusal == refusal
    assert await ada.messages() == []
    assert await ada.balance() == BALANCE


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b'{"smsId":"s0",}', b"[" * 5000]
)
async def test_what_is_no_object_is_a_400(ada: User, body: bytes) -> None:
    assert (await ada.ask("POST", "/sessions/sms", raw=body)).refusal[0] == 400


@pytest.mark.parametrize(
    "given", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"]
)
async def test_another_media_type_is_a_415(ada: User, given: str) -> None:
    reply = await ada.ask("POST", "/sessions/sms", raw=b"{", content_type=given)
    assert reply.refusal[0] == 415


async def test_no_media_type_is_a_415_and_credentials_come_first(house: House, ada: User) -> None:
    reply = await house.ask("POST", "/sessions/sms", b"{}", {"authorization": ada.header})
    assert reply.refusal[0] == 415
    assert (await house.ask("POST", "/sessions/sms", b"{}", {})).refusal[0] == 401


@pytest.mark.parametrize(
    "given", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
async def test_parameters_of_the_media_type_do_not_matter(ada: User, given: str) -> None:
    body = b'{"smsId":"s0","recipient":"+4915799999123","message":"x"}'
    assert (await ada.ask("POST", "/sessions/sms", raw=body, content_type=given)).status == 204


async def test_a_long_text_is_taken_and_paid_by_the_segment(ada: User) -> None:
    assert (await ada.send(message="x" * 2000)).status == 204
    [kept] = await ada.messages()
    assert kept.total == 14
    assert await ada.balance() == BALANCE - 14 * PRICE


async def test_who_cannot_pay_gets_402_and_nothing_is_sent(house: House) -> None:
    poor = await house.tenant("poor", balance=PRICE - 1)
    assert (await poor.send()).refusal[0] == 402
    assert (await poor.send(smsId="s1")).refusal[0] == 403  # the extension comes first
    assert await poor.messages() == []


async def test_of_fifty_at_once_on_a_balance_for_one_exactly_one_is_taken(house: House) -> None:
    poor = await house.tenant("poor", balance=PRICE)
    await poor.get("/authorization/userinfo")  # the password is proved once
    replies = await asyncio.gather(*(poor.send() for _ in range(50)))
    assert sorted(reply.status for reply in replies) == [204] + [402] * 49
    assert len(await poor.messages()) == 1
    assert await poor.balance() == 0


async def test_another_users_extension_is_as_unknown_as_one_that_there_is_not(
    house: House, ada: User, bob: User
) -> None:
    eve = await house.user(ada.account, "eve")
    assert (await eve.get("/authorization/userinfo"))["sub"] == "w1"
    mine = await eve.send(smsId="s1")
    assert mine.status == 204
    others, nobodys = await eve.send(smsId="s0"), await eve.send(smsId="s7")
    assert others.refusal == nobodys.refusal == (403, "/smsId")
    assert others.body == nobodys.body
    assert (await bob.send(smsId="s1")).body == nobodys.body


SCOPED = [(("all",), 204), (("sessions:write",), 204), (("sessions:sms:write",), 204), ((), 403), (("history:read",), 403), (("sms:write", "sessions:read"), 403)]  # fmt: skip


@pytest.mark.parametrize(("scopes", "status"), SCOPED)
async def test_a_token_sends_with_one_of_the_scopes_only(
    ada: User, scopes: tuple[str, ...], status: int
) -> None:
    token = await ada.token(*scopes)
    assert (await token.send()).status == status
    assert (await token.send(message="")).status == 400  # the fields come first
    assert len(await ada.messages()) == (status == 204)


async def test_a_text_a_month_ahead_is_sent_once_and_on_time_over_a_restart(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock) as house:
        ada = await house.tenant("ada")
        assert (await ada.send(sendAt=NOW + MONTH, recipient=OTHER_PHONE)).status == 204
        await house.step((MONTH - 3600) * SECOND)
    async with opened(tmp_path, clock) as house:
        again = ada._replace(house=house)
        await house.step(3599 * SECOND)
        assert [m.state for m in await again.messages()] == ["scheduled"]
        await house.step(SECOND)
        assert await house.shown(OTHER_PHONE) == ["Hallo Welt"]
        for _ in range(20):
            await house.step(SECOND)
        [kept] = await again.messages()
        assert (kept.state, kept.send_at) == ("delivered", START + MONTH * SECOND)
        assert await house.shown(OTHER_PHONE) == ["Hallo Welt"]


async def test_the_call_is_the_same_with_a_slash_behind(house: House, ada: User) -> None:
    body = b'{"smsId":"s0","recipient":"+4915799999123","message":"x"}'
    reply = await house.ask("POST", "/sessions/sms/", body, {"authorization": ada.header, **JSON})
    assert reply.status == 204


async def test_a_pair_that_answers_each_other_is_429_for_a_while_and_nothing_is_sent(
    house: House, ada: User
) -> None:
    exchange = [(ada.account, "sipgate", PHONE, START - n, n) for n in range(19)]
    await house.do(lambda unit: exchanges.came(unit, exchange))
    reply = await ada.send()
    assert reply.refusal == (429, "/recipient[0]")
    assert 0 < int(reply.headers["retry-after"]) <= 60
    assert await ada.messages() == []
    assert await ada.balance() == BALANCE
