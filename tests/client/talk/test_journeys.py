"""What the tutorial of Kandy's browser SDK teaches, in Python's spelling, against a real server: both clients."""

import logging
import queue
import secrets
from typing import Any

import pytest

from tests.serving import Server
from textwire_client import (
    AsyncClient,
    Client,
    ConnectionFailed,
    ConversationsChange,
    MessagesChange,
    NotFound,
    SubscriptionChange,
    SubscriptionError,
    Unauthorized,
)

OWN, OTHER = "+16139998877", "+447700900001"
SECONDS = 30.0


def handset() -> str:
    return f"+4477{secrets.randbelow(10**4):04}{secrets.randbelow(8999) + 1000:04}"


def smsinbound(number: str) -> list[dict[str, Any]]:
    return [{"service": "smsinbound", "params": {"destinationAddress": number}}]


class Heard:
    """What callbacks were called with."""

    def __init__(self, client: Any, *names: str) -> None:
        self._queue: queue.Queue[Any] = queue.Queue()
        for name in names:
            client.on(name, self._queue.put)

    def next(self) -> Any:
        return self._queue.get(timeout=SECONDS)

    def until(self, type: str) -> Any:
        """The next change that an event of this type made."""
        while True:
            change = self.next()
            if change.event.type == type:
                return change

    def nothing_more(self) -> bool:
        return self._queue.empty()


def test_the_tutorial_as_it_stands(running: Server, key: str, hearing: Any) -> None:
    client, person, log = hearing(running.url, key), handset(), queue.Queue[str]()
    current: Any = None

    def render(conversation: Any, message_id: str) -> None:
        message = conversation.get_message(message_id)
        log.put(f"{message.from_}: {message.text}")

    def on_messages(event: MessagesChange) -> None:
        if event.event.type in {"message.accepted", "message.received"}:
            nonlocal current
            current = client_conversation_get(event.destination[0])
            render(current, event.message_id)

    def on_conversations(convos: ConversationsChange) -> None:
        nonlocal current
        if current is None:
            current = client_conversation_get(convos.destination[0])
            render(current, convos.message_id or "")

    # `get` asks nobody, so the client that awaits has it without awaiting, too.
    behind = getattr(client, "_client", client)

    def client_conversation_get(destination: str) -> Any:
        return behind.conversation.get(destination, type="sms")

    def subscribed(_: SubscriptionChange) -> None:
        subscriptions = behind.services.subscriptions()
        if subscriptions.subscribed:
            log.put("Successfully subscribed")

    client.on("messages:change", on_messages)
    client.on("conversations:change", on_conversations)
    client.on("subscription:change", subscribed)
    client.on("subscription:error", lambda params: log.put(f"Unable to subscribe. Error: {params.error}"))
    client.services.subscribe(smsinbound(OWN), "websocket")
    assert log.get(timeout=SECONDS) == "Successfully subscribed"

    conversation = client.conversation.create([person], type="sms")
    conversation.create_message("hi :)").send()
    assert log.get(timeout=SECONDS) == f"{OWN}: hi :)"
    client.simnet.phones.text(person, to=OWN, text="hello back")
    assert log.get(timeout=SECONDS) == f"{person}: hello back"
    stranger = handset()
    client.simnet.phones.text(stranger, to=OWN, text="who are you?")
    assert log.get(timeout=SECONDS) == f"{stranger}: who are you?"
    assert [one.text for one in conversation.messages] == ["hi :)", "hello back"]


def test_a_conversation_is_told_of_before_anybody_has_begun_it(
    running: Server, key: str, hearing: Any
) -> None:
    client, person = hearing(running.url, key), handset()
    heard = Heard(client, "messages:change", "conversations:change")
    client.services.subscribe(smsinbound(OWN))
    client.simnet.phones.text(person, to=OWN, text="hi")
    first, begun = heard.next(), heard.next()
    assert (first.destination, first.type, first.sender, first.event.type) == (
        (person,),
        "sms",
        person,
        "message.received",
    )
    assert begun == ConversationsChange(destination=(person,), message_id=first.message_id)
    client.simnet.phones.text(person, to=OWN, text="again")
    assert heard.next().message_id != first.message_id
    found = client.conversation.get(person)
    assert [one.text for one in found.messages] == ["hi", "again"]
    assert (found.sender_address, found.destination, found.last_message.text) == (OWN, (person,), "again")
    assert client.conversation.get_all() == (found,)
    assert heard.nothing_more()


