"""What a server must never write: its secrets, and the texts and numbers that went through it (reliability I11, SD2).

Every server of `tests.serving` is checked at the end of its life. Its log must hold nothing of all that, and neither
what it prints once it has greeted its owner, to whom it shows credentials on purpose.
"""

import contextlib
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TELLING = 10  # characters from which on a text is no word that anybody may write
DIGITS = 9
# Of the credentials: words that are no secrets.
PLAIN = {
    "account",
    "email",
    "user_id",
    "sms_id",
    "system_id",
    "client_id",
    "project_client_id",
    "application_id",
}


def secrets(data: Path) -> set[str]:
    """The secrets in a data directory."""
    found: set[str] = set()
    with contextlib.suppress(FileNotFoundError):
        found |= set(_strings(json.loads((data / "credentials.json").read_bytes())))
    with contextlib.suppress(FileNotFoundError):
        found.add((data / "server.key").read_text().strip())
    return {one for one in found if len(one) >= TELLING}


def _strings(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, name)
    elif isinstance(value, str) and name not in PLAIN and not Path(value).is_absolute():
        yield value


def texts_and_numbers(database: Path) -> tuple[set[str], set[str]]:
    """What went through an embedded store, as far as it can be read: texts that tell something, whole numbers."""
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as place:
        for file in database.parent.glob(
            f"{database.name}*"
        ):  # its log too; a copy, so that nothing is disturbed
            shutil.copy(file, place)
        with contextlib.suppress(sqlite3.Error), contextlib.closing(
            sqlite3.connect(Path(place) / database.name)
        ) as store:  # fmt: skip
            rows = store.execute("select text, sender, recipient from message limit 20000").fetchall()
    texts = {text for text, _, _ in rows if len(text) >= TELLING}
    numbers = {number for _, *both in rows for number in both if re.fullmatch(rf"\+\d{{{DIGITS},}}", number)}
    return texts, numbers


def found_in(written: str, canaries: Iterable[str]) -> list[str]:
    """Those that were written: as they are, as JSON or as a URL has them, numbers also without their plus."""
    hits = []
    for one in canaries:
        bare = one.removeprefix("+") if re.fullmatch(r"\+\d+", one) else one
        if bare and any(form in written for form in {bare, json.dumps(bare)[1:-1]}):
            hits.append(one)
    return hits


def check(directory: Path) -> None:
    """Fails if a server that ran in `directory` has written what it never may."""
    data = directory / "data"
    log, said = ((directory / name).read_text(errors="replace") for name in ("server.err", "server.out"))
    texts, numbers = texts_and_numbers(data / "textwire.db")
    after_greeting = said.rpartition("\nready ")[2].partition("\n")[2]
    hits = found_in(log + after_greeting, secrets(data) | texts | numbers)
    assert not hits, f"the server wrote what it never may: {hits}"
