"""One log line for a handler that failed, without anything a caller sent."""

from collections import deque
from collections.abc import Iterator
from pathlib import PurePath
from traceback import walk_tb
from typing import Final

import structlog

from textwire.web.request import Request

MAX_FRAMES: Final = 12  # innermost ones


def log_failure(door: str, request: Request, error: BaseException) -> None:
    """Log where it broke. The exception's own words and the path stay out: both may hold texts, numbers,
    tokens; the route's pattern and the frames are enough to find the fault.
    """
    structlog.get_logger("textwire.web").error(
        "web.failed",
        request=request.id,
        door=door,
        method=request.method,
        route=request.pattern,
        error=type(error).__qualname__,
        at_lines=list(_frames(error)),
    )


def _frames(error: BaseException) -> Iterator[str]:
    for frame, line in deque(walk_tb(error.__traceback__), MAX_FRAMES):
        code = frame.f_code
        yield f"{PurePath(code.co_filename).name}:{line} {code.co_name}"
