"""The vendor's own Python SDK, `vonage` 4 unmodified from PyPI: the Messages API, and its verifier of webhooks, over TLS."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server

from .library import Library
from .vonage import DID, PHONE, fourth, fourth_messages, settle
from .webhook import Told, Webhook

FAILING = "441632960003"
SMS = {"to": PHONE[1:], "from_": "AcmeInc", "text": "hi"}


@pytest.fixture
def basic(server: Server, scripts: Path) -> Iterator[Library]:
    """By api_key and api_secret."""
    known = {name: server.credentials["vonage"][name] for name in ("api_key", "api_secret")}
    with fourth_messages(server, scripts, **known) as one:
        yield one


@pytest.fixture
def app(server: Server, scripts: Path, webhook: Webhook) -> Iterator[dict[str, Any]]:
    """An application that hears at the webhook, as the SDK itself makes it."""
    known = {name: server.credentials["vonage"][name] for name in ("api_key", "api_secret")}
    place = {"address": webhook.url, "http_method": "POST"}
    hears = {"messages": {"webhooks": {"inbound_url": place, "status_url": place}}}
    with fourth(server, scripts, **known) as sdk:
        made = sdk.call("application.create_application", {"name": "messages", "capabilities": hears})
        number = {"country": "GB", "msisdn": DID[1:], "app_id": made["id"]}
        sdk.call("numbers.update_number", number)
        yield made
        sdk.call("application.delete_application", made["id"])


@pytest.fixture
def jwt(server: Server, scripts: Path, app: dict[str, Any]) -> Iterator[Library]:
    """By the JWTs of that application, which the SDK makes one by one."""
    with fourth_messages(
        server, scripts, application_id=app["id"], private_key=app["keys"]["private_key"]
    ) as one:
        yield one


def verified(server: Server, sdk: Library, told: Told) -> dict[str, Any]:
    """What the token of a webhook says that the vendor's verifier has found good; its digest is the body's."""
    scheme, _, token = told.headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    assert sdk.call("verify", token, server.credentials["vonage"]["signature_secret"]) is True
    assert sdk.call("verify", token, "x" * 40) is False
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["payload_hash"] == hashlib.sha256(told.octets).hexdigest()
    assert (claims["iss"], claims["api_key"]) == ("Vonage", server.credentials["vonage"]["api_key"])
    return claims


def test_an_application_sends_and_hears_of_it_by_tokens(
    server: Server, jwt: Library, app: dict[str, Any], webhook: Webhook
) -> None:
    answer = jwt.call("send", **{**SMS, "text": "by JWT 😀"}, client_ref="r1", ttl=600)
    assert answer["workflow_id"] is None
    assert server.arrives(PHONE, "by JWT 😀")
    told = [webhook.next(), webhook.next()]
    assert sorted(one.body["status"] for one in told) == ["delivered", "submitted"]
    for one in told:
        assert (one.body["message_uuid"], one.body["client_ref"]) == (answer["message_uuid"], "r1")
        assert verified(server, jwt, one)["application_id"] == app["id"]


def test_every_option_is_taken(server: Server, basic: Library, webhook: Webhook) -> None:
    options = {"encoding_type": "unicode", "entity_id": "e", "content_id": "c", "pool_id": "p"}
    answer = basic.call(
        "send", **{**SMS, "text": "by Basic"}, sms=options, trusted_recipient=True, ttl=20, client_ref="r",
        webhook_url=webhook.url, webhook_version="v0.1",
    )  # fmt: skip
    assert server.arrives(PHONE, "by Basic")
    told = webhook.next()
    assert told.body["message_uuid"] == answer["message_uuid"]
    assert told.body["to"] == {"type": "sms", "number": PHONE[1:]}
    assert "application_id" not in verified(server, basic, told)


def test_the_next_message_goes_out_when_the_first_has_failed(
    server: Server, jwt: Library, webhook: Webhook
) -> None:
    answer = jwt.call("send", **{**SMS, "to": FAILING}, failover=[{**SMS, "text": "in its place"}])
    assert server.arrives(PHONE, "in its place")
    told = [webhook.next().body for _ in range(3)]
    places = [(one["status"], one["workflow"]["items_number"]) for one in told]
    assert places[0] == ("rejected", "1")
    assert set(places[1:]) == {
        ("submitted", "2"), ("delivered", "2"),
    }  # fmt: skip
    assert {one["workflow"]["id"] for one in told} == {answer["workflow_id"]}
    assert told[0]["message_uuid"] == answer["message_uuid"]


def test_an_application_hears_what_a_person_texts(
    server: Server, jwt: Library, app: dict[str, Any], webhook: Webhook
) -> None:
    settle(server, sms_api="messages")
    try:
        text = "Fish & chips = 5 é 😀 " * 10
        server.types(PHONE, DID, text)
        told = webhook.next()
    finally:
        settle(server, sms_api=None)
    assert (told.body["text"], told.body["from"], told.body["to"]) == (text, PHONE[1:], DID[1:])
    assert told.body["sms"]["keyword"] == "FISH"
    assert verified(server, jwt, told)["application_id"] == app["id"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"from_": "447700900999"}, 422, "Illegal sender address"),
        ({"webhook_url": "http://10.0.0.1/"}, 422, "Invalid params"),
        ({"text": ""}, 422, "Missing params"),
    ],
)
def test_a_refusal_is_the_sdks_own_error(
    basic: Library, changes: dict[str, str], status: int, words: str
) -> None:
    said = basic.raised("send", **{**SMS, **changes})
    assert (said["raised"], said["status"]) == ("HttpRequestError", status)
    assert words in said["said"]


def test_wrong_credentials_are_the_sdks_own_error(server: Server, scripts: Path) -> None:
    key = server.credentials["vonage"]["api_key"]
    with fourth_messages(server, scripts, api_key=key, api_secret="Wrong0secret") as sdk:
        said = sdk.raised("send", **SMS)
    assert (said["raised"], said["status"]) == ("AuthenticationError", 401)


def test_a_message_is_not_marked_as_read(server: Server, scripts: Path, basic: Library) -> None:
    name = basic.call("send", **SMS)["message_uuid"]
    known = {name: server.credentials["vonage"][name] for name in ("api_key", "api_secret")}
    with fourth(server, scripts, **known) as sdk:
        said = sdk.raised("messages.mark_whatsapp_message_read", name)
        assert said["status"] == 422
        said = sdk.raised("messages.revoke_rcs_message", "5f5b3a0e-0000-4000-8000-000000000000")
        assert (said["raised"], said["status"]) == ("NotFoundError", 404)
