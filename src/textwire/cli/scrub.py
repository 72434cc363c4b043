"""Takes out of a log entry what must never be in one: secrets, texts, whole phone numbers."""

import re
from collections.abc import Mapping
from typing import Any, Final

from textwire.domain.address import mask

from .plain import whole

HIDDEN: Final = "***"
DEPTH: Final = 4  # of lists and mappings inside each other
ITEMS: Final = 50  # of one list or mapping
CHARACTERS: Final = 500  # of one value

# Hidden whatever the value is: names of what is private, alone or as the last word of a longer name.
_PRIVATE: Final = re.compile(
    r"(.*[_-])?(text|body|content|password|passwd|secret|token|credential|authorization|cookie|api_?key|key)s?",
    re.IGNORECASE,
)
# Hold phone numbers, also as integers; the number of an event is none.
_NUMBERS: Final = re.compile(
    r"(?!event_)(.*_)?(number|recipient|sender|msisdn|phone|to|from)s?", re.IGNORECASE
)

# Secrets by their looks: our keys, JWTs, what follows Bearer or Basic, the password of a URL.
_SECRETS: Final = re.compile(
    r"\btw_[\w-]+|\beyJ[\w-]{8,}(?:\.[\w-]*){1,2}|(?<=bearer )\S+|(?<=basic )\S+|(?<=:)[^:/@\s]+(?=@)",
    re.IGNORECASE,
)
# E.164 (7 to 15 digits), with a plus also as it is written on paper. UUIDs are matched first, to be let through.
_E164: Final = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|\+[0-9](?:[ ()./-]{0,2}[0-9]){6,14}|(?<![\w.])[0-9]{7,15}(?!\w)",
    re.IGNORECASE,
)


def scrub(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as it may be written: JSON's types only, bounded in every direction."""
    return {str(key): _field(str(key), value, DEPTH) for key, value in list(entry.items())[:ITEMS]}


def clean(text: str) -> str:
    """A text with its secrets hidden and of its phone numbers the last four digits."""
    text = whole(text[:CHARACTERS])
    return _E164.sub(_masked, _SECRETS.sub(HIDDEN, text))


def _masked(found: re.Match[str]) -> str:
    return found[0] if found["uuid"] else mask(re.sub(r"[^+0-9]", "", found[0]))


def _field(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _PRIVATE.fullmatch(key):
        return HIDDEN
    if _NUMBERS.fullmatch(key) and isinstance(value, (int, str)):
        return mask(clean(str(value)))
    return _value(key, value, depth)


def _value(key: str, value: Any, depth: int) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return clean(value)
        case bytes():
            return f"<{len(value)} bytes>"
        case Mapping() if depth:
            inner = list(value.items())[:ITEMS]
            return {str(name): _field(str(name), one, depth - 1) for name, one in inner}
        case list() | tuple() | set() | frozenset() if depth:
            return [_field(key, one, depth - 1) for one in list(value)[:ITEMS]]
    # Not its repr: a struct of ours would show its fields, an exception the words it was raised with.
    return f"<{type(value).__qualname__}>"
