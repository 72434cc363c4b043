"""Vonage's older Node SDK, nexmo 2.9.1 unmodified from npm, against a running server.

It puts everything into the query, whatever the method. Its channel.send is in the package, but no client has it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server

from .library import Library
from .vonage import DID, METHODS, PHONE, nexmo, settle, unsettle
from .webhook import Webhook

TEXT = "Fish & chips = 5 é 😀"


@pytest.fixture(scope="module")
def auth(server: Server) -> dict[str, str]:
    vonage = server.credentials["vonage"]
    return {"apiKey": vonage["api_key"], "apiSecret": vonage["api_secret"]}


@pytest.fixture(scope="module")
def sdk(server: Server, scripts: Path, auth: dict[str, str]) -> Iterator[Library]:
    with nexmo(server, scripts, auth) as one:
        yield one


@pytest.fixture(autouse=True)
def _defaults(server: Server) -> Iterator[None]:
    yield
    unsettle(server)


def send(sdk: Library, text: str = "hi", sender: str = "AcmeInc", **more: object) -> Any:
    return sdk.call("message.sendSms", sender, PHONE[1:], text, more)


def test_a_text_reaches_the_handset(server: Server, sdk: Library) -> None:
    said = send(sdk, TEXT, type="unicode", **{"client-ref": "r1"})
    [message] = said["messages"]
    assert (said["message-count"], message["status"], message["client-ref"]) == ("1", "0", "r1")
    assert server.arrives(PHONE, TEXT)


def test_long_and_binary_texts_are_taken(sdk: Library) -> None:
    assert send(sdk, "a" * 400)["message-count"] == "3"
    binary = sdk.call("message.sendBinaryMessage", "AcmeInc", PHONE[1:], "00112233", "06050415811581", {})
    assert binary["messages"][0]["status"] == "0"
    push = ("AcmeInc", PHONE[1:], "Look", "https://customer.test", 86_400_000, {})
    assert sdk.call("message.sendWapPushMessage", *push)["messages"][0]["status"] == "0"


def test_a_refusal_comes_back_as_an_answer(
    server: Server, scripts: Path, sdk: Library, auth: dict[str, str]
) -> None:
    [refused] = send(sdk, sender="447700900999")["messages"]
    assert (refused["status"], refused["error-text"]) == ("15", "Illegal Sender Address - rejected")
    with nexmo(server, scripts, {**auth, "apiSecret": "Wrong0Secret"}) as stranger:
        [refused] = send(stranger)["messages"]
        assert (refused["status"], refused["error-text"]) == ("4", "Bad Credentials")
        said = stranger.raised("account.checkBalance")
        assert (said["status"], said["body"]["error-code-label"]) == (401, "authentication failed")


@pytest.mark.parametrize("method", ["md5hash", *METHODS])
def test_the_sdk_signs_and_its_signature_of_a_webhook_is_ours(
    server: Server, scripts: Path, webhook: Webhook, auth: dict[str, str], method: str
) -> None:
    secret = server.credentials["vonage"]["signature_secret"]
    with nexmo(server, scripts, {**auth, "signatureSecret": secret, "signatureMethod": method}) as client:
        assert send(client, f"Signed by {method} = é")["messages"][0]["status"] == "0"
        settle(server, inbound_url=webhook.url, callback_signature=method)
        server.types(PHONE, DID, TEXT)
        told = webhook.next().body
        assert client.call("library.generateSignature", method, secret, told) == told["sig"]


def test_a_number_is_found_bought_set_and_given_back(sdk: Library) -> None:
    found = sdk.call("number.search", "GB", {"features": "SMS,VOICE", "type": "mobile-lvn", "size": 2})
    country, number = "GB", found["numbers"][1]["msisdn"]
    done = {"error-code": "200", "error-code-label": "success"}
    before = sdk.call("account.checkBalance")["value"]
    assert sdk.call("number.buy", country, number) == done
    assert sdk.call("account.checkBalance")["value"] < before
    again = sdk.raised("number.buy", country, number)
    assert (again["status"], again["body"]["error-code-label"]) == (420, "method failed")
    place = "https://customer.test/sms"
    assert sdk.call("number.update", country, number, {"moHttpUrl": place}) == done
    owned = sdk.call("number.get", {"pattern": number})
    assert (owned["count"], owned["numbers"][0]["moHttpUrl"]) == (1, place)
    assert sdk.call("number.cancel", country, number) == done
    assert sdk.raised("number.cancel", country, number)["status"] == 420


def test_the_account_has_places_and_prices(sdk: Library) -> None:
    place = "https://customer.test/mo"
    assert sdk.call("account.updateSMSCallback", place)["mo-callback-url"] == place
    assert sdk.call("account.updateSMSCallback", "")["mo-callback-url"] == ""
    assert sdk.call("account.updateDeliveryReceiptCallback", place)["dr-callback-url"] == place
    assert sdk.call("account.updateDeliveryReceiptCallback", "")["dr-callback-url"] == ""
    assert sdk.raised("account.topUp", "00X123456Y7890123Z")["status"] == 401
    assert sdk.call("pricing.get", "sms", "GB")["networks"][0]["price"] == "0.07000000"
    assert sdk.call("pricing.getFull", "sms")["count"] > 200
    assert sdk.call("pricing.getPrefix", "sms", "44")["count"] == 4


def test_a_second_secret_comes_and_goes(sdk: Library, auth: dict[str, str]) -> None:
    key = auth["apiKey"]
    made = sdk.call("account.createSecret", key, "Another1Secret")
    assert sdk.call("account.getSecret", key, made["id"]) == made
    assert len(sdk.call("account.listSecrets", key)["_embedded"]["secrets"]) == 2
    assert sdk.raised("account.createSecret", key, "YetAnother2Secret")["status"] == 403
    sdk.call("account.deleteSecret", key, made["id"])
    assert sdk.raised("account.getSecret", key, made["id"])["status"] == 404


def test_applications_come_change_and_go(sdk: Library) -> None:
    made = sdk.call("applications.create", {"name": "Demo"})
    assert made["keys"]["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    changed = sdk.call("applications.update", made["id"], {"name": "Other"})
    assert changed["name"] == "Other"
    assert sdk.call("applications.get", made["id"])["name"] == "Other"
    sdk.call("applications.delete", made["id"])
    assert sdk.raised("applications.get", made["id"])["status"] == 404
