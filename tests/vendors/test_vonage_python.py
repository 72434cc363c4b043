"""Vonage's own Python SDK, vonage 4.9.1 unmodified from PyPI, against a running server over HTTPS."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server
from tests.serving import server as serving

from .packages import python_of
from .server import arrives
from .webhook import Webhook

DID = "+447700900001"
PHONE = "+447700900123"
METHODS = ("md5", "sha1", "sha256", "sha512")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With HTTPS: this SDK speaks nothing else."""
    with serving(
        tmp_path_factory.mktemp("server"), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"
    ) as running:
        yield running


class Client:
    """The SDK's client in its own process."""

    def __init__(self, process: "subprocess.Popen[str]", config: object) -> None:
        self._process = process
        assert self._tell(config) == {"ready": True}

    def send(self, to: str = PHONE[1:], text: str = "hi", **more: object) -> Any:
        """What sms.send returns, or what it raises."""
        return self._tell({"send": {"to": to, "from_": "AcmeInc", "text": text, **more}})

    def verifies(self, fields: dict[str, str]) -> bool:
        """What the SDK's own verifier says of a webhook."""
        answer = self._tell({"verify": fields})
        assert isinstance(answer, bool), answer
        return answer

    def _tell(self, line: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the SDK's process has ended"
        return json.loads(answer)


Connect = Callable[..., Client]


@pytest.fixture
def connect(server: Server, scripts: Path) -> Iterator[Connect]:
    """Makes clients of what `vonage.Auth` takes; by default with the demo account's key and secret."""
    python = python_of("vonage")
    vonage = server.credentials["vonage"]
    with ExitStack() as stack:

        def make(**auth: str) -> Client:
            auth = auth or {"api_key": vonage["api_key"], "api_secret": vonage["api_secret"]}
            process = subprocess.Popen(
                [python, scripts / "vonage_client.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env={"PYTHONUTF8": "1", "REQUESTS_CA_BUNDLE": str(server.data / "tls" / "ca.pem")},
            )  # fmt: skip
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return Client(process, {"auth": auth, "host": server.urls["https"].removeprefix("https://")})

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


def settle(server: Server, **settings: object) -> None:
    server.api("PATCH", "/api/account", {"settings": settings})


@pytest.fixture(autouse=True)
def _defaults(server: Server) -> Iterator[None]:
    yield
    settle(
        server,
        inbound_url=None,
        receipt_url=None,
        callback_method=None,
        callback_signature=None,
        throughput=None,
    )


def test_a_text_reaches_the_handset(connect: Connect, server: Server) -> None:
    answer = connect().send(text="from the SDK 😀", type="unicode", client_ref="r1", account_ref="a1")
    assert answer["message_count"] == "1"
    [message] = answer["messages"]
    assert (message["to"], message["status"], message["client_ref"]) == (PHONE[1:], "0", "r1")
    assert message["message_price"] == "0.07000000"
    assert arrives(server.api, PHONE, "from the SDK 😀")


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
    raised = connect().send(**changes)
    assert raised["raised"] == "SmsError"
    assert words in raised["words"]


def test_a_wrong_secret_is_an_error_of_sms_and_not_of_http(connect: Connect, server: Server) -> None:
    raised = connect(api_key=server.credentials["vonage"]["api_key"], api_secret="Wrong0secret").send()
    assert raised["raised"] == "SmsError"
    assert "error code 4: Bad Credentials" in raised["words"]


def test_too_fast_is_told_with_the_time_to_wait(connect: Connect, server: Server) -> None:
    settle(server, throughput=1)
    client = connect()
    answers = [client.send(), client.send()]
    assert "error code 1: Throughput Rate Exceeded - please wait [ " in answers[1]["words"]


@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_signs_by_every_method_it_knows(signing: Callable[[str], Client], method: str) -> None:
    answer = signing(method).send(text=f"signed by {method}")
    assert answer["messages"][0]["status"] == "0", answer


def test_a_wrong_signature_is_told(connect: Connect, server: Server) -> None:
    key = server.credentials["vonage"]["api_key"]
    raised = connect(api_key=key, signature_secret="wrong", signature_method="sha256").send()
    assert "error code 14: Invalid Signature" in raised["words"]


@pytest.mark.parametrize("form", ["GET", "POST", "POST-JSON"])
@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_verifies_what_a_person_has_texted(
    server: Server, signing: Callable[[str], Client], webhook: Webhook, method: str, form: str
) -> None:
    settle(server, inbound_url=webhook.url, callback_method=form, callback_signature=method)
    server.api("POST", f"/api/simnet/phones/{PHONE}/messages", {"to": DID, "text": "Fish & chips = 5 é 😀"})
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
