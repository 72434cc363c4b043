"""What a stored encoding says, and how much room it leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text import encoding
from textwire.text.encoding import GSM7, UCS2, Encoding
from textwire.text.gsm7 import NotInAlphabet
from textwire.text.gsm7_tables import LOCKING, Language
from textwire.text.udh import Concatenation, Place

WIDE = Concatenation.SIXTEEN
encodings = st.one_of(
    st.builds(
        Encoding,
        single=st.sampled_from(Language),
        locking=st.sampled_from(list(LOCKING)),
        concatenation=st.sampled_from(Concatenation),
    ),
    st.builds(Encoding, alphabet=st.just("ucs2"), concatenation=st.sampled_from(Concatenation)),
)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (GSM7, "gsm7"),
        (UCS2, "ucs2"),
        (Encoding(single=Language.TURKISH, locking=Language.TURKISH), "gsm7:tr/tr"),
        (Encoding(single=Language.SPANISH), "gsm7:es/-"),
        (Encoding(locking=Language.HINDI), "gsm7:-/hi"),
        (Encoding(concatenation=WIDE), "gsm7+16"),
        (Encoding(alphabet="ucs2", concatenation=WIDE), "ucs2+16"),
        (Encoding(single=Language.URDU, locking=Language.URDU, concatenation=WIDE), "gsm7:ur/ur+16"),
    ],
)
def test_an_encoding_is_stored_as_a_short_string(value, stored):
    assert str(value) == stored
    assert encoding.parse(stored) == value


@given(encodings)
def test_every_encoding_survives_its_string(value):
    assert encoding.parse(str(value)) == value
    assert len(str(value)) <= 16


@pytest.mark.parametrize(
    "stored",
    ["", "gsm", "GSM7", "utf8", "gsm7:", "gsm7:tr", "gsm7:tr/xx", "gsm7:/", "ucs2:tr/tr", "gsm7+8", "tr/tr",
     "gsm7:tr/tr/tr", "gsm7:-/es", "gsm7:-/-", "gsm7 ", "+16"],
)  # fmt: skip
def test_what_names_no_encoding_is_refused(stored):
    with pytest.raises(ValueError, match="no encoding"):
        encoding.parse(stored)


@pytest.mark.parametrize(
    ("stored", "alone", "in_a_row"),
    [
        ("gsm7", 160, 153),
        ("gsm7+16", 160, 152),
        ("gsm7:tr/-", 155, 149),
        ("gsm7:-/tr", 155, 149),
        ("gsm7:tr/tr", 152, 146),
        ("gsm7:tr/tr+16", 152, 145),
        ("ucs2", 70, 67),
        ("ucs2+16", 70, 66),
    ],
)
def test_headers_take_the_room_that_the_specification_says(stored, alone, in_a_row):
    value = encoding.parse(stored)
    assert (value.room(alone=True), value.room(alone=False)) == (alone, in_a_row)


@given(encodings, st.booleans())
def test_a_full_segment_fills_the_140_octets_and_no_more(value, alone):
    place = None if alone else Place(reference=1, total=2, n=1, concatenation=value.concatenation)
    room, header = value.room(alone=alone), value.header(place)
    bits = 16 if value.alphabet == "ucs2" else 7
    assert len(header) * 8 + room * bits <= 1120 < len(header) * 8 + (room + 1) * bits


@pytest.mark.parametrize(
    ("value", "flash", "octet"), [(GSM7, False, 0), (UCS2, False, 8), (GSM7, True, 0xF0), (UCS2, True, 0x18)]
)
def test_the_data_coding_follows_the_alphabet(value, flash, octet):
    assert value.data_coding(flash=flash) == octet


def test_octets_are_septets_or_utf_16():
    assert GSM7.octets("a@€") == b"a\x00\x1be"
    assert Encoding(locking=Language.TURKISH).octets("ı") == b"\x07"
    assert UCS2.octets("a") == b"\0a"
    with pytest.raises(NotInAlphabet):
        GSM7.octets("я")


def test_measures_are_septets_or_units():
    assert (GSM7.measure("a€"), UCS2.measure("a😀"), GSM7.measure("я")) == (3, 3, None)
