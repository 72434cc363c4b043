"""What the machine lacks is skipped by name at a desk and fails in CI."""

from pathlib import Path

import pytest

from tests.needs import pytest_xdist_auto_num_workers

ROOT = Path(__file__).parents[1]
LACKING = """
    from tests.needs import missing, require
    def test_present(): require(True, "nothing")
    def test_lacks(): missing("PostgreSQL")
    def test_requires(): require("", "a browser")
"""
SLIPPED_PAST = """
    import pytest
    def test_present(): pass
    @pytest.mark.skipif("True", reason="missing: a tool")
    def test_lacks(): pass
"""
LACKING_MODULE = """
    import pytest
    pytest.skip("missing: a module", allow_module_level=True)
"""
OTHER_REASON = """
    import pytest
    def test_other(): pytest.skip("only on the moon")
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    def run(source: str, ci: str, *options: str) -> pytest.RunResult:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("CI", ci)
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "tests.needs", "-p", "no:cacheprovider", "-rs", *options)

    return run


def test_at_a_desk_what_is_missing_is_skipped_by_name(inner) -> None:
    run = inner(LACKING, "")
    run.assert_outcomes(passed=1, skipped=2)
    run.stdout.fnmatch_lines(["SKIPPED [[]1[]]*missing: PostgreSQL", "SKIPPED [[]1[]]*missing: a browser"])
    assert run.ret == pytest.ExitCode.OK


def test_in_ci_what_is_missing_fails(inner) -> None:
    run = inner(LACKING, "true")
    run.assert_outcomes(passed=1, failed=2)
    run.stdout.fnmatch_lines_random(["*missing: PostgreSQL*", "*missing: a browser*"])


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("source", [SLIPPED_PAST, LACKING_MODULE], ids=["test", "module"])
def test_in_ci_a_skip_that_says_missing_fails_the_run(inner, source: str, workers: str) -> None:
    run = inner(source, "true", "-n", workers)
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    run.stdout.fnmatch_lines(["CI: missing: a * counts as a failure"])


def test_a_skip_for_another_reason_is_allowed_in_ci(inner) -> None:
    run = inner(OTHER_REASON, "true")
    run.assert_outcomes(skipped=1)
    assert run.ret == pytest.ExitCode.OK


@pytest.mark.parametrize(("cores", "workers"), [(None, 2), (1, 2), (3, 3), (64, 4)])
def test_workers_are_two_to_four(monkeypatch: pytest.MonkeyPatch, cores: int | None, workers: int) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert pytest_xdist_auto_num_workers() == workers
