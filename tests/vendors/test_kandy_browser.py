"""Kandy's own browser SDK, @kandy-io/cpaas-sdk 4.9.0 unmodified from npm, in a browser, on a page of another origin.

Nothing stands between page and server but a wire: what the server does not allow strangers' pages, fails here. This version
has no history of SMS and shows no state with a message; what it keeps is read from its public state.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser

from .browser_client import Client
from .packages import browser_script
from .secure import House
from .site import Wire, site

DID, SECOND_DID, FOREIGN = "+16139998877", "+447700900001", "+16135550100"
PHONE, OTHER_PHONE, REFUSING = "+16131234567", "+16131234568", "+16131230003"
QUICK = {"connectivity": {"pingInterval": 500, "reconnectDelay": 200, "reconnectLimit": 60}}
TEXT = "hello 😀 <img src=x onerror=alert(1)> & ünïcode"

READY = "typeof globalThis.Kandy?.create === 'function'"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A customer's site, with the vendor's script on it."""
    with site({"/": Path(__file__).parent / "pages" / "blank.html", "/kandy.js": browser_script()}) as one:
        yield one


@pytest.fixture
def page(tab: Page, origin: str) -> Iterator[Page]:
    """The customer's page, fresh."""
    tab.forget()
    tab.open(origin + "/")
    tab.until(READY)
    yield tab
    tab.open("about:blank")


@pytest.fixture
def stranger(page: Page, line: Wire) -> Client:
    """A client that has not logged in."""
    return Client(page, "127.0.0.1", line.port, DID, **QUICK)


@pytest.fixture
def client(stranger: Client, home: House) -> Client:
    stranger.login(home.kandy)
    return stranger


@pytest.fixture
def listener(client: Client) -> Iterator[Client]:
    """A client that is subscribed."""
    client.subscribe()
    assert client.subscribed() == ["smsinbound"]
    yield client
    client.page.until("client.services.getSubscriptions().isPending === false")
    if client.subscribed():
        client.unsubscribe()
        assert client.subscribed() == []


def test_a_wrong_password_is_told_to_a_page_of_another_origin(stranger: Client, home: House) -> None:
    kandy = home.kandy
    said = stranger.tokens(
        client_id=kandy["client_id"], username=kandy["email"], password="wrong", grant_type="password"
    )
    assert (said["status"], said["error"]) == (401, "invalid_grant")
    assert "access_token" not in said


def test_a_text_reaches_the_handset_without_a_subscription(client: Client, home: House) -> None:
    client.converse(PHONE)
    client.send(PHONE, TEXT)
    [message] = client.messages(PHONE)
    assert message["id"].startswith("SM1-")
    assert message["text"] == TEXT
    assert message["state"] == "Pending"  # how it calls DeliveredToNetwork
    assert home.arrives(PHONE, TEXT)
    [told] = client.heard("messages:change")
    assert told["messageId"] == message["id"]
    assert told["destination"] == [PHONE]


def test_a_number_that_is_not_assigned_fails_and_the_page_is_told(
    page: Page, line: Wire, home: House
) -> None:
    client = Client(page, "127.0.0.1", line.port, FOREIGN)
    client.login(home.kandy)
    client.converse(PHONE)
    client.send(PHONE, "from a number of somebody else")
    [message] = client.messages(PHONE)
    assert (message["id"], message["state"]) == (None, "Failed")
    assert client.heard("messages:change")


def test_without_tokens_nothing_is_sent(stranger: Client, home: House) -> None:
    stranger.run("() => client.setTokens({accessToken: 'a.b.c', idToken: 'e30.e30.e30'})")
    stranger.converse(OTHER_PHONE)
    stranger.send(OTHER_PHONE, "forged")
    [message] = stranger.messages(OTHER_PHONE)
    assert message["state"] == "Failed"
    assert home.api("GET", f"/api/simnet/phones/{OTHER_PHONE}/messages")["items"] == []


def test_a_page_that_names_the_vendors_host_alone_needs_a_mapped_name(page: Page, home: House) -> None:
    client = Client(page, "nvs-apimarket-pro.kandy.io", None, DID)
    client.login(home.kandy)
    client.converse(PHONE)
    client.send(PHONE, "by the vendor's name")
    assert client.messages(PHONE)[0]["state"] == "Pending"


def test_a_subscription_is_made_over_one_socket(listener: Client) -> None:
    assert listener.page.run("client.services.getSubscriptions()") == {
        "subscribed": ["smsinbound"],
        "available": ["call", "chat", "smsinbound", "presence"],
        "isPending": False,
    }
    assert len([url for url in listener.page.sockets if "/websocket?access_token=" in url]) == 1
    assert listener.page.complaints == []


