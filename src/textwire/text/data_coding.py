"""What a data_coding octet says of a message: its alphabet, its class, and how to write both.

SMPP 3.4 §5.2.19 names the values 0–14; every other value is read as 3GPP TS 23.038 §4 defines it, which SMPP's
own groups from 0xC0 on agree with.
"""

import enum
import functools
from typing import Final

from msgspec import Struct


class Alphabet(enum.StrEnum):
    """How the octets of a payload become characters; the value names it in stored encodings and logs."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"
    OCTETS = "octets"  # binary: no text is promised
    ASCII = "ascii"
    LATIN1 = "latin1"
    CYRILLIC = "cyrillic"
    HEBREW = "hebrew"
    SHIFT_JIS = "shift_jis"
    ISO2022_JP = "iso2022_jp"
    EUC_KR = "euc_kr"


# 3GPP TS 23.038 §4: where the message goes on the handset.
FLASH: Final = 0  # shown at once and not kept
CLASSES: Final = range(4)


class DataCoding(Struct, frozen=True, kw_only=True):
    """A data_coding octet understood. `message_class` is 0 (flash) to 3, or None where the octet names none."""

    alphabet: Alphabet
    message_class: int | None = None
    compressed: bool = False

    @property
    def flash(self) -> bool:
        return self.message_class == FLASH


# SMPP 3.4 §5.2.19, table 5-21
_SMPP: Final[dict[int, Alphabet]] = {
    0x00: Alphabet.GSM7,
    0x01: Alphabet.ASCII,
    0x02: Alphabet.OCTETS,
    0x03: Alphabet.LATIN1,
    0x04: Alphabet.OCTETS,
    0x05: Alphabet.SHIFT_JIS,
    0x06: Alphabet.CYRILLIC,
    0x07: Alphabet.HEBREW,
    0x08: Alphabet.UCS2,
    0x09: Alphabet.OCTETS,  # pictograms
    0x0A: Alphabet.ISO2022_JP,
    0x0D: Alphabet.ISO2022_JP,
    0x0E: Alphabet.EUC_KR,
}

# 3GPP TS 23.038 §4, bits 3 and 2 of the general group; the reserved fourth reads as the default alphabet
_GENERAL: Final = (Alphabet.GSM7, Alphabet.OCTETS, Alphabet.UCS2, Alphabet.GSM7)
# and bits 7 to 4 of the message waiting groups
_WAITING: Final = {0xC: Alphabet.GSM7, 0xD: Alphabet.GSM7, 0xE: Alphabet.UCS2}


@functools.cache  # 256 values
def parse(octet: int) -> DataCoding:
    """What `octet` (0–255) means; reserved values read as the default alphabet, as TS 23.038 §4 asks."""
    if octet in _SMPP:
        return DataCoding(alphabet=_SMPP[octet])
    group = octet >> 4
    if group == 0xF:
        return DataCoding(alphabet=_GENERAL[octet >> 2 & 1], message_class=octet & 3)
    if group < 0x8:
        return DataCoding(
            alphabet=_GENERAL[octet >> 2 & 3],
            message_class=octet & 3 if octet & 0x10 else None,
            compressed=bool(octet & 0x20),
        )
    return DataCoding(alphabet=_WAITING.get(group, Alphabet.GSM7))


_PLAIN: Final = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08, Alphabet.OCTETS: 0x04}
# SMPP has a group of its own for classes (0xF0), which has no UCS-2; there TS 23.038's general group serves.
_CLASSED: Final = {Alphabet.GSM7: 0xF0, Alphabet.UCS2: 0x18, Alphabet.OCTETS: 0xF4}


def render(alphabet: Alphabet, message_class: int | None = None) -> int:
    """The data_coding octet to send GSM7, UCS2 or OCTETS with; KeyError for an alphabet we never send."""
    if message_class is None:
        return _PLAIN[alphabet]
    if message_class not in CLASSES:
        raise ValueError(f"there is no message class {message_class}")
    return _CLASSED[alphabet] | message_class
