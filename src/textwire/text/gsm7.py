"""The GSM seven-bit alphabets as a codec: text to septets and back, one octet per septet or packed.

3GPP TS 23.038 §6.1.2 (packing), §6.2.1 (alphabets and escape). A pair of tables (locking, single shift) is made
into one table of 256 for the interpreter's own charmap codec: the lower half is the locking table, the upper
half the single shift table, and septets are "raw" octets whose upper half still has to become an escape pair.
"""

import codecs
import functools
import re
from typing import Any, Final, NamedTuple

from textwire.text.gsm7_indic import VOID
from textwire.text.gsm7_tables import DEFAULT, ESCAPE, LOCKING, SINGLE, TABLE_SIZE, Language

REPLACEMENT: Final = "\ufffd"
SEPTET_BITS: Final = 7

# The charmap codec keeps octet 0 for NUL, so position 0 ("@") is parked at the escape's place, which is free.
_PARKED: Final = ESCAPE
_UNPARK: Final = bytes.maketrans(bytes([_PARKED]), b"\0")
_LOWER: Final = bytes(range(TABLE_SIZE))
_EXPANDED: Final = tuple(
    b"\0" if raw == _PARKED else bytes([raw]) if raw < TABLE_SIZE else bytes([ESCAPE, raw - TABLE_SIZE])
    for raw in range(2 * TABLE_SIZE)
)
_ESCAPED: Final = re.compile(rb"\x1b([\x00-\x7f])", re.DOTALL)
_NO_SEPTET: Final = re.compile(rb"[\x80-\xff]")


class NotInAlphabet(ValueError):
    """The text has a character that the chosen tables lack; `character` is the first of them."""

    def __init__(self, character: str) -> None:
        super().__init__(f"U+{ord(character):04X} is not in the alphabet")
        self.character = character


class _Pair(NamedTuple):
    encoding: Any  # the interpreter's EncodingMap, which has no public type
    decoding: str


@functools.cache  # at most 14 x 14 entries
def _pair(single: Language, locking: Language) -> _Pair:
    lower = LOCKING.get(locking, DEFAULT)  # a language without a table of its own keeps the default one
    upper = SINGLE[single]
    return _Pair(codecs.charmap_build(_forth(lower, upper)), _back(lower, upper))


def _forth(lower: str, upper: str) -> str:
    """The table to encode by: every character once, the cheaper or the earlier place winning."""
    parked = lower[:_PARKED] + lower[0] + lower[_PARKED + 1 :]
    seen = {VOID}
    table = ["\0"]
    for char in (parked + upper)[1:]:
        table.append(VOID if char in seen else char)
        seen.add(char)
    return "".join(table)


def _back(lower: str, upper: str) -> str:
    """The table to decode by. An escape before a place without a character shows the locking table's one, and
    an escape before an escape a space (§6.2.1.1, notes)."""
    shown = [low if high == VOID else high for low, high in zip(lower, upper, strict=True)]
    shown[ESCAPE] = " "
    return (lower + "".join(shown)).replace(VOID, REPLACEMENT)


_DEFAULT: Final = _pair(Language.DEFAULT, Language.DEFAULT)


def _raw(text: str, single: Language, locking: Language) -> bytes | None:
    """One octet per character, the upper half for single-shifted ones; None if a character is missing."""
    table = (_pair(single, locking) if single or locking else _DEFAULT).encoding
    try:
        raw = codecs.charmap_encode(text, "strict", table)[0]
    except UnicodeEncodeError:
        return None
    return None if 0 in raw else raw  # octet 0 can only have been a NUL


def measure(
    text: str, single: Language = Language.DEFAULT, locking: Language = Language.DEFAULT
) -> int | None:
    """How many septets the text takes, or None if the tables lack one of its characters."""
    raw = _raw(text, single, locking)
    if raw is None:
        return None
    return len(raw) if raw.isascii() else len(raw) + len(raw.translate(None, _LOWER))


