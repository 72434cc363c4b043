"""Where a live reader is: what to ask for when it comes back, and what it has had already. No sockets in here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from .errors import BadAnswer, ConnectionFailed, EventsMissed
from .place import Place
from .values import Event

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
KEY_IS_OVER = 4001
CLOSE_SECONDS = (
    0.5  # no longer is the server's goodbye waited for: it may stand behind much that nobody has read
)


class _Hello(msgspec.Struct, frozen=True):
    position: str
    gap: bool


class _Kind(msgspec.Struct, frozen=True):
    type: str


class Following:
    """The place of a reader in the order of events.

    `after` is the id of the last event that the reader has had: keep it to go on in another process. `patience`
    is for how many seconds without any answer the server is tried again.
    """

    def __init__(
        self, after: str | None, events: Sequence[str], numbers: Sequence[str], patience: float
    ) -> None:
        self.after = after
        self._events, self._numbers, self._patience = tuple(events), tuple(numbers), patience
        self._failures, self._silent_since = 0, 0.0
        self._missed: EventsMissed | None = None

    def url(self, place: Place) -> str:
        """Where to connect now."""
        asked = {"after": self.after, "events": ",".join(self._events), "numbers": ",".join(self._numbers)}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{place.socket_url}/api/live" + (f"?{query}" if query else "")

    def take(self, frame: str | bytes) -> Event | None:
        """The event of a frame, if it is a new one."""
        self._failures = 0
        try:
            if msgspec.json.decode(frame, type=_Kind).type == "hello":
                self._greeted(msgspec.json.decode(frame, type=_Hello))
                return None
            event = msgspec.json.decode(frame, type=Event)
        except msgspec.MsgspecError as error:
            raise BadAnswer(f"a frame that is no event: {error}") from None
        if self.after is not None and order(event.id) <= order(self.after):
            return None
        self.after = event.id
        return event

    def _greeted(self, hello: _Hello) -> None:
        if hello.gap and self.after is not None:
            self._missed = EventsMissed(f"events before {hello.position} are not kept any more")
        if self.after is None or self.after == "0" or hello.gap:
            self.after = hello.position

    def tell(self) -> None:
        """EventsMissed, once, if the last greeting said so; afterwards it goes on with what there is."""
        missed, self._missed = self._missed, None
        if missed is not None:
            raise missed

    def failed(self, what: str, now: float) -> float:
        """For how many seconds to wait before the next try; ConnectionFailed when it has lasted too long."""
        if self._failures == 0:
            self._silent_since = now
        elif now - self._silent_since > self._patience:
            raise ConnectionFailed(f"no live events: {what}", sent=False)
        self._failures += 1
        most = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        return float(most * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def order(identifier: str) -> tuple[int, int]:
    """What an event's id says of its place: `evt_7` is before `evt_7.1`, which is before `evt_8`."""
    number, _, part = identifier.removeprefix("evt_").partition(".")
    try:
        return int(number), int(part or 0)
    except ValueError:
        raise BadAnswer(f"not the id of an event: {identifier!r}") from None
