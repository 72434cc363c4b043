"""The data directory: whether it is there, private, complete, and has room."""

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from typing import Final

from .findings import Case, Finding

LITTLE: Final = 1 << 30  # bytes: a day of a busy server
TOO_LITTLE: Final = 100 << 20
PRIVATE: Final = ("credentials.json", "server.key", "textwire.db", "tls/ca.key", "tls/server.key")


def directory(case: Case) -> Iterator[Finding]:
    """There, ours and closed to others."""
    place = case.place
    if not place.exists():
        yield Finding(
            "directory",
            "warning",
            f"{place} is not there yet: the first start makes it",
            f"textwire serve{case.at}",
        )
        return
    found = place.stat()
    if found.st_uid != os.geteuid():
        yield Finding(
            "directory",
            "problem",
            f"{place} belongs to another user",
            f"sudo chown -R {os.geteuid()} {shlex.quote(str(place))}",
        )
    elif not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "directory", "problem", f"{place} cannot be written", f"chmod 700 {shlex.quote(str(place))}"
        )
    elif stat.S_IMODE(found.st_mode) & 0o077:
        yield Finding(
            "directory",
            "warning",
            f"other users of this machine can look into {place}",
            f"chmod 700 {shlex.quote(str(place))}",
        )
    else:
        yield Finding("directory", "ok", f"{place} is private and can be written")


def files(case: Case) -> Iterator[Finding]:
    """The files that hold secrets are closed to others, and the server's key is there."""
    there = [path for name in PRIVATE if (path := case.place / name).exists()]
    open_ones = [str(path) for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        yield Finding(
            "files",
            "problem",
            f"other users can read {', '.join(open_ones)}",
            f"chmod 600 {shlex.join(open_ones)}",
        )
    key = case.place / "server.key"
    if key.exists() and not key.read_text().strip():
        yield Finding(
            "files",
            "problem",
            f"{key} is empty: put the one of a backup there",
            f"cp BACKUP/server.key {shlex.quote(str(key))}",
        )
    elif not key.exists() and (case.place / "textwire.db").exists():
        yield Finding("files", "warning", f"{key} is missing: a start makes a new one, which cannot open the secrets "
                      "of webhooks in the database", f"cp BACKUP/server.key {shlex.quote(str(key))}")  # fmt: skip
    elif not open_ones:
        yield Finding("files", "ok", "what holds secrets can be read by its owner alone")


def room(case: Case) -> Iterator[Finding]:
    """Room on the disk."""
    place = next((path for path in (case.place, *case.place.absolute().parents) if path.exists()), case.place)
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:.1f} GB are free where {case.place} is"
    if free < TOO_LITTLE:
        yield Finding(
            "disk",
            "problem",
            f"{said}: nothing can be accepted on a full disk",
            f"df -h {shlex.quote(str(place))}",
        )
    elif free < LITTLE:
        yield Finding("disk", "warning", said, f"df -h {shlex.quote(str(place))}")
    else:
        yield Finding("disk", "ok", said)
