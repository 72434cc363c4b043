"""A vendor's library in a process of its own: a script beside it makes the calls that it is told, one per line of JSON.

The first line is the configuration. A call is {"call": "sms.send", "with": […], "named": {…}}; each line, the first too, is
answered with {"returned": …} or {"raised": …} and what more the script says of an error.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.needs import require


class Raised(Exception):
    """What the library has thrown; `said` is all that the script says of it."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said["raised"])
        self.said = said


class Library:
    """A library that is ready; `ready` is what making it returned."""

    def __init__(self, process: "subprocess.Popen[str]", config: object) -> None:
        self._process = process
        self.ready = self._tell(config)

    def call(self, name: str, *given: object, **named: object) -> Any:
        """What a call returns; raises Raised."""
        return self._tell({"call": name, "with": given, "named": named})

    def raised(self, name: str, *given: object, **named: object) -> dict[str, Any]:
        """What the script says of the error that a call raises."""
        try:
            answer = self.call(name, *given, **named)
        except Raised as error:
            return error.said
        raise AssertionError(f"{name} returned {answer}")

    def _tell(self, line: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the library's process has ended"
        said = json.loads(answer)
        if "raised" in said:
            raise Raised(said)
        return said["returned"]


@contextlib.contextmanager
def library(command: Sequence[str | Path], config: object, **environment: str) -> Iterator[Library]:
    """The library that a command starts, until the end of the block; its environment has no proxy but a given one."""
    inherited = without_proxies(os.environ)
    process = subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**inherited, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip
    try:
        yield Library(process, config)
    finally:
        process.kill()
        process.communicate()


def without_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment but for proxies."""
    return {name: value for name, value in environment.items() if "proxy" not in name.lower()}


def node() -> str:
    """The program, or the test lacks it by name."""
    found = shutil.which("node")
    require(found, "Node, for the vendors' JavaScript")
    return str(found)
