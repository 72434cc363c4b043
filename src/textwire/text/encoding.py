"""The encoding of a message: which alphabet and tables, how wide a reference, and the short string it is
stored as."""

import functools
from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from textwire.text import data_coding, gsm7, ucs2, udh
from textwire.text.data_coding import Alphabet
from textwire.text.gsm7_tables import CODES, LOCKING, SINGLE, Language
from textwire.text.udh import Concatenation

USER_DATA: Final = 140  # octets that one segment carries, TS 23.040 §9.2.3.24.1
_WIDE: Final = "+16"
_PLAIN: Final[Mapping[str, int]] = {name: data_coding.render(name) for name in (Alphabet.GSM7, Alphabet.UCS2)}
_FLASH: Final[Mapping[str, int]] = {
    name: data_coding.render(name, data_coding.FLASH) for name in (Alphabet.GSM7, Alphabet.UCS2)
}


class Encoding(Struct, frozen=True, kw_only=True):
    """How a message's characters travel.

    Written as `gsm7`, `gsm7:tr/tr` (single shift / locking shift, "-" for none) or `ucs2`; with `+16` behind it
    if the segments carry a 16-bit reference. `parse(str(encoding)) == encoding`.
    """

    alphabet: Literal["gsm7", "ucs2"] = "gsm7"
    single: Language = Language.DEFAULT
    locking: Language = Language.DEFAULT
    concatenation: Concatenation = Concatenation.EIGHT

    def __str__(self) -> str:
        tables = f":{CODES[self.single]}/{CODES[self.locking]}" if self.single or self.locking else ""
        return self.alphabet + tables + (_WIDE if self.concatenation is Concatenation.SIXTEEN else "")

    def octets(self, text: str) -> bytes:
        """The payload for a text: unpacked septets, or UTF-16BE. Raises ValueError if it cannot be encoded."""
        if self.alphabet == "ucs2":
            return ucs2.encode(text)
        return gsm7.encode(text, self.single, self.locking)

    def measure(self, text: str) -> int | None:
        """How many septets or 16-bit units the text takes; None if a table lacks a character."""
        if self.alphabet == "ucs2":
            return ucs2.measure(text)
        return gsm7.measure(text, self.single, self.locking)

    def header(self, place: udh.Place | None) -> bytes:
        """The user data header of a segment at `place`, or of a message of one segment."""
        shifts = udh.shifts(self.single, self.locking)
        return udh.build((udh.concatenation(place), *shifts) if place else shifts)

    def room(self, *, alone: bool) -> int:
        """How many septets or units fit into a segment, alone or as one of several."""
        return _room(self, alone)

    def data_coding(self, *, flash: bool = False) -> int:
        """The data_coding octet to send it with."""
        return _FLASH[self.alphabet] if flash else _PLAIN[self.alphabet]


GSM7: Final = Encoding()
UCS2: Final = Encoding(alphabet="ucs2")


@functools.lru_cache(maxsize=1024)
def _room(encoding: Encoding, alone: bool) -> int:
    width = encoding.concatenation
    place = None if alone else udh.Place(reference=0, total=1, n=1, concatenation=width)
    free = USER_DATA - len(encoding.header(place))
    return free // ucs2.UNIT if encoding.alphabet == "ucs2" else free * 8 // gsm7.SEPTET_BITS


# Every encoding there is, by its string: a few hundred.
_STORED: Final = {
    str(encoding): encoding
    for width in Concatenation
    for encoding in (
        Encoding(alphabet="ucs2", concatenation=width),
        *(
            Encoding(single=single, locking=locking, concatenation=width)
            for single in SINGLE
            for locking in LOCKING
        ),
    )
}


def parse(stored: str) -> Encoding:
    """The encoding that a stored string names; ValueError if it is none."""
    try:
        return _STORED[stored]
    except KeyError:
        raise ValueError(f"no encoding is called {stored[:32]!r}") from None
