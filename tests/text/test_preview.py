import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text import gsm7
from textwire.text.gsm7 import NotInAlphabet
from textwire.text.preview import PLAIN, preview
from textwire.text.segments import TooLong, cut


def test_a_plain_text_has_nothing_to_blame() -> None:
    found = preview("hello €", 255)
    assert (found.encoding, found.parts, found.units, found.room) == ("gsm7", ("hello €",), (8,), 152)
    assert (found.culprits, found.forced, found.plain) == ((), 0, None)


def test_a_curly_quote_is_named_placed_and_priced_and_a_straight_one_suggested() -> None:
    text = "It’s here. " + "x" * 100 + " It’s there."
    found = preview(text, 255)
    assert (found.encoding, len(found.parts)) == ("ucs2", 2)
    [culprit] = found.culprits
    assert (culprit.character, culprit.name) == ("’", "RIGHT SINGLE QUOTATION MARK")
    assert [text[at] for at in culprit.positions] == ["’", "’"]
    assert (culprit.instead, culprit.segments) == ("'", 1)
    assert found.plain == text.replace("’", "'")
    assert found.plain_segments == 1


def test_one_of_two_alone_saves_nothing_and_both_together_do() -> None:
    found = preview("’" + "x" * 100 + "…", 255)
    assert [c.segments for c in found.culprits] == [2, 2]
    assert (found.plain, found.plain_segments) == ("'" + "x" * 100 + "...", 1)


def test_a_letter_that_nothing_stands_for_has_no_suggestion() -> None:
    found = preview("“Привет”", 255)
    assert found.plain is None
    assert found.forced == 8
    assert found.culprits[1].name == "CYRILLIC CAPITAL LETTER PE"
    assert found.culprits[1].instead is None


def test_another_encoding_can_be_asked_for() -> None:
    assert preview("hello", 255, "ucs2").encoding == "ucs2"
    assert preview("x" * 71, 255, "ucs2").units == (67, 4)
    plain = preview("it’s", 255, "gsm7")
    assert (plain.encoding, plain.parts) == ("gsm7", ("it's",))
    with pytest.raises(NotInAlphabet) as refused:
        preview("’Привет", 255, "gsm7")
    assert refused.value.character == "П"


def test_a_text_for_too_many_segments_is_refused() -> None:
    with pytest.raises(TooLong):
        preview("x" * 400, 2)


def test_every_stand_in_is_in_the_alphabet_and_what_it_stands_for_is_not() -> None:
    for character, plain in PLAIN.items():
        assert gsm7.measure(character) is None, character
        assert gsm7.measure(plain) is not None, plain


def test_a_character_without_a_name_goes_by_its_number() -> None:
    [culprit] = preview("a\ue000", 255).culprits
    assert culprit.name == "U+E000"


@given(st.text(min_size=1, max_size=300))
def test_a_preview_is_what_would_be_sent(text: str) -> None:
    found, sent = preview(text, 255), cut(text, reference=0)
    assert (found.encoding, found.parts) == (str(sent.encoding), sent.parts)
    assert found.room >= 0
    assert bool(found.culprits) is (found.encoding != "gsm7")
