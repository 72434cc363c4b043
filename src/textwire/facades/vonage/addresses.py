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
    number = _without_prefix(plain)
    if _DIGITS.fullmatch(number):
        if len(number) > MOST_DIGITS:
            return ""
        return f"+{number}" if len(number) >= FEWEST_DIGITS else number
    return plain if len(plain) <= LONGEST_NAME else ""


def recipient(written: str) -> str:
    """The digits of a number; "": it is none."""
    number = bare(written)
    good = (
        _DIGITS.fullmatch(number)
        and FEWEST_DIGITS <= len(number) <= MOST_DIGITS
        and not number.startswith("0")
    )
    return number if good else ""


def is_numeric(written: str) -> bool:
    """Whether a recipient is written in digits at all."""
    return bool(_DIGITS.fullmatch(bare(written)))


def bare(written: str) -> str:
    """A recipient without its prefix and the blanks around it, whatever it is."""
    return _without_prefix(written.strip(" "))


def _without_prefix(number: str) -> str:
    return number.removeprefix("+") if number.startswith("+") else number.removeprefix("00")
