"""A shell as docs/howto says: `eval "$(textwire env …)"`, then a program that was told nothing else."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.serving import COMMAND, Server, clean_environment

from .library import without_proxies

CALL_SECONDS = 120.0


def shell(server: Server, vendor: str, command: Iterable[str | Path], after: str = "") -> list[str]:
    """The command that runs another in such a shell; `after` are lines that follow the first one."""
    ours = " ".join(COMMAND)
    lines = f'eval "$({ours} env {vendor} --data "$0")"\n{after}\nexec "$@"'
    return ["sh", "-euc", lines, str(server.data), *map(str, command)]


def run(
    server: Server, vendor: str, *command: str | Path, home: Path, after: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Runs a program in such a shell to its end; it may fail."""
    environment = without_proxies(clean_environment()) | {"HOME": str(home)}
    return subprocess.run(
        shell(server, vendor, command, after), env=environment, capture_output=True, text=True,
        timeout=CALL_SECONDS, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
