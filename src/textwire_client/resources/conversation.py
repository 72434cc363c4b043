"""`client.conversation`: texts to and from numbers, with the calls and names that Kandy's SDKs have for them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

from textwire_client.calls import Resource, call, steps
from textwire_client.errors import TextwireError
from textwire_client.looking import DEFAULT, default_number, every
from textwire_client.notification import Notification
from textwire_client.pages import Page
from textwire_client.plans import Pause, Plan, asked
from textwire_client.request import Request, path
from textwire_client.values import (
    CreatedMessage,
    DeliveryInfo,
    Message,
    MessageStory,
    NewSubscription,
    SentToMany,
    Subscription,
)

D = TypeVar("D")

SUBSCRIBED = ("message.received", "message.accepted", "message.deleted", "number.unassigned")
"""What a subscription hears of: texts in, texts out, texts deleted, and that somebody may not use the number any more."""

UNDER_WAY = frozenset({"scheduled", "queued", "submitting"})
IMPOSSIBLE = frozenset({"rejected", "failed", "expired", "canceled"})
SHORTEST_LOOK, LONGEST_LOOK = 0.03, 0.5

Seen: TypeAlias = "Message | MessageStory"


class Messaging(Resource[D]):
    """`client.conversation`: send and be told, in the words of Kandy's SDKs, over the own API.

    It is another way to say what `client.messages` (send, look) and `client.hooks` (be told) do, for programs that
    know Kandy's calls; nothing that is sent or subscribed here is of another kind. `client.conversations`, in the
    plural, is the list of what was said, as the server keeps it.
    """

    def __init__(self, driver: D, notification: Notification) -> None:
        super().__init__(driver)
        self._notification = notification

    @steps
    def create_message(
        self, *, destination_address: str | Sequence[str], message: str, sender_address: str = DEFAULT,
        wait: float = 2.0, idempotency_key: str | None = None,
    ) -> Plan[CreatedMessage]:  # fmt: skip
        """Send a text to a number, or to up to 1,000: all of them, or none if one is refused.

        The message is safe with the server before this returns. For up to `wait` seconds it also waits for what the
        network says, so that `delivery_info` can tell what will not arrive; `wait=0` does not.
        """
        return _create(destination_address, message, sender_address, wait, idempotency_key)

    @steps
    def subscribe(
        self, *, webhook_url: str, destination_address: str | None = None, idempotency_key: str | None = None
    ) -> Plan[NewSubscription]:
        """Have an address told of a number's texts: of one's default number if none is named.

        This is a hook (`client.hooks`) that is limited to that number. Its secret is in the answer, this once;
        `client.notification.parse` of this client knows it already, another process has to be given it.
        """
        return self._subscribe(webhook_url, destination_address, idempotency_key)

    @steps
    def subscriptions(self) -> Plan[tuple[Subscription, ...]]:
        """All webhooks that are about one number, newest first, whoever made them."""
        return _subscriptions()

    @call
    def unsubscribe(self, subscription_id: str) -> Request[None]:
        """Tell it nothing any more."""
        self._notification.forget(subscription_id)
        return Request(method="DELETE", path=path("hooks", subscription_id))

    def _subscribe(self, url: str, number: str | None, key: str | None) -> Plan[NewSubscription]:
        if number is None or number == DEFAULT:
            number = yield from default_number()
        body = {"url": url, "events": list(SUBSCRIBED), "numbers": [number]}
        made = yield from asked(
            Request[NewSubscription](
                method="POST", path=path("hooks"), answer=NewSubscription, body=body, creates=True,
                idempotency_key=key,
            )
        )  # fmt: skip
        self._notification.learn(made.id, made.secret)
        return made


def _create(
    to: str | Sequence[str], text: str, sender: str, wait: float, key: str | None
) -> Plan[CreatedMessage]:
    body = {"to": to if isinstance(to, str) else list(to), "text": text, "from": sender}
    one = isinstance(to, str)
    request: Request[Any] = Request(
        method="POST", path=path("messages"), answer=Message if one else SentToMany, body=body, creates=True,
        idempotency_key=key,
    )  # fmt: skip
    answer = yield from asked(request)
    messages: tuple[Seen, ...] = (answer,) if one else answer.messages
    with contextlib.suppress(
        TextwireError
    ):  # it is sent: that it cannot be looked at now is no reason to raise
        messages = yield from _settled(messages, wait)
    return CreatedMessage(
        message=text, sender_address=messages[0].from_, delivery_info=tuple(_info(one) for one in messages)
    )


def _info(message: Seen) -> DeliveryInfo:
    return DeliveryInfo(
        destination_address=message.to, message_id=message.id, state=message.state,
        delivery_status="DeliveryImpossible" if message.state in IMPOSSIBLE else "DeliveredToNetwork",
    )  # fmt: skip


def _settled(messages: tuple[Seen, ...], wait: float) -> Plan[tuple[Seen, ...]]:
    """The messages once the network has said something of each, or when the time is over."""
    deadline, pause = time.monotonic() + wait, SHORTEST_LOOK
    while any(one.state in UNDER_WAY and one.send_at is None for one in messages):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        yield Pause(min(pause, left))
        pause = min(LONGEST_LOOK, pause * 1.5)
        found = {one.id: one for one in (yield from _looked_at(messages[0]))}
        messages = tuple(found.get(one.id, one) for one in messages)
    return messages


def _looked_at(message: Seen) -> Plan[tuple[Seen, ...]]:
    """The message as it is now, and all that were sent with it."""
    if message.batch is None:
        where = path("messages", message.id)
        return ((yield from asked(Request[MessageStory](method="GET", path=where, answer=MessageStory))),)
    query = {"batch": message.batch, "limit": 100}
    return (yield from every(Request[Page[Message]](method="GET", path=path("messages"), answer=Page[Message],
                                                    query=query)))  # fmt: skip


def _subscriptions() -> Plan[tuple[Subscription, ...]]:
    request: Request[Page[Subscription]] = Request(
        method="GET", path=path("hooks"), answer=Page[Subscription], query={"limit": 100}
    )
    hooks = yield from every(request)
    return tuple(one for one in hooks if one.numbers is not None and len(one.numbers) == 1)
