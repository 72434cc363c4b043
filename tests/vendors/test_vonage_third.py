"""Vonage's own Python SDK of the third series, vonage 3.18.0 unmodified from PyPI, against a running server over HTTPS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server
from textwire.access.keypairs import pair

from .library import Library
from .vonage import DID, METHODS, PHONE, settle, third, unsettle
from .webhook import Webhook

Connect = Callable[..., Library]
TEXT = "Fish & chips = 5 é 😀"


@pytest.fixture(scope="module")
def connect(server: Server, scripts: Path) -> Iterator[Connect]:
    """Makes clients with the demo account's key and what else `vonage.Client` takes."""
    with ExitStack() as stack:

        def make(**auth: str) -> Library:
            key = server.credentials["vonage"]["api_key"]
            return stack.enter_context(third(server, scripts, key=key, **auth))

        yield make


@pytest.fixture(scope="module")
def sdk(connect: Connect, server: Server) -> Library:
    return connect(secret=server.credentials["vonage"]["api_secret"])


@pytest.fixture
def stranger(connect: Connect) -> Library:
    return connect(secret="Wrong0Secret")


@pytest.fixture(autouse=True)
def _defaults(server: Server) -> Iterator[None]:
    yield
    unsettle(server)


def send(sdk: Library, **fields: object) -> Any:
    return sdk.call("sms.send_message", {"to": PHONE[1:], "from": "AcmeInc", "text": "hi", **fields})


def test_a_text_reaches_the_handset(server: Server, sdk: Library) -> None:
    said = send(sdk, text=TEXT, type="unicode", **{"client-ref": "r1"})
    [message] = said["messages"]
    assert (said["message-count"], message["status"], message["client-ref"]) == ("1", "0", "r1")
    assert server.arrives(PHONE, TEXT)


def test_a_long_text_is_one_answer_per_part(sdk: Library) -> None:
    said = send(sdk, text="a" * 400)
    assert (said["message-count"], len({one["message-id"] for one in said["messages"]})) == ("3", 3)


def test_a_refusal_comes_back_as_an_answer(sdk: Library, stranger: Library) -> None:
    assert send(stranger) == {
        "message-count": "1", "messages": [{"status": "4", "error-text": "Bad Credentials"}],
    }  # fmt: skip
    [refused] = send(sdk, **{"from": "447700900999"})["messages"]
    assert (refused["status"], refused["error-text"]) == ("15", "Illegal Sender Address - rejected")


@pytest.mark.parametrize("method", [None, *METHODS])
def test_the_sdk_signs_and_verifies_by_every_method(
    server: Server, connect: Connect, webhook: Webhook, method: str | None
) -> None:
    """Without a method it is Vonage's own default, md5hash."""
    secret = server.credentials["vonage"]["signature_secret"]
    client = connect(signature_secret=secret, **({"signature_method": method} if method else {}))
    assert send(client, text=f"Signed by {method} & = é")["messages"][0]["status"] == "0"
    settle(server, inbound_url=webhook.url, callback_signature=method or "md5hash")
    server.types(PHONE, DID, TEXT)
    told = webhook.next().body
    assert client.call("check_signature", told) is True
    assert client.call("check_signature", {**told, "text": "Fish"}) is False


def test_a_wrong_signature_is_told(connect: Connect) -> None:
    [refused] = send(connect(signature_secret="wrong", signature_method="sha256"))["messages"]
    assert (refused["status"], refused["error-text"]) == ("14", "Invalid Signature")


def test_a_receipt_verifies(server: Server, connect: Connect, webhook: Webhook) -> None:
    secret = server.credentials["vonage"]["signature_secret"]
    client = connect(signature_secret=secret, signature_method="sha256")
    sent = send(client, callback=webhook.url)["messages"][0]
    told = webhook.next().body
    assert (told["messageId"], told["status"]) == (sent["message-id"], "delivered")
    assert client.call("check_signature", told) is True


def test_a_number_is_found_bought_set_and_given_back(sdk: Library) -> None:
    found = sdk.call("numbers.get_available_numbers", "GB", {"features": "SMS,VOICE", "size": 2})
    chosen = {"country": "GB", "msisdn": found["numbers"][1]["msisdn"]}
    done = {"error-code": "200", "error-code-label": "success"}
    before = sdk.call("account.get_balance")["value"]
    assert sdk.call("numbers.buy_number", chosen) == done
    assert sdk.call("account.get_balance")["value"] < before
    assert sdk.raised("numbers.buy_number", chosen)["raised"] == "ClientError"
    place = "https://customer.test/sms"
    assert sdk.call("numbers.update_number", {**chosen, "moHttpUrl": place}) == done
    owned = sdk.call("numbers.get_account_numbers", {"pattern": chosen["msisdn"]})
    assert (owned["count"], owned["numbers"][0]["moHttpUrl"]) == (1, place)
    assert sdk.call("numbers.cancel_number", chosen) == done
    assert sdk.raised("numbers.cancel_number", chosen)["raised"] == "ClientError"


def test_the_account_has_places_and_prices(sdk: Library) -> None:
    place = "https://customer.test/mo"
    said = sdk.call("account.update_default_sms_webhook", {"moCallBackUrl": place})
    assert said["mo-callback-url"] == place
    assert sdk.call("account.update_default_sms_webhook", {"moCallBackUrl": ""})["mo-callback-url"] == ""
    assert sdk.raised("account.topup", trx="00X123456Y7890123Z")["raised"] == "AuthenticationError"
    assert sdk.call("account.get_country_pricing", "GB")["networks"][0]["price"] == "0.07000000"
    assert sdk.call("account.get_all_countries_pricing")["count"] > 200
    assert sdk.call("account.get_prefix_pricing", "44")["count"] == 4


def test_secrets_come_by_a_form_and_go(server: Server, sdk: Library) -> None:
    """This SDK posts a form where the API takes JSON."""
    key = server.credentials["vonage"]["api_key"]
    made = sdk.call("account.create_secret", key, "Another1Secret")
    assert sdk.call("account.get_secret", key, made["id"]) == made
    assert len(sdk.call("account.list_secrets", key)["_embedded"]["secrets"]) == 2
    assert sdk.call("account.revoke_secret", key, made["id"]) is None
    assert sdk.raised("account.get_secret", key, made["id"])["raised"] == "ClientError"


def test_applications_come_change_and_go(sdk: Library) -> None:
    made = sdk.call("application.create_application", {"name": "Demo", "keys": {"public_key": pair()[1]}})
    changed = sdk.call("application.update_application", made["id"], {"name": "Other"})
    assert changed["name"] == sdk.call("application.get_application", made["id"])["name"] == "Other"
    assert sdk.call("application.list_applications", 1)["total_items"] >= 2
    assert sdk.call("application.delete_application", made["id"]) is None
    assert sdk.raised("application.get_application", made["id"])["raised"] == "ClientError"


def test_a_wrong_secret_is_an_authentication_error(stranger: Library) -> None:
    for name in ("numbers.get_account_numbers", "account.get_balance", "application.list_applications"):
        assert stranger.raised(name)["raised"] == "AuthenticationError"
