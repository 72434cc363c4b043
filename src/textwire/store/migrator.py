"""Numbered SQL files, one text for both engines, applied in order and never twice."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from .engines.engine import Unavailable


class Words(msgspec.Struct, frozen=True):
    """An engine's words for what differs: the key of a table, a 64-bit integer, what ends a `create table`."""

    id: str
    int: str
    table: str


@cache
def _scripts() -> dict[int, str]:
    folder = resources.files(__package__) / "migrations"
    found = {}
    for entry in folder.iterdir():
        if match := re.fullmatch(r"(\d{4})_\w+\.sql", entry.name):
            found[int(match[1])] = entry.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def latest() -> int:
    """The schema version that this program speaks."""
    return max(_scripts())


def migrations(done: int, words: Words) -> Iterator[tuple[int, str]]:
    """(version, script) of every step after `done`; refuses a database that a newer program has written."""
    if done > latest():
        raise Unavailable(
            f"the database has schema {done}, this textwire knows {latest()}: use the newer textwire that wrote it"
        )
    for version, text in _scripts().items():
        if version > done:
            script = (
                text.replace("{id}", words.id)
                .replace("{int}", words.int)
                .replace(" {table}", f" {words.table}")
            )
            yield version, script
