"""Statuses of the Messages API: where they go, what they say in both shapes, and what proves them."""

import hashlib
import itertools
from typing import Any

import pytest
from joserfc.errors import BadSignatureError

from tests.facades.vonage.asking import json
from tests.facades.vonage.house import DID, KEY, PHONE, PLACE, SECOND, START, House
from textwire.facades.vonage import fields
from textwire.facades.vonage.messages import errors
from textwire.hooks.answer import Failed

from .sending import FAILING, OLD, STATUS, UNKNOWN, Application, application, claims, said, send

TIME = "2027-01-15T08:00:00"


async def sent(app: Application, **changes: Any) -> str:
    """The UUID of a message."""
    answer = await app.send(**changes)
    assert answer.status == 202, answer.body
    found: str = answer.json["message_uuid"]
    return found


async def test_a_message_is_submitted_and_then_delivered(house: House) -> None:
    app = await application(house)
    name = await sent(app, client_ref="r1")
    first, second = (said(call) for call in await house.told(2))
    assert first.pop("timestamp").startswith(TIME)
    assert second.pop("timestamp").startswith(TIME)
    common = {
        "message_uuid": name, "to": PHONE[1:], "from": "AcmeInc", "client_ref": "r1", "channel": "sms",
        "destination": {"network_code": "00101"},
    }  # fmt: skip
    assert first == common | {
        "status": "submitted", "usage": {"currency": "EUR", "price": "0.07000000"}, "sms": {"count_total": "1"},
    }  # fmt: skip
    assert second == common | {"status": "delivered"}
    assert len(await house.quiet()) == 2


async def test_it_is_always_a_post_of_json_whatever_the_account_has_set(house: House) -> None:
    await house.set(callback_method="GET", callback_signature="none")
    await sent(await application(house))
    for call in await house.told(2):
        assert (call.method, call.url, call.query) == ("POST", STATUS, {})
        assert call.headers["Content-Type"] == "application/json"
        assert call.headers["Authorization"].startswith("Bearer ")


async def test_a_token_of_the_account_proves_each_call_and_its_body(house: House) -> None:
    app = await application(house)
    await sent(app)
    calls = await house.told(2)
    for call in calls:
        found = claims(call)
        assert (found["iss"], found["api_key"], found["application_id"]) == ("Vonage", KEY, app.id)
        assert found["iat"] == START // SECOND
        assert found["payload_hash"] == hashlib.sha256(call.body).hexdigest()
    assert len({claims(call)["jti"] for call in calls}) == 2
    with pytest.raises(BadSignatureError):
        claims(calls[0], "another-secret-0001-another-secret-0001")


async def test_who_sent_by_basic_has_no_application_to_name(house: House) -> None:
    await send(house, webhook_url=PLACE)
    [call, _] = await house.told(2)
    assert "application_id" not in claims(call)


async def test_the_price_is_that_of_all_parts(house: House) -> None:
    await sent(await application(house), text="x" * 400)
    first = said((await house.told(2))[0])
    assert (first["sms"], first["usage"]["price"]) == ({"count_total": "3"}, "0.21000000")


@pytest.mark.parametrize(
    ("to", "code", "submitted"),
    [(FAILING, 1050, False), (UNKNOWN, 1240, True)],
)
async def test_a_failure_is_a_rejection_with_its_code(
    house: House, to: str, code: int, submitted: bool
) -> None:
    await sent(await application(house), to=to)
    last = said((await house.told(1 + submitted))[-1])
    assert last["status"] == "rejected"
    error = last["error"]
    assert (error["type"], error["title"]) == (
        f"https://developer.vonage.com/api-errors/messages#{code}",
        str(code),
    )
    assert error["detail"].startswith(errors.CODES[code][0])
    assert len(error["instance"]) == 32
    assert "usage" not in last
    assert len(await house.quiet()) == 1 + submitted


async def test_what_nobody_took_in_its_time_is_rejected_as_too_late(house: House) -> None:
    await sent(await application(house), to="441632960002", ttl=20)
    last = said((await house.told(2, step=SECOND))[-1])
    assert last["status"] == "rejected"
    assert last["error"]["title"] == "1360"


async def test_the_messages_own_place_goes_before_the_applications(house: House) -> None:
    await sent(await application(house), webhook_url=PLACE)
    assert {call.url for call in await house.told(2)} == {PLACE}


