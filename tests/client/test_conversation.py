"""What the tutorials of Kandy's Node.js and Ruby SDKs teach, in Python's spelling, against a real server, both clients."""

import base64
import secrets
import urllib.parse
import urllib.request
from typing import Any

import msgspec
import pytest

from tests.client.receiving import receiving
from tests.serving import Server
from textwire_client import (
    BadSignature,
    CancellationNotification,
    Client,
    EventNotification,
    Forbidden,
    InboundNotification,
    InvalidRequest,
    NoDefaultNumber,
    NotFound,
    Notification,
    OutboundNotification,
)

OWN = "+16139998877"
OTHER = "+447700900001"


def handset(manner: str = "") -> str:
    """A number that no other test uses; its manner are the last four digits."""
    return f"+4477{secrets.randbelow(10**4):04}{manner or secrets.randbelow(8999) + 1000:04}"


def test_a_text_is_sent_as_the_tutorial_does_it(client: Any) -> None:
    to = handset()
    response = client.conversation.create_message(destination_address=to, sender_address=OWN, message="hi :)")
    [info] = response.delivery_info
    assert (response.message, response.sender_address) == ("hi :)", OWN)
    assert (info.destination_address, info.delivery_status) == (to, "DeliveredToNetwork")
    assert client.messages.get(info.message_id).text == "hi :)"


@pytest.mark.parametrize("spelled", ["{0}", "tel:{0}", "sip:{0}@domain"])
def test_an_address_may_be_spelled_as_the_tutorial_allows(client: Any, spelled: str) -> None:
    to = handset()
    [info] = client.conversation.create_message(
        destination_address=spelled.format(to), sender_address=spelled.format(OWN), message="hi", wait=0
    ).delivery_info
    assert info.destination_address == to


def test_default_is_told_as_the_number_that_it_was(client: Any) -> None:
    for given in ({}, {"sender_address": "default"}):
        response = client.conversation.create_message(
            destination_address=handset(), message="hi", wait=0, **given
        )
        assert response.sender_address == OWN


def test_each_destination_of_a_list_has_its_delivery_info(client: Any) -> None:
    fine, refused = handset(), handset("0003")
    response = client.conversation.create_message(destination_address=[fine, refused], message="hi")
    assert [
        (one.destination_address, one.delivery_status, one.state in {"sent", "delivered", "rejected"})
        for one in response.delivery_info
    ] == [(fine, "DeliveredToNetwork", True), (refused, "DeliveryImpossible", True)]
    assert response.delivery_info[1].state == "rejected"


def test_a_destination_that_is_no_number_refuses_the_whole_list(client: Any) -> None:
    to = handset()
    with pytest.raises(InvalidRequest, match="invalid_address"):
        client.conversation.create_message(destination_address=[to, "+1"], message="hi")
    assert client.messages.list(to=to).first() is None


def test_a_sender_that_is_somebody_elses_is_refused(client: Any) -> None:
    with pytest.raises(Forbidden):
        client.conversation.create_message(
            destination_address=handset(), sender_address="+16135550100", message="hi"
        )


def test_a_key_that_may_only_send_is_told_what_is_known_at_once(client: Any, running: Server) -> None:
    made = client.keys.create("sends", ["send"])
    with Client(running.url, made.key) as sending:
        [info] = sending.conversation.create_message(
            destination_address=handset(), sender_address=OWN, message="hi"
        ).delivery_info
    assert (info.delivery_status, info.state) == ("DeliveredToNetwork", "submitting")


def test_a_subscription_tells_of_texts_both_ways_and_its_secret_is_known(client: Any) -> None:
    with receiving() as endpoint:
        made = client.conversation.subscribe(webhook_url=endpoint.url, destination_address=OWN)
        assert (made.webhook_url, made.destination_address) == (endpoint.url, OWN)
        assert made.secret.startswith("whsec_")
        assert made.secret not in repr(made)
        person = handset()
        client.simnet.phones.text(person, to=OTHER, text="not for this one")
        client.simnet.phones.text(person, to=OWN, text="hi :)")
        call = endpoint.next()
        event = client.notification.parse(call)
        came = event.notification
        assert isinstance(came, InboundNotification)
        assert (came.type, came.message, came.sender_address, came.destination_address) == (
            "inbound",
            "hi :)",
            person,
            OWN,
        )
        assert (came.notification_id, came.notification_date_time) == (event.id, event.timestamp)
        assert came.message_id == event.message.id
        with pytest.raises(BadSignature):
            Notification().parse(call)
        assert Notification(made.secret).parse(call.body, call.headers) == event

        client.conversation.create_message(destination_address=person, sender_address=OWN, message="hello")
        went = client.notification.parse(endpoint.next()).notification
        assert isinstance(went, OutboundNotification)
        assert (went.type, went.message, went.sender_address, went.destination_address) == (
            "outbound",
            "hello",
            OWN,
            person,
        )
        client.messages.delete(came.message_id)
        gone = client.notification.parse(endpoint.next()).notification
        assert isinstance(gone, EventNotification)
        assert (gone.type, gone.message_id, gone.event_details.type) == (
            "event",
            came.message_id,
            "MessageDeleted",
        )

        client.conversation.unsubscribe(made.subscription_id)
        with pytest.raises(BadSignature, match="no secret"):
            client.notification.parse(call)


