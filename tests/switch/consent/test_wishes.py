"""What a one-word text asks for, in every main language, however it is spelled."""

import pytest

from textwire.domain.compliance import Answers, Keywords
from textwire.domain.refusal import Refusal
from textwire.switch.consent.languages import LANGUAGES, WISHES, Language, Wish
from textwire.switch.consent.spelling import LONGEST, spelled
from textwire.switch.consent.wishes import KEYWORDS, answer, check, wish
from textwire.text.segments import cut

# decisions 31
MAIN = (
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "sv", "da", "nb", "fi", "cs", "ro", "hu", "el", "ru", "uk",
    "ar", "he", "hi", "id", "vi", "th", "ja", "ko", "zh",
)  # fmt: skip
WORDS = [(lang, kind, word) for lang in LANGUAGES for kind in WISHES for word in lang.words[kind]]


def heard(text: str, sender: str = "", own: Keywords = Keywords()) -> tuple[str, str] | None:  # noqa: B008
    found = wish(text, sender, own)
    return (found.wish, found.language.tag) if found else None


def test_the_table_has_the_main_languages_and_each_row_says_why() -> None:
    assert tuple(language.tag for language in LANGUAGES) == MAIN
    for language in LANGUAGES:
        assert language.source
        assert all(language.words[kind] and language.answers[kind] for kind in WISHES)


@pytest.mark.parametrize(
    "form", ["{}", " {} ", "{}!", "«{}».", "\t{}\n", "...{}...", "{} \U0001f6d1", "\u200b{}\ufe0f"]
)
def test_every_keyword_in_any_case_and_punctuation(form: str) -> None:
    for language, kind, word in WORDS:
        for written in (word, word.upper(), word.title()):
            found = wish(form.format(written))
            assert found is not None, (language.tag, written)
            assert found.wish == kind


def test_a_keyword_means_one_thing_in_all_languages() -> None:
    for word, said in KEYWORDS.items():
        assert len({one.wish for one in said}) == 1, word


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ＳＴＯＰ", ("stop", "en")),  # full width
        ("ｽﾄｯﾌﾟ", ("stop", "ja")),  # half width
        ("arret", ("stop", "fr")),
        ("ARRÊT", ("stop", "fr")),
        ("arre\u0302t", ("stop", "fr")),  # a mark of its own
        ("İPTAL", ("stop", "tr")),
        ("ıptal", ("stop", "tr")),
        ("hjalp", ("help", "sv")),
        ("ΔΙΑΚΟΠΗ", ("stop", "el")),
        ("διακοπή", ("stop", "el")),
        ("إِيقَاف", ("stop", "ar")),  # with its vowels
        ("ايقاف", ("stop", "ar")),  # without the hamza
        ("St\u200bop", ("stop", "en")),  # a blank of no width
        ("OPT-OUT", ("stop", "en")),
        ("opt_out", ("stop", "en")),
        ("Stop  All.", ("stop", "en")),
        ("退訂", ("stop", "zh")),
        ("수신 거부", ("stop", "ko")),
        ("หยุด", ("stop", "th")),
    ],
)
def test_spellings(text: str, meant: tuple[str, str]) -> None:
    assert heard(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "!", "stop it", "please stop", "please stop by at eight", "stopp ab", "s t o p", "no", "endless", "1",
        "stop" * 100, "\x00", "stop stop", "don't stop", "cancel my order", "रोकना", "停止线", "help me", "non stop",
        "баста", "sttop", "🛑", "s.t.o.p", "stop" + " " * LONGEST,
    ],
)  # fmt: skip
def test_anything_else_asks_for_nothing(text: str) -> None:
    assert wish(text) is None


def test_of_languages_that_share_a_word_the_country_of_the_sender_decides() -> None:
    assert heard("STOP", "+12125550123") == ("stop", "en")
    assert heard("STOP", "+4915112345678") == ("stop", "de")
    assert heard("STOP", "+33612345678") == ("stop", "fr")
    assert heard("stopp", "+46701234567") == ("stop", "sv")
    assert heard("stopp", "+4712345678") == ("stop", "nb")
    assert heard("STOP", "+905321234567") == ("stop", "en")  # in Turkey it is an English word
    assert heard("停止", "+8613912345678") == ("stop", "zh")
    assert heard("停止") == ("stop", "ja")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_answers_are_short_and_name_a_word_that_is_heard(language: Language) -> None:
    opposite: dict[Wish, Wish] = {"stop": "start", "start": "stop"}
    for kind in WISHES:
        text = language.answers[kind]
        assert len(cut(text, reference=0, max_segments=4).parts) <= 2
        assert wish(text) is None  # or two machines would talk
        shown = " ".join(map(spelled, text.split()))
        assert any(spelled(word) in shown for word in language.words[opposite.get(kind, "stop")]), text


def test_an_accounts_own_words_are_heard_beside_the_others() -> None:
    own = Keywords(stop=("Basta Ya",), help=("¿QUÉ?",), answers=Answers(stop="Adiós."))
    assert heard("basta, ya!", "+34612345678", own) == ("stop", "es")
    assert heard("que", "+34612345678", own) == ("help", "es")
    assert heard("STOP", "", own) == ("stop", "en")
    assert heard("basta ya", "") is None
    said = wish("basta ya", "+34612345678", own)
    assert said is not None
    assert answer(said, own) == "Adiós."
    asked = wish("help", "", own)
    assert asked is not None
    assert answer(asked, own) == LANGUAGES[0].answers["help"]


@pytest.mark.parametrize(
    ("own", "field"),
    [
        (Keywords(start=("stop",)), "start[0]"),
        (Keywords(help=("ok", "ABMELDEN")), "help[1]"),
        (Keywords(stop=("weg",), start=("WEG!",)), "start[0]"),
        (Keywords(stop=("?!",)), "stop[0]"),
        (Keywords(answers=Answers(help="Help!")), "answers.help"),
        (Keywords(stop=("weg",), answers=Answers(start=" weg ")), "answers.start"),
    ],
)
def test_words_that_would_confuse_are_refused(own: Keywords, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(own)
    assert (refused.value.code, refused.value.field) == ("invalid_field", field)


def test_a_word_that_means_the_same_already_is_no_harm() -> None:
    check(Keywords(stop=("STOP", "halt", "Halt"), answers=Answers(stop="Bye.")))
