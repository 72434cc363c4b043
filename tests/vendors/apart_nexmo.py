"""Vonage's first Python SDK, nexmo 2.5.2 unmodified from PyPI, where its built-in addresses are this machine.

Run by test_nexmo_python.py in a place apart: this SDK takes no port for a host.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server
from tests.serving import server as serving

from .library import Library
from .vonage import DID, PHONE, second, settle
from .webhook import Webhook

TEXT = "Fish & chips = 5 é 😀"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "--https", "127.0.0.1:443") as running:
        yield running


@pytest.fixture(scope="module")
def sdk(server: Server, scripts: Path) -> Iterator[Library]:
    vonage = server.credentials["vonage"]
    with second(server, scripts, key=vonage["api_key"], secret=vonage["api_secret"]) as one:
        yield one


def send(sdk: Library, **fields: object) -> Any:
    return sdk.call("send_message", {"to": PHONE[1:], "from": "AcmeInc", "text": "hi", **fields})


def test_texts_reach_the_handset(server: Server, sdk: Library) -> None:
    [message] = send(sdk, text=TEXT, type="unicode")["messages"]
    assert message["status"] == "0"
    assert server.arrives(PHONE, TEXT)
    assert send(sdk, text="a" * 400)["message-count"] == "3"


def test_a_refusal_comes_back_as_an_answer(server: Server, scripts: Path) -> None:
    key = server.credentials["vonage"]["api_key"]
    with second(server, scripts, key=key, secret="Wrong0Secret") as stranger:
        assert send(stranger)["messages"] == [{"status": "4", "error-text": "Bad Credentials"}]
        assert stranger.raised("get_balance")["raised"] == "AuthenticationError"


@pytest.mark.parametrize("method", ["md5hash", "sha512"])
def test_it_signs_and_verifies(server: Server, scripts: Path, webhook: Webhook, method: str) -> None:
    vonage = server.credentials["vonage"]
    auth = {"key": vonage["api_key"], "signature_secret": vonage["signature_secret"]}
    auth |= {} if method == "md5hash" else {"signature_method": method}
    with second(server, scripts, **auth) as client:
        assert send(client, text=f"Signed by {method}")["messages"][0]["status"] == "0"
        settle(server, inbound_url=webhook.url, callback_signature=method)
        server.types(PHONE, DID, TEXT)
        told = webhook.next().body
        assert client.call("check_signature", told) is True
        assert client.call("check_signature", {**told, "text": "Fish"}) is False


def test_numbers_and_account(sdk: Library) -> None:
    found = sdk.call("get_available_numbers", "GB", {"features": "SMS", "size": 1})
    chosen = {"country": "GB", "msisdn": found["numbers"][0]["msisdn"]}
    done = {"error-code": "200", "error-code-label": "success"}
    assert sdk.call("buy_number", chosen) == done
    assert sdk.call("update_number", {**chosen, "moHttpUrl": "https://customer.test/sms"}) == done
    assert sdk.call("get_account_numbers", {"pattern": chosen["msisdn"]})["count"] == 1
    assert sdk.call("cancel_number", chosen) == done
    assert sdk.raised("cancel_number", chosen)["raised"] == "ClientError"
    assert sdk.call("get_balance")["value"] > 0
    assert sdk.call("get_prefix_pricing", "44")["count"] == 4
    assert sdk.call("update_settings", {"moCallBackUrl": ""})["mo-callback-url"] == ""


def test_secrets_and_applications(server: Server, sdk: Library) -> None:
    key = server.credentials["vonage"]["api_key"]
    made = sdk.call("create_secret", key, "Another1Secret")
    assert len(sdk.call("list_secrets", key)["_embedded"]["secrets"]) == 2
    assert sdk.call("delete_secret", key, made["id"]) is None
    application = sdk.call("application_v2.create_application", {"name": "Demo"})
    assert sdk.call("application_v2.get_application", application["id"])["name"] == "Demo"
    sdk.call("application_v2.delete_application", application["id"])
