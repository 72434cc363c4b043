"""Log lines: one JSON object each, on stderr, scrubbed before it is written."""

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from textwire.config import BadConfig

from .failures import leaves
from .plain import document
from .scrub import scrub


@contextmanager
def _without_rich() -> Iterator[None]:
    """structlog loads rich for its coloured output where that is installed: 0.3 s and 10 MB for nothing here."""
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # an import of it fails as if it were not there
    try:
        yield
    finally:
        del sys.modules["rich"]


with _without_rich():
    import structlog

LEVELS: Final = ("debug", "info", "warning", "error", "critical")
FRAMES: Final = 12  # innermost ones of an error
_NOISY: Final = (
    logging.WARNING
)  # libraries tell of trouble only; below that some name URLs with tokens in them


def configure(level: str) -> None:
    """Sets up structlog, the standard library's logging and what Python says of errors nobody caught.

    Raises BadConfig for a level that there is not.
    """
    if level.lower() not in LEVELS:
        raise BadConfig(f"log_level: {level!r} is none of {', '.join(LEVELS)}")
    structlog.configure(
        processors=[structlog.processors.add_log_level, _render],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=_Pen,
        cache_logger_on_first_use=True,
    )
    logging.root.handlers = [Bridge()]
    logging.root.setLevel(_NOISY)
    _catch_the_rest()


def loop_failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `loop.set_exception_handler`: asyncio's own would print what an exception says."""
    _write("asyncio", "error", str(context.get("message", "")), context.get("exception"))


class _Pen:
    """What structlog writes with; `name` is the logger's."""

    def __init__(self, name: str = "textwire") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        # A log that cannot be written (disk full, terminal gone) is no reason to stop carrying messages.
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = warn = error = critical = fatal = exception = msg


def _render(pen: _Pen, method: str, entry: MutableMapping[str, Any]) -> str:
    """structlog's last processor: the entry as a line."""
    error = _error(entry.pop("exc_info", None))
    head = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": entry.pop("level", method),
        "logger": pen.name,
        "event": entry.pop("event", ""),
    }
    return document(scrub({**head, **entry, **_told(error)}))


def _error(given: Any) -> BaseException | None:
    """The exception that an `exc_info` stands for."""
    match given:
        case BaseException():
            return given
        case (_, BaseException() as error, _):
            return error
    return sys.exc_info()[1] if given else None


def _told(error: BaseException | None) -> dict[str, Any]:
    """What kind of error and where; its words stay out, they may hold texts, numbers and tokens."""
    if error is None:
        return {}
    first = next(leaves(error), error)
    return {"error": type(first).__qualname__, "at_lines": list(frames(first.__traceback__))}


def frames(traceback: TracebackType | None) -> Iterator[str]:
    """The innermost frames, "file:line function", outermost first."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    yield from found[-FRAMES:]


class Bridge(logging.Handler):
    """Hands on what libraries log, without the values that they put into their messages."""

    def emit(self, record: logging.LogRecord) -> None:
        event = str(record.msg).partition("\n")[0]
        _write(record.name, record.levelname.lower(), event, _error(record.exc_info))


def _catch_the_rest() -> None:
    """Errors outside of any task: Python would print tracebacks, which are neither JSON nor scrubbed."""

    def unraisable(unraisable: Any) -> None:
        _write("python", "error", "unraisable", unraisable.exc_value)

    def in_thread(args: Any) -> None:
        _write("python", "error", "thread.failed", args.exc_value)

    sys.unraisablehook, threading.excepthook = unraisable, in_thread


def _write(name: str, level: str, event: str, error: BaseException | None) -> None:
    pen = _Pen(name)
    pen.msg(_render(pen, level, {"event": event, "exc_info": error}))
