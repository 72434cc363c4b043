"""Vonage's own Python SDK, vonage 4.9.1 unmodified from PyPI, against a running server over HTTPS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server

from .library import Library
from .vonage import DID, METHODS, PHONE, fourth, settle, unsettle
from .webhook import Webhook


class Client:
    """The SDK's client in its own process."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def send(self, **fields: object) -> Any:
        """What sms.send returns; raises Raised."""
        return self._library.call("sms.send", {**SMS, **fields})

    def refused(self, **fields: object) -> str:
        """What the SDK's own error says of a send."""
        raised = self._library.raised("sms.send", {**SMS, **fields})
        assert raised["raised"] == "SmsError"
        return str(raised["said"])

    def converted(self, *given: object) -> Any:
        """What sms.submit_sms_conversion returns; raises Raised."""
        return self._library.call("sms.submit_sms_conversion", *given)

    def verifies(self, fields: dict[str, str]) -> bool:
        """What the SDK's own verifier says of a webhook."""
        answer = self._library.call("http_client.auth.check_signature", fields)
        assert isinstance(answer, bool), answer
        return answer


SMS = {"to": PHONE[1:], "from_": "AcmeInc", "text": "hi"}
Connect = Callable[..., Client]


@pytest.fixture
def connect(server: Server, scripts: Path) -> Iterator[Connect]:
    """Makes clients of what `vonage.Auth` takes; by default with the demo account's key and secret."""
    vonage = server.credentials["vonage"]
    with ExitStack() as stack:

        def make(**auth: str) -> Client:
            auth = auth or {"api_key": vonage["api_key"], "api_secret": vonage["api_secret"]}
            return Client(stack.enter_context(fourth(server, scripts, **auth)))

        yield make


@pytest.fixture
def signing(connect: Connect, server: Server) -> Callable[[str], Client]:
    """Makes clients that sign by a method."""
    vonage = server.credentials["vonage"]

    def make(method: str) -> Client:
        return connect(
            api_key=vonage["api_key"], signature_secret=vonage["signature_secret"], signature_method=method
        )

    return make


@pytest.fixture(autouse=True)
def _defaults(server: Server) -> Iterator[None]:
    yield
    unsettle(server)


def test_a_text_reaches_the_handset(connect: Connect, server: Server) -> None:
    answer = connect().send(text="from the SDK 😀", type="unicode", client_ref="r1", account_ref="a1")
    assert answer["message_count"] == "1"
    [message] = answer["messages"]
    assert (message["to"], message["status"], message["client_ref"]) == (PHONE[1:], "0", "r1")
    assert message["message_price"] == "0.07000000"
    assert server.arrives(PHONE, "from the SDK 😀")


def test_a_long_text_is_one_answer_per_part(connect: Connect) -> None:
    answer = connect().send(text="a" * 400)
    assert answer["message_count"] == "3"
    assert len({message["message_id"] for message in answer["messages"]}) == 3


def test_every_option_is_taken(connect: Connect) -> None:
    client = connect()
    more = {
        "ttl": 20000, "status_report_req": False, "callback": "http://127.0.0.1:9999/x", "message_class": 1,
        "entity_id": "e", "content_id": "c", "trusted_number": True, "client_ref": "r",
    }  # fmt: skip
    assert client.send(**more)["messages"][0]["status"] == "0"
    binary = client.send(type="binary", body="00112233", udh="06050415811581", protocol_id=1)
    assert binary["messages"][0]["status"] == "0"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to": "1"}, "error code 3: Invalid to param"),
        ({"text": ""}, "error code 2: Missing Message Text"),
        ({"from_": "447700900999"}, "error code 15: Illegal Sender Address - rejected"),
        ({"text": "a" * 3201}, "error code 12: Message Too Long"),
        ({"callback": "http://10.0.0.1/"}, "error code 23: Invalid Callback URL"),
    ],
)
def test_a_refusal_is_the_sdks_own_error(connect: Connect, changes: dict[str, str], words: str) -> None:
    assert words in connect().refused(**changes)


def test_a_wrong_secret_is_an_error_of_sms_and_not_of_http(connect: Connect, server: Server) -> None:
    wrong = connect(api_key=server.credentials["vonage"]["api_key"], api_secret="Wrong0secret")
    assert "error code 4: Bad Credentials" in wrong.refused()


def test_too_fast_is_told_with_the_time_to_wait(connect: Connect, server: Server) -> None:
    settle(server, throughput=1)
    client = connect()
    client.send()
    assert "error code 1: Throughput Rate Exceeded - please wait [ " in client.refused()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("6", "Unroutable message - rejected"), ("10", "Too Many Existing Binds"), ("13", "Communication Failed"),
        ("29", "Non White-listed Destination - rejected"), ("22", "Invalid Network Code"), ("5", "Server Error"),
        ("1", "Throughput Rate Exceeded - please wait [ 500 ] and retry"),
    ],
)  # fmt: skip
def test_a_status_at_will_is_the_sdks_own_error(
    connect: Connect, server: Server, status: str, text: str
) -> None:
    settle(server, simulated_status=status)
    assert f"error code {status}: {text}" in connect().refused()


def test_the_sdk_tells_what_came_of_a_message(
    connect: Connect, signing: Callable[[str], Client], server: Server
) -> None:
    client = connect()
    part = client.send()["messages"][0]["message_id"]
    for told, delivered in ((client, True), (signing("sha256"), False)):
        assert told.converted(part, delivered) is None
        story = server.api("GET", f"/api/messages/{int(part, 16)}")
        assert story["conversion"]["delivered"] is delivered


@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_signs_by_every_method_it_knows(signing: Callable[[str], Client], method: str) -> None:
    answer = signing(method).send(text=f"signed by {method}")
    assert answer["messages"][0]["status"] == "0", answer


def test_a_wrong_signature_is_told(connect: Connect, server: Server) -> None:
    key = server.credentials["vonage"]["api_key"]
    wrong = connect(api_key=key, signature_secret="wrong", signature_method="sha256")
    assert "error code 14: Invalid Signature" in wrong.refused()


@pytest.mark.parametrize("form", ["GET", "POST", "POST-JSON"])
@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_verifies_what_a_person_has_texted(
    server: Server, signing: Callable[[str], Client], webhook: Webhook, method: str, form: str
) -> None:
    settle(server, inbound_url=webhook.url, callback_method=form, callback_signature=method)
    server.types(PHONE, DID, "Fish & chips = 5 é 😀")
    told = webhook.next().body
    assert (told["msisdn"], told["to"], told["text"]) == (PHONE[1:], DID[1:], "Fish & chips = 5 é 😀")
    client = signing(method)
    assert client.verifies(told)
    assert not client.verifies({**told, "text": "Fish"})


def test_the_sdk_verifies_a_receipt(
    server: Server, signing: Callable[[str], Client], webhook: Webhook
) -> None:
    settle(server, callback_signature="sha512")
    client = signing("sha512")
    sent = client.send(callback=webhook.url, client_ref="r2")["messages"][0]
    told = webhook.next().body
    assert (told["messageId"], told["status"], told["client-ref"]) == (sent["message_id"], "delivered", "r2")
    assert client.verifies(told)
