"""The alphabets of TS 23.038, place by place, against the spec's own words and an independent package."""

import pytest
from gsmcodecs.charmaps import GSMCHARMAPS

from textwire.text import gsm7_indic
from textwire.text.gsm7_indic import VOID
from textwire.text.gsm7_tables import (
    CODES,
    DEFAULT,
    ESCAPE,
    EXTENSION,
    LANGUAGES,
    LOCKING,
    SINGLE,
    TABLE_SIZE,
    Language,
)

# Where gsmcodecs 1.0.0 departs from the specification (and from what phones do): in the Indic locking tables it
# has an apostrophe for the comma at 0x2C, in Kannada a second "pa" where "dda" stands, and it has lost the euro
# sign of Telugu. Its space at the escape is how an escape is *shown*.
INDIC = [language for language in Language if language >= Language.BENGALI]
ORACLE_ERRS = {
    *((language, "locking", 0x2C) for language in INDIC),
    (Language.KANNADA, "locking", 0x24),
    (Language.TELUGU, "singleShift", 0x65),
}


def oracle(language: Language, kind: str) -> dict[int, int]:
    return GSMCHARMAPS[int(language)][kind]["decode"]


@pytest.mark.parametrize(
    ("kind", "tables"), [("locking", LOCKING), ("singleShift", SINGLE)], ids=["locking", "single"]
)
def test_every_place_of_every_table_agrees_with_the_independent_package(kind, tables):
    compared = 0
    for language, table in tables.items():
        theirs = oracle(language, kind)
        for place in range(TABLE_SIZE):
            if place == ESCAPE or (language, kind, place) in ORACLE_ERRS:
                continue
            ours = None if table[place] == VOID else ord(table[place])
            assert ours == theirs.get(place), f"{language.name} {kind} {place:#04x}"
            compared += 1
    assert compared >= len(tables) * (TABLE_SIZE - 3)


def test_the_list_of_the_packages_errors_is_no_longer_than_needed():
    for language, kind, place in ORACLE_ERRS:
        ours = (LOCKING if kind == "locking" else SINGLE)[language][place]
        assert ord(ours) != oracle(language, kind).get(place)


@pytest.mark.parametrize("table", [*LOCKING.values(), *SINGLE.values()])
def test_a_table_has_128_places_and_nothing_at_the_escape(table):
    assert len(table) == TABLE_SIZE
    assert table[ESCAPE] == VOID


@pytest.mark.parametrize(("language", "table"), LOCKING.items())
def test_a_locking_table_has_no_character_twice(language, table):
    characters = [char for char in table if char != VOID]
    assert len(characters) == len(set(characters)), language.name


def test_the_default_alphabet_covers_all_but_the_escape():
    assert DEFAULT.count(VOID) == 1
    assert {DEFAULT[0x00], DEFAULT[0x11], DEFAULT[0x24], DEFAULT[0x40], DEFAULT[0x60]} == set("@_¤¡¿")


def test_the_extension_has_the_ten_characters_of_the_specification():
    assert {place: char for place, char in enumerate(EXTENSION) if char != VOID} == {
        0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
        0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
    }  # fmt: skip


@pytest.mark.parametrize("language", [x for x in Language if x in SINGLE and x not in INDIC])
def test_the_latin_single_shift_tables_keep_the_default_extension(language):
    assert all(SINGLE[language][place] == char for place, char in enumerate(EXTENSION) if char != VOID)


@pytest.mark.parametrize("language", INDIC)
def test_the_indic_tables_leave_no_digit_and_no_small_letter_out(language):
    assert LOCKING[language][0x30:0x3A] == "0123456789"
    assert LOCKING[language][0x61:0x7B] == "abcdefghijklmnopqrstuvwxyz"
    assert SINGLE[language][0x41:0x5B] == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert SINGLE[language][0x65] == "€"


@pytest.mark.parametrize(
    ("language", "word"),
    [
        (Language.BENGALI, "বাংলা"), (Language.GUJARATI, "ગુજરાતી"), (Language.HINDI, "हिन्दी"),
        (Language.KANNADA, "ಕನ್ನಡ"), (Language.MALAYALAM, "മലയാളം"), (Language.ORIYA, "\u0b13\u0b21\u0b3c\u0b3f\u0b06"),
        (Language.PUNJABI, "ਪੰਜਾਬੀ"), (Language.TAMIL, "தமிழ்"), (Language.TELUGU, "తెలుగు"),
        (Language.URDU, "اردو"),
    ],
)  # fmt: skip
def test_a_language_can_write_its_own_name_in_its_locking_table(language, word):
    assert set(word) <= set(LOCKING[language])


def test_spanish_has_a_single_shift_table_only():
    assert Language.SPANISH in SINGLE
    assert Language.SPANISH not in LOCKING


def test_identifiers_are_those_of_the_specification():
    # TS 23.038 §6.2.1.2.4
    assert [language.name for language in Language] == [
        "DEFAULT", "TURKISH", "SPANISH", "PORTUGUESE", "BENGALI", "GUJARATI", "HINDI", "KANNADA", "MALAYALAM",
        "ORIYA", "PUNJABI", "TAMIL", "TELUGU", "URDU",
    ]  # fmt: skip
    assert [int(language) for language in Language] == list(range(14))


def test_codes_name_each_language_once():
    assert set(CODES) == set(Language)
    assert {LANGUAGES[CODES[language]] for language in Language} == set(Language)


def test_a_row_that_does_not_fill_its_places_is_refused():
    with pytest.raises(ValueError, match="hi"):
        gsm7_indic.letters("hi", "01 02 | 03", gsm7_indic.SINGLE_PLACES)
