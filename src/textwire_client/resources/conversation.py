"""`client.conversation`: texts to and from numbers, with the calls and names that Kandy's SDKs have for them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from textwire_client.calls import Resource, call, steps
from textwire_client.errors import TextwireError
from textwire_client.looking import DEFAULT, default_number, every, plain
from textwire_client.notification import Notification
from textwire_client.pages import Page
from textwire_client.plans import Pause, Plan, asked
from textwire_client.request import Request, path
from textwire_client.talk.book import MOST_CONVERSATIONS, Strand
from textwire_client.talk.channel import Channel
from textwire_client.values import Conversation as Summary
from textwire_client.values import (
    CreatedMessage,
    DeliveryInfo,
    Message,
    MessageStory,
    NewSubscription,
    SentToMany,
    Subscription,
)

from .talks import Talk

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
    plural, is the list of what was said, as the server keeps it. `create` and `get` give conversations that one holds:
    they remember what was said as far as this client has seen it.
    """

    def __init__(self, driver: D, notification: Notification, channel: Channel) -> None:
        super().__init__(driver)
        self._notification, self._channel, self._book = notification, channel, channel.book

    @steps
    def create_message(
        self, *, destination_address: str | Sequence[str], message: str, sender_address: str = DEFAULT,
        wait: float = 2.0, idempotency_key: str | None = None,
    ) -> Plan[CreatedMessage]:  # fmt: skip
        """Send a text to a number, or to up to 1,000: all of them, or none if one is refused.

        The message is safe with the server before this returns. For up to `wait` seconds it also waits for what the
        network says, so that `delivery_info` can tell what will not arrive; `wait=0` does not. It raises what
        `client.messages.send` raises.
        """
        return _create(destination_address, message, sender_address, wait, idempotency_key)

    @steps
    def subscribe(
        self, *, webhook_url: str, destination_address: str | None = None, idempotency_key: str | None = None
    ) -> Plan[NewSubscription]:
        """Have an address told of a number's texts: of one's default number if none is named.

        This is a hook (`client.hooks`) that is limited to that number. Its secret is in the answer, this once;
        `client.notification.parse` of this client knows it already, another process has to be given it.
        NoDefaultNumber; InvalidRequest for an address that is never called.
        """
        return self._subscribe(webhook_url, destination_address, idempotency_key)

    @steps
    def subscriptions(self) -> Plan[tuple[Subscription, ...]]:
        """All webhooks that are about one number, newest first, whoever made them."""
        return _subscriptions()

    @call
    def unsubscribe(self, subscription_id: str) -> Request[None]:
        """Tell it nothing any more; NotFound for a subscription that there is not."""
        self._notification.forget(subscription_id)
        return Request(method="DELETE", path=path("hooks", subscription_id))

    def create(
        self,
        participants: str | Sequence[str],
        *,
        type: Literal["sms"] = "sms",
        sender_address: str | None = None,
    ) -> Talk[D]:
        """A conversation with a number elsewhere, the one that there is or a new one; asks the server for nothing.

        It is held from `sender_address`; else from the number that `client.services` is subscribed to, the first of
        several; else from the default one. Up to 1,000 conversations are kept, those that were active last. ValueError for
        anything but one number.
        """
        number = None if sender_address == DEFAULT else sender_address
        if sender_address is None:
            number = next(iter(self._channel.wish.numbers), None)
        return self._held(self._book.open(_participant(participants, type), number))

    def get(
        self,
        destination: str | Sequence[str],
        *,
        type: Literal["sms"] = "sms",
        sender_address: str | None = None,
    ) -> Talk[D] | None:
        """The conversation with this number that was active last, if there is one here: begun, told of or fetched."""
        number = None if sender_address == DEFAULT else sender_address
        strand = self._book.find(_participant(destination, type), number)
        return None if strand is None else self._held(strand)

    def get_all(self) -> tuple[Talk[D], ...]:
        """All that there are here, the one that was active last first."""
        return tuple(self._held(strand) for strand in self._book.all())

    @steps
    def fetch(
        self, *, sender_address: str | None = None, unread: bool | None = None, limit: int = 100
    ) -> Plan[tuple[Talk[D], ...]]:
        """Read the conversations that were active last from the server, up to 1,000, each with its newest message."""
        return self._fetch(sender_address, unread, min(limit, MOST_CONVERSATIONS))

    def _held(self, strand: Strand) -> Talk[D]:
        return Talk(self._driver, self._book, strand)

    def _fetch(self, number: str | None, unread: bool | None, limit: int) -> Plan[tuple[Talk[D], ...]]:
        request: Request[Page[Summary]] = Request(
            method="GET", path=path("conversations"), answer=Page[Summary],
            query={"number": number, "unread": unread, "limit": max(1, min(100, limit))},
        )  # fmt: skip
        found = (yield from every(request, limit))[:limit]
        for summary in reversed(found):  # so that the one that was active last is noted last
            if summary.last is not None:
                self._book.note(summary.last)
        return tuple(self._held(self._book.open(one.remote, one.number)) for one in found)

    def _subscribe(self, url: str, number: str | None, key: str | None) -> Plan[NewSubscription]:
        if number is None or number == DEFAULT:
            number = yield from default_number()
        body = {"url": url, "events": list(SUBSCRIBED), "numbers": [plain(number)]}
        made = yield from asked(
            Request[NewSubscription](
                method="POST", path=path("hooks"), answer=NewSubscription, body=body, creates=True,
                idempotency_key=key,
            )
        )  # fmt: skip
        self._notification.learn(made.id, made.secret)
        return made


def _participant(written: str | Sequence[str], type: str) -> str:
    """The one number of a conversation, without what tutorials write around it."""
    if type != "sms":
        raise ValueError(f"conversations are of type 'sms' here, not {type!r}")
    numbers = (written,) if isinstance(written, str) else tuple(written)
    if len(numbers) != 1 or not isinstance(numbers[0], str):
        raise ValueError("a conversation has one number at its other end")
    number = plain(numbers[0])
    if not number:
        raise ValueError("not a number: ''")
    return number


def _create(
    to: str | Sequence[str], text: str, sender: str, wait: float, key: str | None
) -> Plan[CreatedMessage]:
    body = {"to": to if isinstance(to, str) else list(to), "text": text, "from": plain(sender)}
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
