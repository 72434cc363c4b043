"""Kandy's own Python SDK, cpaassdk 1.2.2 unmodified from PyPI, against a running server.

Left out: what the SDK itself gets wrong (get_subscription is always {}).
"""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serving import CALL_SECONDS, Server

from .packages import python_of
from .webhook import Webhook

DID, SECOND_DID, FOREIGN = "+16139998877", "+447700900001", "+16135550100"
PHONE = "+16131234567"
SMS = {"type": "sms"}


class Client:
    """The SDK's client in its own process."""

    def __init__(self, process: "subprocess.Popen[str]", config: dict[str, str]) -> None:
        self._process = process
        self.user_id = self._tell(config)["user_id"]

    def call(self, name: str, *given: object) -> Any:
        """What the SDK returns for a call with at most one argument."""
        return self._tell({"call": name, **({"with": given[0]} if given else {})})

    def conversation(self, name: str, **params: object) -> Any:
        """A call of the conversation's, in the SDK's spelling."""
        return self.call(f"conversation.{name}", {**SMS, **params})

    def send(self, text: str = "hi :)", sender: str = DID, to: object = PHONE) -> Any:
        """The SDK's create_message."""
        return self.conversation(
            "create_message", destination_address=to, sender_address=sender, message=text
        )

    def later(self, seconds: int) -> None:
        """The SDK's own clock goes forward."""
        self._tell({"later": seconds})

    def _tell(self, line: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the SDK's process has ended"
        return json.loads(answer)


@contextmanager
def running(python: Path, script: Path, config: dict[str, str]) -> Iterator[Client]:
    process = subprocess.Popen(
        [python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONUTF8": "1"}
    )
    try:
        yield Client(process, config)
    finally:
        process.kill()
        process.communicate()


Connect = Callable[..., Client]


@pytest.fixture
def connect(server: Server, scripts: Path) -> Iterator[Connect]:
    """Makes clients; without a configuration, one of the demo account's user."""
    python = python_of("kandy")
    kandy = server.credentials["kandy"]
    user = {name: kandy[name] for name in ("client_id", "email", "password")}
    with ExitStack() as stack:

        def make(**config: str) -> Client:
            given = {"base_url": server.url, **(config or user)}
            return stack.enter_context(running(python, scripts / "cpaassdk_client.py", given))

        yield make


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def project(connect: Connect, server: Server) -> Client:
    kandy = server.credentials["kandy"]
    return connect(client_id=kandy["project_client_id"], client_secret=kandy["project_client_secret"])


@pytest.fixture
def subscribed(client: Client, webhook: Webhook) -> Iterator[dict[str, Any]]:
    """A subscription of the default number, ended after the test."""
    made = client.conversation("subscribe", webhook_url=webhook.url, destination_address=DID)
    assert "subscription_id" in made, made
    yield made
    client.conversation("unsubscribe", subscription_id=made["subscription_id"])


def refused(answer: Any, exception: str, variable: str) -> None:
    """The SDK's picture of a requestError."""
    assert answer["name"] == "service_exception"
    assert answer["exception_id"] == exception
    assert answer["message"].endswith(f" {variable}")
    assert "%" not in answer["message"]


def test_the_sdk_finds_its_user_in_the_id_token(client: Client, project: Client) -> None:
    assert client.user_id
    assert project.user_id
    assert client.user_id != project.user_id


def test_after_half_a_tokens_life_the_sdk_gets_another_and_both_are_good(
    server: Server, client: Client
) -> None:
    first = client.call("conversation.api.auth_token")
    client.later(14_300)
    assert client.conversation("get_subscriptions") == []
    assert client.call("conversation.api.auth_token") == first
    client.later(200)  # of 28,800 seconds
    assert client.send("with another token")["sender_address"] == DID
    second = client.call("conversation.api.auth_token")
    assert second != first
    for token in (first, second):
        request = urllib.request.Request(
            f"{server.url}/cpaas/smsmessaging/v1/{client.user_id}/inbound/subscriptions",
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
            assert answer.status == 200


def test_a_text_reaches_the_handset(server: Server, client: Client) -> None:
    assert client.send("hi :) 😀 ünïcode") == {
        "message": "hi :) 😀 ünïcode",
        "sender_address": DID,
        "delivery_info": [
            {"address": PHONE, "destination_address": PHONE, "delivery_status": "DeliveredToNetwork"}
        ],
    }
    assert server.arrives(PHONE, "hi :) 😀 ünïcode")


def test_default_and_the_user_id_send_from_the_default_number(client: Client) -> None:
    for sender in ("default", client.user_id):
        assert client.send(sender=sender)["sender_address"] == DID


def test_a_project_sends_too(project: Client) -> None:
    assert project.send(sender="default")["sender_address"] == DID


def test_every_form_of_a_destination_comes_back_as_e164(client: Client) -> None:
    for written in ("tel:+16131234567", "sip:+16131234567@domain", "sip:6131234567@domain"):
        assert client.send(to=written)["delivery_info"][0]["address"] == PHONE


def test_several_destinations_each_have_their_info(client: Client) -> None:
    infos = client.send(to=[PHONE, "+16131234568"])["delivery_info"]
    assert [info["destination_address"] for info in infos] == [PHONE, "+16131234568"]


@pytest.mark.parametrize("sender", [FOREIGN, SECOND_DID, "+4915799999999"])
def test_a_number_that_is_not_assigned_is_forbidden(client: Client, sender: str) -> None:
    refused(client.send(sender=sender), "POL0001", "sender_forbidden")


def test_an_empty_text_is_an_invalid_value(client: Client) -> None:
    refused(client.send(text=""), "SVC0002", "message")  # the SDK leaves the member out


def test_a_bad_destination_is_an_invalid_value(client: Client) -> None:
    refused(client.send(to="hello"), "SVC0002", "address")


def test_subscribing_without_a_number_shows_the_default_one(client: Client, webhook: Webhook) -> None:
    made = client.conversation("subscribe", webhook_url=webhook.url)
    assert made["webhook_url"] == webhook.url
    assert made["destination_address"] == DID
    gone = client.conversation("unsubscribe", subscription_id=made["subscription_id"])
    assert gone == {
        "subscription_id": made["subscription_id"],
        "success": True,
        "message": "Unsubscribed from sms conversation notification",
    }


def test_subscriptions_are_listed(client: Client, subscribed: dict[str, Any]) -> None:
    [listed] = client.conversation("get_subscriptions")
    assert listed["subscription_id"] == subscribed["subscription_id"]
    assert listed["destination_address"] == DID
    assert listed["channel_id"].startswith("wh-")


def test_no_subscriptions_are_an_empty_list(client: Client) -> None:
    assert client.conversation("get_subscriptions") == []


def test_subscribing_to_a_number_that_is_not_assigned_is_forbidden(client: Client, webhook: Webhook) -> None:
    answer = client.conversation("subscribe", webhook_url=webhook.url, destination_address=FOREIGN)
    refused(answer, "POL0001", "sender_forbidden")


def test_what_a_person_texts_is_parsed_as_inbound(
    server: Server, client: Client, webhook: Webhook, subscribed: dict[str, Any]
) -> None:
    server.api("POST", f"/api/simnet/phones/{PHONE}/messages", {"to": DID, "text": "hello 😀"})
    told = webhook.next()
    assert told.headers["content-type"] == "application/json"
    parsed = client.call("notification.parse", told.body)
    assert parsed["type"] == "inbound"
    assert parsed["notification_id"]
    text = parsed["inbound_sms_message"]
    assert (text["sender_address"], text["destination_address"], text["message"]) == (PHONE, DID, "hello 😀")
    assert text["message_id"].startswith("SM1-")
    assert 10**12 < text["date_time"] <= parsed["notification_date_time"] < 10**13


def test_what_is_sent_comes_back_as_outbound(
    client: Client, webhook: Webhook, subscribed: dict[str, Any]
) -> None:
    client.send("to be synchronised")
    parsed = client.call("notification.parse", webhook.next().body)
    assert parsed["type"] == "outbound"
    text = parsed["outbound_sms_message"]
    assert (text["sender_address"], text["destination_address"]) == (DID, PHONE)
    assert text["message"] == "to be synchronised"


def test_taking_a_number_away_cancels_its_subscriptions(
    server: Server, client: Client, webhook: Webhook
) -> None:
    user = client.user_id
    server.api("PATCH", f"/api/numbers/{SECOND_DID}", {"assign": {"principal": user}})
    made = client.conversation("subscribe", webhook_url=webhook.url, destination_address=SECOND_DID)
    assert client.send(sender=SECOND_DID)["sender_address"] == SECOND_DID
    assert client.call("notification.parse", webhook.next().body)["type"] == "outbound"
    server.api("PATCH", f"/api/numbers/{SECOND_DID}", {"unassign": {"principal": user}})
    parsed = client.call("notification.parse", webhook.next().body)
    assert parsed["type"] == "subscriptionCancel"
    assert parsed["subscription_id"] == made["subscription_id"]
    assert client.conversation("get_subscriptions") == []
    refused(client.send(sender=SECOND_DID), "POL0001", "sender_forbidden")


def test_bad_credentials_are_told_and_open_nothing(connect: Connect, server: Server) -> None:
    kandy = server.credentials["kandy"]
    wrong = connect(client_id=kandy["client_id"], email=kandy["email"], password="wrong")
    assert wrong.user_id is None
    assert wrong.call("conversation.api.tokens") == {
        "name": "request_error",
        "exception_id": "invalid_grant",
        "message": "Invalid user credentials",
    }
    refused(wrong.send(), "SVC0001", "unauthorized")  # the SDK goes on without a token


def test_a_token_of_kandys_opens_nothing_but_kandys_paths(server: Server, client: Client) -> None:
    token = client.call("conversation.api.auth_token")
    request = urllib.request.Request(
        server.url + "/api/account", headers={"Authorization": f"Bearer {token}"}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=CALL_SECONDS)
    assert caught.value.code == 401


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://10.0.0.1/", "ftp://127.0.0.1/", "hook"]
)
def test_a_webhook_that_is_never_called_gets_no_subscription(client: Client, url: str) -> None:
    answer = client.conversation("subscribe", webhook_url=url, destination_address=DID)
    assert answer == {"raised": "KeyError", "words": "'channel_id'"}  # the SDK trips over the 400
    assert client.conversation("get_subscriptions") == []


def test_a_wrong_project_secret_is_told(connect: Connect, server: Server) -> None:
    kandy = server.credentials["kandy"]
    wrong = connect(client_id=kandy["project_client_id"], client_secret="wrong")
    assert wrong.call("conversation.api.tokens")["exception_id"] == "invalid_client"


def texted(server: Server, client: Client, phone: str, text: str) -> list[Any]:
    """A person texts the default number: the messages of the thread, as the SDK shows them."""
    server.api("POST", f"/api/simnet/phones/{phone}/messages", {"to": DID, "text": text})
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        found = client.conversation("get_messages_in_thread", remote_address=phone, local_address=DID)
        if text in [one["message"] for one in found] or time.monotonic() > deadline:
            return list(found)
        time.sleep(0.05)


def test_threads_are_listed(server: Server, client: Client) -> None:
    phone = "+16131234711"
    client.send("one", to=phone)
    texted(server, client, phone, "two")
    listed = client.conversation("get_messages")
    [of_phone] = [one for one in listed if one["remote_address"] == phone]
    assert [of_phone] == client.conversation("get_messages", remote_address=phone)
    details = of_phone["thread_details"]
    assert of_phone["local_address"] == DID
    assert (details["last_text"], details["length"], details["new"]) == ("two", 2, 0)
    assert details["last_pull_time"] >= details["last_message_time"] >= details["first_message_time"] > 10**12
    assert client.conversation("get_messages", remote_address="+16131239999") == []


def test_messages_of_a_thread_come_newest_first_by_any_address(server: Server, client: Client) -> None:
    phone = "+16131234712"
    client.send("one", to=phone)
    found = texted(server, client, phone, "two 😀")
    assert [(one["type"], one["message"]) for one in found] == [("inbound", "two 😀"), ("outbound", "one")]
    assert {"type", "message_id", "message", "status", "date_time"} == set(found[0])
    for local in ("default", client.user_id, f"tel:{DID}"):
        again = client.conversation(
            "get_messages_in_thread", remote_address=f"tel:{phone}", local_address=local
        )
        assert [one["message_id"] for one in again] == [one["message_id"] for one in found]
    few = client.conversation(
        "get_messages_in_thread", remote_address=phone, local_address=DID, query={"max": 1, "name": "x"}
    )
    assert [one["message"] for one in few] == ["two 😀"]
    new = client.conversation(
        "get_messages_in_thread", remote_address=phone, local_address=DID, query={"new": "true"}
    )
    assert new == []
    later = client.conversation(
        "get_messages_in_thread", remote_address=phone, local_address=DID,
        query={"last_message_time": found[1]["date_time"]},
    )  # fmt: skip
    assert [one["message"] for one in later] == ["two 😀"]


def test_the_threads_of_a_number_that_is_not_assigned_are_empty(client: Client) -> None:
    foreign = client.conversation("get_messages_in_thread", remote_address=PHONE, local_address=FOREIGN)
    assert foreign == []


def test_the_status_of_a_message_is_a_word(server: Server, client: Client) -> None:
    phone = "+16131234713"
    client.send("one", to=phone)
    assert server.shown(phone)
    [sent] = client.conversation("get_messages_in_thread", remote_address=phone, local_address=DID)
    named = {"remote_address": phone, "local_address": DID, "message_id": sent["message_id"]}
    assert client.conversation("get_status", **named) in ("DeliveredToNetwork", "DeliveredToTerminal")
    named["message_id"] = "SM1-0000000000000001"
    refused(client.conversation("get_status", **named), "SVC0004", "resourceURL")


def test_a_message_is_deleted_though_the_sdk_trips_over_the_answer(server: Server, client: Client) -> None:
    phone = "+16131234714"
    client.send("one", to=phone)
    inbound, sent = texted(server, client, phone, "two")
    place = {"remote_address": phone, "local_address": DID}
    tripped = client.conversation("delete_message", **place, message_id=sent["message_id"])
    assert tripped["raised"] == "IndexError"
    left = client.conversation("get_messages_in_thread", **place)
    assert [one["message_id"] for one in left] == [inbound["message_id"]]
    refused(
        client.conversation("delete_message", **place, message_id=sent["message_id"]),
        "SVC0004",
        "resourceURL",
    )
    assert client.conversation("delete_message", **place)["raised"] == "IndexError"  # the whole thread
    assert client.conversation("get_messages_in_thread", **place) == []
    refused(client.conversation("delete_message", **place), "SVC0004", "resourceURL")


def test_a_deletion_is_parsed_as_an_event(
    server: Server, client: Client, webhook: Webhook, subscribed: dict[str, Any]
) -> None:
    phone = "+16131234715"
    [inbound] = texted(server, client, phone, "gone soon")
    assert client.call("notification.parse", webhook.next().body)["type"] == "inbound"
    client.conversation(
        "delete_message", remote_address=phone, local_address=DID, message_id=inbound["message_id"]
    )
    parsed = client.call("notification.parse", webhook.next().body)
    assert parsed["type"] == "event"
    assert parsed["message_id"] == inbound["message_id"]
    assert parsed["event_details"] == {"description": "A message has been deleted.", "type": "MessageDeleted"}
