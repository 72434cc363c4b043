"""Vonage's own Node SDK, @vonage/server-sdk 3.30.1 unmodified from npm, against a running server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server
from textwire.access.keypairs import pair

from .library import Library
from .vonage import DID, METHODS, PHONE, node_sdk, settle, unsettle
from .webhook import Told, Webhook

TEXT = "Fish & chips = 5 é 😀"


def key(server: Server) -> str:
    return str(server.credentials["vonage"]["api_key"])


@pytest.fixture(scope="module")
def sdk(server: Server, scripts: Path) -> Iterator[Library]:
    auth = {"apiKey": key(server), "apiSecret": server.credentials["vonage"]["api_secret"]}
    with node_sdk(server, scripts, auth) as one:
        yield one


@pytest.fixture
def stranger(server: Server, scripts: Path) -> Iterator[Library]:
    with node_sdk(server, scripts, {"apiKey": key(server), "apiSecret": "Wrong0Secret"}) as one:
        yield one


@pytest.fixture(autouse=True)
def _defaults(server: Server) -> Iterator[None]:
    yield
    unsettle(server)


def send(sdk: Library, **fields: object) -> Any:
    return sdk.call("sms.send", {"to": PHONE[1:], "from": "AcmeInc", "text": "hi", **fields})


def test_a_text_reaches_the_handset(server: Server, sdk: Library) -> None:
    said = send(sdk, text=TEXT, type="unicode", clientRef="r1", accountRef="a1")
    [message] = said["messages"]
    assert said["messageCount"] == said["message-count"] == "1"
    assert (message["to"], message["status"], message["clientRef"]) == (PHONE[1:], "0", "r1")
    assert (message["messagePrice"], message["accountRef"]) == ("0.07000000", "a1")
    assert server.arrives(PHONE, TEXT)


def test_a_long_text_is_one_answer_per_part(sdk: Library) -> None:
    said = send(sdk, text="a" * 400)
    assert (said["messageCount"], len({one["messageId"] for one in said["messages"]})) == ("3", 3)


def test_every_option_is_taken(sdk: Library) -> None:
    more = {
        "ttl": 20000, "statusReportReq": False, "callback": "http://127.0.0.1:9999/x", "messageClass": 1,
        "entityId": "e", "contentId": "c", "trustedNumber": True,
    }  # fmt: skip
    assert send(sdk, **more)["messages"][0]["status"] == "0"
    binary = send(sdk, type="binary", body="00112233", udh="06050415811581", protocolId=1)
    assert binary["messages"][0]["status"] == "0"


def test_a_refusal_is_the_sdks_own_error(sdk: Library, stranger: Library) -> None:
    """Its name says that some texts failed, since the count is a string, as it is at Vonage."""
    for client, fields, status, text in (
        (stranger, {}, "4", "Bad Credentials"),
        (sdk, {"from": "447700900999"}, "15", "Illegal Sender Address - rejected"),
        (sdk, {"text": ""}, "2", "Missing Message Text"),
    ):
        said = client.raised("sms.send", {"to": PHONE[1:], "from": "AcmeInc", "text": "hi", **fields})
        assert said["raised"] == "MessageSendPartialFailure"
        [failed] = said["body"]
        assert (failed["status"], failed["errorText"]) == (status, text)


@pytest.mark.parametrize("form", ["GET", "POST", "POST-JSON"])
@pytest.mark.parametrize("method", ["md5hash", *METHODS])
def test_the_sdk_verifies_what_a_person_has_texted(
    server: Server, sdk: Library, webhook: Webhook, method: str, form: str
) -> None:
    settle(server, inbound_url=webhook.url, callback_method=form, callback_signature=method)
    server.types(PHONE, DID, TEXT)
    told = webhook.next().body
    assert (told["msisdn"], told["to"], told["text"]) == (PHONE[1:], DID[1:], TEXT)
    assert verifies(server, sdk, told, method)
    assert not verifies(server, sdk, {**told, "text": "Fish"}, method)


def test_the_sdk_verifies_a_receipt(server: Server, sdk: Library, webhook: Webhook) -> None:
    settle(server, callback_signature="sha512")
    sent = send(sdk, callback=webhook.url, clientRef="r2")["messages"][0]
    told = webhook.next().body
    assert (told["messageId"], told["status"], told["client-ref"]) == (sent["messageId"], "delivered", "r2")
    assert verifies(server, sdk, told, "sha512")


def verifies(server: Server, sdk: Library, fields: dict[str, str], method: str) -> bool:
    """What the SDK's own verifier says of a webhook."""
    secret = server.credentials["vonage"]["signature_secret"]
    algorithm = "MD5HASH" if method == "md5hash" else f"{method.upper()}HMAC"
    return bool(sdk.call("sms.verifySignature", fields["sig"], fields, secret, algorithm))


