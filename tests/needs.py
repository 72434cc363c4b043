"""What a test needs of the machine: skipped by name when it is missing, failed when CI=true."""

import os
from collections import Counter
from typing import NoReturn

import pytest

PREFIX = "missing: "
_GREEN = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def in_ci() -> bool:
    """Whether this run must have everything present."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def missing(what: str) -> NoReturn:
    """End the running test because the machine lacks `what`: a skip at a desk, a failure in CI."""
    __tracebackhide__ = True
    if in_ci():
        pytest.fail(PREFIX + what, pytrace=False)
    pytest.skip(PREFIX + what)


def require(condition: object, what: str) -> None:
    """Go on only if `condition` is true, otherwise `missing(what)`."""
    __tracebackhide__ = True
    if not condition:
        missing(what)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Guard(), "missing-guard")


class _Guard:
    """Fails a CI run in which some test got past `missing` with a skip of its own under that name."""

    def __init__(self) -> None:
        self.skips: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.count(report)

    def count(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            if reason.startswith(PREFIX.strip()):
                self.skips[reason] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if in_ci() and self.skips and exitstatus in _GREEN:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for reason, times in sorted(self.skips.items()) if in_ci() else ():
            terminalreporter.write_line(f"CI: {reason} ({times} skipped) counts as a failure", red=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means here: as many workers as cores, but 2 to 4 (each may hold a database server)."""
    return min(4, max(2, os.cpu_count() or 2))
