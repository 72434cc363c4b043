"""The user data header in front of a segment's payload: built, and parsed from what others send.

3GPP TS 23.040 §9.2.3.24. A header is one octet of length and information elements (identifier, length, data).
"""

import enum
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from textwire.text.gsm7_tables import Language

# Information element identifiers, TS 23.040 §9.2.3.24
CONCATENATED_8: Final = 0x00
CONCATENATED_16: Final = 0x08
SINGLE_SHIFT: Final = 0x24
LOCKING_SHIFT: Final = 0x25

MAX_OCTETS: Final = 140  # a header cannot be longer than the user data it stands in
MAX_TOTAL: Final = 255


class Concatenation(enum.IntEnum):
    """How many bits the reference of a long message has."""

    EIGHT = 8
    SIXTEEN = 16

    @property
    def references(self) -> int:
        """How many different references there are."""
        return 1 << self.value


_IDENTIFIERS: Final = {Concatenation.EIGHT: CONCATENATED_8, Concatenation.SIXTEEN: CONCATENATED_16}
_WIDTHS: Final = {identifier: width for width, identifier in _IDENTIFIERS.items()}


class BadUdh(ValueError):
    """The octets are no user data header; `reason` is a stable code: empty, too_long, truncated."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Element(Struct, frozen=True):
    """One information element as it stands on the wire."""

    identifier: int
    data: bytes


class Place(Struct, frozen=True, kw_only=True):
    """Where a segment belongs: number `n` (from 1) of `total` with that reference."""

    reference: int
    total: int
    n: int
    concatenation: Concatenation = Concatenation.EIGHT


class Header(Struct, frozen=True):
    """A user data header. What it says is read as §9.2.3.24 asks: the last of repeated elements counts, and an
    element that contradicts itself is ignored."""

    elements: tuple[Element, ...] = ()

    @property
    def place(self) -> Place | None:
        """The place in a long message, or None for a message of one segment."""
        for element in reversed(self.elements):
            if element.identifier in _WIDTHS and (place := _place(element)):
                return place
        return None

    @property
    def single(self) -> Language:
        """The language of the single shift table."""
        return self._language(SINGLE_SHIFT)

    @property
    def locking(self) -> Language:
        """The language of the locking shift table."""
        return self._language(LOCKING_SHIFT)

    def _language(self, identifier: int) -> Language:
        for element in reversed(self.elements):
            if element.identifier == identifier and len(element.data) == 1:
                known = element.data[0] in Language.__members__.values()
                return Language(element.data[0]) if known else Language.DEFAULT
        return Language.DEFAULT


EMPTY: Final = Header()


def _place(element: Element) -> Place | None:
    width = _WIDTHS[element.identifier]
    octets = width // 8
    if len(element.data) != octets + 2:
        return None
    total, n = element.data[octets:]
    if not 1 <= n <= total:
        return None
    reference = int.from_bytes(element.data[:octets], "big")
    return Place(reference=reference, total=total, n=n, concatenation=width)


def concatenation(place: Place) -> Element:
    """The element that puts a segment in its place."""
    octets = place.concatenation // 8
    data = place.reference.to_bytes(octets, "big") + bytes((place.total, place.n))
    return Element(_IDENTIFIERS[place.concatenation], data)


def shifts(single: Language, locking: Language) -> tuple[Element, ...]:
    """The elements that choose national tables; none for the default ones."""
    chosen = ((SINGLE_SHIFT, single), (LOCKING_SHIFT, locking))
    return tuple(Element(identifier, bytes([language])) for identifier, language in chosen if language)


def build(elements: Iterable[Element]) -> bytes:
    """The header with its length octet; no octets at all if there are no elements."""
    body = b"".join(bytes((e.identifier, len(e.data))) + e.data for e in elements)
    if len(body) >= MAX_OCTETS:
        raise BadUdh("too_long", f"a header of {len(body)} octets")
    return bytes([len(body)]) + body if body else b""


def split(data: bytes) -> tuple[Header, bytes]:
    """The header at the beginning of user data and the payload behind it; raises `BadUdh`.

    For user data whose header indicator is set; SMPP carries it in esm_class (SMPP 3.4 §5.2.12).
    """
    if not data:
        raise BadUdh("empty", "no octet where the header's length should be")
    end = 1 + data[0]
    if end > len(data):
        raise BadUdh("truncated", f"a header of {data[0]} octets in {len(data)}")
    return Header(tuple(_elements(data[1:end]))), data[end:]


def parse(udh: bytes) -> Header:
    """The header that `udh` (with its length octet) is; no octets are an empty header. Raises `BadUdh`."""
    return split(udh)[0] if udh else EMPTY


def _elements(body: bytes) -> Iterable[Element]:
    at = 0
    while at < len(body):
        data = body[at + 2 : at + 2 + body[at + 1]] if at + 1 < len(body) else None
        if data is None or len(data) < body[at + 1]:
            raise BadUdh("truncated", f"the element at octet {at} runs over the header's end")
        yield Element(body[at], data)
        at += 2 + len(data)
