"""Incoming octets to text: right where a sender kept the rules, bearable where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text.data_coding import Alphabet
from textwire.text.decoding import Reading, decode, reading
from textwire.text.gsm7_tables import Language

TURKISH = bytes.fromhex("06240101250101")


@pytest.mark.parametrize(
    ("octet", "header", "payload", "text"),
    [
        (0x00, b"", b"a\x00\x1be", "a@€"),
        (0xF0, b"", b"a\x00", "a@"),  # flash
        (0x10, b"", b"\x00", "@"),
        (0x00, TURKISH, b"\x07\x1bS", "ıŞ"),
        (0x00, bytes.fromhex("050003a50201"), b"\x00", "@"),
        (0x00, bytes.fromhex("03250106"), b"\x0e", "ऎ"),
        (0x01, b"", b"a@\xe9", "a@\ufffd"),
        (0x03, b"", b"caf\xe9", "café"),
        (0x02, b"", b"\x01\xff", "\x01ÿ"),
        (0x04, b"", b"\xe9", "é"),
        (0xF5, b"", b"\xe9", "é"),
        (0x05, b"", "カナ".encode("shift_jis"), "カナ"),
        (0x06, b"", "привет".encode("iso8859-5"), "привет"),
        (0x07, b"", "שלום".encode("iso8859-8"), "שלום"),
        (0x08, b"", "я😀".encode("utf-16-be"), "я😀"),
        (0x18, b"", "я".encode("utf-16-be"), "я"),
        (0x08, TURKISH, b"\x00a", "a"),  # tables mean nothing to UCS-2
        (0x0A, b"", "日本".encode("iso2022_jp"), "日本"),
        (0x0E, b"", "한국".encode("euc_kr"), "한국"),
        (0x20, b"", b"\xe9", "é"),  # compressed: shown as binary
    ],
)  # fmt: skip
def test_each_data_coding_is_read_in_its_alphabet(octet, header, payload, text):
    assert decode(octet, header, payload) == text


@pytest.mark.parametrize(
    ("octet", "header", "payload", "text"),
    [
        (0x08, b"", b"\x00a\x00", "a\ufffd"),  # half a unit
        (0x08, b"", b"\xd8\x3d", "\ufffd"),  # half a pair
        (0x08, b"", b"\x00\x00\x00a", "\ufffda"),  # NUL
        (0x03, b"", b"a\x00b", "a\ufffdb"),
        (0x01, b"", b"\x00", "\ufffd"),
        (0x00, b"", b"\xffa", "\ufffda"),
        (0x00, b"", b"\x1b", "\ufffd"),
        (0x00, b"\xff\x00", b"\x00", "@"),  # a header that is none
        (0x00, bytes.fromhex("032401ff"), b"\x1be", "€"),  # a language that is none
        (0x100, b"", b"\x00", "@"),  # no octet at all
        (-1, b"", b"\xe9", "é"),
        (0x0E, b"", b"\xff", "\ufffd"),
    ],
)
def test_what_breaks_the_rules_is_shown_as_well_as_can_be(octet, header, payload, text):
    assert decode(octet, header, payload) == text


@given(st.integers(0, 255), st.binary(max_size=20), st.binary(max_size=160))
def test_any_segment_decodes_to_text_that_can_be_stored(octet, header, payload):
    text = decode(octet, header, payload)
    text.encode("utf-8")
    assert "\0" not in text


def test_a_reading_tells_alphabet_and_tables():
    assert reading(0, TURKISH) == Reading(Alphabet.GSM7, Language.TURKISH, Language.TURKISH)
    assert reading(8, TURKISH) == Reading(Alphabet.UCS2)
    assert reading(0) == Reading(Alphabet.GSM7)
