"""Text to septets and back, and septets packed into octets."""

import codecs

import gsmcodecs  # registers its codecs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.text.test_gsm7_tables import ORACLE_ERRS
from textwire.text import gsm7
from textwire.text.gsm7_indic import VOID
from textwire.text.gsm7_tables import DEFAULT, EXTENSION, LOCKING, SINGLE, Language

assert gsmcodecs.codecs is codecs

BASIC = "".join(char for char in DEFAULT if char != VOID)
EXTENDED = "".join(char for char in EXTENSION if char != VOID)
pairs = st.tuples(st.sampled_from(list(SINGLE)), st.sampled_from([*LOCKING, Language.SPANISH]))


def characters(single: Language, locking: Language) -> str:
    """What a pair of tables can write, without the places where the oracle errs."""
    lock, shift = LOCKING.get(locking, DEFAULT), SINGLE[single]
    wrong = {lock[place] for language, kind, place in ORACLE_ERRS if (language, kind) == (locking, "locking")}
    wrong |= {"'"} if wrong else set()
    wrong |= {"€"} if single is Language.TELUGU else set()
    wrong |= {"\u0caa"} if locking is Language.KANNADA else set()
    return "".join(sorted(set(lock + shift) - {VOID} - wrong))


@st.composite
def texts(draw):
    single, locking = draw(pairs)
    return single, locking, draw(st.text(st.sampled_from(characters(single, locking)), max_size=200))


@given(texts())
def test_every_pair_of_tables_encodes_as_the_independent_package_does(case):
    single, locking, text = case
    oracle = f"gsm23.038-{int(locking)}-{int(single)}"
    septets = gsm7.encode(text, single, locking)
    # Where a character stands at two places we may differ in which we take, never in length or meaning.
    assert len(septets) == len(text.encode(oracle))
    assert septets.decode(oracle) == text
    assert gsm7.decode(text.encode(oracle), single, locking) == text


@given(st.text(st.sampled_from(BASIC + EXTENDED)))
def test_the_default_tables_encode_octet_for_octet_as_the_independent_package_does(text):
    assert gsm7.encode(text) == text.encode("gsm23.038")


@given(texts())
def test_what_was_encoded_decodes_to_itself(case):
    single, locking, text = case
    assert gsm7.decode(gsm7.encode(text, single, locking), single, locking) == text


@given(texts())
def test_measure_counts_what_encode_makes(case):
    single, locking, text = case
    assert gsm7.measure(text, single, locking) == len(gsm7.encode(text, single, locking))


@given(st.text(), pairs)
def test_any_text_is_encoded_or_refused_with_its_first_missing_character(text, pair):
    missing = gsm7.missing(text, *pair)
    if not missing:
        assert gsm7.decode(gsm7.encode(text, *pair), *pair) == text
        return
    with pytest.raises(gsm7.NotInAlphabet) as caught:
        gsm7.encode(text, *pair)
    assert caught.value.character == missing[0]
    assert gsm7.measure(text, *pair) is None


@given(st.binary(max_size=200), pairs)
def test_any_octets_decode_without_an_error(octets, pair):
    text = gsm7.decode(octets, *pair)
    assert len(text) <= len(octets)
    assert VOID not in text


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", b""),
        ("@", b"\x00"),
        ("@@", b"\x00\x00"),
        ("a@b", b"a\x00b"),
        ("€", b"\x1b\x65"),
        ("[@]", b"\x1b\x3c\x00\x1b\x3e"),
        ("\f", b"\x1b\x0a"),
        ("Ä\r\n§", b"\x5b\x0d\x0a\x5f"),
        ("ΔΦΓΛΩΠΨΣΘΞ", bytes([0x10, *range(0x12, 0x1B)])),
    ],
)
def test_characters_go_where_the_specification_has_them(text, septets):
    assert gsm7.encode(text) == septets
    assert gsm7.decode(septets) == text


@pytest.mark.parametrize(
    "char", ["\0", "\x1b", "\ufffe", "`", "ç", "á", "ı", "\ud800", "\U0001f600", "\x80", "ÿ"]
)
def test_characters_outside_the_default_tables_are_refused(char):
    assert gsm7.measure(f"a{char}b") is None
    with pytest.raises(gsm7.NotInAlphabet, match=f"U\\+{ord(char):04X}"):
        gsm7.encode(f"a{char}b")


