"""One handset: the messages it shows, and the parts of long ones that still miss others."""

from typing import Literal, TypeAlias

import msgspec

from textwire.simnet.exchange import Concat
from textwire.simnet.manners import PhoneState

MAX_MESSAGES = 200
"""A handset shows its latest messages."""

MAX_PARTS = 512
"""A handset keeps so many parts of unfinished messages; those begun first are forgotten first."""

Direction: TypeAlias = Literal["in", "out"]


class Shown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message as a handset shows it. Ids rise over the whole network, and with the message clock over restarts."""

    id: int
    direction: Direction
    other: str
    text: str
    at: int


class PhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A handset as one sees it; `answer` is what an answering one replies with, `{text}` being what it was sent."""

    number: str
    state: PhoneState
    answer: str | None
    messages: tuple[Shown, ...]


class Handset:
    """What one handset holds."""

    __slots__ = ("_held", "_parts", "messages")

    def __init__(self) -> None:
        self.messages: list[Shown] = []  # a deque would cost ten times the room, and most show few
        self._parts: dict[tuple[str, int, int], dict[int, str]] | None = None
        self._held = 0

    @property
    def size(self) -> int:
        """Messages and parts kept."""
        return len(self.messages) + self._held

    def show(self, message: Shown) -> None:
        """Add a message; the oldest goes when there are too many."""
        self.messages.append(message)
        if len(self.messages) > MAX_MESSAGES:
            del self.messages[0]

    def assemble(self, other: str, text: str, concat: Concat) -> str | None:
        """The whole text once its last part is there. A part that comes again replaces itself."""
        reference, total, number = concat
        if total < 2 or not 1 <= number <= total:
            return text
        if self._parts is None:
            self._parts = {}
        key = (other, reference, total)
        parts = self._parts.setdefault(key, {})
        self._held += number not in parts
        parts[number] = text
        if len(parts) == total:
            self._held -= len(self._parts.pop(key))
            return "".join(parts[n] for n in range(1, total + 1))
        while self._held > MAX_PARTS:
            self._held -= len(self._parts.pop(next(iter(self._parts))))
        return None
