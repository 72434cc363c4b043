"""Examples as people run them: programs of their own, spoken to over their pages and terminals."""

import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

PATIENCE = 60.0
LOOK_SECONDS = 0.05


@contextlib.contextmanager
def running(
    *command: str | Path, python: str | Path = sys.executable, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    """An example as a person starts it, in a terminal of its own; ended in the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [python, *command], env={**os.environ, **environment}, stdin=pipe, stdout=pipe, text=True
    ) as one:
        try:
            yield one
        finally:
            one.terminate()


def line(process: "subprocess.Popen[str]", pattern: str) -> "re.Match[str]":
    """The next line that it prints which fits; the test fails if it ends before."""
    assert process.stdout is not None
    for said in process.stdout:
        if found := re.search(pattern, said):
            return found
    raise AssertionError(f"never printed: {pattern}")


def fetch(url: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
    """Status and body, of refusals too."""
    data = None if form is None else urlencode(form).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def until(look: Callable[[], bool]) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, "never"
        time.sleep(LOOK_SECONDS)
