"""What a text will be on its way: its encoding and segments, what forces UCS-2, and what plain text would save."""

import unicodedata
from typing import Final, Literal

from msgspec import Struct

from textwire.text import gsm7
from textwire.text.encoding import UCS2
from textwire.text.gsm7 import NotInAlphabet
from textwire.text.segments import cut, cut_as

Wanted = Literal["auto", "gsm7", "ucs2"]

# What keyboards and word processors write → what says the same in GSM 03.38. Not for letters: they are names.
PLAIN: Final[dict[str, str]] = {
    "\u2018": "'", "\u2019": "'", "\u201a": ",", "\u201b": "'", "\u2032": "'", "\u00b4": "'", "\u0060": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2039": "'", "\u203a": "'", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
    "\u2015": "-", "\u2212": "-", "\u2026": "...", "\u2022": "*", "\u00b7": "*", "\u00a0": " ", "\u202f": " ",
    "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u2002": " ", "\u2003": " ", "\u200b": "", "\u200c": "",
    "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\t": " ", "\u2028": "\n",
    "\u2029": "\n", "\u00d7": "x", "\u2122": "TM", "\u00ae": "(R)", "\u00a9": "(C)", "\u2192": "->",
}  # fmt: skip


MOST_CULPRITS: Final = 20
MOST_POSITIONS: Final = 50


class Culprit(Struct, frozen=True):
    """A character outside GSM 03.38: where it stands first and everywhere, its name, what may stand for it.

    `segments` is the number of segments that the text would have if this character alone were not in it.
    """

    character: str
    name: str
    positions: tuple[int, ...]
    instead: str | None
    segments: int


class Preview(Struct, frozen=True):
    """`units` are septets of GSM 03.38 or 16-bit units of UCS-2; `room` is how many the last segment has left.

    `culprits` are at most MOST_CULPRITS, in order of appearance, of `forced` characters. `plain` is a text in
    GSM 03.38 that says the same, if there is one, and `plain_segments` how many segments it takes.
    """

    encoding: str
    parts: tuple[str, ...]
    units: tuple[int, ...]
    room: int
    culprits: tuple[Culprit, ...]
    forced: int
    plain: str | None
    plain_segments: int


def preview(text: str, most: int, wanted: Wanted = "auto") -> Preview:
    """A text as it would be cut into at most `most` segments, `auto`: in the encoding that it needs.

    Raises `TooLong`, `LoneSurrogate`, and `NotInAlphabet` where GSM 03.38 is wanted and nothing says the same in it.
    """
    outside = gsm7.missing(text)
    plain = _plain(text) if outside else None
    if wanted == "gsm7" and outside:
        if plain is None:
            raise NotInAlphabet(next(c for c in outside if gsm7.measure(PLAIN.get(c, c)) is None))
        shown = plain
    else:
        shown = text
    whole = cut_as(shown, UCS2, most) if wanted == "ucs2" else cut(shown, reference=0, max_segments=most)
    units = tuple([whole.encoding.measure(part) or 0 for part in whole.parts])
    return Preview(
        encoding=str(whole.encoding),
        parts=whole.parts,
        units=units,
        room=whole.encoding.room(alone=whole.total == 1) - units[-1],
        culprits=tuple([_culprit(text, c, most) for c in outside[:MOST_CULPRITS]]),
        forced=len(outside),
        plain=plain,
        plain_segments=cut(plain, reference=0, max_segments=most).total if plain else 0,
    )


def name_of(character: str) -> str:
    """What Unicode calls a character; those without a name go by their number."""
    return unicodedata.name(character, f"U+{ord(character):04X}")


def _plain(text: str) -> str | None:
    """The text with plain stand-ins, or None where one of its characters has none."""
    plain = "".join([PLAIN.get(c, c) if gsm7.measure(c) is None else c for c in text])
    return plain if plain and gsm7.measure(plain) is not None else None


def _culprit(text: str, character: str, most: int) -> Culprit:
    rest = text.replace(character, "")
    positions: list[int] = []
    at = text.find(character)
    while at >= 0 and len(positions) < MOST_POSITIONS:
        positions.append(at)
        at = text.find(character, at + 1)
    return Culprit(
        character, name_of(character), tuple(positions), PLAIN.get(character),
        cut(rest, reference=0, max_segments=most).total if rest else 0,
    )  # fmt: skip
