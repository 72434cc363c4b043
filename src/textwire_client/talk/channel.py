"""Which numbers are listened to, from where on, and what an event means for those who listen. No sockets in here."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator

import msgspec

from textwire_client.errors import TextwireError
from textwire_client.following import Following, order
from textwire_client.values import Event, Message
from textwire_client.values.changes import (
    ConversationsChange,
    MessagesChange,
    ServiceSubscriptions,
    SubscriptionChange,
    SubscriptionError,
)

from .book import Book, ends
from .listeners import CONVERSATIONS, ERROR, MESSAGES, SUBSCRIPTION, Listeners, Told

SERVICE = "smsinbound"
EVENTS = (
    "message.accepted", "message.sent", "message.delivered", "message.undelivered", "message.failed",
    "message.rejected", "message.expired", "message.canceled", "message.received", "message.ambiguous",
    "message.deferred", "message.deleted",
)  # fmt: skip


class Wish(msgspec.Struct, frozen=True):
    """What the socket is to ask for; another wish is another object."""

    numbers: tuple[str, ...] = ()
    patience: float = math.inf


class Channel:
    """The numbers that are subscribed to, each with the last event that was told of it.

    A number that joins is told of from the position at which it was subscribed. So the socket goes back to there, and
    what others have had already is known by their places: nothing is left out, nothing comes twice.
    """

    def __init__(self, listeners: Listeners, book: Book) -> None:
        self.listeners, self.book = listeners, book
        self.wish = Wish()
        self.after: str | None = None  # the last event whose callbacks have run
        self._pending = 0
        self._places: dict[str, tuple[int, int]] = {}
        self._last = (0, 0)
        self._positions: list[str] = []  # the next socket begins at the earliest of these
        self._owed: list[Told] = []

    def subscriptions(self) -> ServiceSubscriptions:
        """What is subscribed to now."""
        numbers = self.wish.numbers
        return ServiceSubscriptions(
            subscribed=(SERVICE,) if numbers else (), numbers=numbers, is_pending=self._pending > 0
        )

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """While somebody subscribes."""
        with self.book.lock:
            self._pending += 1
        try:
            yield
        finally:
            with self.book.lock:
                self._pending -= 1

    def add(self, numbers: tuple[str, ...], position: str, patience: float) -> None:
        """Listen to these, too, from this position on."""
        with self.book.lock:
            new = tuple(dict.fromkeys(one for one in numbers if one not in self._places))
            for number in new:
                self._places[number] = order(position)
            if not self.wish.numbers:
                self._last = order(position)
            self._positions.append(position)
            self._ask(Wish((*self.wish.numbers, *new), patience))

    def drop(self, numbers: Iterable[str]) -> None:
        """Do not listen to these any more."""
        with self.book.lock:
            for number in numbers:
                self._places.pop(number, None)
            self._ask(
                Wish(tuple(one for one in self.wish.numbers if one in self._places), self.wish.patience)
            )

    def lost(self, error: TextwireError) -> None:
        """The socket has ended for good."""
        with self.book.lock:
            self._places.clear()
            self.missed(error)
            self._ask(Wish(), reason=str(error))

    def missed(self, error: TextwireError) -> None:
        """Something went wrong."""
        self.owe(Told(ERROR, SubscriptionError(error=error)))

    def begin(self) -> tuple[Wish, Following]:
        """What the next socket asks for, and where it begins."""
        with self.book.lock:
            after = min(self._positions, key=order, default=None)
            self._positions = []
            return self.wish, Following(after, EVENTS, self.wish.numbers, self.wish.patience)

    def leave(self, after: str | None) -> None:
        """The socket was there when it was closed."""
        with self.book.lock:
            if after is not None and self.wish.numbers:
                self._positions.append(after)

    def owe(self, told: Told) -> None:
        """To be told when there is a moment."""
        with self.book.lock:
            self._owed.append(told)

    @property
    def owes(self) -> bool:
        """Whether something is to be told."""
        return bool(self._owed)

    def owed(self) -> list[Told]:
        """What is to be told now."""
        with self.book.lock:
            owed, self._owed = self._owed, []
            return owed

    def take(self, event: Event) -> list[Told]:
        """What is to be told of an event: nothing, if it was told before or is about no number that is listened to."""
        message = event.message
        with self.book.lock:
            if not self._is_new(None if message is None else ends(message)[0], event.id):
                return []
            return self._gone(event) if message is None else self._said(event, message)

    def _ask(self, wish: Wish, reason: str | None = None) -> None:
        self.wish = wish
        if not wish.numbers:
            self._positions = []
        self.owe(Told(SUBSCRIPTION, SubscriptionChange(reason=reason)))

    def _is_new(self, number: str | None, identifier: str) -> bool:
        at = order(identifier)
        place = self._last if number is None else self._places.get(number)
        if place is None or at <= place:
            return False
        if number is not None:
            self._places[number] = at
        self._last = max(self._last, at)
        return True

    def _said(self, event: Event, message: Message) -> list[Told]:
        strand, begun = self.book.note(message)
        told = [Told(MESSAGES, _change(event, (strand.remote,), message.id, message.from_))]
        if begun:
            what = ConversationsChange(destination=(strand.remote,), message_id=message.id)
            told.append(Told(CONVERSATIONS, what))
        return told

    def _gone(self, event: Event) -> list[Told]:
        """Of a message that was deleted an event tells no more than its id."""
        identifier = str(event.data.get("id", "")) if isinstance(event.data, dict) else ""
        remote = self.book.delete(identifier)
        return [Told(MESSAGES, _change(event, (remote,) if remote else (), identifier, ""))]


def _change(event: Event, destination: tuple[str, ...], message: str, sender: str) -> MessagesChange:
    return MessagesChange(destination=destination, message_id=message, sender=sender, event=event)
