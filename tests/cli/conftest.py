"""The log of a test, as stderr gets it."""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from textwire.cli import logs

Entries = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def entries(capsys: pytest.CaptureFixture[str]) -> Iterator[Entries]:
    """The log at level info; what it has said since it was last asked, each line a JSON object."""
    kept = logging.root.level, sys.unraisablehook, threading.excepthook
    logs.configure("info")

    def read() -> list[dict[str, Any]]:
        text = capsys.readouterr().err
        assert not text or text.endswith("\n")
        return [dict(json.loads(line)) for line in text.split("\n")[:-1]]

    yield read
    logging.root.level, sys.unraisablehook, threading.excepthook = kept
    # pytest puts handlers of its own there for each phase of a test: only ours goes.
    logging.root.handlers = [one for one in logging.root.handlers if not isinstance(one, logs.Bridge)]
    structlog.reset_defaults()