def test_what_a_person_types_begins_a_conversation_and_goes_on_with_it(listener: Client, home: House) -> None:
    home.types(PHONE, DID, TEXT)
    [begun] = listener.heard("conversations:change")
    assert begun["destination"] == [PHONE]
    home.types(PHONE, DID, "and more")
    listener.heard("messages:change")
    first, second = listener.messages(PHONE, 2)
    assert (first["sender"], first["text"], second["text"]) == (PHONE, TEXT, "and more")
    [told, _] = listener.notified("inboundSMSMessageNotification", 2)
    assert told["inboundSMSMessage"]["destinationAddress"] == DID
    assert told["id"] != told["inboundSMSMessage"]["messageId"]
    assert listener.page.complaints == []


def test_a_reply_comes_into_the_conversation_that_was_created(listener: Client, home: House) -> None:
    listener.converse(PHONE)
    listener.send(PHONE, "are you there?")
    listener.messages(PHONE)
    home.types(PHONE, DID, "yes")
    sent, reply = listener.messages(PHONE, 2)
    assert (sent["text"], reply["text"], reply["sender"]) == ("are you there?", "yes", PHONE)


def test_a_delivery_is_told_and_kept_with_the_message(listener: Client) -> None:
    listener.converse(PHONE)
    listener.send(PHONE, "to be delivered")
    listener.messages(PHONE)
    [told] = listener.notified("deliveryInfoNotification")
    assert told["deliveryInfo"]["deliveryStatus"] == "DeliveredToTerminal"
    [message] = listener.messages(PHONE)
    assert (message["id"], message["state"]) == (told["deliveryInfo"]["messageId"], "Delivered")


def test_a_text_that_the_network_refuses_is_failed_in_the_end(listener: Client) -> None:
    listener.converse(REFUSING)
    listener.send(REFUSING, "in vain")
    listener.page.until(state_of(REFUSING, "Failed"))


def test_what_is_sent_comes_back_to_keep_other_windows_alike(listener: Client) -> None:
    listener.converse(PHONE)
    listener.send(PHONE, "to be synchronised")
    [told] = listener.notified("outboundSMSMessageNotification")
    said = told["outboundSMSMessage"]
    assert (said["senderAddress"], said["destinationAddress"]) == (DID, PHONE)
    assert said["message"] == "to be synchronised"


def test_a_deleted_message_is_gone_on_the_server_and_the_socket_tells_it(listener: Client) -> None:
    listener.converse(PHONE)
    listener.send(PHONE, "to be deleted")
    [message] = listener.messages(PHONE)
    listener.delete(PHONE, message["id"])
    [told] = listener.notified("smsEventNotification")
    assert told["eventType"] == "MessageDeleted"
    assert told["link"][0]["href"].endswith(f"/messages/{message['id']}")
    listener.page.until("client.state.get().messaging.conversations[0].messages.length === 0")


def test_a_conversation_can_be_deleted_and_begun_again(client: Client) -> None:
    client.converse(OTHER_PHONE)
    client.send(OTHER_PHONE, "the last word")
    client.messages(OTHER_PHONE)
    thread = f"/remoteAddresses/{OTHER_PHONE}/localAddresses/{DID}/messages"
    assert [one["message"] for one in client.get(thread)["smsMessageList"]["smsMessage"]] == ["the last word"]
    client.delete(OTHER_PHONE)
    client.page.until("client.state.get().messaging.conversations.length === 0")
    assert client.get(thread)["smsMessageList"]["smsMessage"] == []
    client.converse(OTHER_PHONE)
    client.send(OTHER_PHONE, "another word")
    assert client.messages(OTHER_PHONE)[0]["state"] == "Pending"
    assert client.heard("messages:change")
    assert client.page.run("heard.filter(([name]) => name === 'messages:error')") == []


def test_unsubscribing_ends_subscription_socket_and_channel(listener: Client, home: House) -> None:
    listener.unsubscribe()
    assert listener.subscribed() == []
    asked = [(method, url.rpartition("/")[0]) for method, url in listener.page.calls if method == "DELETE"]
    assert [path.rpartition("/")[2] for _, path in asked] == ["subscriptions", "channels"]
    home.types(PHONE, DID, "to nobody")
    listener.subscribe()
    assert listener.subscribed() == ["smsinbound"]
    home.types(PHONE, DID, "to a new channel")
    assert [one["text"] for one in listener.messages(PHONE)] == ["to a new channel"]


