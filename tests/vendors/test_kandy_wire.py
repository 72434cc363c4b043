"""What Kandy's other SDKs send and read, byte for byte, for those that no package registry has (protocol notes: docs/compliance/kandy.md).

Node 1.2, Ruby 1.2, PHP 1.1 and the Go client differ in headers, in the encoding of forms, in what they send where there is no
body, and in the members that they cannot do without. Each is a row; what it needs of an answer is checked as it reads it.
"""

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from tests.serving import CALL_SECONDS, Server

from .webhook import Webhook

DID, PHONE = "+16139998877", "+16131234567"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SMS, CHANNELS, LOGIN = "/cpaas/smsmessaging/v1", "/cpaas/notificationchannel/v1", "/cpaas/auth/v1/token"


class Sdk(NamedTuple):
    """`empty` is the body of a GET or a DELETE; `escape` writes a value of a form; `bearer` is what a fresh instance presents."""

    name: str
    agent: str
    accept: str | None
    escape: Callable[[str], str]
    bearer: str | None
    empty: bytes | None = None
    type_of_empty: str | None = JSON
    nobody: str = ""  # the user in paths when there are no tokens
    closes: bool = False


def _percent(value: str) -> str:
    return quote(value, safe="")


SDKS = (
    Sdk(
        "node",
        "nodejs-sdk/1.2.2",
        "application/json, text/plain, */*",
        _percent,
        "Bearer null",
        nobody="null",
    ),
    Sdk("ruby", "ruby-sdk/1.2.0", "*/*", _percent, None, empty=b"null", closes=True),
    Sdk("php", "php-sdk/1.1.2", None, quote_plus, None),
    Sdk("go", "go-sdk", None, quote_plus, None, type_of_empty=None),
)


class Said(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def only(self) -> Any:
        """What is in the one member of the body: SDKs take the first, or fail on a second."""
        assert self.headers["content-type"].startswith(JSON)
        [inner] = json.loads(self.body).values()
        return inner


class Instance:
    """One instance of an SDK in some application."""

    def __init__(self, sdk: Sdk, server: Server) -> None:
        self.sdk, self._server = sdk, server
        self.user, self.authorization = sdk.nobody, sdk.bearer

    def ask(self, method: str, path: str, body: object = None) -> Said:
        """A call with a JSON body, or with what the SDK sends instead of none."""
        if body is None:
            return self._exchange(method, path, self.sdk.empty, self.sdk.type_of_empty)
        return self._exchange(method, path, json.dumps(body).encode(), JSON)

    def login(self, **fields: str) -> Said:
        form = "&".join(f"{name}={self.sdk.escape(value)}" for name, value in fields.items())
        said = self._exchange("POST", LOGIN, form.encode(), FORM)
        if said.status == 200:
            tokens = json.loads(said.body)
            self.user = str(claims(tokens["id_token"])["preferred_username"])
            self.authorization = f"Bearer {tokens['access_token']}"
        return said

    def send(self, text: str, sender: str = DID, to: str = PHONE) -> Said:
        request = {
            "address": [to], "clientCorrelator": f"PUB-demo-{self.sdk.name}",
            "outboundSMSTextMessage": {"message": text},
        }  # fmt: skip
        path = f"{SMS}/{self.user}/outbound/{sender}/requests"
        return self.ask("POST", path, {"outboundSMSMessageRequest": request})

    def _exchange(self, method: str, path: str, body: bytes | None, kind: str | None) -> Said:
        address = urlsplit(self._server.url)
        line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=CALL_SECONDS)
        line.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (
            ("Accept", self.sdk.accept), ("Content-Type", kind), ("Authorization", self.authorization),
            ("X-Cpaas-Agent", self.sdk.agent), ("Content-Length", None if body is None else str(len(body))),
            ("Connection", "close" if self.sdk.closes else None),
        ):  # fmt: skip
            if value is not None:
                line.putheader(name, value)
        line.endheaders(body)
        answer = line.getresponse()
        said = Said(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        line.close()
        return said


def claims(token: str) -> Any:
    """A payload as PHP and Go decode it: plain base64, which has neither - nor _."""
    head, payload, signature = token.split(".")
    assert head
    assert signature
    assert not set(payload) & set("-_")
    return json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))


