"""The server: whether it lives, listens, answers, and agrees on the time."""

import os
import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from textwire.cli.failures import Failed
from textwire.config import address

from .findings import Case, Finding

SKEW: Final = 5.0  # seconds between two clocks that a signature or a token may not survive


def process(case: Case) -> Iterator[Finding]:
    """Whether the process that said it is ready still lives."""
    pid = case.ready.get("pid")
    if not case.ready:
        if case.url:
            yield Finding("server", "ok", f"the server in question is {case.url}")
        else:
            yield Finding(
                "server", "warning", f"no server is running on {case.place}", f"textwire serve{case.at}"
            )
    elif not isinstance(pid, int) or not alive(pid):
        yield Finding("server", "warning", f"the server was killed or crashed (process {pid} is gone); a start puts all in order",
                      f"textwire serve{case.at}")  # fmt: skip
    else:
        urls = ", ".join(str(case.ready[name]) for name in ("http", "https") if name in case.ready)
        yield Finding("server", "ok", f"process {pid} listens on {urls}")


def ports(case: Case) -> Iterator[Finding]:
    """Whether a server could listen where it is told to, if none does."""
    pid = case.ready.get("pid")
    if isinstance(pid, int) and alive(pid):
        return
    for name in ("http", "https"):
        wanted = address(getattr(case.config, name), name)
        if wanted is None or not wanted[1] or not taken(*wanted):
            continue
        who = holder(wanted[1])
        by = f" by process {who[0]} ({who[1]})" if who else ""
        yield Finding(
            "ports",
            "problem",
            f"{wanted[0]}:{wanted[1]} is taken{by}",
            f"textwire serve{case.at} --{name} 127.0.0.1:0",
        )
        return
    yield Finding("ports", "ok", "the ports to listen on are free")


def answers(case: Case) -> Iterator[Finding]:
    """Whether it takes work, from us."""
    if case.api is None or not case.url:
        return
    try:
        case.api.get("/readyz")
        case.api.get("/api/account")
    except Failed as error:
        yield Finding("answers", "problem", f"{case.url}: {error.message}", "textwire credentials" + case.at)
    else:
        yield Finding("answers", "ok", f"{case.url} is ready, and our key is good")


def clock(case: Case) -> Iterator[Finding]:
    """The server's clock against ours, and the messages' clock against real time."""
    if case.api is None:
        return
    try:
        _, headers = case.api.download("/healthz")
    except Failed:
        return
    if (date := headers.get("date")) is not None:
        skew = parsedate_to_datetime(date).timestamp() - time.time()
        level: Finding = Finding(
            "clock", "ok", f"the server's clock and this one's are {abs(skew):.0f} s apart"
        )
        if abs(skew) > SKEW:
            level = Finding("clock", "warning", f"the server's clock is {skew:+.0f} s from this one's: signatures and tokens fail",
                            "timedatectl status")  # fmt: skip
        yield level
    try:
        told = case.api.get("/api/simnet/clock")
    except Failed:  # another key, or a real carrier: then it cannot be moved
        return
    if told["frozen"]:
        yield Finding("clock", "warning", "the clock of messages is frozen: nothing that waits for a time moves",
                      f"textwire clock thaw{case.at}")  # fmt: skip
    elif abs(told["ahead_seconds"]) > 1:
        yield Finding(
            "clock",
            "ok",
            f"the clock of messages is {told['ahead_seconds']:.0f} s ahead, as somebody has stepped it",
        )


def alive(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def taken(host: str, port: int) -> bool:
    """Whether nobody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return True
    return False


def holder(port: int) -> tuple[int, str] | None:
    """(pid, command) of who listens on a port, as far as Linux tells us (proc(5), /proc/net/tcp)."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for entry in _lines(table)[1:]:
            fields = entry.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        try:
            if os.readlink(descriptor) in inodes:
                pid = int(descriptor.parts[2])
                return pid, (Path("/proc") / str(pid) / "comm").read_text().strip()
        except OSError:  # gone, or of another user
            continue
    return None


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
