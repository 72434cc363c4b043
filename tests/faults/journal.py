"""What driver and carrier write down by themselves, one JSON line per fact, so that nobody has to ask our database."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

Outcome = Literal["accepted", "deferred", "rejected", "unanswered"]


class Attempt(msgspec.Struct, frozen=True, kw_only=True, tag="attempt"):
    """The driver is about to send a request. `ref` is unique; a repetition under the same key has the same."""

    ref: str
    life: int
    to: tuple[str, ...]
    text: str
    policy: str = "resend"
    klass: str = ""
    send_at: int = 0  # s UTC
    once: bool = False  # under an Idempotency-Key


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """The driver has read an answer; `ids` are those of the messages, in the order of the recipients."""

    ref: str
    life: int
    status: int
    ids: tuple[int, ...] = ()


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that had an intent and no answer when its process (`owner`) died."""

    owner: int
    message: int
    attempt: int


class Kill(msgspec.Struct, frozen=True, kw_only=True, tag="kill"):
    """The driver has killed a victim, and this is what it left under way; `ready`: it was taking traffic."""

    life: int
    ready: bool
    intents: tuple[Intent, ...]


class Submitted(msgspec.Struct, frozen=True, kw_only=True, tag="submitted"):
    """A segment is being handed to the network. `at` is in µs on the message clock."""

    life: int
    message: int
    segment: int
    attempt: int
    at: int


class Replied(msgspec.Struct, frozen=True, kw_only=True, tag="replied"):
    """What the network answered to an attempt; `taken` are the segments it has a reference for."""

    life: int
    message: int
    attempt: int
    outcome: Outcome
    taken: tuple[int, ...]


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag="heard"):
    """The sink was told of an event and is about to say yes. `genuine`: the signature was right."""

    id: str
    message: int
    sequence: int
    kind: str
    state: str
    genuine: bool


Entry = Attempt | Answer | Kill | Submitted | Replied | Heard

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entry).decode


class Book:
    """A file that is only appended to; what was written before a SIGKILL stays in the page cache."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, *entries: Entry) -> None:
        """Appends entries with one write."""
        data = b"".join(_encode(entry) + b"\n" for entry in entries)
        if os.write(self._file, data) != len(data):
            raise OSError("the journal's disk is full")

    def close(self) -> None:
        os.close(self._file)


class SyncedBook(Book):
    """A book whose entries are also fsynced; those who wait at the same time share one fsync."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._lock = asyncio.Lock()
        self._waiting: list[Entry] = []
        self._noted = self._synced = 0

    async def keep(self, entry: Entry) -> None:
        """Returns once the entry is on the disk."""
        self._waiting.append(entry)
        self._noted = mine = self._noted + 1
        async with self._lock:
            if self._synced < mine:
                entries, self._waiting, upto = self._waiting, [], self._noted
                await asyncio.to_thread(self._sync, entries)
                self._synced = upto

    def _sync(self, entries: list[Entry]) -> None:
        self.note(*entries)
        os.fsync(self._file)


def read(path: Path) -> Iterator[Entry]:
    """The entries of a book in order; a last line that a kill has torn off does not count."""
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield _decode(line)


def only(entries: list[Entry], kind: type[Any]) -> list[Any]:
    """The entries of one kind."""
    return [entry for entry in entries if isinstance(entry, kind)]
