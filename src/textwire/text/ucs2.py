"""UCS-2 as networks and phones use it: UTF-16, big end first (3GPP TS 23.038 §6.2.3)."""

from typing import Final

REPLACEMENT: Final = "\ufffd"
UNIT: Final = 2  # octets


class LoneSurrogate(ValueError):
    """The text has half of a surrogate pair, which no encoding can carry."""

    reason: Final = "lone_surrogate"


def encode(text: str) -> bytes:
    """The text in UTF-16BE; raises `LoneSurrogate`."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise LoneSurrogate(f"half of a surrogate pair at character {error.start}") from None


def measure(text: str) -> int:
    """How many 16-bit units the text takes; raises `LoneSurrogate`."""
    return len(encode(text)) // UNIT


def decode(octets: bytes) -> str:
    """The text of UTF-16BE octets. Never raises: a lone surrogate or an odd last octet is shown as U+FFFD."""
    return octets.decode("utf-16-be", "replace")


def mend(text: str) -> str:
    """The text with the halves of surrogate pairs joined and lone ones shown as U+FFFD."""
    if text.isascii():
        return text
    return decode(text.encode("utf-16-be", "surrogatepass"))