def test_a_number_is_found_bought_set_linked_and_given_back(sdk: Library) -> None:
    found = sdk.call(
        "numbers.getAvailableNumbers",
        {"country": "GB", "features": ["VOICE", "SMS"], "type": "mobile-lvn", "size": 3},
    )
    assert (len(found["numbers"]), found["count"] > 3) == (3, True)
    chosen = {"country": "GB", "msisdn": found["numbers"][1]["msisdn"]}
    before = sdk.call("accounts.getBalance")["value"]
    assert sdk.call("numbers.buyNumber", chosen) == {"errorCode": "200", "errorCodeLabel": "success"}
    assert sdk.call("accounts.getBalance")["value"] < before
    assert sdk.raised("numbers.buyNumber", chosen)["status"] == 420
    app = sdk.call("applications.createApplication", {"name": "numbers"})["id"]
    changes = {**chosen, "appId": app, "moHttpUrl": "https://customer.test/sms"}
    assert sdk.call("numbers.updateNumber", changes)["errorCode"] == "200"
    owned = sdk.call("numbers.getOwnedNumbers", {"pattern": chosen["msisdn"], "searchPattern": 0})
    [shown] = owned["numbers"]
    assert (owned["count"], shown["moHttpUrl"], shown["app_id"]) == (1, changes["moHttpUrl"], app)
    assert sdk.call("numbers.cancelNumber", chosen)["errorCode"] == "200"
    assert sdk.raised("numbers.cancelNumber", chosen)["status"] == 420


def test_the_account_has_places_and_prices(sdk: Library) -> None:
    places = {"moCallBackUrl": "https://customer.test/mo", "drCallBackUrl": "https://customer.test/dr"}
    said = sdk.call("accounts.updateAccountCallbacks", places)
    assert (said["mo-callback-url"], said["dr-callback-url"]) == tuple(places.values())
    cleared = sdk.call("accounts.updateAccountCallbacks", dict.fromkeys(places, ""))
    assert (cleared["mo-callback-url"], cleared["max-outbound-request"]) == ("", 30)
    raised = sdk.raised("accounts.topUpBalance", "00X123456Y7890123Z")
    assert (raised["raised"], raised["status"]) == ("VetchError", 401)
    [network] = sdk.call("pricing.listCountryPricing", "sms", "GB")["networks"]
    assert network["price"] == "0.07000000"
    assert len(sdk.call("pricing.listAllCountriesPricing", "sms")["countries"]) > 200
    assert len(sdk.call("pricing.listPrefixPricing", "sms", "44")["countries"]) == 4


def test_a_second_secret_comes_and_goes(server: Server, sdk: Library) -> None:
    made = sdk.call("secrets.createSecret", key(server), "Another1Secret")
    assert sdk.call("secrets.getSecret", key(server), made["id"])["id"] == made["id"]
    assert len(sdk.call("secrets.listSecrets", key(server))["_embedded"]["secrets"]) == 2
    assert sdk.raised("secrets.createSecret", key(server), "YetAnother2Secret")["status"] == 403
    assert sdk.call("secrets.deleteSecret", key(server), made["id"]) is None
    assert sdk.raised("secrets.getSecret", key(server), made["id"])["status"] == 404