def test_what_becomes_of_a_text_is_told_and_kept(running: Server, key: str, hearing: Any) -> None:
    client, person = hearing(running.url, key), handset()
    heard = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    draft = client.conversation.create([person]).create_message("hi")
    assert (draft.text, draft.destination) == ("hi", (person,))
    sent = draft.send()
    assert draft.send() == sent  # the same text, not another one
    delivered = heard.until("message.delivered")
    conversation = client.conversation.get(person)
    assert [one.state for one in conversation.messages] == ["delivered"]
    assert delivered.message_id == sent.id == conversation.get_message(sent.id).id
    assert conversation.get_message("1") is None


def test_a_text_that_another_program_sends_is_heard_of_too(running: Server, key: str, hearing: Any) -> None:
    client, person = hearing(running.url, key), handset()
    heard = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    with Client(running.url, key) as other:
        other.messages.send(person, "from elsewhere", from_=OWN)
        other.messages.send(person, "of another number", from_=OTHER)
    assert heard.until("message.delivered").destination == (person,)
    assert [one.text for one in client.conversation.get(person).messages] == ["from elsewhere"]


def test_messages_are_read_marked_and_deleted(running: Server, key: str, hearing: Any) -> None:
    client, person = hearing(running.url, key), handset()
    with Client(running.url, key) as other:
        for n in range(3):
            other.simnet.phones.text(person, to=OWN, text=f"text {n}")
    conversation = client.conversation.create(
        [person]
    )  # nothing is subscribed: the default number will be found
    assert (conversation.sender_address, conversation.messages) == ("default", ())
    assert [one.text for one in conversation.fetch_messages(2)] == ["text 1", "text 2"]
    assert conversation.sender_address == OWN
    assert [one.text for one in conversation.fetch_messages()] == ["text 0", "text 1", "text 2"]
    [found] = [one for one in client.conversation.fetch(unread=True) if one.destination == (person,)]
    assert found == conversation
    assert conversation.mark_read().unread == 0
    heard = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    conversation.delete_messages([conversation.messages[0].id])
    gone = heard.next()
    assert (gone.event.type, gone.destination) == ("message.deleted", (person,))
    assert [one.text for one in conversation.messages] == ["text 1", "text 2"]
    assert conversation.delete().deleted == 2
    assert [heard.next().destination for _ in range(2)] == [(person,), (person,)]
    assert conversation.messages == ()
    assert client.conversation.get(person) is None


def test_a_message_that_others_delete_is_gone_here_too(running: Server, key: str, hearing: Any) -> None:
    client, person = hearing(running.url, key), handset()
    heard = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    client.simnet.phones.text(person, to=OWN, text="hi")
    came = heard.next().message_id
    with Client(running.url, key) as other:
        other.messages.delete(came)
    gone = heard.next()
    assert (gone.message_id, gone.destination) == (came, (person,))
    assert client.conversation.get(person).messages == ()


def test_numbers_join_and_leave_while_others_go_on(running: Server, key: str, hearing: Any) -> None:
    client = hearing(running.url, key)
    heard, changes = Heard(client, "messages:change"), Heard(client, "subscription:change")
    assert client.services.subscriptions().subscribed == ()
    assert client.services.subscribe(smsinbound(OWN)).numbers == (OWN,)
    assert client.services.subscribe(smsinbound(f"tel:{OTHER}")).numbers == (OWN, OTHER)
    people = [handset() for _ in range(4)]
    for person, own in zip(people, (OWN, OTHER, OWN, OTHER), strict=True):
        client.simnet.phones.text(person, to=own, text="hi")
    assert [heard.next().sender for _ in range(4)] == people
    assert client.services.unsubscribe(smsinbound(OWN)).numbers == (OTHER,)
    client.simnet.phones.text(handset(), to=OWN, text="too late")
    last = handset()
    client.simnet.phones.text(last, to=OTHER, text="in time")
    assert heard.next().sender == last
    assert client.services.unsubscribe(["smsinbound"]).subscribed == ()
    assert [changes.next() for _ in range(4)] == [SubscriptionChange()] * 4
    assert client.services.subscribe(["smsinbound"]).numbers == (OWN,)  # the default number
    client.simnet.phones.text(last, to=OWN, text="again")
    assert heard.next().sender == last
    assert client.services.after is not None


