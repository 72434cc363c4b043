"""One spelling for keywords, so that case, width, accents and punctuation do not decide what a person meant."""

import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 64
"""Characters of a text that may be a keyword: nobody hides one in a longer text."""

# Marks that people leave out when they type: combining diacritics, Arabic vowels, Hebrew points, and what an
# emoji carries. Marks of Indic scripts and of Thai are letters to their readers, and stay.
_DROPPED: Final = (
    (0x0300, 0x036F), (0x0591, 0x05C7), (0x0640, 0x0640), (0x064B, 0x0652), (0x0670, 0x0670), (0xFE00, 0xFE0F),
)  # fmt: skip
# Letters that are typed as another where a keyboard lacks them, and that no decomposition knows.
_PLAIN: Final = str.maketrans(
    {
        "ı": "i", "đ": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ά": "α", "أ": "ا", "إ": "ا", "آ": "ا",
        "ى": "ي", "ة": "ه", "ё": "е", "’": "'",
    }
)  # fmt: skip


@lru_cache(maxsize=1024)
def spelled(text: str) -> str:
    """The text in its one spelling: words parted by single blanks; "" for what cannot be a keyword.

    Full-width forms become plain ones (NFKC), letters small, punctuation and symbols blanks; characters that
    nobody sees are nothing.
    """
    if len(text) > LONGEST:
        return ""
    small = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(map(_letter, unicodedata.normalize("NFD", small)))
    return unicodedata.normalize("NFC", " ".join(letters.split())).translate(_PLAIN)


def _letter(character: str) -> str:
    if any(low <= ord(character) <= high for low, high in _DROPPED):
        return ""
    kind = unicodedata.category(character)
    if kind[0] in "LMN":
        return character
    return "" if kind == "Cf" else " "