def test_applications_come_change_and_go(sdk: Library) -> None:
    places = {"inboundUrl": {"address": "https://customer.test/in", "httpMethod": "POST"}}
    made = sdk.call(
        "applications.createApplication",
        {
            "name": "Demo",
            "keys": {"publicKey": pair()[1]},
            "capabilities": {"messages": {"webhooks": places}},
        },
    )
    assert made["capabilities"]["messages"]["webhooks"]["inboundUrl"].items() >= places["inboundUrl"].items()
    changed = sdk.call("applications.updateApplication", {"id": made["id"], "name": "Other"})
    assert changed["name"] == sdk.call("applications.getApplication", made["id"])["name"] == "Other"
    page = sdk.call("applications.getApplicationPage", {"size": 1})
    assert page["total_items"] >= 2
    sdk.call("applications.deleteApplication", made["id"])
    assert sdk.raised("applications.getApplication", made["id"])["status"] == 404


def test_a_wrong_secret_is_an_error_of_http(stranger: Library) -> None:
    for name in ("accounts.getBalance", "numbers.getOwnedNumbers", "applications.getApplicationPage"):
        said = stranger.raised(name)
        assert (said["raised"], said["status"]) == ("VetchError", 401)


@pytest.fixture
def application(server: Server, scripts: Path, webhook: Webhook) -> Iterator[Library]:
    """The SDK with a JWT of its own making, for an application that is told of everything."""
    kept = server.credentials["vonage"]
    signed = {"applicationId": kept["application_id"], "privateKey": kept["private_key"]}
    with node_sdk(server, scripts, {"apiKey": key(server), "apiSecret": kept["api_secret"], **signed}) as one:
        places = {
            name: {"address": webhook.url, "httpMethod": "POST"} for name in ("inboundUrl", "statusUrl")
        }
        changes = {"name": "Demo", "capabilities": {"messages": {"webhooks": places}}}
        one.call("applications.updateApplication", {"id": kept["application_id"], **changes})
        yield one


def test_a_message_goes_out_by_the_sdks_own_jwt_and_its_statuses_verify(
    server: Server, application: Library, webhook: Webhook
) -> None:
    text = {"channel": "sms", "messageType": "text", "to": PHONE[1:], "from": DID[1:], "text": "by JWT 😀"}
    sent = application.call("messages.send", {**text, "clientRef": "m1"})["messageUUID"]
    assert server.arrives(PHONE, "by JWT 😀")
    for status in ("submitted", "delivered"):
        told = webhook.next()
        found = (told.body["message_uuid"], told.body["status"], told.body["client_ref"])
        assert found == (sent, status, "m1")
        assert proves(server, application, told)


def test_a_long_text_comes_in_whole_and_verifies(
    server: Server, application: Library, webhook: Webhook
) -> None:
    settle(server, sms_api="messages")
    chosen = {"country": "GB", "msisdn": DID[1:]}
    linked = {**chosen, "appId": server.credentials["vonage"]["application_id"]}
    assert application.call("numbers.updateNumber", linked)["errorCode"] == "200"
    try:
        server.types(PHONE, DID, "Fish & chips " * 20)
        told = webhook.next()
        assert (told.body["channel"], told.body["from"]) == ("sms", PHONE[1:])
        assert told.body["text"] == "Fish & chips " * 20
        assert proves(server, application, told)
    finally:
        settle(server, sms_api=None)


def test_a_jwt_of_another_key_is_refused(server: Server, scripts: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.key"
    foreign.write_text(pair()[0])
    auth = {
        "applicationId": server.credentials["vonage"]["application_id"],
        "privateKey": str(foreign),
    }
    text = {"channel": "sms", "messageType": "text", "to": PHONE[1:], "from": DID[1:], "text": "forged"}
    with node_sdk(server, scripts, auth) as stranger:
        said = stranger.raised("messages.send", text)
        assert (said["raised"], said["status"]) == ("VetchError", 401)


def proves(server: Server, sdk: Library, told: Told) -> bool:
    """Whether the SDK's own verifier takes the token of a webhook, and not one by another secret."""
    token = told.headers["authorization"].removeprefix("Bearer ")
    secret = server.credentials["vonage"]["signature_secret"]
    assert sdk.call("library.verifySignature", token, "x" * 40) is False
    return sdk.call("library.verifySignature", token, secret) is True