def test_what_happened_meanwhile_is_told_to_who_says_where_he_was(
    running: Server, key: str, hearing: Any
) -> None:
    client, heard_first = hearing(running.url, key), None
    heard_first = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    client.simnet.phones.text(handset(), to=OWN, text="one")
    place = heard_first.next().event.id
    client.close()
    missed = handset()
    with Client(running.url, key) as other:
        other.simnet.phones.text(missed, to=OWN, text="two")
    again = hearing(running.url, key)
    heard = Heard(again, "messages:change")
    again.services.subscribe(smsinbound(OWN), after=place)
    assert heard.next().sender == missed


def test_a_callback_that_fails_stops_nothing(
    running: Server, key: str, hearing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = hearing(running.url, key)

    def fails(_: MessagesChange) -> None:
        raise RuntimeError("a mistake")

    client.on("messages:change", fails)
    heard = Heard(client, "messages:change")
    client.services.subscribe(smsinbound(OWN))
    with caplog.at_level(logging.ERROR, "textwire_client"):
        for _ in range(2):
            client.simnet.phones.text(handset(), to=OWN, text="hi")
            heard.next()
    assert [record.getMessage() for record in caplog.records] == [
        "a callback of messages:change has failed"
    ] * 2
    client.off("messages:change", fails)
    client.simnet.phones.text(handset(), to=OWN, text="hi")
    heard.next()
    assert len(caplog.records) == 2


def test_callbacks_may_make_calls_and_end_it_all(running: Server, key: str) -> None:
    person, done = handset(), queue.Queue[str]()
    client = Client(running.url, key)

    @client.on("messages:change")
    def reply(change: MessagesChange) -> None:
        if change.event.type == "message.received":
            talk = client.conversation.get(change.destination)
            assert talk is not None
            done.put(talk.create_message("you too").send().to)
            client.services.unsubscribe()
            client.close()
            done.put("closed")

    client.services.subscribe(smsinbound(OWN))
    client.simnet.phones.text(person, to=OWN, text="have a good day")
    assert (done.get(timeout=SECONDS), done.get(timeout=SECONDS)) == (person, "closed")
    with pytest.raises(ConnectionFailed):
        client.services.subscribe(smsinbound(OWN))


async def test_coroutines_may_make_calls_and_end_it_all(running: Server, key: str) -> None:
    import asyncio

    person, done = handset(), asyncio.Queue[str]()
    client = AsyncClient(running.url, key)

    @client.on("messages:change")
    async def reply(change: MessagesChange) -> None:
        if change.event.type == "message.received":
            talk = client.conversation.get(change.destination)
            assert talk is not None
            await done.put((await talk.create_message("you too").send()).to)
            await client.services.unsubscribe()
            await client.close()
            await done.put("closed")

    await client.services.subscribe(smsinbound(OWN))
    await client.simnet.phones.text(person, to=OWN, text="have a good day")
    assert await asyncio.wait_for(done.get(), SECONDS) == person
    assert await asyncio.wait_for(done.get(), SECONDS) == "closed"
    with pytest.raises(ConnectionFailed):
        await client.services.subscribe(smsinbound(OWN))


def test_after_close_nobody_is_called(running: Server, key: str, hearing: Any) -> None:
    client = hearing(running.url, key)
    heard = Heard(client, "messages:change", "subscription:error")
    client.services.subscribe(smsinbound(OWN))
    client.close()
    with Client(running.url, key) as other, other.live(numbers=[OWN]) as live:
        other.simnet.phones.text(handset(), to=OWN, text="hi")
        assert live.next(SECONDS) is not None
    assert heard.nothing_more()


def test_a_number_that_is_somebody_elses_is_refused_and_told(running: Server, key: str, hearing: Any) -> None:
    client = hearing(running.url, key)
    heard = Heard(client, "subscription:error")
    with pytest.raises(NotFound):
        client.services.subscribe(smsinbound("+16135550100"))
    told = heard.next()
    assert isinstance(told, SubscriptionError)
    assert isinstance(told.error, NotFound)
    assert "not_found" in told.message
    assert client.services.subscriptions().subscribed == ()
    assert not client.services.subscriptions().is_pending
    client.services.subscribe(smsinbound(OWN))  # it is not the end


def test_a_key_that_is_over_ends_the_subscriptions(running: Server, key: str, hearing: Any) -> None:
    with Client(running.url, key) as operator:
        made = operator.keys.create("short", ["read"])
        client = hearing(running.url, made.key)
        errors, changes = Heard(client, "subscription:error"), Heard(client, "subscription:change")
        client.services.subscribe(smsinbound(OWN))
        assert changes.next() == SubscriptionChange()
        operator.keys.delete(made.id)
        told = errors.next()
        assert isinstance(told.error, Unauthorized)
        assert changes.next() == SubscriptionChange(reason=told.message)
        assert client.services.subscriptions().subscribed == ()


@pytest.mark.parametrize(
    "services",
    [[], "smsinbound", {"service": "smsinbound"}, ["call"], [{"service": "chat"}], [{}],
     [{"service": "smsinbound", "params": {"destinationAddress": 7}}]],
)  # fmt: skip
def test_what_is_no_service_is_refused(hearing: Any, services: Any) -> None:
    with pytest.raises(ValueError):
        hearing("http://127.0.0.1:9", "k").services.subscribe(services)


def test_a_webhook_is_subscribed_to_elsewhere(hearing: Any) -> None:
    with pytest.raises(ValueError, match=r"conversation\.subscribe"):
        hearing("http://127.0.0.1:9", "k").services.subscribe(smsinbound(OWN), "webhooks")


def test_an_event_that_there_is_not_is_refused(hearing: Any) -> None:
    client = hearing("http://127.0.0.1:9", "k")
    with pytest.raises(ValueError, match="messages:change"):
        client.on("message:change", print)


def test_nobody_would_await_a_coroutine_of_the_client_that_blocks() -> None:
    async def reply(_: MessagesChange) -> None: ...

    class Replies:
        async def __call__(self, _: MessagesChange) -> None: ...

    with Client("http://127.0.0.1:9", "k") as client:
        for callback in (reply, Replies()):
            with pytest.raises(TypeError, match="AsyncClient"):
                client.on("messages:change", callback)
        with pytest.raises(TypeError):
            client.on("messages:change", 7)  # type: ignore[call-overload]


@pytest.mark.parametrize("participants", [[], ["+1", "+2"], "", [""], [7]])
def test_a_conversation_has_one_other_end(participants: Any) -> None:
    with Client("http://127.0.0.1:9", "k") as client, pytest.raises(ValueError):
        client.conversation.create(participants)


def test_a_conversation_of_another_type_is_refused() -> None:
    with Client("http://127.0.0.1:9", "k") as client, pytest.raises(ValueError, match="sms"):
        client.conversation.create(["+16131234567"], type="chat-oneToOne")  # type: ignore[arg-type]


@pytest.mark.parametrize("spelled", ["+16131234567", " tel:+16131234567", "sip:+16131234567@domain"])
def test_a_participant_may_be_spelled_as_the_tutorial_allows(spelled: str) -> None:
    with Client("http://127.0.0.1:9", "k") as client:
        assert client.conversation.create([spelled]).destination == ("+16131234567",)
        assert client.conversation.get("+16131234567") == client.conversation.create(spelled)
