"""Senders and recipients as the vendor's clients write them."""

# protocols 1.1: numbers stand without a plus, but one, or 00, is understood; in a sender blanks do not count.

import re
from typing import Final

MOST_DIGITS: Final = 15
FEWEST_DIGITS: Final = 7
LONGEST_NAME: Final = 11

_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


def sender(written: str) -> str:
    """A number with its plus, or a short code or a name; "": it is none."""
    plain = "".join(written.split(" "))
    bare = _without_prefix(plain)
    if _DIGITS.fullmatch(bare):
        if len(bare) > MOST_DIGITS:
            return ""
        return f"+{bare}" if len(bare) >= FEWEST_DIGITS else bare
    return plain if len(plain) <= LONGEST_NAME else ""


def recipient(written: str) -> str:
    """The digits of a number; "": it is none."""
    bare = _without_prefix(written.strip(" "))
    good = _DIGITS.fullmatch(bare) and FEWEST_DIGITS <= len(bare) <= MOST_DIGITS and not bare.startswith("0")
    return bare if good else ""


def is_numeric(written: str) -> bool:
    """Whether a recipient is written in digits at all."""
    return bool(_DIGITS.fullmatch(_without_prefix(written.strip(" "))))


def _without_prefix(number: str) -> str:
    return number.removeprefix("+") if number.startswith("+") else number.removeprefix("00")
