"""The machine of a run: what it is, and how much of it others used meanwhile."""

import os
import platform
import resource
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .child import ROOT, TICKS, cpu

_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq of /proc/stat
_STOLEN = 7


def description() -> dict[str, Any]:
    """What a reader of figures wants to know of the machine and of what ran on it."""
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mb": int(_first("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": _commit(),
        "load_average": [round(x, 2) for x in os.getloadavg()],
    }


def _first(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown 0")


def _commit() -> str:
    try:
        command = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


QUIET_CORES = 0.25
LOOK_SECONDS = 1.0
LOOKS = 2
PATIENCE_SECONDS = 120.0


def wait_for_quiet() -> None:
    """Waits, at most for PATIENCE_SECONDS, until others have used less than QUIET_CORES for two seconds."""
    deadline, quiet = time.monotonic() + PATIENCE_SECONDS, 0
    while quiet < LOOKS and time.monotonic() < deadline:
        watch = Watch()
        time.sleep(LOOK_SECONDS)
        quiet = quiet + 1 if watch.others() < QUIET_CORES else 0


class Watch:
    """From its making on: how many cores processes used that are none of ours.

    `pids` are ours that live on; those that have begun and ended meanwhile, and this one, are ours anyway.
    """

    def __init__(self, pids: Sequence[int] = ()) -> None:
        self._pids = pids
        self._at, self._then = time.monotonic(), self._look()

    def others(self) -> float:
        """Cores, those included that the host gave to somebody else."""
        elapsed = time.monotonic() - self._at
        busy, ours = (now - then for now, then in zip(self._look(), self._then, strict=True))
        return round(max(busy - ours, 0.0) / elapsed, 2)

    def _look(self) -> tuple[float, float]:
        fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        busy = (sum(fields[i] for i in _BUSY) + fields[_STOLEN]) / TICKS
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        ours = sum(u.ru_utime + u.ru_stime for u in used) + sum(cpu(pid) for pid in self._pids)
        return busy, ours
