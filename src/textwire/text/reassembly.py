"""Puts the parts of a long inbound message together again, in whatever order and however often they arrive."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from msgspec import Struct

from textwire.text import ucs2
from textwire.text.data_coding import Alphabet
from textwire.text.decoding import Reading, reading
from textwire.text.udh import Concatenation

HOUR: Final = 3_600_000_000  # microseconds
LIFETIME: Final = 72 * HOUR
ECHO: Final = HOUR // 6
CAPACITY: Final = 10_000


class Key(Struct, frozen=True, kw_only=True):
    """What the parts of one message have in common."""

    sender: str
    recipient: str
    reference: int
    total: int
    concatenation: Concatenation = Concatenation.EIGHT


class Part(Struct, frozen=True, kw_only=True):
    """One segment of a message: number `n` (from 1) of `total`.

    `payload` is the octets behind the user data header (GSM septets one octet each), or text where a provider
    hands over text; `data_coding` and `header` say how to read octets.
    """

    n: int
    total: int
    payload: bytes | str
    data_coding: int = 0
    header: bytes = b""


class Assembled(Struct, frozen=True, kw_only=True):
    """A whole message: its text, and the parts it was made of, 1 to total."""

    text: str
    parts: tuple[Part, ...]


def assemble(parts: Iterable[Part]) -> Assembled | None:
    """The message that parts with one `Key` make, or None while one is missing. Of parts with the same number
    the first counts; numbers outside 1..total are ignored."""
    found: dict[int, Part] = {}
    for part in parts:
        if 1 <= part.n <= part.total:
            found.setdefault(part.n, part)
    if not found or len(found) < max(part.total for part in found.values()):
        return None
    ordered = tuple(found[n] for n in sorted(found))
    return Assembled(text=join(ordered), parts=ordered)


def join(parts: Iterable[Part]) -> str:
    """The text of parts in order. Never raises.

    Neighbours that are read alike are decoded as one string of octets, because some senders cut through an
    escape or a surrogate pair.
    """
    return "".join(_text(how, list(run)) for how, run in groupby(parts, _how))


def _how(part: Part) -> Reading | None:
    return None if isinstance(part.payload, str) else reading(part.data_coding, part.header)


def _text(how: Reading | None, run: list[Part]) -> str:
    if how is None:
        return ucs2.mend("".join(_strings(run)))
    octets = list(_octets(run))
    if how.alphabet is Alphabet.UCS2 and sum(map(len, octets)) % ucs2.UNIT:
        octets = [_even(piece) for piece in octets]
    return how.text(b"".join(octets))


def _strings(run: list[Part]) -> Iterator[str]:
    return (part.payload for part in run if isinstance(part.payload, str))


def _octets(run: list[Part]) -> Iterator[bytes]:
    return (part.payload for part in run if isinstance(part.payload, bytes))


def _even(octets: bytes) -> bytes:
    """UCS-2 octets with half a unit at the end made U+FFFD, so that the next part is not read askew."""
    return octets[:-1] + ucs2.encode(ucs2.REPLACEMENT) if len(octets) % ucs2.UNIT else octets


class _Group(Struct):
    deadline: int
    parts: dict[int, Part]


class Reassembly:
    """Parts waiting for the others, in memory; `now` is microseconds UTC and does not run backwards.

    A message not complete `lifetime` after its first part is given up, and so is the oldest once more than
    `capacity` are open; `expire` hands over what was given up. For `echo` after completion a repeated part of
    the same message is ignored. A part that contradicts one already here begins another message: senders use
    references again.
    """

    def __init__(self, *, lifetime: int = LIFETIME, echo: int = ECHO, capacity: int = CAPACITY) -> None:
        self._lifetime = lifetime
        self._echo = echo
        self._capacity = capacity
        self._open: dict[Key, _Group] = {}  # oldest first, as is _done
        self._done: dict[Key, _Group] = {}
        self._given_up: list[tuple[Part, ...]] = []

    def __len__(self) -> int:
        """How many messages are incomplete."""
        return len(self._open)

    def add(self, key: Key, part: Part, now: int) -> tuple[Part, ...] | None:
        """All parts in order if this one completes its message, else None. ValueError if it cannot belong."""
        if not (1 <= part.n <= key.total == part.total):
            raise ValueError(f"part {part.n} of {part.total} in a message of {key.total}")
        self._retire(now)
        group = self._group(key, part, now)
        if group is None or group.parts.get(part.n) == part:
            return None
        group.parts[part.n] = part
        return self._complete(key, group, now) if len(group.parts) == key.total else None

    def expire(self, now: int) -> list[tuple[Part, ...]]:
        """The incomplete messages given up since the last call, each as the parts that came, in order."""
        self._retire(now)
        given_up, self._given_up = self._given_up, []
        return given_up

    def _group(self, key: Key, part: Part, now: int) -> _Group | None:
        """The group to put the part into; None if it repeats a part of a message just completed."""
        group = self._open.get(key)
        if group is None:
            done = self._done.get(key)
            if done is not None and done.parts[part.n] == part:
                return None
        elif group.parts.get(part.n, part) == part:
            return group
        else:
            self._give_up(key)
        if len(self._open) >= self._capacity:
            self._give_up(next(iter(self._open)))
        group = self._open[key] = _Group(now + self._lifetime, {})
        return group

    def _complete(self, key: Key, group: _Group, now: int) -> tuple[Part, ...]:
        del self._open[key]
        self._done.pop(key, None)
        if len(self._done) >= self._capacity:
            del self._done[next(iter(self._done))]
        self._done[key] = _Group(now + self._echo, group.parts)
        return _ordered(group)

    def _give_up(self, key: Key) -> None:
        self._given_up.append(_ordered(self._open.pop(key)))
        # Nobody collects what was given up: keep the newest only.
        del self._given_up[: -self._capacity]

    def _retire(self, now: int) -> None:
        for key in list(_due(self._open, now)):
            self._give_up(key)
        for key in list(_due(self._done, now)):
            del self._done[key]


def _ordered(group: _Group) -> tuple[Part, ...]:
    return tuple(group.parts[n] for n in sorted(group.parts))


def _due(groups: dict[Key, _Group], now: int) -> Iterator[Key]:
    for key, group in groups.items():
        if group.deadline > now:
            return
        yield key
