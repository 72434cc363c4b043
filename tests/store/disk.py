"""A disk that keeps books: what was written, what was synced, and what a power cut would leave of it.

It stands between SQLite and the real files as an APSW VFS. Reads and writes go through; a sync only moves what is
pending into what is durable, so that a power cut at any moment is a look into the books.
"""

import random
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
_numbers = count(1)


class Books:
    """One file: its durable content and the writes that no sync has confirmed; a write is (offset, data)."""

    def __init__(self, content: bytes) -> None:
        self.durable = bytearray(content)
        self.pending: list[tuple[int, bytes | None]] = []  # None: truncated at offset

    def sync(self) -> None:
        for write in self.pending:
            _apply(self.durable, *write)
        self.pending.clear()

    def after_cut(self, chance: random.Random | None) -> bytes:
        """What a power cut leaves: the durable content and, if `chance` plays, any part of what was pending."""
        left = bytearray(self.durable)
        for offset, data in self.pending if chance else ():
            fate = chance.randrange(3)
            if fate == 0:  # arrived
                _apply(left, offset, data)
            elif fate == 1 and data is not None:  # torn
                _apply(left, offset, data[: SECTOR * chance.randrange(1 + len(data) // SECTOR)])
        return bytes(left)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
    else:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """The VFS. `refuses(path)` may name an error code for a sync; `watch(path)` is called before every write and sync."""

    def __init__(self) -> None:
        self.name = f"disk-{next(_numbers)}"
        super().__init__(self.name, "")
        self.files: dict[str, Books] = {}
        self.lock = threading.RLock()
        self.syncs: list[str] = []
        self.refuses: Callable[[str], int | None] = lambda _: None
        self.watch: Callable[[str], None] = lambda _: None

    def xOpen(self, name: Any, flags: list[int]) -> "DiskFile":
        return DiskFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.files.pop(filename, None)

    def unsynced(self, ending: str) -> int:
        """How many writes to files with this ending of their name a power cut would undo."""
        with self.lock:
            return sum(len(books.pending) for path, books in self.files.items() if path.endswith(ending))

    def cut(self, folder: Path, chance: random.Random | None = None) -> None:
        """Writes what a power cut at this moment would leave into an empty folder."""
        folder.mkdir()
        with self.lock:
            for path, books in self.files.items():
                (folder / Path(path).name).write_bytes(books.after_cut(chance))


class DiskFile(apsw.VFSFile):
    """One open file of the disk."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self.disk = disk
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        with disk.lock:
            if self.path not in disk.files:
                disk.files[self.path] = Books(Path(self.path).read_bytes())
            self.books = disk.files[self.path]

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.watch(self.path)
        with self.disk.lock:
            self.books.pending.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self.disk.watch(self.path)
        with self.disk.lock:
            self.books.pending.append((newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self.disk.watch(self.path)
        if (code := self.disk.refuses(self.path)) is not None:
            raise apsw.exception_for(code)
        with self.disk.lock:
            self.books.sync()
            self.disk.syncs.append(self.path)