def encode(text: str, single: Language = Language.DEFAULT, locking: Language = Language.DEFAULT) -> bytes:
    """The text as septets, one octet each; raises `NotInAlphabet`."""
    raw = _raw(text, single, locking)
    if raw is None:
        raise NotInAlphabet(missing(text, single, locking)[0])
    if raw.isascii():
        return raw.translate(_UNPARK)
    return b"".join([_EXPANDED[octet] for octet in raw])


def missing(text: str, single: Language = Language.DEFAULT, locking: Language = Language.DEFAULT) -> str:
    """The characters of the text that the tables lack, each once, in order of appearance."""
    return "".join(char for char in dict.fromkeys(text) if _raw(char, single, locking) is None)


def decode(septets: bytes, single: Language = Language.DEFAULT, locking: Language = Language.DEFAULT) -> str:
    """The text of septets (one octet each). Never raises: what has no character is shown as U+FFFD."""
    table = (_pair(single, locking) if single or locking else _DEFAULT).decoding
    if septets.isascii():
        return _decode(septets, table)
    return REPLACEMENT.join(_decode(run, table) for run in _NO_SEPTET.split(septets))


def _decode(septets: bytes, table: str) -> str:
    if ESCAPE in septets:
        septets = _ESCAPED.sub(_raised, septets)
    return codecs.charmap_decode(septets, "strict", table)[0]


def _raised(pair: re.Match[bytes]) -> bytes:
    return bytes([pair[1][0] + TABLE_SIZE])


# Packing works on the whole string as one number: neighbouring septets are moved together in lanes of 2, 4
# and 8 octets, after which every eighth octet is empty and falls out.
_GROUP: Final = 8
_LANES: Final = (  # (mask of the lower half, mask of the upper half, shift) per step
    (bytes.fromhex("7f00") * 4, bytes.fromhex("007f") * 4, 1),
    (bytes.fromhex("ff3f0000") * 2, bytes.fromhex("0000ff3f") * 2, 2),
    (bytes.fromhex("ffffff0f00000000"), bytes.fromhex("00000000ffffff0f"), 4),
)


@functools.lru_cache(maxsize=64)
def _masks(groups: int) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (int.from_bytes(lower * groups, "little"), int.from_bytes(upper * groups, "little"), shift)
        for lower, upper, shift in _LANES
    )


def fill_bits(udh_octets: int) -> int:
    """How many bits stand between a UDH of that length and the next septet boundary (TS 23.040 §9.2.3.24)."""
    return -udh_octets * 8 % SEPTET_BITS


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Septets (one octet each, below 0x80) packed into octets, behind `fill` (0–6) zero bits."""
    groups = -(-len(septets) // _GROUP)
    number = int.from_bytes(septets, "little")
    for lower, upper, shift in _masks(groups):
        number = number & lower | (number & upper) >> shift
    dense = bytearray(number.to_bytes(groups * _GROUP, "little"))
    del dense[SEPTET_BITS::_GROUP]
    size = (len(septets) * SEPTET_BITS + fill + 7) // 8
    return (int.from_bytes(dense, "little") << fill).to_bytes(max(size, len(dense) + 1), "little")[:size]


def unpack(packed: bytes, count: int, fill: int = 0) -> bytes:
    """`count` septets, one octet each, out of packed octets; fewer if there are not that many."""
    count = max(0, min(count, (len(packed) * 8 - fill) // SEPTET_BITS))
    groups = -(-count // _GROUP)
    size = groups * SEPTET_BITS
    dense = ((int.from_bytes(packed, "little") >> fill) & (1 << size * 8) - 1).to_bytes(size, "little")
    sparse = bytearray(groups * _GROUP)
    for place in range(SEPTET_BITS):
        sparse[place::_GROUP] = dense[place::SEPTET_BITS]
    number = int.from_bytes(sparse, "little")
    for lower, upper, shift in reversed(_masks(groups)):
        number = number & lower | (number << shift) & upper
    return number.to_bytes(groups * _GROUP, "little")[:count]