async def test_a_change_of_place_counts_from_the_next_attempt(house: House) -> None:
    app = await application(house)
    house.place.answer = 500
    await sent(app, to=FAILING)
    await house.told(1)
    other = {"webhooks": {"status_url": {"address": PLACE, "http_method": "POST"}}}
    await json(house, "PUT", f"/v2/applications/{app.id}", {"name": "n", "capabilities": {"messages": other}})
    house.place.answer = 200
    first, second = await house.told(2)
    assert (first.url, second.url) == (STATUS, PLACE)
    assert said(first)["message_uuid"] == said(second)["message_uuid"]
    assert claims(first)["jti"] != claims(second)["jti"]


@pytest.mark.parametrize("answer", [404, 500, 302, Failed("refused")])
async def test_a_failing_place_is_tried_on_the_schedule_of_the_sms_api(
    house: House, answer: int | Failed
) -> None:
    house.place.answer = answer
    await sent(await application(house), to=FAILING)
    await house.told(1)
    for n, wait in enumerate((5, 10, 20, 40), 1):
        house.clock.advance(wait * SECOND)
        await house.told(n + 1, step=0)
    calls = house.place.calls
    assert [(b.at - a.at) // SECOND for a, b in itertools.pairwise(calls)] == [5, 10, 20, 40]
    assert len({said(call)["message_uuid"] for call in calls}) == 1


async def test_without_a_place_the_accounts_hears_in_the_words_of_the_sms_api(house: House) -> None:
    await house.set(receipt_url=PLACE)
    await send(house, client_ref="r1")
    [call] = await house.told(1)
    assert (call.method, call.url) == ("GET", PLACE)
    assert (call.query["status"], call.query["client-ref"]) == ("delivered", "r1")
    assert len(await house.quiet()) == 1


async def test_without_any_place_nobody_is_told(house: House) -> None:
    await send(house)
    assert await house.quiet() == []


async def test_messages_of_the_sms_api_are_told_in_its_words(house: House) -> None:
    await house.set(receipt_url=PLACE)
    await sent(await application(house), webhook_url=PLACE + "/v1")
    await house.send(callback=PLACE + "/sms")
    calls = await house.told(3)
    assert sorted(call.url for call in calls) == [PLACE + "/sms", PLACE + "/v1", PLACE + "/v1"]


@pytest.mark.parametrize("old", [True, False])
async def test_the_old_words_are_told_to_who_asks_for_them(house: House, old: bool) -> None:
    """By the version, or because it was sent so."""
    app = await application(house)
    if old:
        answer = await app.ask("POST", "/v0.1/messages", {**OLD, "to": {"type": "sms", "number": FAILING}})
    else:
        answer = await app.send(webhook_version="v0.1", to=FAILING)
    [call] = await house.told(1)
    told = said(call)
    assert told.pop("timestamp").startswith(TIME)
    assert told == {
        "message_uuid": answer.json["message_uuid"], "to": {"type": "sms", "number": FAILING},
        "from": {"type": "sms", "number": "AcmeInc"}, "status": "rejected",
        "error": {"code": 1050, "reason": "Number barred"},
    }  # fmt: skip
    assert claims(call)["application_id"] == app.id


async def test_the_old_words_name_the_price_too(house: House) -> None:
    await sent(await application(house), webhook_version="v0.1", sender=DID[1:])
    told = said((await house.told(2))[0])
    assert (told["status"], told["usage"]) == ("submitted", {"currency": "EUR", "price": "0.07000000"})
    assert told["from"] == {"type": "sms", "number": DID[1:]}


@pytest.mark.parametrize(
    ("state", "reason", "error", "code"),
    [
        ("expired", "no_receipt", "", 1360), ("expired", "ambiguous", "absent_subscriber", 1360),
        ("failed", "opted_out", "", 1050), ("failed", "sender_unassigned", "", 1120),
        ("failed", "ambiguous", "", 1100), ("undelivered", "absent_subscriber", "absent_subscriber", 1180),
        ("rejected", "x", "unknown_subscriber", 1240), ("undelivered", "receipt", "", 1330),
        ("rejected", "throttled", "", 1230),
    ],
)  # fmt: skip
def test_each_failure_has_its_code(state: str, reason: str, error: str, code: int) -> None:
    assert errors.code(state, reason, error) == code


def test_every_code_that_can_be_told_is_explained() -> None:
    codes = {*errors.RECEIPTS.values(), *errors.OURS.values(), errors.EXPIRED, errors.UNKNOWN}
    assert codes <= set(errors.CODES)
    assert set(fields.ERRORS.values()) <= set(errors.RECEIPTS)