def test_two_windows_of_one_user_both_hear_of_it(
    listener: Client, home: House, line: Wire, origin: str, tmp_path: Path
) -> None:
    with browser(tmp_path, home.trust()) as second:
        second.open(origin + "/")
        second.until(READY)
        other = Client(second, "127.0.0.1", line.port, DID, **QUICK)
        other.login(home.kandy)
        other.subscribe()
        assert other.subscribed() == ["smsinbound"]
        home.types(PHONE, DID, "to both")
        for one in (listener, other):
            assert [said["text"] for said in one.messages(PHONE)] == ["to both"]
        other.unsubscribe()
        assert other.subscribed() == []


def test_a_socket_that_was_cut_comes_back_with_what_it_has_missed(
    listener: Client, home: House, line: Wire
) -> None:
    home.types(PHONE, DID, "before")
    listener.messages(PHONE)
    line.down()
    home.types(PHONE, DID, "meanwhile")
    line.up()
    home.types(PHONE, DID, "after")
    assert [one["text"] for one in listener.messages(PHONE, 3)] == ["before", "meanwhile", "after"]
    assert listener.subscribed() == ["smsinbound"]


def test_newer_tokens_keep_the_socket_and_serve_the_next_request(
    listener: Client, home: House, line: Wire
) -> None:
    listener.login(home.kandy)
    listener.converse(PHONE)
    listener.send(PHONE, "with the newer token")
    listener.messages(PHONE)
    line.cut()  # the SDK comes back with its first token
    home.types(PHONE, DID, "still heard")
    assert [one["text"] for one in listener.messages(PHONE, 2)][1] == "still heard"


@pytest.mark.parametrize(
    "method",
    [{"type": "pingPong", "responsibleParty": "server"}, {"type": "keepAlive", "responsibleParty": "client"}],
    ids=["the server pings", "the client pings without an answer"],
)
def test_every_way_to_keep_a_socket_alive_is_known(
    page: Page, home: House, line: Wire, method: dict[str, str]
) -> None:
    client = Client(page, "127.0.0.1", line.port, DID, connectivity={"method": method, "pingInterval": 300})
    client.login(home.kandy)
    client.subscribe()
    assert client.subscribed() == ["smsinbound"]
    home.types(PHONE, DID, "heard")
    assert client.messages(PHONE)[0]["text"] == "heard"
    client.unsubscribe()
    assert client.subscribed() == []


def test_taking_the_number_away_is_told_over_the_socket(page: Page, home: House, line: Wire) -> None:
    client = Client(page, "127.0.0.1", line.port, SECOND_DID, **QUICK)
    client.login(home.kandy)
    user = client.run("() => client.getUserInfo().username")
    home.api("PATCH", f"/api/numbers/{SECOND_DID}", {"assign": {"principal": user}})
    client.subscribe()
    assert client.subscribed() == ["smsinbound"]
    home.api("PATCH", f"/api/numbers/{SECOND_DID}", {"unassign": {"principal": user}})
    [told] = client.notified("smsSubscriptionCancellationNotification")
    assert told["link"][0]["rel"] == "Subscription"
    assert client.subscribed() == ["smsinbound"]  # what it believes is its own affair
    assert home.api("GET", f"/api/numbers/{SECOND_DID}")["assignments"] == []


def test_subscribing_to_a_number_that_is_not_assigned_subscribes_to_nothing(
    page: Page, home: House, line: Wire
) -> None:
    client = Client(page, "127.0.0.1", line.port, FOREIGN, **QUICK)
    client.login(home.kandy)
    client.subscribe()
    client.page.until("heard.filter(([name]) => name === 'subscription:change').length >= 2")
    assert 403 in client.page.answered
    assert client.subscribed() == []


def test_a_restart_of_the_server_loses_neither_subscription_nor_text(listener: Client, home: House) -> None:
    home.types(PHONE, DID, "before")
    listener.messages(PHONE)
    home.restart()
    home.types(PHONE, DID, "after")
    assert [one["text"] for one in listener.messages(PHONE, 2)] == ["before", "after"]
    assert listener.subscribed() == ["smsinbound"]
    listener.send(PHONE, "and back")
    assert listener.messages(PHONE, 3)[2]["state"] in {"Pending", "Delivered"}


def state_of(remote: str, state: str) -> str:
    """Whether the conversation with a number has a message in a state."""
    return (
        f"client.state.get().messaging.conversations.some((one) => one.destination[0] === '{remote}' && "
        f"one.messages.some((message) => message.deliveryStatus === '{state}'))"
    )
