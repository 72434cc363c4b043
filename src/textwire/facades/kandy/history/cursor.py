"""`next`: where the following page begins, as text that means nothing to who carries it."""

import binascii
import re
from typing import Final

from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal

LONGEST: Final = 96
_PLACE: Final = re.compile(rb"[0-9]{1,19}(?:\.[0-9]{1,19}){0,2}")
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def write(*place: int) -> str:
    """The text of up to three numbers, none of them negative."""
    raw = ".".join(map(str, place)).encode()
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def read(text: str, count: int) -> tuple[int, ...]:
    """The `count` numbers in a text. Raises Refusal for what `write` has not written for this list."""
    try:
        raw = text.encode("ascii").translate(_FROM_URL)
        if len(raw) > LONGEST:
            raise ValueError
        place = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except ValueError:
        place = b""
    found = tuple(map(int, place.split(b"."))) if _PLACE.fullmatch(place) else ()
    if len(found) != count or max(found) > MAX_INT:
        raise Refusal("invalid_field", field="next")
    return found
