"""UTF-16BE as phones use it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text import ucs2

any_text = st.text(st.characters(codec=None))  # lone surrogates among them


@given(st.text())
def test_what_was_encoded_decodes_to_itself(text):
    octets = ucs2.encode(text)
    assert len(octets) == 2 * ucs2.measure(text)
    assert ucs2.decode(octets) == text


@pytest.mark.parametrize(
    ("text", "octets"),
    [("", ""), ("я", "044f"), ("😀", "d83dde00"), ("a\0", "00610000")],
)
def test_the_big_end_comes_first_and_astral_characters_take_two_units(text, octets):
    assert ucs2.encode(text).hex() == octets


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "\udc00\ud800"])
def test_half_a_pair_is_refused_with_its_own_error(text):
    with pytest.raises(ucs2.LoneSurrogate) as caught:
        ucs2.encode(text)
    assert caught.value.reason == "lone_surrogate"
    with pytest.raises(ucs2.LoneSurrogate):
        ucs2.measure(text)


@given(st.binary(max_size=60))
def test_any_octets_decode_without_an_error_and_can_be_stored(octets):
    ucs2.decode(octets).encode("utf-8")


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("00", "\ufffd"),  # half a unit
        ("006100", "a\ufffd"),
        ("d83d", "\ufffd"),
        ("d83d0061", "\ufffda"),
        ("de000061", "\ufffda"),
        ("fffe", "\ufffe"),
        ("feff0061", "\ufeffa"),  # a byte order mark is kept: it is the sender's
    ],
)
def test_broken_octets_are_shown_as_unknown(octets, text):
    assert ucs2.decode(bytes.fromhex(octets)) == text


@given(any_text)
def test_mending_leaves_nothing_that_cannot_be_stored(text):
    mended = ucs2.mend(text)
    mended.encode("utf-8")
    assert ucs2.mend(mended) == mended


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("\ud83d\ude00", "😀"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("plain é", "plain é"),
    ],
)
def test_mending_joins_halves_and_marks_lone_ones(text, mended):
    assert ucs2.mend(text) == mended