def refusal(said: Said) -> tuple[int, str, list[str]]:
    """How Ruby, Python and Go read an error: status, identifier and variables, which must be an array of strings."""
    [[kind, exception]] = said.only.items()
    assert kind == "serviceException"
    assert all(isinstance(one, str) for one in exception["variables"])
    assert exception["text"].count("%") == len(exception["variables"])
    assert not set("{}") & set(exception["text"])
    return said.status, exception["messageId"], exception["variables"]


@pytest.fixture(params=SDKS, ids=lambda sdk: sdk.name)
def fresh(request: pytest.FixtureRequest, server: Server) -> Instance:
    return Instance(request.param, server)


@pytest.fixture
def user(fresh: Instance, server: Server) -> Instance:
    kandy = server.credentials["kandy"]
    said = fresh.login(
        client_id=kandy["client_id"], username=kandy["email"], password=kandy["password"],
        grant_type="password", scope="openid",
    )  # fmt: skip
    assert said.status == 200, said
    return fresh


@pytest.fixture
def project(fresh: Instance, server: Server) -> Instance:
    kandy = server.credentials["kandy"]
    said = fresh.login(
        client_id=kandy["project_client_id"], client_secret=kandy["project_client_secret"],
        grant_type="client_credentials", scope="openid",
    )  # fmt: skip
    assert said.status == 200, said
    return fresh


@pytest.fixture
def subscription(user: Instance, webhook: Webhook) -> Iterator[str]:
    """The path of one to the default number, as the SDKs make it: a channel each time, and a subscription to it."""
    asked = {"channelData": {"x-webhookURL": webhook.url}, "channelType": "webhooks", "clientCorrelator": "c"}
    made = user.ask("POST", f"{CHANNELS}/{user.user}/channels", {"notificationChannel": asked})
    assert (made.status, made.only["channelType"]) == (201, "webhooks")
    assert made.only["channelData"]["x-webhookURL"] == webhook.url
    wanted = {
        "callbackReference": {"notifyURL": made.only["callbackURL"]}, "clientCorrelator": "c",
        "destinationAddress": DID,
    }  # fmt: skip
    said = user.ask("POST", f"{SMS}/{user.user}/inbound/subscriptions", {"subscription": wanted})
    assert (said.status, said.only["destinationAddress"]) == (201, DID)
    yield said.only["resourceURL"]
    user.ask("DELETE", said.only["resourceURL"])


def test_the_tokens_say_what_each_decodes(user: Instance) -> None:
    access = claims(str(user.authorization).removeprefix("Bearer "))
    assert isinstance(access["exp"], int)
    assert access["exp"] - access["iat"] == 28_800
    assert user.user.isalnum()


def test_an_old_or_missing_token_does_not_hinder_a_login(user: Instance, server: Server) -> None:
    kandy = server.credentials["kandy"]
    for old in ("Bearer null", "Bearer ", "Bearer a.b.c", user.authorization):
        user.authorization = old
        fields = {"client_id": kandy["client_id"], "username": kandy["email"], "password": kandy["password"]}
        assert user.login(**fields, grant_type="password", scope="openid regular_call").status == 200


def test_a_project_whose_client_identifier_has_spaces_logs_in_and_sends(project: Instance) -> None:
    assert project.send("from a project", "default").only["senderAddress"] == DID


def test_the_grant_type_decides_when_everything_is_sent(fresh: Instance, server: Server) -> None:
    kandy = server.credentials["kandy"]
    said = fresh.login(
        client_id=kandy["project_client_id"], client_secret=kandy["project_client_secret"], username=kandy["email"],
        password="whatever", grant_type="client_credentials", scope="openid",
    )  # fmt: skip
    assert said.status == 200


def test_a_failed_login_says_so_in_every_spelling(fresh: Instance, server: Server) -> None:
    kandy = server.credentials["kandy"]
    said = fresh.login(
        client_id=kandy["client_id"],
        username=kandy["email"],
        password="wrong",
        grant_type="password",
        scope="openid",
    )
    told = json.loads(said.body)
    assert (said.status, told["error"]) == (401, "invalid_grant")
    assert told["error_description"] == told["message"] == "Invalid user credentials"


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer null", "Bearer", None])
def test_what_is_asked_after_a_failed_login_is_a_401_that_can_be_read(
    fresh: Instance, authorization: str | None
) -> None:
    fresh.authorization = authorization
    for said in (
        fresh.send("without a token", DID),
        fresh.ask("GET", f"{SMS}/{fresh.user}/inbound/subscriptions"),
        fresh.ask("DELETE", f"{SMS}/{fresh.user}/inbound/subscriptions/1"),
        fresh.ask("POST", f"{CHANNELS}/{fresh.user}/channels", {"notificationChannel": {}}),
    ):
        assert refusal(said) == (401, "SVC0001", ["unauthorized"])


