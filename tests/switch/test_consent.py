"""What a one-word text asks for."""

import pytest

from textwire.switch.consent import ANSWERS, KEYWORDS, wish


@pytest.mark.parametrize("word", sorted(KEYWORDS))
@pytest.mark.parametrize("form", ["{}", " {} ", "{}!", "«{}».", "\t{}\n", "...{}..."])
def test_every_keyword_in_any_case_and_punctuation(word: str, form: str) -> None:
    for spelled in (word, word.upper(), word.title()):
        assert wish(form.format(spelled)) == KEYWORDS[word]


@pytest.mark.parametrize(
    "text",
    ["", " ", "stop it", "please stop", "stopp", "s t o p", "no", "endless", "1", "stop" * 100, "\x00"],
)
def test_anything_else_asks_for_nothing(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize("text", ["opt-out", "OPT_OUT", "opt  out", "stop-all"])
def test_words_may_be_joined_in_any_way(text: str) -> None:
    assert wish(text) == "stop"


def test_every_wish_has_an_answer_of_one_segment() -> None:
    assert set(ANSWERS) == set(KEYWORDS.values())
    assert all(len(answer) <= 160 for answer in ANSWERS.values())
