"""Sending by the Messages API: what is taken, by whom, and what is kept of it."""

import uuid
from typing import Any

import msgspec
import pytest

from tests.facades.vonage.asking import basic, json, problem
from tests.facades.vonage.house import ACCOUNT, BALANCE, CALLER, DID, PHONE, PRICE, House, opened
from textwire.domain.message import Telling
from textwire.store import applications, tellings

from .sending import BODY, NOW, OLD, application, send

DAY = 86_400_000_000


async def told(house: House) -> Telling:
    """How the account's one message is told of."""
    [message] = await house.kept()
    return await tellings.of(house.core.store.engine, message.id)


async def test_a_text_is_taken_and_known_by_its_uuid(house: House) -> None:
    answer = await send(house)
    assert (answer.status, answer.headers["content-type"]) == (202, "application/json")
    assert list(answer.json) == ["message_uuid"]
    name = answer.json["message_uuid"]
    assert str(uuid.UUID(name)) == name
    [message] = await house.kept()
    assert (message.sender, message.recipient, message.text) == ("AcmeInc", PHONE, "hi")
    assert (message.account, message.principal, message.rights) == (ACCOUNT, CALLER, "owned")
    assert await told(house) == Telling(form="v1", name=name)
    assert await tellings.named(house.core.store.engine, ACCOUNT, name) == message.id
    assert await tellings.named(house.core.store.engine, ACCOUNT + 1, name) is None
    assert await house.balance() == BALANCE - PRICE


async def test_an_application_sends_with_its_token(house: House) -> None:
    app = await application(house)
    answer = await app.send(text="by token")
    assert answer.status == 202
    [message] = await house.kept()
    found = await applications.of_principal(house.core.store.engine, ACCOUNT, message.principal)
    assert found is not None
    assert found.public_id == app.id


async def test_everything_that_may_be_said_is_kept(house: House) -> None:
    body = {
        "client_ref": "r" * 100, "ttl": 600, "webhook_url": "http://127.0.0.1:9/x", "webhook_version": "v0.1",
        "trusted_recipient": True, "unknown": {"so": "what"},
        "sms": {"encoding_type": "auto", "entity_id": "e", "content_id": "c", "pool_id": "p", "more": 1},
    }  # fmt: skip
    answer = await send(house, sender=DID[1:], **body)
    assert answer.status == 202, answer.body
    [message] = await house.kept()
    assert (message.sender, message.correlator) == (DID, "r" * 100)
    assert message.valid_until - message.created_at == 600 * 1_000_000
    found = await told(house)
    assert (found.url, found.form, found.entity, found.content) == ("http://127.0.0.1:9/x", "v0.1", "e", "c")


async def test_a_text_holds_for_three_days_if_nothing_else_is_said(house: House) -> None:
    await send(house)
    [message] = await house.kept()
    assert message.valid_until - message.created_at == 3 * DAY


@pytest.mark.parametrize(
    ("kind", "text", "kept", "encoding"),
    [
        (None, "plain", "plain", "gsm7"),
        (None, "Grüße 😀", "Grüße 😀", "ucs2"),
        ("auto", "plain", "plain", "gsm7"),
        ("auto", "Grüße 😀", "Grüße 😀", "ucs2"),
        ("text", "Grüße ✓", "Grüße ?", "gsm7"),
        ("unicode", "plain", "plain", "ucs2"),
    ],
)
async def test_the_encoding_is_found_by_the_text_unless_it_is_said(
    house: House, kind: str | None, text: str, kept: str, encoding: str
) -> None:
    await send(house, text=text, sms={"encoding_type": kind} if kind else None)
    [message] = await house.kept()
    assert (message.text, message.encoding) == (kept, encoding)


async def test_limits_are_reached_but_not_passed(house: House) -> None:
    for ttl in (20, 604_800, "20"):
        assert (await send(house, ttl=ttl)).status == 202
    assert (await send(house, text="x" * 3200)).status == 202


@pytest.mark.parametrize("to", ["+447700900123", "00447700900123", " 447700900123"])
async def test_a_recipient_may_be_written_with_a_plus(house: House, to: str) -> None:
    assert (await send(house, to=to)).status == 202
    [message] = await house.kept()
    assert message.recipient == PHONE


async def test_members_without_a_value_are_as_if_they_were_not_there(house: House) -> None:
    none: dict[str, Any] = dict.fromkeys(("ttl", "client_ref", "webhook_url", "webhook_version", "sms"))
    body = msgspec.json.encode({**BODY, **none})
    assert (await house.ask("POST", "/v1/messages", body, basic())).status == 202


