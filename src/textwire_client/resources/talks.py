"""A conversation that one holds: its messages as far as they were seen, and the next text to be sent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, TypeVar

from textwire_client.calls import Resource, following, steps
from textwire_client.looking import DEFAULT, default_number
from textwire_client.pages import Page
from textwire_client.plans import Plan, asked
from textwire_client.request import Request, path
from textwire_client.talk.book import MOST_MESSAGES, Book, Strand
from textwire_client.values import Conversation, Deleted, Message

D = TypeVar("D")
PAGE = 100


class Draft(Resource[D]):
    """A text that is not sent yet."""

    def __init__(self, driver: D, book: Book, strand: Strand, text: str) -> None:
        super().__init__(driver)
        self.text, self._book, self._strand = text, book, strand
        self._key = os.urandom(16).hex()

    @property
    def destination(self) -> tuple[str, ...]:
        """To whom it goes."""
        return (self._strand.remote,)

    @steps
    def send(self) -> Plan[Message]:
        """Send it. It goes once, however often this is called. It raises what `client.messages.send` raises."""
        return self._send()

    def _send(self) -> Plan[Message]:
        body = {"to": self._strand.remote, "text": self.text, "from": self._strand.number or DEFAULT}
        message = yield from asked(
            Request[Message](method="POST", path=path("messages"), answer=Message, body=body, creates=True,
                             idempotency_key=self._key)
        )  # fmt: skip
        self._book.bind(self._strand, message)
        self._book.note(message)
        return message


class Talk(Resource[D]):
    """A conversation with a number elsewhere, of `client.conversation.create` or `.get`.

    `messages` are those that this client has seen: what was sent from here, what came over the socket
    (`client.services.subscribe`), what was read with `fetch_messages`; up to 1,000, the oldest go.
    """

    type: Literal["sms"] = "sms"

    def __init__(self, driver: D, book: Book, strand: Strand) -> None:
        super().__init__(driver)
        self._book, self._strand = book, strand

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Talk) and other._strand is self._strand

    def __hash__(self) -> int:
        return id(self._strand)

    def __repr__(self) -> str:
        return f"<conversation of {self.sender_address} with {self._strand.remote}>"

    @property
    def destination(self) -> tuple[str, ...]:
        """The number elsewhere."""
        return (self._strand.remote,)

    @property
    def sender_address(self) -> str:
        """The number of ours; `default` until it is known which one that is."""
        return self._strand.number or DEFAULT

    @property
    def messages(self) -> tuple[Message, ...]:
        """Oldest first, each as it is after the latest that is known of it."""
        with self._book.lock:
            return self._strand.in_order()

    @property
    def last_message(self) -> Message | None:
        """The newest one."""
        return next(reversed(self.messages), None)

    def get_message(self, message_id: str) -> Message | None:
        """One of them."""
        with self._book.lock:
            return self._strand.messages.get(message_id)

    def create_message(self, text: str) -> Draft[D]:
        """A text to be sent with `.send()`."""
        return Draft(self._driver, self._book, self._strand, text)

    @steps
    def fetch_messages(self, amount: int = 50) -> Plan[tuple[Message, ...]]:
        """Read the newest `amount` messages (up to 1,000) from the server; all that are known then."""
        return self._fetch(min(amount, MOST_MESSAGES))

    @steps
    def mark_read(self) -> Plan[Conversation]:
        """Everything that has come so far is read."""
        return self._mark_read()

    @steps
    def delete(self) -> Plan[Deleted]:
        """Delete the conversation for the whole account; what is still under way is kept."""
        return self._delete()

    @steps
    def delete_messages(self, message_ids: Sequence[str]) -> Plan[None]:
        """Delete some of its messages for the whole account; Conflict for one that is still under way."""
        return self._delete_messages(tuple(message_ids))

    def _where(self) -> Plan[tuple[str, str]]:
        number = self._strand.number or (yield from default_number())
        return number, self._strand.remote

    def _fetch(self, amount: int) -> Plan[tuple[Message, ...]]:
        where = yield from self._where()
        request: Request[Page[Message]] = Request(
            method="GET", path=path("conversations", *where, "messages"), answer=Page[Message],
            query={"limit": max(1, min(PAGE, amount))},
        )  # fmt: skip
        while amount > 0:
            page = yield from asked(request)
            for message in page.items[:amount]:
                self._book.bind(self._strand, message)
                self._book.note(message)
            amount -= len(page.items)
            if page.next is None:
                break
            request = following(request, page.next)
        return self.messages

    def _mark_read(self) -> Plan[Conversation]:
        where = path("conversations", *(yield from self._where()), "read")
        return (
            yield from asked(
                Request[Conversation](method="POST", path=where, answer=Conversation, repeatable=True)
            )
        )

    def _delete(self) -> Plan[Deleted]:
        where = path("conversations", *(yield from self._where()))
        deleted = yield from asked(Request[Deleted](method="DELETE", path=where, answer=Deleted))
        self._book.close(self._strand)
        return deleted

    def _delete_messages(self, messages: tuple[str, ...]) -> Plan[None]:
        number, remote = yield from self._where()
        for message in messages:
            where = path("conversations", number, remote, "messages", message)
            yield from asked(Request[None](method="DELETE", path=where))
            self._book.delete(message)