@pytest.mark.parametrize("text", ["hi :)", "two spaces at the end  ", "+ % & 😀 ü", "a\nb\tc"])
def test_a_text_is_repeated_and_arrives_as_it_was_sent(user: Instance, server: Server, text: str) -> None:
    said = user.send(text)
    assert said.status == 201  # the Go client insists
    sent = said.only
    assert sent["outboundSMSTextMessage"] == {"message": text}
    [info] = sent["deliveryInfoList"]["deliveryInfo"]
    assert info["address"] == info["destinationAddress"] == PHONE
    assert sent["resourceURL"].split("/")[10].startswith("SM1-")  # the Go client counts
    assert sent["resourceURL"].rpartition("/messages/")[2] == sent["resourceURL"].split("/")[10]
    assert server.arrives(PHONE, text)


@pytest.mark.parametrize(
    "sender", [DID, DID.replace("+", "%2B"), f"tel:{DID}", f"sip:{DID}@domain", "default"]
)
def test_every_way_to_name_the_sender_in_a_path_is_that_number(user: Instance, sender: str) -> None:
    assert user.send("hi", sender).only["senderAddress"] == DID


@pytest.mark.parametrize("text", [{}, {"message": ""}, None])
def test_an_empty_text_is_a_bad_request(user: Instance, text: object) -> None:
    request: dict[str, object] = {"address": [PHONE], "clientCorrelator": "c"}
    if text is not None:
        request["outboundSMSTextMessage"] = text
    said = user.ask(
        "POST", f"{SMS}/{user.user}/outbound/{DID}/requests", {"outboundSMSMessageRequest": request}
    )
    assert refusal(said) == (400, "SVC0002", ["message"])


def test_subscriptions_are_read_listed_and_ended(user: Instance, subscription: str) -> None:
    one = user.ask("GET", subscription)
    assert (one.status, one.only["resourceURL"]) == (200, subscription)
    listed = user.ask("GET", f"{SMS}/{user.user}/inbound/subscriptions").only["subscription"]
    assert subscription in [each["resourceURL"] for each in listed]
    ended = user.ask("DELETE", subscription)
    assert (ended.status, ended.body) == (204, b"")
    assert refusal(user.ask("GET", subscription))[:2] == (404, "SVC0004")


def test_the_webhook_hears_of_it_in_one_object_with_an_id(
    user: Instance, webhook: Webhook, subscription: str
) -> None:
    user.send("told to the webhook")
    [[name, told]] = webhook.next().body.items()
    assert name == "outboundSMSMessageNotification"
    assert told["id"]
    assert told["dateTime"] > 2**31  # milliseconds: the Java SDK casts
    assert told["outboundSMSMessage"]["message"] == "told to the webhook"


def test_the_history_is_read_as_each_asks_for_it(user: Instance) -> None:
    identifier = user.send("for the history", to="+16131230100").only["resourceURL"].rpartition("/")[2]
    threads = user.ask("GET", f"{SMS}/{user.user}/remoteAddresses").only["smsThread"]
    assert "+16131230100" in [thread["remoteAddress"] for thread in threads]
    [thread] = user.ask("GET", f"{SMS}/{user.user}/remoteAddresses/+16131230100").only["smsThread"]
    assert (thread["localAddress"], thread["threadDetails"]["lastText"]) == (DID, "for the history")
    path = f"{SMS}/{user.user}/remoteAddresses/+16131230100/localAddresses/{DID}"
    assert user.ask("GET", path).only["resourceURL"] == path
    messages = user.ask("GET", f"{path}/messages?max=10").only["smsMessage"]
    assert (messages[0]["messageId"], messages[0]["type"]) == (identifier, "outbound")
    status = user.ask("GET", f"{path}/messages/{identifier}/status")
    assert json.loads(status.body)["status"] in {"DeliveredToNetwork", "DeliveredToTerminal"}
    assert user.ask("DELETE", f"{path}/messages/{identifier}").status == 204
    assert user.ask("DELETE", path).status in {204, 404}
    assert user.ask("GET", f"{path}/messages").only["smsMessage"] == []
