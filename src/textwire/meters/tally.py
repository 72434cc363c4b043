"""Counts what happened to messages, from the events of each commit."""

from collections import Counter
from operator import attrgetter

import msgspec

from textwire.domain.event import Event

MOST_KINDS = 1_000  # ways in which events said what they say, before they are summed up

Kind = tuple[str, str]


class _Said(msgspec.Struct, frozen=True):
    carrier: str = ""
    segments: int = 1


_said = msgspec.json.Decoder(_Said)
_kind = attrgetter("type", "data")


class Tally:
    """An observer of the committer: one look into a dictionary per event; the rest is done when somebody asks."""

    def __init__(self) -> None:
        self._raw: Counter[Kind] = Counter()  # (type, data) → events: most say what others have said before
        self._events: Counter[Kind] = Counter()
        self._ambiguous = 0

    def observe(self, told: list[Event]) -> None:
        """The events of a commit."""
        self._raw.update(map(_kind, told))
        if len(self._raw) > MOST_KINDS:
            self._sum_up()

    @property
    def events(self) -> Counter[Kind]:
        """(type, carrier or "") → events."""
        self._sum_up()
        return self._events

    @property
    def ambiguous(self) -> int:
        """Segments of which nobody knew whether the network has them."""
        self._sum_up()
        return self._ambiguous

    def _sum_up(self) -> None:
        raw, self._raw = self._raw, Counter()
        for (kind, data), count in raw.items():
            said = _said.decode(data) if kind.startswith("message.") else _Said()
            self._events[kind, said.carrier] += count
            if kind == "message.ambiguous":
                self._ambiguous += count * said.segments
