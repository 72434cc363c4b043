"""The letters of the Indic national language tables of 3GPP TS 23.038 Annex A, by script.

All Indic locking tables share one skeleton (controls, digits, punctuation, a–z), and so do the single shift
tables (symbols, A–Z); a script fills the places in between. It is written down here as one mark per place:
two hexadecimal digits are an offset in the script's Unicode block, four are a code point, ".." is no character,
and "05-0B" a run of offsets.
"""

from collections.abc import Iterator
from typing import Final

VOID: Final = "\ufffe"  # no character here; also what codecs.charmap_build takes for "no mapping"


def _places(*spans: tuple[int, int]) -> tuple[range, ...]:
    return tuple(range(first, last + 1) for first, last in spans)


LOCKING_PLACES: Final = _places(
    (0x00, 0x09), (0x0B, 0x0C), (0x0E, 0x1A), (0x1C, 0x1F), (0x22, 0x27), (0x2A, 0x2B),
    (0x2D, 0x2D), (0x2F, 0x2F), (0x3C, 0x3E), (0x40, 0x60), (0x7B, 0x7F),
)  # fmt: skip
SINGLE_PLACES: Final = _places((0x19, 0x1A), (0x1C, 0x27), (0x2A, 0x2E), (0x30, 0x3B), (0x3F, 0x3F))

# Where each script's Unicode block begins.
BLOCKS: Final = {
    "bn": 0x0980, "gu": 0x0A80, "hi": 0x0900, "kn": 0x0C80, "ml": 0x0D00,
    "or": 0x0B00, "pa": 0x0A00, "ta": 0x0B80, "te": 0x0C00, "ur": 0x0600,
}  # fmt: skip

# TS 23.038 §A.3.4 – §A.3.13. "|" stands where the skeleton's own characters interrupt the script.
LOCKING: Final = {
    "bn": "01-03 05-0B | 0C .. | .. 0F 10 .. .. 13-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-30 .. 32 .. .. .. 36-39 3C-44 .. .. 47 48 .. .. 4B-4E | 57 5C 5D 70 71",
    "gu": "01-03 05-0B | 0C 0D | .. 0F-11 .. 13-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-30 .. 32 33 .. 35-39 3C-45 .. 47-49 .. 4B-4D 50 | 60-63 71",
    "hi": "01-03 05-0B | 0C 0D | 0E-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | 29-2B"
    "| 2C-39 3C-4D 50 | 72 7B 7C 7E 7F",
    "kn": ".. 02 03 05-0B | 0C .. | 0E-10 .. 12-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-33 .. 35-39 3C-44 .. 46-48 .. 4A-4D 55 | 56 60-63",
    "ml": ".. 02 03 05-0B | 0C .. | 0E-10 .. 12-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-39 .. 3D-44 .. 46-48 .. 4A-4D 57 | 60-63 79",
    "or": "01-03 05-0B | 0C .. | .. 0F 10 .. .. 13-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-30 .. 32 33 .. 35-39 3C-44 .. .. 47 48 .. .. 4B-4D 56 | 57 60-63",
    "pa": "01-03 05-0A .. | .. .. | .. 0F 10 .. .. 13-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-30 .. 32 33 .. 35 36 .. 38 39 3C .. 3E-42 .. .. .. .. 47 48 .. .. 4B-4D 51 | 70-74",
    "ta": ".. 02 03 05-0A .. | .. .. | 0E-10 .. 12-15 .. .. .. 19 1A | .. 1C .. 1E | 1F .. .. .. 23 24"
    "| .. .. | .. | 28 | 29 2A .. | .. .. 2E-39 .. .. 3E-42 .. .. .. 46-48 .. 4A-4D 50 | 57 70-72 79",
    "te": "01-03 05-0B | 0C .. | 0E-10 .. 12-1A | 1B-1E | 1F-24 | 25 26 | 27 | 28 | .. 2A 2B"
    "| 2C-33 .. 35-39 .. 3D-44 .. 46-48 .. 4A-4D 55 | 56 60-63",
    "ur": "27 22 28 7B 80 7E A6 2A C2 7F | 79 7D | 7A 7C 2B 2C 81 84 83 85 86 87 2D 2E 2F | 8C 88 89 8A"
    "| 8F 8D 30 31 91 93 | 99 32 | 96 | 98 | 9A 33 34"
    "| 35-39 41 42 A9 AA AB AF B3 B1 44-46 BA BB BC 48 C4 D5 C1 BE 21 CC D0 D2 4D 50 4F 57 54"
    "| 55 51 53 56 70",
}

# TS 23.038 §A.2.4 – §A.2.13. 0964 and 0965 are the dandas, which the scripts share.
SINGLE: Final = {
    "bn": "66 67 | 68-6F 5F-62 | 63 72-75 | 76-7A .. .. .. .. .. .. .. | ..",
    "gu": "0964 0965 | 66-6F .. .. | .. .. .. .. .. | .. .. .. .. .. .. .. .. .. .. .. .. | ..",
    "hi": "0964 0965 | 66-6F 51 52 | 53 54 58-5A | 5B-63 70 71 .. | ..",
    "kn": "0964 0965 | 66-6F 5E 71 | 72 .. .. .. .. | .. .. .. .. .. .. .. .. .. .. .. .. | ..",
    "ml": "0964 0965 | 66-71 | 72-75 7A | 7B-7F .. .. .. .. .. .. .. | ..",
    "or": "0964 0965 | 66-6F 5C 5D | 5F 70 71 .. .. | .. .. .. .. .. .. .. .. .. .. .. .. | ..",
    "pa": "0964 0965 | 66-6F 59 5A | 5B 5C 5E 75 .. | .. .. .. .. .. .. .. .. .. .. .. .. | ..",
    "ta": "0964 0965 | 66-6F 73 74 | 75-78 7A | .. .. .. .. .. .. .. .. .. .. .. .. | ..",
    "te": ".. .. | 66-6F 58 59 | 78-7C | 7D-7F .. .. .. .. .. .. .. .. .. | ..",
    "ur": "00 01 | F0-F9 0C 0D | 0E-12 | 13 14 1B 1F 40 52 58 6B 6C 72 73 CD | D4",
}


def _read(place: str, block: int) -> Iterator[str]:
    if place == "..":
        yield VOID
    elif len(place) == 4:
        yield chr(int(place, 16))
    else:
        first, _, last = place.partition("-")
        for offset in range(int(first, 16), int(last or first, 16) + 1):
            yield chr(block + offset)


def letters(code: str, row: str, places: tuple[range, ...]) -> tuple[str, ...]:
    """The runs of characters of one script's row, one run for each of `places`; the lengths must agree."""
    runs = tuple(
        "".join(char for place in run.split() for char in _read(place, BLOCKS[code]))
        for run in row.split("|")
    )
    if [len(run) for run in runs] != [len(place) for place in places]:
        raise ValueError(f"the row of {code} does not fill its places")
    return runs
