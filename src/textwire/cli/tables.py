"""Prints what the API answers: lists as aligned columns, one thing as names and values, both also as JSON."""

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import click
import msgspec

from .plain import document, line, plain

GAP: Final = "  "
WIDEST: Final = 48  # characters of a cell; the whole value is in --json and in `show`
MORE: Final = "…"


class Column(msgspec.Struct, frozen=True):
    """A column of a list: its title, and the value's place in an entry (dots lead into objects)."""

    title: str
    key: str
    widest: int = WIDEST


def columns(*names: str) -> tuple[Column, ...]:
    """Columns by "key" or "title=key"."""
    split = (name.rpartition("=") for name in names)
    return tuple(Column(title or key.replace("_", " ").replace(".", " "), key) for title, _, key in split)


def table(entries: Iterable[Mapping[str, Any]], shown: Sequence[Column]) -> Iterator[str]:
    """The lines of a list, its titles first, every column as wide as its widest cell."""
    rows = [[_cut(cell(picked(entry, column.key)), column.widest) for column in shown] for entry in entries]
    rows = [[line(column.title).upper() for column in shown], *rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True))
        yield GAP.join(cells).rstrip()


def card(thing: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one thing: a name and a value each; lists of objects become tables below their name."""
    names = [name for name in thing if not _many(thing[name])]
    wide = max(map(len, names), default=0)
    for name in names:
        value = plain(str(thing[name]), " " * (wide + len(GAP))) if name == "text" else cell(thing[name])
        yield f"{line(name).replace('_', ' '):<{wide}}{GAP}{value}".rstrip()
    for name in thing:
        if _many(thing[name]):
            titles = dict.fromkeys(key for entry in thing[name] for key in entry)
            yield f"{line(name).replace('_', ' ')}:"
            yield from (f"{GAP}{one}" for one in table(thing[name], columns(*titles)))


def cell(value: Any) -> str:
    """A value in one line that is safe on a terminal."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(cell(one) for one in value)
        case dict():
            return " ".join(
                f"{line(str(name))}={cell(one)}" for name, one in value.items() if one is not None
            )
    return line(str(value))


def picked(entry: Any, key: str) -> Any:
    """The value at a dotted place, of a list those of its entries; None where nothing is."""
    for name in key.split("."):
        if isinstance(entry, list):
            return [picked(one, name) for one in entry]
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    return entry


def width(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode Standard Annex #11)."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in text)


def say(lines: Iterable[str]) -> None:
    """Prints lines; titles in bold, and that only on a terminal."""
    for number, text in enumerate(lines):
        click.echo(click.style(text, bold=True) if number == 0 and sys.stdout.isatty() else text)


def say_json(value: Any) -> None:
    """Prints a value as one line of JSON."""
    click.echo(document(value))


def _many(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else text[: widest - 1] + MORE