def test_a_subscription_without_a_number_is_about_the_default_one(client: Any) -> None:
    made = client.conversation.subscribe(webhook_url="http://127.0.0.1:1880/hook")
    assert made.destination_address == OWN
    client.conversation.unsubscribe(made.subscription_id)


def test_subscriptions_are_the_hooks_of_one_number(client: Any) -> None:
    made = client.conversation.subscribe(
        webhook_url="http://127.0.0.1:1880/hook",
        destination_address=f"tel:{OTHER}",
        idempotency_key=handset(),
    )
    wide = client.hooks.create("http://127.0.0.1:1880/hook", ["message.received"])
    both = client.hooks.create("http://127.0.0.1:1880/hook", ["message.received"], numbers=[OWN, OTHER])
    [found] = client.conversation.subscriptions()
    assert (found.subscription_id, found.webhook_url, found.destination_address) == (
        made.subscription_id,
        made.webhook_url,
        OTHER,
    )
    for one in (made, wide, both):
        client.hooks.delete(one.id)
    assert client.conversation.subscriptions() == ()
    with pytest.raises(NotFound):
        client.conversation.unsubscribe(made.subscription_id)


def test_a_number_that_is_not_ones_own_cannot_be_subscribed_to(client: Any) -> None:
    with pytest.raises((NotFound, Forbidden, InvalidRequest)):
        client.conversation.subscribe(
            webhook_url="http://127.0.0.1:1880/hook", destination_address="+16135550100"
        )


def test_a_key_without_a_default_number_is_told_so(client: Any, running: Server) -> None:
    made = client.keys.create("numberless", ["read", "manage"])
    with Client(running.url, made.key) as numberless, pytest.raises(NoDefaultNumber):
        numberless.conversation.subscribe(webhook_url="http://127.0.0.1:1880/hook")


class Kandy:
    """Kandy's own API, as its project calls it."""

    def __init__(self, running: Server) -> None:
        self._url, known = running.url, running.credentials["kandy"]
        form = {
            "grant_type": "client_credentials", "client_id": known["project_client_id"],
            "client_secret": known["project_client_secret"], "scope": "openid",
        }  # fmt: skip
        tokens = self._call("POST", "/cpaas/auth/v1/token", urllib.parse.urlencode(form).encode(), form=True)
        self._token = tokens["access_token"]
        payload = tokens["id_token"].split(".")[1]
        self.user = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="))["preferred_username"]

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", f"/cpaas/{path}", msgspec.json.encode(body))

    def _call(self, method: str, path: str, body: bytes, *, form: bool = False) -> Any:
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"Content-Type": kind}
        if not form:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self._url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return msgspec.json.decode(answer.read())


def test_what_kandys_own_api_posts_is_read_when_it_is_asked_for(running: Server, client: Any) -> None:
    kandy = Kandy(running)
    with receiving() as endpoint:
        channel = kandy.post(
            f"notificationchannel/v1/{kandy.user}/channels",
            {
                "notificationChannel": {
                    "channelData": {"x-webhookURL": endpoint.url, "x-authorization": "Basic c2VjcmV0"},
                    "channelType": "webhooks",
                    "clientCorrelator": "c",
                }
            },
        )["notificationChannel"]["callbackURL"]
        made = kandy.post(
            f"smsmessaging/v1/{kandy.user}/inbound/subscriptions",
            {
                "subscription": {
                    "callbackReference": {"notifyURL": channel},
                    "clientCorrelator": "c",
                    "destinationAddress": OWN,
                }
            },
        )["subscription"]["resourceURL"]
        person, parse = handset(), client.notification.parse
        client.simnet.phones.text(person, to=OWN, text="hi :)")
        call = endpoint.next()
        came = parse(call, signed=False, authorization="Basic c2VjcmV0")
        assert isinstance(came, InboundNotification)
        assert (came.message, came.sender_address, came.destination_address) == ("hi :)", person, OWN)
        assert came == parse(call.body, signed=False) == parse(msgspec.json.decode(call.body), signed=False)
        with pytest.raises(BadSignature):
            parse(call, signed=False, authorization="Basic b3RoZXI=")
        with pytest.raises(BadSignature):
            parse(call)  # it is not signed, and nobody said that this is fine

        kandy.post(
            f"smsmessaging/v1/{kandy.user}/outbound/default/requests",
            {
                "outboundSMSMessageRequest": {
                    "address": [person],
                    "clientCorrelator": "c",
                    "outboundSMSTextMessage": {"message": "hello"},
                }
            },
        )
        went = parse(endpoint.next(), signed=False)
        assert isinstance(went, OutboundNotification)
        assert (went.message, went.sender_address, went.destination_address) == ("hello", OWN, person)

        client.messages.delete(client.messages.list(from_=person).first().id)
        gone = parse(endpoint.next(), signed=False)
        assert isinstance(gone, EventNotification)
        assert (gone.message_id, gone.event_details.type) == (came.message_id, "MessageDeleted")

        [project] = client.projects.list()
        client.numbers.unassign(OWN, project.id)
        ended = parse(endpoint.next(), signed=False)
        assert isinstance(ended, CancellationNotification)
        assert ended.subscription_id == made.rpartition("/")[2]
        client.numbers.assign(OWN, project.id, default=True)