def test_missing_names_each_character_once_and_in_order():
    assert gsm7.missing("zażółć gęślą jaźń, zażółć") == "żółćęśąźń"
    assert gsm7.missing("plain €uro") == ""


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"\x1b", "\ufffd"),  # nothing to escape
        (b"ab\x1b", "ab\ufffd"),
        (b"\x1bA", "A"),  # not in the extension: the locking table's character, TS 23.038 §6.2.1.1
        (b"\x1b\x1b", " "),  # an escape to a table that does not exist
        (b"\x1b\x1b\x65", " e"),
        (b"a\x80b", "a\ufffdb"),  # no septet at all
        (b"\xff", "\ufffd"),
        (b"\x1b\xff", "\ufffd\ufffd"),
        (b"\x1be\xffe", "€\ufffde"),
    ],
)
def test_what_no_table_knows_is_shown_and_never_raises(septets, text):
    assert gsm7.decode(septets) == text


def test_a_place_without_a_character_in_a_locking_table_is_shown_as_unknown():
    assert LOCKING[Language.TAMIL][0x0B] == VOID
    assert gsm7.decode(b"a\x0bb", locking=Language.TAMIL) == "a\ufffdb"


def test_a_turkish_message_is_shorter_with_its_locking_table():
    text = "ığşİĞŞ"
    assert gsm7.measure(text, locking=Language.TURKISH) == 6
    assert gsm7.measure(text, single=Language.TURKISH) == 12
    assert gsm7.measure(text) is None


def test_a_character_in_both_tables_takes_the_shorter_way():
    assert gsm7.encode("€", Language.TURKISH, Language.TURKISH) == b"\x04"


# ---- packing, TS 23.038 §6.1.2.1


def slowly_packed(septets: bytes, fill: int) -> bytes:
    """The same by the letter of the specification: bits written out, lowest first."""
    bits = "0" * fill + "".join(f"{septet:07b}"[::-1] for septet in septets)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


septet_strings = st.binary(max_size=200).map(lambda octets: bytes(octet & 0x7F for octet in octets))


@given(septet_strings, st.integers(0, 6))
def test_packing_is_what_the_specification_draws(septets, fill):
    assert gsm7.pack(septets, fill) == slowly_packed(septets, fill)


@given(septet_strings, st.integers(0, 6))
def test_unpacking_undoes_packing(septets, fill):
    assert gsm7.unpack(slowly_packed(septets, fill), len(septets), fill) == septets


@given(st.binary(max_size=180), st.integers(-3, 300), st.integers(0, 6))
def test_unpacking_gives_no_more_than_is_there(packed, count, fill):
    septets = gsm7.unpack(packed, count, fill)
    assert len(septets) == max(0, min(count, (len(packed) * 8 - fill) // 7))
    assert septets.isascii()


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("hellohello", "e8329bfd4697d9ec37"),
        ("1", "31"),
        ("12345678", "31d98c56b3dd70"),
        ("", ""),
        ("@@@@@@@@", "00000000000000"),
    ],
)
def test_known_vectors_pack_alike(text, packed):
    assert gsm7.pack(gsm7.encode(text)).hex() == packed
    assert gsm7.decode(gsm7.unpack(bytes.fromhex(packed), len(text))) == text


def test_160_septets_fill_140_octets():
    assert len(gsm7.pack(bytes(160))) == 140


@pytest.mark.parametrize(("octets", "bits"), [(0, 0), (6, 1), (7, 0), (4, 3), (8, 6), (9, 5), (12, 2)])
def test_fill_bits_lead_to_the_next_septet(octets, bits):
    assert gsm7.fill_bits(octets) == bits
    assert (octets * 8 + bits) % 7 == 0


@given(st.integers(0, 20), st.text(st.sampled_from(BASIC), min_size=1, max_size=100))
def test_a_payload_behind_a_header_survives_the_fill_bits(octets, text):
    assume(octets * 8 + len(text) * 7 <= 1120)
    fill = gsm7.fill_bits(octets)
    packed = gsm7.pack(gsm7.encode(text), fill)
    assert (octets + len(packed)) * 8 >= octets * 8 + fill + 7 * len(text)
    assert gsm7.decode(gsm7.unpack(packed, len(text), fill)) == text
