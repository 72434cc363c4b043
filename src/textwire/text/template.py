"""One text for many: `{{name}}` stands for a value of each recipient, and nothing else is ever evaluated.

A value is put in as it is: braces in it mean nothing.
"""

import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 255 * 153  # characters of a filled text: what 255 segments can carry
_VARIABLE: Final = re.compile(r"\{\{\s{0,8}([A-Za-z_][A-Za-z0-9_]{0,31})\s{0,8}\}\}")
_LEFT: Final = re.compile(r"\{\{|\}\}")


class BadTemplate(ValueError):
    """Braces that enclose no name; `at` is where, counted in characters."""

    def __init__(self, at: int) -> None:
        super().__init__(f"at character {at} there are double braces without a name between them")
        self.at = at


class MissingValue(ValueError):
    """A variable that has no value; `name` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no value for {name}")
        self.name = name


class Overlong(ValueError):
    """With these values the text is longer than any message."""


def variables(text: str) -> tuple[str, ...]:
    """The names in a text, each once, in order of appearance. Raises `BadTemplate`."""
    # What is a variable becomes as many blanks, so that the place of a fault is that of the whole text.
    rest = _VARIABLE.sub(lambda match: " " * len(match[0]), text)
    if (left := _LEFT.search(rest)) is not None:
        raise BadTemplate(left.start())
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """The text with the values of one recipient. Raises `MissingValue` for the first name without one, `Overlong`."""
    room = LONGEST - len(text)

    def value(match: re.Match[str]) -> str:
        nonlocal room
        try:
            found = str(values[match[1]])
        except KeyError:
            raise MissingValue(match[1]) from None
        room += len(match[0]) - len(found)
        if room < 0:
            raise Overlong
        return found

    return _VARIABLE.sub(value, text)
