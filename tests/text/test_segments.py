"""Texts cut into segments: how many, where, and what goes on the wire."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textwire.text import encoding, gsm7, segments, udh
from textwire.text.decoding import decode
from textwire.text.gsm7_tables import CODES, DEFAULT, EXTENSION, LOCKING, SINGLE, Language
from textwire.text.reassembly import Key, Part, Reassembly, assemble
from textwire.text.segments import Cut, LoneSurrogate, TooLong, cut, encode
from textwire.text.udh import Concatenation

WIDE = Concatenation.SIXTEEN
FAMILY = "👩\u200d👩\u200d👧\u200d👦"  # 11 units

gsm_texts = st.text(st.sampled_from(DEFAULT.replace("\ufffe", "") + "€[]{}|^~\\"), max_size=700)
words = st.sampled_from(
    [
        "a",
        "word ",
        "€",
        "я",
        "😀",
        FAMILY,
        "🇩🇪",
        "e\u0301",
        "क्षि",
        "ığ",
        "\r\n",
        "가",
        "ا",
        "日本語 ",
        "x" * 60,
    ]
)
mixed_texts = st.lists(words, max_size=150).map("".join)
any_texts = st.one_of(gsm_texts, mixed_texts, st.text(max_size=400))
widths = st.sampled_from(Concatenation)
nationals = st.one_of(st.booleans(), st.lists(st.sampled_from(Language), max_size=3).map(tuple))


def sizes(text: str, **options) -> list[int]:
    return [len(part) for part in cut(text, reference=1, **options).parts]


def lengths(made: Cut) -> list[int]:
    """Septets or units per segment."""
    return [made.encoding.measure(part) for part in made.parts]


# ---- limits


@pytest.mark.parametrize(
    ("length", "narrow", "wide"),
    [
        (0, [0], [0]),
        (1, [1], [1]),
        (160, [160], [160]),
        (161, [153, 8], [152, 9]),
        (304, [153, 151], [152, 152]),
        (305, [153, 152], [152, 152, 1]),
        (306, [153, 153], [152, 152, 2]),
        (307, [153, 153, 1], [152, 152, 3]),
        (459, [153, 153, 153], [152, 152, 152, 3]),
        (460, [153, 153, 153, 1], [152, 152, 152, 4]),
    ],
)
def test_gsm_text_fills_its_segments(length, narrow, wide):
    assert sizes("a" * length) == narrow
    assert sizes("@" * length, concatenation=WIDE) == wide


@pytest.mark.parametrize(
    ("length", "narrow", "wide"),
    [
        (1, [1], [1]),
        (70, [70], [70]),
        (71, [67, 4], [66, 5]),
        (132, [67, 65], [66, 66]),
        (134, [67, 67], [66, 66, 2]),
        (135, [67, 67, 1], [66, 66, 3]),
        (201, [67, 67, 67], [66, 66, 66, 3]),
        (202, [67, 67, 67, 1], [66, 66, 66, 4]),
    ],
)
def test_ucs2_text_fills_its_segments(length, narrow, wide):
    assert sizes("я" * length) == narrow
    assert sizes("я" * length, concatenation=WIDE) == wide


@pytest.mark.parametrize(
    ("char", "fitting"), [("a", 255 * 153), ("€", 255 * 76), ("я", 255 * 67), ("😀", 255 * 33)]
)
def test_255_segments_are_allowed_and_not_one_more(char, fitting):
    assert cut(char * fitting, reference=1).total == 255
    with pytest.raises(TooLong) as caught:
        cut(char * (fitting + 1), reference=1)
    assert (caught.value.segments, caught.value.limit, caught.value.reason) == (256, 255, "too_long")


@pytest.mark.parametrize(("length", "limit"), [(161, 1), (307, 2), (10_000, 10), (10**6, 255), (10**6, 1000)])
def test_more_segments_than_allowed_are_refused(length, limit):
    with pytest.raises(TooLong) as caught:
        cut("a" * length, reference=1, max_segments=limit)
    assert caught.value.segments == -(-length // 153)
    assert caught.value.limit == min(limit, 255)


def test_a_limit_that_is_just_kept_is_no_error():
    assert cut("a" * 306, reference=1, max_segments=2).total == 2
    assert cut("a" * 160, reference=1, max_segments=1).total == 1


def test_a_limit_counts_the_segments_that_pairs_push_over():
    # 306 septets, but an escape pair on the boundary moves one to a third segment.
    text = "a" * 152 + "€" + "a" * 152
    assert gsm7.measure(text) == 306
    with pytest.raises(TooLong) as caught:
        cut(text, reference=1, max_segments=2)
    assert caught.value.segments == 3


# ---- boundaries


def test_an_escape_pair_moves_to_the_next_segment_whole():
    assert cut("a" * 152 + "€" + "a" * 10, reference=1).parts == ("a" * 152, "€" + "a" * 10)
    assert cut("a" * 151 + "€" + "a" * 10, reference=1).parts == ("a" * 151 + "€", "a" * 10)


def test_a_text_of_escapes_only_leaves_one_septet_free():
    assert sizes("€" * 80) == [80]
    assert sizes("€" * 81) == [76, 5]
    assert sizes("a" + "€" * 80) == [77, 4]
    assert sizes("€" * 81, concatenation=WIDE) == [76, 5]


def test_a_surrogate_pair_moves_to_the_next_segment_whole():
    assert cut("я" * 66 + "😀" + "я" * 10, reference=1).parts == ("я" * 66, "😀" + "я" * 10)
    assert cut("я" * 65 + "😀" + "я" * 10, reference=1).parts == ("я" * 65 + "😀", "я" * 10)
    assert sizes("😀" * 35) == [35]
    assert sizes("😀" * 36) == [33, 3]


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",
        FAMILY,
        "🇩🇪",
        "👍🏽",
        "❤\ufe0f",
        "क्षि",
        "1\ufe0f\u20e3",
        "\u1100\u1161\u11a8",
        "\r\n",
        "ก\u0e33",
    ],
)
@pytest.mark.parametrize("short", range(1, 4))
def test_a_cluster_on_the_boundary_moves_to_the_next_segment_whole(cluster, short):
    units = encoding.UCS2.measure(cluster)
    before = "я" * (67 - units + short)
    if short >= units:
        assert cut(before[:67] + cluster + "я" * 30, reference=1).parts[0] == before[:67]
    else:
        assert cut(before + cluster + "я" * 30, reference=1).parts == (before, cluster + "я" * 30)


def test_flags_are_paired_from_the_beginning_of_their_row():
    text = "я" + "🇩🇪" * 20
    assert cut(text, reference=1).parts == ("я" + "🇩🇪" * 16, "🇩🇪" * 4)


def test_a_line_break_of_two_characters_is_not_torn_in_gsm_text_either():
    assert cut("a" * 152 + "\r\n" + "a" * 20, reference=1).parts[0] == "a" * 152


@pytest.mark.parametrize("mark", ["\u0301", "\u200d", "\U000e0067"])
def test_a_cluster_longer_than_a_segment_is_cut_because_it_must_be(mark):
    text = "я" + mark * 200
    made = cut(text, reference=1)
    assert "".join(made.parts) == text
    assert all(60 <= units <= 67 for units in lengths(made)[:-1])


def test_an_overlong_cluster_begins_a_segment_of_its_own():
    text = "я" * 40 + "a" + "\u0301" * 90
    assert cut(text, reference=1).parts[0] == "я" * 40


# ---- choosing an encoding


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Hello", "gsm7"),
        ("", "gsm7"),
        ("10 €", "gsm7"),
        ("@£$¥èéùìòÇ", "gsm7"),
        ("ç", "ucs2"),
        ("`", "ucs2"),
        ("привет", "ucs2"),
        ("😀", "ucs2"),
        ("a\0", "ucs2"),
    ],
)
def test_one_character_outside_the_alphabet_makes_all_ucs2(text, stored):
    assert str(cut(text, reference=1).encoding) == stored


def test_a_wide_reference_is_told_by_the_encoding_only_where_there_is_one():
    assert str(cut("a" * 161, reference=1, concatenation=WIDE).encoding) == "gsm7+16"
    assert str(cut("я" * 71, reference=1, concatenation=WIDE).encoding) == "ucs2+16"
    assert str(cut("a" * 160, reference=1, concatenation=WIDE).encoding) == "gsm7"


@pytest.mark.parametrize(
    ("text", "national", "stored"),
    [
        ("ığ" * 40, (Language.TURKISH,), "gsm7:-/tr"),  # 80 septets by the locking table, 160 by the other
        ("ığ" * 40, True, "gsm7:-/tr"),
        ("ığ" * 40, False, "ucs2"),
        ("ığ" * 40, (), "ucs2"),
        ("ığ" * 40, (Language.SPANISH,), "ucs2"),
        ("ığ" * 10, True, "ucs2"),  # one segment either way: what every phone shows
        ("a" * 100 + "ı", True, "gsm7:tr/-"),
        ("a" * 100 + "á", True, "gsm7:es/-"),
        ("a" * 100 + "á", (Language.PORTUGUESE,), "gsm7:pt/-"),
        ("á" * 100, (Language.SPANISH, Language.PORTUGUESE), "gsm7:-/pt"),
        ("नमस्ते " * 20, True, "gsm7:-/hi"),
        ("नमस्ते ABC " * 10, True, "gsm7:hi/hi"),  # capitals are in the single shift table
        ("ın😀" * 40, True, "ucs2"),
    ],
)
def test_national_tables_are_used_where_allowed_and_of_use(text, national, stored):
    assert str(cut(text, reference=1, national=national).encoding) == stored


@given(any_texts, nationals, widths)
def test_national_tables_never_cost_a_segment(text, national, width):
    allowed = cut(text, reference=1, national=national, concatenation=width)
    without = cut(text, reference=1, concatenation=width)
    assert allowed.total <= without.total
    if without.encoding.alphabet == "gsm7":
        assert allowed == without


@pytest.mark.parametrize(
    ("text", "language", "stored"),
    [
        ("a" * 153 + "ı", Language.TURKISH, "gsm7:tr/-"),
        ("a" * 154 + "ı", Language.TURKISH, "gsm7:-/tr"),
        ("a" * 149 + "Aक", Language.HINDI, "gsm7:hi/hi"),
    ],
)
def test_the_announcement_of_tables_takes_room(text, language, stored):
    full = cut(text, reference=1, national=(language,))
    assert (str(full.encoding), full.total) == (stored, 1)
    wire = full.wire(1)
    assert 1120 - 7 < len(wire.udh) * 8 + 7 * len(wire.payload) <= 1120
    assert cut(text + "a" * 3, reference=1, national=(language,)).total == 2


# ---- what holds for every text


@given(any_texts, nationals, widths, st.integers(0, 2**63 - 1))
def test_parts_make_the_text_and_each_fits_its_segment(text, national, width, reference):
    made = cut(text, reference=reference, national=national, concatenation=width)
    assert "".join(made.parts) == text
    assert max(lengths(made)) <= made.encoding.room(alone=made.total == 1)
    assert all(made.parts) or text == ""
    assert made.reference == (reference % width.references if made.total > 1 else 0)
    for n in range(1, made.total + 1):
        wire = made.wire(n)
        bits = 8 if made.encoding.alphabet == "ucs2" else 7
        assert len(wire.udh) * 8 + len(wire.payload) * bits <= 1120


@given(any_texts, nationals, widths)
def test_no_segment_could_have_taken_the_next_word(text, national, width):
    """Segments are filled: what begins the next one did not fit."""
    made = cut(text, reference=1, national=national, concatenation=width)
    room = made.encoding.room(alone=False)
    for part, following in zip(made.parts, made.parts[1:], strict=False):
        first = following[: segments.boundary(following, 0, min(len(following), 60))]
        assert made.encoding.measure(part + first) > room or len(following) > 60


@given(any_texts, nationals, widths, st.booleans())
def test_a_stored_segment_is_encoded_to_the_same_octets_again(text, national, width, flash):
    made = cut(text, reference=77, national=national, concatenation=width)
    stored = str(made.encoding)
    for n, part in enumerate(made.parts, 1):
        again = encode(
            part,
            encoding=encoding.parse(stored),
            n=n,
            total=len(made.parts),
            reference=made.reference,
            flash=flash,
        )
        assert again == made.wire(n, flash=flash)


@settings(max_examples=200)
@given(any_texts.filter(lambda text: "\0" not in text), nationals, widths, st.randoms(use_true_random=False))
def test_what_is_cut_and_sent_arrives_whole_in_any_order_and_twice(
    text, national, width, chance: random.Random
):
    made = cut(text, reference=300, national=national, concatenation=width)
    arriving = [_arrived(made, n) for n in range(1, made.total + 1)] * 2
    chance.shuffle(arriving)
    key = Key(sender="a", recipient="b", reference=made.reference, total=made.total, concatenation=width)
    memory = Reassembly()
    complete = [whole for part in arriving if (whole := memory.add(key, part, now=0))]
    assert len(complete) == 1
    assert assemble(complete[0]).text == text
    assert assemble(arriving).text == text
    assert memory.expire(2**62) == []


def _arrived(made: Cut, n: int) -> Part:
    """Segment n as a receiver has it, after packing and unpacking where phones pack."""
    wire = made.wire(n)
    header = udh.parse(wire.udh)
    payload = wire.payload
    if wire.data_coding == 0:
        fill = gsm7.fill_bits(len(wire.udh))
        packed = gsm7.pack(payload, fill)
        assert len(wire.udh) + len(packed) <= 140
        payload = gsm7.unpack(packed, len(payload), fill)
    place = header.place or udh.Place(reference=0, total=1, n=1)
    return Part(n=place.n, total=place.total, payload=payload, data_coding=wire.data_coding, header=wire.udh)


@given(any_texts.filter(lambda text: "\0" not in text), nationals)
def test_each_segment_can_be_read_alone(text, national):
    made = cut(text, reference=1, national=national)
    for n, part in enumerate(made.parts, 1):
        wire = made.wire(n)
        assert decode(wire.data_coding, wire.udh, wire.payload) == part


@pytest.mark.parametrize("language", [x for x in Language if x])
def test_each_languages_tables_carry_a_long_text_there_and_back(language):
    table = LOCKING.get(language, SINGLE[language])
    own = [char for char in table if char not in DEFAULT + EXTENSION and char.isalpha()]
    text = "".join(own[at % len(own)] for at in range(400))
    made = cut(text, reference=9, national=(language,))
    if language is not Language.SPANISH:  # whose accents all take two septets
        assert CODES[language] in str(made.encoding)
    assert assemble(_arrived(made, n) for n in range(1, made.total + 1)).text == text


# ---- the wire


def test_a_long_message_says_on_every_segment_where_it_belongs():
    made = cut("a" * 400, reference=0x1A5)
    assert [made.wire(n).udh.hex() for n in (1, 2, 3)] == ["050003a50301", "050003a50302", "050003a50303"]
    wide = cut("a" * 400, reference=0x1A5, concatenation=WIDE)
    assert wide.wire(3).udh.hex() == "06080401a50303"


def test_a_single_segment_has_no_header_unless_tables_need_one():
    assert cut("a", reference=1).wire(1).udh == b""
    assert cut("a" * 100 + "ı", reference=1, national=True).wire(1).udh.hex() == "03240101"


def test_payloads_are_septets_or_utf_16_with_their_data_coding():
    wire = cut("a@€", reference=1).wire(1)
    assert (wire.payload, wire.data_coding) == (b"a\x00\x1be", 0)
    wire = cut("я", reference=1).wire(1, flash=True)
    assert (wire.payload, wire.data_coding) == (b"\x04\x4f", 0x18)
    assert cut("a", reference=1).wire(1, flash=True).data_coding == 0xF0


@pytest.mark.parametrize("n", [-1, 0, 3])
def test_there_is_no_segment_beyond_the_last(n):
    with pytest.raises(IndexError):
        cut("a" * 200, reference=1).wire(n)


@pytest.mark.parametrize("text", ["\ud83d", "я" * 200 + "\udc00", "a\ud800b"])
@pytest.mark.parametrize("national", [True, False])
def test_half_a_surrogate_pair_is_refused(text, national):
    with pytest.raises(LoneSurrogate):
        cut(text, reference=1, national=national)


def test_a_part_that_is_not_of_its_encoding_is_refused():
    with pytest.raises(ValueError, match=r"U\+044F"):
        encode("я", encoding=encoding.GSM7, n=1, total=1, reference=0)
