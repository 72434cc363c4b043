"""The processes of a run: spoken to in lines, looked at through /proc, ended one by one."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[1]


class Failed(Exception):
    """A run that says nothing: a process ended that should not have, or something was refused or got lost."""


def environment() -> dict[str, str]:
    """Ours without settings of a server, so that it runs by its defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEXTWIRE_")}


class Child:
    """`python -m MODULE …` on two pipes; ended when the `with` block is left."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=ROOT, env=environment(), text=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def say(self, line: str) -> None:
        """Gives it a line."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Its next line; raises Failed if it has ended."""
        assert self._process.stdout
        if not (line := self._process.stdout.readline()):
            raise Failed(f"{self._module} ended with {self._process.wait()}")
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        end(self._process)
        self._process.stdout.close()


def end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """Waits for a process that was told to go; sees to it otherwise."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> dict[str, float]:
    """Its resident memory in MB: `rss`, `pss` (shared pages by their share) and `own` (shared with nobody)."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        found[name] = int(value.split()[0])
    own = found["Private_Clean"] + found["Private_Dirty"]
    sizes = {"rss": found["Rss"], "pss": found["Pss"], "own": own}
    return {name: round(kib / 1024, 1) for name, kib in sizes.items()}
