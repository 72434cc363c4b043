"""The seven-bit alphabets of 3GPP TS 23.038: which character stands at which of a table's 128 positions.

A table is a string of 128 characters; `VOID` marks a position without a character, as position 0x1B always
is, the escape. The default alphabet is §6.2.1, its extension §6.2.1.1, the Latin national tables Annex A;
the Indic ones of Annex A are in `gsm7_indic`.
"""

import enum
from typing import Final

from textwire.text import gsm7_indic
from textwire.text.gsm7_indic import VOID

ESCAPE: Final = 0x1B
TABLE_SIZE: Final = 128


class Language(enum.IntEnum):
    """National language identifiers, TS 23.038 §6.2.1.2.4; 0 stands for the default tables."""

    DEFAULT = 0
    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13


# ISO 639-1, how a language is written in a stored encoding. "-" means no national table.
CODES: Final[dict[Language, str]] = {
    Language.DEFAULT: "-",
    Language.TURKISH: "tr",
    Language.SPANISH: "es",
    Language.PORTUGUESE: "pt",
    Language.BENGALI: "bn",
    Language.GUJARATI: "gu",
    Language.HINDI: "hi",
    Language.KANNADA: "kn",
    Language.MALAYALAM: "ml",
    Language.ORIYA: "or",
    Language.PUNJABI: "pa",
    Language.TAMIL: "ta",
    Language.TELUGU: "te",
    Language.URDU: "ur",
}
LANGUAGES: Final[dict[str, Language]] = {code: language for language, code in CODES.items()}


def _overlay(base: str, places: dict[int, str]) -> str:
    """`base` with runs of other characters written over it, each from its position on."""
    table = list(base)
    for position, run in places.items():
        table[position : position + len(run)] = run
    return "".join(table)


_EMPTY: Final = VOID * TABLE_SIZE

# TS 23.038 §6.2.1
DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    f"Δ_ΦΓΛΩΠΨΣΘΞ{VOID}ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# TS 23.038 §6.2.1.1; 0x0A is the page break. 0x0D (CR2) and 0x1B (SS2) are control codes without a character.
EXTENSION: Final = _overlay(
    _EMPTY, {0x0A: "\f", 0x14: "^", 0x28: "{}", 0x2F: "\\", 0x3C: "[~]", 0x40: "|", 0x65: "€"}
)

# TS 23.038 §A.3.1, §A.3.3: what differs from the default alphabet
_LATIN_LOCKING: Final[dict[Language, dict[int, str]]] = {
    Language.TURKISH: {0x04: "€", 0x07: "ı", 0x0B: "Ğğ", 0x1C: "Şş", 0x40: "İ", 0x60: "ç"},
    Language.PORTUGUESE: {
        0x04: "ê", 0x06: "úíóç", 0x0B: "Ôô", 0x0E: "Áá", 0x12: "ªÇÀ∞^\\€Ó|", 0x1C: "Ââ", 0x1E: "Ê",
        0x24: "º", 0x40: "Í", 0x5B: "ÃÕÚ", 0x60: "~", 0x7B: "ãõ`",
    },
}  # fmt: skip

# TS 23.038 §A.2.1 – §A.2.3: what they add to the default extension
_LATIN_SINGLE: Final[dict[Language, dict[int, str]]] = {
    Language.TURKISH: {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    Language.SPANISH: {
        0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
    },
    Language.PORTUGUESE: {
        0x05: "ê", 0x09: "ç", 0x0B: "Ôô", 0x0E: "Áá", 0x12: "ΦΓ", 0x15: "ΩΠΨΣΘ", 0x1F: "Ê", 0x41: "À",
        0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "ÃÕ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú",
        0x7B: "ãõ", 0x7F: "â",
    },
}  # fmt: skip

# TS 23.038 §A.2.4 – §A.2.13, §A.3.4 – §A.3.13: what the Indic tables have in common
_INDIC_LOCKING_COMMON: Final = _overlay(
    _EMPTY,
    {0x0A: "\n", 0x0D: "\r", 0x20: " !", 0x28: ")(", 0x2C: ",", 0x2E: ".", 0x30: "0123456789:;", 0x3F: "?",
     0x61: "abcdefghijklmnopqrstuvwxyz"},
)  # fmt: skip
_INDIC_SINGLE_COMMON: Final = _overlay(
    _EMPTY,
    {0x00: "@£$¥¿\"¤%&'\f*+", 0x0E: "-/<=>¡^¡_#*", 0x28: "{}", 0x2F: "\\", 0x3C: "[~]", 0x40: "|",
     0x41: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0x65: "€"},
)  # fmt: skip


def _indic(common: str, places: tuple[range, ...], rows: dict[str, str]) -> dict[Language, str]:
    """The Indic tables of one kind: each script's letters laid into what the common part leaves open."""
    tables = {}
    for code, row in rows.items():
        runs = zip(places, gsm7_indic.letters(code, row, places), strict=True)
        tables[LANGUAGES[code]] = _overlay(common, {place.start: run for place, run in runs})
    return tables


# Spanish has no locking table (§A.3.2).
LOCKING: Final[dict[Language, str]] = {
    Language.DEFAULT: DEFAULT,
    **{language: _overlay(DEFAULT, places) for language, places in _LATIN_LOCKING.items()},
    **_indic(_INDIC_LOCKING_COMMON, gsm7_indic.LOCKING_PLACES, gsm7_indic.LOCKING),
}
SINGLE: Final[dict[Language, str]] = {
    Language.DEFAULT: EXTENSION,
    **{language: _overlay(EXTENSION, places) for language, places in _LATIN_SINGLE.items()},
    **_indic(_INDIC_SINGLE_COMMON, gsm7_indic.SINGLE_PLACES, gsm7_indic.SINGLE),
}
