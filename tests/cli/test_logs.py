"""Whatever is logged, by us or by a library, is one scrubbed JSON object per line on stderr."""

import asyncio
import gc
import io
import logging
import subprocess
import sys
import threading

import pytest
import structlog

from tests.cli.conftest import Entries
from textwire.cli import logs
from textwire.config import BadConfig

CANARY = "canary-b91c"
NUMBER = "+447700900123"

# reliability SX8: what forges lines or drives a terminal.
PAYLOADS = [
    "\n", "\r\n", '\n{"level":"info","event":"forged"}', '"},{"event":"forged"', "\\", '\\"', "\x1b[2J", "\x1b]0;t\x07",
    "\x9b31m", "\x00", "\x07", "\x08" * 20, "\x7f", "\u2028forged", "\u2029", "\x85", "\u202eforged", "%s %n",
    "{event}", "🏴" * 100,
]  # fmt: skip


def raised(message: str = CANARY) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_an_entry_has_time_level_logger_and_event_first(entries: Entries) -> None:
    structlog.get_logger("textwire.store").warning("store.slow", seconds=1.5)
    [entry] = entries()
    assert list(entry) == ["at", "level", "logger", "event", "seconds"]
    assert entry["at"].endswith("Z")
    del entry["at"]
    assert entry == {"level": "warning", "logger": "textwire.store", "event": "store.slow", "seconds": 1.5}


def test_what_is_private_is_hidden_whoever_logs_it(entries: Entries) -> None:
    structlog.get_logger("textwire").bind(token=CANARY).error("x", text=CANARY, note=f"to {NUMBER}")
    [entry] = entries()
    assert CANARY not in str(entry)
    assert NUMBER not in str(entry)
    assert entry["note"] == "to +********0123"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_forges_a_line(entries: Entries, payload: str) -> None:
    structlog.get_logger("textwire").info("x", agent=f"a{payload}b")
    logging.getLogger("library").warning(f"says {payload}")
    first, second = entries()
    assert first["event"] == "x"
    assert second["logger"] == "library"


def test_half_a_surrogate_pair_can_be_logged(entries: Entries) -> None:
    structlog.get_logger("textwire").info("x", agent="a\ud800b")
    assert entries()[0]["agent"] == "a\ufffdb"


def test_below_the_level_nothing_is_said(entries: Entries) -> None:
    structlog.get_logger("textwire").debug("x")
    assert entries() == []
    logs.configure("debug")
    structlog.get_logger("textwire").debug("y")
    assert [entry["event"] for entry in entries()] == ["y"]


def test_a_level_that_there_is_not_is_an_error_that_names_it() -> None:
    with pytest.raises(BadConfig, match="log_level: 'loud'"):
        logs.configure("loud")


def test_of_an_exception_kind_and_place_are_told_but_not_its_words(entries: Entries) -> None:
    try:
        raise raised()
    except ValueError:
        structlog.get_logger("textwire").exception("carrier.failed", carrier="simulated")
    [entry] = entries()
    assert entry["error"] == "ValueError"
    assert any("test_logs.py" in line and line.endswith(" raised") for line in entry["at_lines"])
    assert CANARY not in str(entry)


def test_of_a_group_of_exceptions_the_first_inner_one_is_told(entries: Entries) -> None:
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [raised()])])
    structlog.get_logger("textwire").critical("x", exc_info=group)
    [entry] = entries()
    assert entry["error"] == "ValueError"
    assert entry["at_lines"]


def test_a_long_traceback_keeps_its_innermost_frames(entries: Entries) -> None:
    def fall(depth: int) -> None:
        if not depth:
            raise ValueError
        fall(depth - 1)

    try:
        fall(100)
    except ValueError as error:
        structlog.get_logger("textwire").error("x", exc_info=error)
    [entry] = entries()
    assert len(entry["at_lines"]) == logs.FRAMES
    assert all(line.endswith(" fall") for line in entry["at_lines"])


def test_libraries_are_heard_from_warning_on_without_their_values(entries: Entries) -> None:
    library = logging.getLogger("uvicorn.error")
    library.info("GET /sms?api_secret=%s", CANARY)
    library.warning("Invalid request from %s", CANARY)
    library.error("Exception in ASGI application\n%s", CANARY, exc_info=raised())
    first, second = entries()
    assert (first["level"], first["logger"], first["event"]) == (
        "warning", "uvicorn.error", "Invalid request from %s",
    )  # fmt: skip
    assert (second["level"], second["error"]) == ("error", "ValueError")
    assert CANARY not in str([first, second])


def test_an_asyncio_task_that_nobody_awaits_is_told_without_its_words(entries: Entries) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    async def forget() -> None:
        asyncio.get_running_loop().set_exception_handler(logs.loop_failed)
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(forget())
    [entry] = entries()
    assert (entry["logger"], entry["error"]) == ("asyncio", "ValueError")
    assert entry["event"] == "Task exception was never retrieved"
    assert CANARY not in str(entry)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_in_a_thread_is_told_without_its_words(entries: Entries) -> None:
    def fail() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    [entry] = entries()
    assert (entry["event"], entry["error"]) == ("thread.failed", "ValueError")
    assert CANARY not in str(entry)


def test_an_error_in_a_finaliser_is_told_without_its_words(entries: Entries) -> None:
    class Fails:
        def __del__(self) -> None:
            raise ValueError(CANARY)

    Fails()
    gc.collect()
    [entry] = entries()
    assert (entry["event"], entry["error"]) == ("unraisable", "ValueError")
    assert CANARY not in str(entry)


def test_a_log_that_cannot_be_written_disturbs_nobody(
    entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    structlog.get_logger("textwire").error("x")
    logging.getLogger("library").error("y")


def test_rich_is_not_loaded_with_structlog_but_still_can_be() -> None:
    code = "import textwire.cli.logs, sys; assert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