async def test_the_old_shape_is_understood(house: House) -> None:
    answer = await json(house, "POST", "/v0.1/messages", {**OLD, "client_ref": "r1"})
    assert answer.status == 202
    [message] = await house.kept()
    assert (message.sender, message.recipient, message.text) == ("AcmeInc", PHONE, "hi")
    assert message.correlator == "r1"
    assert await told(house) == Telling(form="v0.1", name=answer.json["message_uuid"])


async def test_an_application_sends_in_the_old_shape_too(house: House) -> None:
    app = await application(house)
    assert (await app.ask("POST", "/v0.1/messages", OLD)).status == 202


async def test_a_token_is_taken_once(house: House) -> None:
    app = await application(house)
    token = app.token()
    assert (await app.ask("POST", "/v1/messages", BODY, token)).status == 202
    again = await app.ask("POST", "/v1/messages", BODY, token)
    assert problem(again) == (401, "#unauthorized", "Unauthorized", [])
    assert len(await house.kept()) == 1


async def test_a_token_that_was_refused_for_something_else_is_still_good(house: House) -> None:
    app = await application(house)
    token = app.token()
    assert (await app.ask("POST", "/v1/messages", {**BODY, "to": "x"}, token)).status == 422
    assert (await app.ask("POST", "/v1/messages", BODY, token)).status == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer x"},
        {"authorization": "Bearer"},
        {"authorization": "Basic eDp5"},
        {"authorization": "Digest x"},
        basic(secret="Wrong0secret0Wrong0secret"),
    ],
)
async def test_a_stranger_is_told_so(house: House, headers: dict[str, str]) -> None:
    for path, body in (("/v1/messages", BODY), ("/v0.1/messages", OLD)):
        answer = await json(house, "POST", path, body, headers)
        assert problem(answer) == (401, "#unauthorized", "Unauthorized", [])
        assert answer.json["detail"] == "You did not provide correct credentials."
    assert await house.kept() == []


async def test_a_token_and_basic_together_prove_nobody(house: House) -> None:
    app = await application(house)
    both = f"Bearer {app.token()}, {basic()['authorization']}"
    for written in (both, ", ".join(reversed(both.split(", ")))):
        answer = await json(house, "POST", "/v1/messages", BODY, {"authorization": written})
        assert answer.status == 401
    assert await house.kept() == []


async def test_keys_in_the_query_prove_nobody(house: House) -> None:
    query = "?api_key=abcd1234&api_secret=Secret0Secret0Secret0abc"
    assert (await json(house, "POST", "/v1/messages" + query, BODY, {})).status == 401


@pytest.mark.parametrize("exp", [NOW, NOW + 86_401])
async def test_a_token_that_is_over_or_holds_too_long_proves_nobody(house: House, exp: int) -> None:
    app = await application(house)
    assert (await app.ask("POST", "/v1/messages", BODY, app.token(exp=exp))).status == 401


async def test_an_unknown_message_cannot_be_updated(house: House) -> None:
    app = await application(house)
    for answer in (
        await json(house, "PATCH", f"/v1/messages/{uuid.uuid4()}", {"status": "read"}),
        await app.ask("PATCH", f"/v1/messages/{uuid.uuid4()}", {"status": "revoked"}),
    ):
        assert problem(answer) == (404, "#not-found", "Not Found", [])
    assert (await json(house, "PATCH", f"/v1/messages/{uuid.uuid4()}", {}, {})).status == 401


@pytest.mark.parametrize("status", ["read", "revoked"])
async def test_a_text_can_neither_be_marked_as_read_nor_revoked(house: House, status: str) -> None:
    name = (await send(house)).json["message_uuid"]
    for written in (name, name.upper()):
        answer = await json(house, "PATCH", f"/v1/messages/{written}", {"status": status})
        assert answer.status == 422
        assert answer.json["type"] == "https://developer.vonage.com/api-errors/messages#1020"
        assert [one["name"] for one in answer.json["invalid_parameters"]] == ["status"]


async def test_other_methods_are_not_there(house: House) -> None:
    for method, path in (("GET", "/v1/messages"), ("DELETE", "/v1/messages/x"), ("PUT", "/v0.1/messages")):
        answer = await house.ask(method, path, headers=basic())
        assert problem(answer)[0] == 404


@pytest.mark.parametrize("simulated", [True, False])
async def test_the_pace_is_one_for_both_ways(tmp_path: Any, simulated: bool) -> None:
    async with opened(str(tmp_path / "pace.db"), simulated=simulated) as house:
        await house.set(throughput=2)
        assert (await send(house, sender=DID[1:])).status == 202
        assert (await house.status(**{"from": DID[1:]}))[0] == "0"
        answer = await send(house, sender=DID[1:])
        assert problem(answer) == (429, "/messages-olympus#1010", "Rate Limit Hit", [])
        assert answer.headers["retry-after"] == "1"
        assert (await house.status(**{"from": DID[1:]}))[0] == "1"
        assert len(await house.kept()) == 2
