"""What a person's text asks for, if it is nothing but a keyword, and how we answer it."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from textwire.domain.compliance import NO_KEYWORDS, Keywords
from textwire.domain.refusal import Refusal

from .languages import LANGUAGES, WISHES, Language, Wish
from .spelling import spelled


class Heard(msgspec.Struct, frozen=True):
    """A wish, and the language it was spoken in."""

    wish: Wish
    language: Language


ENGLISH: Final = LANGUAGES[0]


def _table() -> dict[str, tuple[Heard, ...]]:
    found: dict[str, tuple[Heard, ...]] = {}
    for language in LANGUAGES:
        for wish in WISHES:
            for word in language.words[wish]:
                key = spelled(word)
                found[key] = (*found.get(key, ()), Heard(wish, language))
    return found


KEYWORDS: Final = _table()
"""Keyword in its one spelling → who says it so: one wish, in one language or several."""


def wish(text: str, sender: str = "", own: Keywords = NO_KEYWORDS) -> Heard | None:
    """What a text asks for. Of languages that share a word that of the sender's country counts, else the first.

    `own` are the words that the account has added.
    """
    key = spelled(text)
    if not key:
        return None
    if (said := KEYWORDS.get(key)) is not None:
        return next((heard for heard in said if _at_home(heard.language, sender)), said[0])
    for kind in WISHES:
        if any(spelled(word) == key for word in own.words(kind)):
            return Heard(kind, _language_of(sender))
    return None


def _at_home(language: Language, sender: str) -> bool:
    return sender[1:].startswith(language.countries) if language.countries else False


def _language_of(sender: str) -> Language:
    return next((one for one in LANGUAGES if _at_home(one, sender)), ENGLISH)


def answer(heard: Heard, own: Keywords = NO_KEYWORDS) -> str:
    """What is texted back."""
    return own.answer(heard.wish) or heard.language.answers[heard.wish]


def check(own: Keywords) -> None:
    """Refuses words that mean something else already, and answers that would be taken for a wish by machines."""
    meaning = _own_words(own)
    for kind in WISHES:
        text = own.answer(kind)
        if text and (spelled(text) in meaning or spelled(text) in KEYWORDS):
            raise Refusal("invalid_field", "An answer must not be a keyword itself.", f"answers.{kind}")


def _own_words(own: Keywords) -> Mapping[str, Wish]:
    meaning: dict[str, Wish] = {}
    for kind, n, word in _numbered(own):
        key, field = spelled(word), f"{kind}[{n}]"
        if not key:
            raise Refusal("invalid_field", "A keyword needs a letter or a digit.", field)
        before = meaning.get(key) or (KEYWORDS[key][0].wish if key in KEYWORDS else kind)
        if before != kind:
            raise Refusal("invalid_field", f"This word means {before.upper()} already.", field)
        meaning[key] = kind
    return meaning


def _numbered(own: Keywords) -> Iterable[tuple[Wish, int, str]]:
    return ((kind, n, word) for kind in WISHES for n, word in enumerate(own.words(kind)))
