"""An event on its way to whoever listens, worded once for all who hear it in the same words."""

from collections.abc import Callable

from textwire.domain.event import BIT, Event, own_number
from textwire.domain.message import Message

from .socket import Frame

Words = Callable[[Event, Message | None], Frame]
"""How a wire words an event; `message` is as it is now, the event tells what it was."""


class Told:
    """One event with its message."""

    __slots__ = ("_number", "_said", "_words", "bit", "event", "message", "number")

    def __init__(self, event: Event, message: Message | None) -> None:
        self.event, self.message = event, message
        self.number, self.bit = event.number, BIT[event.type]
        self._number: str | None = None
        self._words: Words | None = None
        self._said: Frame | None = None

    @property
    def own_number(self) -> str:
        """The number of the account that it is about; "" if it is about none."""
        if self._number is None:
            self._number = own_number(self.event, self.message)
        return self._number

    def said(self, words: Words) -> Frame:
        """In these words; those asked for last are remembered."""
        said = self._said
        if said is None or self._words is not words:
            said, self._words = words(self.event, self.message), words
            self._said = said
        return said
