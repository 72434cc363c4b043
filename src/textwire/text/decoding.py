"""From the octets of an incoming segment to text, whatever a foreign sender made of them."""

from typing import Final

from msgspec import Struct

from textwire.text import data_coding, gsm7, ucs2, udh
from textwire.text.data_coding import Alphabet
from textwire.text.gsm7_tables import Language

REPLACEMENT: Final = "\ufffd"

# Binary is shown octet by octet, so that nothing is lost.
_CODECS: Final = {
    Alphabet.OCTETS: "latin-1",
    Alphabet.ASCII: "ascii",
    Alphabet.LATIN1: "latin-1",
    Alphabet.CYRILLIC: "iso8859-5",
    Alphabet.HEBREW: "iso8859-8",
    Alphabet.SHIFT_JIS: "shift_jis",
    Alphabet.ISO2022_JP: "iso2022_jp_1",
    Alphabet.EUC_KR: "euc_kr",
}


class Reading(Struct, frozen=True):
    """How a payload is to be read: its alphabet and, for GSM 7 bit, its tables."""

    alphabet: Alphabet
    single: Language = Language.DEFAULT
    locking: Language = Language.DEFAULT

    def text(self, payload: bytes) -> str:
        """The payload's text, NUL and everything unreadable shown as U+FFFD. Never raises."""
        if self.alphabet is Alphabet.GSM7:
            return gsm7.decode(payload, self.single, self.locking)
        if self.alphabet is Alphabet.UCS2:
            text = ucs2.decode(payload)
        else:
            text = payload.decode(_CODECS[self.alphabet], "replace")
        return text.replace("\0", REPLACEMENT)


def reading(octet: int, header: bytes = b"") -> Reading:
    """How to read a payload sent with that data_coding octet and user data header. Never raises: a header
    that cannot be parsed counts as none, and compressed text (TS 23.042) is shown as binary."""
    coding = data_coding.parse(octet & 0xFF)
    if coding.compressed:
        return Reading(Alphabet.OCTETS)
    if coding.alphabet is not Alphabet.GSM7 or not header:
        return Reading(coding.alphabet)
    try:
        parsed = udh.parse(header)
    except udh.BadUdh:
        return Reading(Alphabet.GSM7)
    return Reading(Alphabet.GSM7, parsed.single, parsed.locking)


def decode(octet: int, header: bytes, payload: bytes) -> str:
    """The text of an incoming segment: data_coding octet, user data header (b"" if it has none), and the
    octets behind the header, GSM septets one octet each. Never raises."""
    return reading(octet, header).text(payload)
