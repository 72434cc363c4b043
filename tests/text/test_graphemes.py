"""Grapheme clusters: cases after UAX #29's own test file, written as clusters that belong together."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text import graphemes
from textwire.text.grapheme_tables import _RANGES, Class, class_of
from textwire.text.graphemes import boundary

# Each row is a text cut into its clusters; the comment names the rule.
CLUSTERS = [
    ["a", "b", " ", "c"],  # GB999
    ["\r\n", "\n", "\r", "a"],  # GB3, GB4, GB5
    ["a", "\r", "\u0308"],  # GB4: a mark after a control stands alone
    ["e\u0301", "e"],  # GB9
    ["e\u0301\u0323\u0308", "x"],
    ["a\u200d", "b"],  # GB9, ZWJ
    ["a\u200c", "b"],
    ["ก\u0e33", "ก"],  # GB9a
    ["\u0915\u0903", "a"],
    ["\u0600" + "1", "2"],  # GB9b
    ["\u0600", "\n"],
    ["\u1100\u1161\u11a8", "\u1100"],  # GB6 – GB8: jamo
    ["가\u11a8", "각\u11a8", "각", "\u1161"],
    ["\u1100가\u1161", "\u1100"],
    ["क्ष", "क"],  # GB9c
    ["क\u094d\u200dष", "त"],
    ["क\u093c\u094d\u093cष", "a"],
    ["क\u093c", "ष"],  # no linker
    ["\u1780\u17d2\u1780", "\u1780"],  # Khmer
    ["😀", "😀"],
    ["👩\u200d👩\u200d👧\u200d👦", "👩"],  # GB11: a family
    ["❤\ufe0f\u200d🔥", "a"],
    ["👍🏽", "👍"],  # skin tone
    ["👩🏽\u200d🚀", "👩"],
    ["👩\u200d\u200d", "👩"],  # two joiners do not join
    ["a\u200d", "👩"],  # no pictograph before
    ["🇩🇪", "🇫🇷", "🇬", "a"],  # GB12, GB13
    ["🇩🇪", "🇫\u0308", "🇷🇬"],
    ["a", "🇩🇪", "🇫"],
    ["🏴\U000e0067\U000e0062\U000e007f", "a"],  # the flag of a region, in tags
    ["1\ufe0f\u20e3", "2"],  # a keycap
    ["தி", "மு"],
    ["\u200b", "a"],  # a zero width space is a control
]


@pytest.mark.parametrize("clusters", CLUSTERS, ids=lambda clusters: ascii("|".join(clusters)))
def test_a_cut_falls_between_clusters_only(clusters):
    text = "".join(clusters)
    allowed = [len("".join(clusters[:n])) for n in range(1, len(clusters) + 1)]
    for end in range(1, len(text) + 1):
        expected = max((at for at in allowed if at <= end), default=end)
        assert boundary(text, 0, end) == expected, f"at {end}"


@pytest.mark.parametrize("clusters", CLUSTERS, ids=lambda clusters: ascii("|".join(clusters)))
def test_words_before_the_clusters_make_no_difference(clusters):
    text = "some words " + "".join(clusters)
    allowed = [11 + len("".join(clusters[:n])) for n in range(len(clusters) + 1)]
    if class_of(clusters[0][0]) in (Class.EXTEND, Class.ZWJ):
        allowed.remove(11)
    for end in range(12, len(text) + 1):
        assert boundary(text, 3, end) == max(at for at in allowed if at <= end)


def test_a_cluster_longer_than_the_window_is_cut_where_the_window_ends():
    text = "a" + "\u0301" * 50
    assert boundary(text, 0, 20) == 20
    assert boundary(text, 20, 40) == 40
    assert boundary("x" + text, 0, 20) == 1


def test_a_prepended_mark_takes_a_blank_with_it():
    assert boundary("ab\u0600 \u0301cd", 0, 3) == 2
    assert boundary("ab\u0600 \u0301cd", 0, 4) == 2
    assert boundary("ab\u0600 \u0301cd", 0, 5) == 5


@given(
    st.text(st.sampled_from("ab \r\n\u0301\u200d\u0903\u0600👩❤🏽🇩🇪가\u1100\u1161\u11a8क\u094dष"), min_size=2)
)
def test_a_boundary_is_stable_and_within_its_window(text):
    for end in range(1, len(text) + 1):
        at = boundary(text, 0, end)
        assert 0 < at <= end
        assert boundary(text, 0, at) == at


def test_everything_called_plain_breaks_from_its_like():
    plain = re.compile(graphemes._PLAIN)
    classes = {class_of.__wrapped__(chr(code)) for code in range(0x10000) if plain.match(chr(code))}
    assert classes == {Class.OTHER, Class.LV, Class.LVT}


def test_marks_are_extenders_and_controls_controls():
    for code in range(0x20000):
        char = chr(code)
        if unicodedata.category(char) in ("Mn", "Me"):
            assert class_of.__wrapped__(char) in (Class.EXTEND, Class.LINKER), f"{code:X}"
        if unicodedata.category(char) == "Cc":
            assert class_of.__wrapped__(char) in (Class.CONTROL, Class.CR, Class.LF), f"{code:X}"


def test_the_listed_ranges_are_in_order_and_apart():
    assert all(first <= last for first, last, _ in _RANGES)
    assert all(one[1] < other[0] for one, other in pairwise(_RANGES))


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("a", Class.OTHER), ("\r", Class.CR), ("\n", Class.LF), ("\u2028", Class.CONTROL), ("\u00ad", Class.CONTROL),
        ("\ud800", Class.CONTROL), ("\u0301", Class.EXTEND), ("\u200d", Class.ZWJ), ("\u0903", Class.SPACING_MARK),
        ("\u06dd", Class.PREPEND), ("🇦", Class.REGIONAL), ("\u1100", Class.L), ("\ua960", Class.L),
        ("\u1161", Class.V), ("\u11a8", Class.T), ("가", Class.LV), ("각", Class.LVT), ("힣", Class.LVT),
        ("©", Class.PICTOGRAPH), ("🧑", Class.PICTOGRAPH), ("🏿", Class.EXTEND), ("\U000e0100", Class.EXTEND),
        ("क", Class.CONSONANT), ("\u094d", Class.LINKER), ("\u102b", Class.OTHER), ("\uff9e", Class.EXTEND),
    ],
)  # fmt: skip
def test_characters_have_the_class_of_the_standard(char, expected):
    assert class_of(char) is expected
