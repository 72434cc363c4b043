"""What editors and type checkers know of the client: `test_types.py` has this checked by mypy and pyright; it is never run."""

from typing import TYPE_CHECKING, assert_type

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from textwire_client import (
        AsyncClient,
        Client,
        CreatedMessage,
        Event,
        KandyNotification,
        Message,
        MessagesChange,
        NewSubscription,
        ServiceSubscriptions,
        Subscription,
        SubscriptionChange,
        SubscriptionError,
    )
    from textwire_client.awaiting import Awaiting
    from textwire_client.blocking import Blocking
    from textwire_client.pages import AsyncPages, Pages
    from textwire_client.resources.talks import Draft, Talk

    def blocks(client: Client) -> None:
        assert_type(client.messages.send("+1", "hi"), Message)
        assert_type(client.messages.list(), Pages[Message])
        assert_type(
            client.conversation.create_message(destination_address="+1", message="hi"), CreatedMessage
        )
        assert_type(client.conversation.subscribe(webhook_url="https://a.example"), NewSubscription)
        assert_type(client.conversation.subscriptions(), tuple[Subscription, ...])
        assert_type(client.conversation.unsubscribe("id"), None)
        assert_type(client.services.subscribe(["smsinbound"], "websocket"), ServiceSubscriptions)
        talk = client.conversation.create(["+1"], type="sms")
        assert_type(talk, Talk[Blocking])
        assert_type(client.conversation.get("+1"), Talk[Blocking] | None)
        assert_type(client.conversation.fetch(), tuple[Talk[Blocking], ...])
        assert_type(talk.create_message("hi"), Draft[Blocking])
        assert_type(talk.create_message("hi").send(), Message)
        assert_type(talk.messages, tuple[Message, ...])
        assert_type(talk.fetch_messages(10), tuple[Message, ...])

    async def awaits(client: AsyncClient) -> None:
        sending: Coroutine[Any, Any, Message] = client.messages.send("+1", "hi")
        assert_type(await sending, Message)
        assert_type(client.messages.list(), AsyncPages[Message])
        assert_type(await client.conversation.subscriptions(), tuple[Subscription, ...])
        assert_type(await client.services.subscribe(["smsinbound"]), ServiceSubscriptions)
        talk = client.conversation.create(["+1"])
        assert_type(talk, Talk[Awaiting])
        assert_type(await client.conversation.fetch(), tuple[Talk[Awaiting], ...])
        assert_type(await talk.create_message("hi").send(), Message)

    def hears(client: Client, other: AsyncClient) -> None:
        def subscribed(change: SubscriptionChange) -> None: ...
        def failed(failure: SubscriptionError) -> None: ...

        client.on("subscription:change", subscribed)
        client.on("subscription:error", failed)
        client.on("subscription:error", subscribed)  # type: ignore[call-overload]  # pyright: ignore

        @client.on("messages:change")
        def reply(change: MessagesChange) -> int:
            return len(change.message_id)

        @other.on("messages:change")
        async def awaited(change: MessagesChange) -> None:
            assert_type(change.event, Event)

        other.off("messages:change", awaited)
        assert_type(
            reply(MessagesChange(destination=(), message_id="", sender="", event=Event.__new__(Event))), int
        )

    def reads(client: Client, body: bytes) -> None:
        assert_type(client.notification.parse(body, {}), Event)
        told = client.notification.parse(body, signed=False)
        assert_type(told, KandyNotification)
        if told.type == "inbound" or told.type == "outbound":
            assert_type(told.message, str)
        if told.type == "subscriptionCancel":
            assert_type(told.subscription_id, str)
        seen = client.notification.parse(body, {}).notification
        if seen is not None and seen.type == "event":
            assert_type(seen.event_details.type, str)
