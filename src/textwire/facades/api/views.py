"""How messages look in JSON: in lists and answers, and as of an event."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.switch.quiet.nights import REASON as HELD

EUR: Final = 100_000_000  # the balance counts 10⁻⁸ EUR
WAITING: Final = ("scheduled", "queued")


class MessageView(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, rename={"sender": "from", "klass": "class"}
):
    """A message. `segments` and `attempts` are how many, `price` is that of all segments in EUR.

    Times are RFC 3339; null stands for nothing to say. `held_until`: it waits for the end of quiet hours.
    """

    id: str
    direction: str
    state: str
    sender: str
    to: str
    text: str
    encoding: str | None
    segments: int
    price: str
    ref: str | None
    batch: str | None
    klass: str | None
    on_ambiguous: str
    flash: bool
    reason: str | None
    error: str | None
    attempts: int
    possible_duplicate: bool
    incomplete: bool
    sequence: int
    send_at: str | None
    held_until: str | None
    valid_until: str | None
    created_at: str
    updated_at: str


def message(m: Message) -> MessageView:
    """A message as it is."""
    created_at = stamp(m.created_at)
    return MessageView(
        id=str(m.id), direction=m.direction, state=m.state, sender=m.sender, to=m.recipient, text=m.text,
        encoding=m.encoding or None, segments=m.total, price=euros(m.price * m.total), ref=m.correlator or None,
        batch=str(m.batch) if m.batch else None, klass=m.klass or None, on_ambiguous=m.on_ambiguous,
        flash=m.flash == 1, reason=m.reason or None, error=m.error or None, attempts=m.attempts,
        possible_duplicate=m.possible_duplicate == 1, incomplete=m.incomplete == 1, sequence=m.sequence,
        send_at=stamp(m.send_at) if m.send_at else None,
        held_until=stamp(m.send_at) if m.reason == HELD and m.state in WAITING else None,
        valid_until=stamp(m.valid_until) if m.valid_until else None, created_at=created_at,
        updated_at=created_at if m.updated_at == m.created_at else stamp(m.updated_at),
    )  # fmt: skip


class Batch(msgspec.Struct, frozen=True, gc=False):
    """The answer to a list of recipients: a message each, in their order."""

    batch: str
    messages: list[MessageView]


class Told(msgspec.Struct, frozen=True):
    """What the data of an event may say of its message; each kind of event says some of it."""

    reason: str = ""
    error: str = ""
    carrier: str = ""
    attempt: int = 0


_told: Final = msgspec.json.Decoder(Told)


def told(event: Event) -> Told:
    """What an event says of its message."""
    return _told.decode(event.data)


def as_of(m: Message, event: Event) -> MessageView:
    """A message as it was after an event: state, reason, error, sequence and the time of it are the event's."""
    said = told(event)
    then = msgspec.structs.replace(
        m, state=event.state, reason=said.reason, error=said.error, sequence=event.sequence,
        attempts=said.attempt or m.attempts, updated_at=event.at,
    )  # fmt: skip
    return message(then)


def stamp(us: int) -> str:
    """µs UTC as RFC 3339 with milliseconds (rounded down)."""
    second, rest = divmod(us, 1_000_000)
    return f"{_second(second)}.{rest // 1000:03d}Z"


@lru_cache(maxsize=8192)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)
def euros(amount: int) -> str:
    """An amount of 10⁻⁸ EUR as a decimal number in text, with at least two decimals: exact, unlike a float."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), EUR)
    decimals = f"{rest:08d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"
