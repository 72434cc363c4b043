"""Cuts a text into the segments it is sent in, and encodes each for the wire.

Sizes follow 3GPP TS 23.040 §9.2.3.24.1 (a segment carries 140 octets, header included): 160 septets or 70 units
alone, 153 or 67 in a row with an 8-bit reference, 152 or 66 with a 16-bit one, less where national tables are
announced in the header.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from textwire.text import gsm7, udh
from textwire.text.encoding import GSM7, UCS2, Encoding
from textwire.text.graphemes import boundary
from textwire.text.gsm7_tables import LOCKING, SINGLE, Language
from textwire.text.ucs2 import LoneSurrogate
from textwire.text.udh import MAX_TOTAL, Concatenation

__all__ = [
    "Concatenation",
    "Cut",
    "Encoding",
    "Language",
    "LoneSurrogate",
    "TooLong",
    "Wire",
    "cut",
    "cut_as",
    "encode",
]

ALL_LANGUAGES: Final = tuple(language for language in Language if language)


class TooLong(ValueError):
    """The text needs more segments than allowed; `segments` says at least how many, `limit` how many may be."""

    reason: Final = "too_long"

    def __init__(self, segments: int, limit: int) -> None:
        super().__init__(f"the text needs at least {segments} segments, {limit} are allowed")
        self.segments = segments
        self.limit = limit


class Wire(Struct, frozen=True, kw_only=True):
    """A segment as a carrier submits it: header (with its length octet, b"" if none), payload behind it (GSM
    septets one octet each, or UTF-16BE) and data_coding octet."""

    udh: bytes
    payload: bytes
    data_coding: int


class Cut(Struct, frozen=True, kw_only=True):
    """A text in segments. `parts` are slices of it in order, "".join(parts) is the text; `reference` is 0 for a
    single segment."""

    encoding: Encoding
    parts: tuple[str, ...]
    reference: int = 0

    @property
    def total(self) -> int:
        return len(self.parts)

    def wire(self, n: int, *, flash: bool = False) -> Wire:
        """Segment `n`, counted from 1."""
        if not 1 <= n <= self.total:
            raise IndexError(f"no segment {n} of {self.total}")
        return encode(
            self.parts[n - 1],
            encoding=self.encoding,
            n=n,
            total=self.total,
            reference=self.reference,
            flash=flash,
        )


def encode(part: str, *, encoding: Encoding, n: int, total: int, reference: int, flash: bool = False) -> Wire:
    """Segment `n` of `total` for the wire. Depends on its arguments alone, which are what the store keeps, so a
    segment sent again is the same octets. Raises ValueError if the part does not fit the encoding."""
    place = None
    if total > 1:
        place = udh.Place(reference=reference, total=total, n=n, concatenation=encoding.concatenation)
    return Wire(
        udh=encoding.header(place),
        payload=encoding.octets(part),
        data_coding=encoding.data_coding(flash=flash),
    )


_ALONE: Final = GSM7.room(alone=True)


def cut(
    text: str,
    *,
    reference: int,
    concatenation: Concatenation = Concatenation.EIGHT,
    national: bool | tuple[Language, ...] = False,
    max_segments: int = MAX_TOTAL,
) -> Cut:
    """Cut a text into as few segments as its characters allow.

    `reference` is taken modulo 2 to the width of `concatenation`. `national` names the languages whose shift
    tables may be used (True for all); they are used only where they save segments against UCS-2, which every
    phone can show. Escape and surrogate pairs are never torn, grapheme clusters only if one alone exceeds a
    segment. Raises `TooLong` and `LoneSurrogate`.
    """
    units = gsm7.measure(text)
    if units is not None and units <= _ALONE:
        return Cut(encoding=GSM7, parts=(text,))
    if units is None:
        encoding, units = _cheapest(text, concatenation, national)
    else:
        encoding = GSM7
    if units <= encoding.room(alone=True):
        return Cut(encoding=encoding, parts=(text,))
    return _in_row(text, _wide(encoding, concatenation), units, reference, max_segments)


def cut_as(text: str, encoding: Encoding, max_segments: int = MAX_TOTAL, *, reference: int = 0) -> Cut:
    """Cut a text in an encoding that was chosen for it, as `cut` does. Raises ValueError if it lacks a character."""
    units = encoding.measure(text)
    if units is None:
        raise ValueError(f"{encoding} lacks a character of the text")
    if units <= encoding.room(alone=True):
        return Cut(encoding=encoding, parts=(text,))
    return _in_row(text, encoding, units, reference, max_segments)


def _in_row(text: str, encoding: Encoding, units: int, reference: int, max_segments: int) -> Cut:
    limit = min(max_segments, MAX_TOTAL)
    least = _count(encoding, units)
    if least > limit:
        raise TooLong(least, limit)
    parts = tuple(_slices(text, encoding, limit))
    return Cut(encoding=encoding, parts=parts, reference=reference % encoding.concatenation.references)


def _wide(encoding: Encoding, concatenation: Concatenation) -> Encoding:
    return msgspec.structs.replace(encoding, concatenation=concatenation)


def _count(encoding: Encoding, units: int) -> int:
    """The segments that so many units need, if no pair or cluster has to move to the next one."""
    return 1 if units <= encoding.room(alone=True) else -(-units // encoding.room(alone=False))


def _cheapest(
    text: str, concatenation: Concatenation, national: bool | tuple[Language, ...]
) -> tuple[Encoding, int]:
    """Of UCS-2 and the tables allowed, what needs the fewest segments; the earlier of equals."""
    languages = national if isinstance(national, tuple) else ALL_LANGUAGES if national else ()
    options = [(UCS2, UCS2.measure(text) or 0)]
    for encoding in _national(languages):
        units = encoding.measure(text)
        if units is not None:
            options.append((encoding, units))
    return min(options, key=lambda option: _count(_wide(option[0], concatenation), option[1]))


def _national(languages: tuple[Language, ...]) -> Iterator[Encoding]:
    """Each language's tables, the ones that cost a phone less first."""
    for language in languages:
        if language in SINGLE:
            yield Encoding(single=language)
        if language in LOCKING:
            yield Encoding(locking=language)
            yield Encoding(single=language, locking=language)


def _slices(text: str, encoding: Encoding, limit: int) -> Iterator[str]:
    room = encoding.room(alone=False)
    start = 0
    for _ in range(limit):
        end = boundary(text, start, start + _fit(text, start, room, encoding))
        yield text[start:end]
        start = end
        if start == len(text):
            return
    rest = encoding.measure(text[start:]) or 0
    raise TooLong(limit + -(-rest // room), limit)


def _fit(text: str, start: int, room: int, encoding: Encoding) -> int:
    """How many characters from `start` on fill at most `room` units."""
    chunk = text[start : start + room]
    # A character takes at most two units, so that dropping half of what is over never drops too many.
    while (over := (encoding.measure(chunk) or 0) - room) > 0:
        chunk = chunk[: -((over + 1) // 2)]
    return len(chunk)
