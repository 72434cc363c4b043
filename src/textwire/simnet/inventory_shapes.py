"""Shapes of numbers: all numbers of a range that a pattern fits, counted and reached by place without listing any."""

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from textwire.domain.number import Match

from .numbering import Series

HOLE = "?"


class Shape(msgspec.Struct, frozen=True):
    """Digits with holes; `step` and `start` set the order in which the seed has its numbers.

    `found_at`: where the pattern lies, so that a number which has it earlier too is counted once only.
    """

    series: Series
    digits: str
    pattern: str
    found_at: int
    step: int
    start: int

    @property
    def size(self) -> int:
        """How many numbers there are at most."""
        return int(10 ** self.digits.count(HOLE))

    def at(self, place: int) -> str | None:
        """The digits of the number at a place below `size`; None if another shape has it already."""
        filled = self.digits
        if holes := self.digits.count(HOLE):
            index = (place * self.step + self.start) % self.size
            filler = iter(f"{index:0{holes}d}")
            filled = "".join(next(filler) if one == HOLE else one for one in self.digits)
        if self.found_at > 0 and filled.find(self.pattern) != self.found_at:
            return None
        return filled


def shapes(series: Series, pattern: str, match: Match, seed: int) -> Iterator[Shape]:
    """The shapes of a range's numbers that begin with, contain or end with a pattern; "" fits all."""
    digits = series.prefix + HOLE * series.free
    room = len(digits) - len(pattern)
    if room < 0:
        return
    starts = {"begins": (0,), "ends": (room,), "contains": range(room + 1)}[match if pattern else "begins"]
    for start in starts:
        pressed = _press(digits, pattern, start)
        if pressed is not None and not (match == "contains" and _fits_before(pressed, pattern, start)):
            yield _shape(series, pressed, pattern, start if match == "contains" else 0, seed)


def _press(digits: str, pattern: str, start: int) -> str | None:
    """The digits with the pattern written into them; None where it contradicts them."""
    end = start + len(pattern)
    if any(old not in (HOLE, new) for old, new in zip(digits[start:end], pattern, strict=True)):
        return None
    return digits[:start] + pattern + digits[end:]


def _fits_before(digits: str, pattern: str, start: int) -> bool:
    """Whether all numbers of these digits have the pattern earlier, so that the shape would be empty."""
    return digits.find(pattern) < start


def _shape(series: Series, digits: str, pattern: str, found_at: int, seed: int) -> Shape:
    drawn = int.from_bytes(blake2b(f"{seed}:{digits}".encode(), digest_size=16).digest())
    step = (
        drawn % 10**7 // 10 * 10 + (1, 3, 7, 9)[drawn % 4]
    )  # without a common factor with 10: a permutation
    return Shape(series, digits, pattern, found_at, step, drawn >> 64)
