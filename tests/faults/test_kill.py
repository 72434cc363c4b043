"""SIGKILL at random moments under load: nothing acknowledged is lost, nothing is sent twice unsaid (F1, F2, F15).

And the other way round: a house that is broken on purpose does not get past the same harness.
"""

import asyncio
from pathlib import Path

import pytest

from tests.faults.driver import Plan
from tests.faults.kill import Run, campaign, main
from tests.postgres import fresh_database, private_cluster

GATE_SEED, LONG_SEED = 20_261, 20_262


def killed(tmp_path: Path, database: str = "", **wishes: object) -> Run:
    """A campaign that has come to its end; its report is printed, for a test that fails or runs with -s."""
    wanted = {"work": str(tmp_path / "work"), "database": database or str(tmp_path / "textwire.db")} | wishes
    run = asyncio.run(campaign(Plan(**wanted)))  # type: ignore[arg-type]
    print(f"\n{run.text()}")
    return run


def shows_nothing_wrong(run: Run) -> None:
    """No invariant is violated, and the run was one that could have shown it."""
    assert not run.verdict.violations, run.text()
    told = run.verdict.counters
    assert told["kills"] == run.plan.kills
    assert told["acked"] > 20 * run.plan.kills
    assert told["lost"] == told["unexpected"] == told["duplicated_unflagged"] == 0
    assert told["deferred"] > 0
    assert told["heard"] == told["events"] > told["acked"]


def shows_ambiguity(run: Run) -> None:
    """Kills fell on submissions under way, within the window, and copies were flagged."""
    told = run.verdict.counters
    assert 0 < told["ambiguous_most_per_kill"] <= run.plan.window
    assert 0 < told["duplicated_flagged"] <= told["ambiguous"]


def test_sigkill_on_the_embedded_store_loses_nothing(tmp_path: Path) -> None:
    run = killed(tmp_path, kills=6, seed=GATE_SEED)
    shows_nothing_wrong(run)
    shows_ambiguity(run)


def test_sigkill_on_postgres_loses_nothing(tmp_path: Path, postgres_url: str) -> None:
    run = killed(tmp_path, postgres_url, kills=3, seed=GATE_SEED, early=0)
    shows_nothing_wrong(run)
    shows_ambiguity(run)


def test_a_house_that_keeps_webhooks_in_memory_only_is_found_out(tmp_path: Path) -> None:
    run = killed(tmp_path, kills=3, seed=GATE_SEED, early=0, mutation="forgotten_webhooks")
    assert set(run.verdict.violations) == {"I7 events are heard", "I7 the highest sequence is right"}, (
        run.text()
    )
    assert run.verdict.counters["heard"] < run.verdict.counters["events"]


def test_a_house_that_answers_before_its_commit_is_found_out(tmp_path: Path) -> None:
    run = killed(tmp_path, kills=3, seed=GATE_SEED, early=0, mutation="answer_before_commit")
    assert "I1 acknowledged is stored" in run.verdict.violations, run.text()
    assert run.verdict.counters["lost"] > 0


def test_a_house_that_sends_again_blindly_is_found_out(tmp_path: Path) -> None:
    run = killed(tmp_path, kills=3, seed=GATE_SEED, early=0, mutation="blind_resend")
    assert list(run.verdict.violations) == ["I3 copies are flagged"], run.text()
    assert run.verdict.counters["duplicated_unflagged"] > 0


def test_the_command_prints_the_report_and_fails_when_something_is_violated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ["--kills", "2", "--seed", "7", "--work", str(tmp_path)]
    assert main([*kept, "--mutation", "answer_before_commit"]) == 1
    said = capsys.readouterr().out
    assert "seed 7, window 50, 2 kills" in said
    assert "VIOLATED I1 acknowledged is stored" in said
    assert (tmp_path / "carrier.jsonl").exists()


def test_a_postgres_that_is_killed_under_a_living_house_loses_nothing(tmp_path: Path) -> None:
    shows_nothing_wrong(outages(tmp_path, kills=2, seed=GATE_SEED))


def outages(tmp_path: Path, **wishes: object) -> Run:
    """A campaign against a server of its own."""
    with private_cluster() as server, fresh_database(server.url) as url:
        plan = Plan(work=str(tmp_path / "work"), database=url, **wishes)  # type: ignore[arg-type]
        run = asyncio.run(campaign(plan, server))
    print(f"\n{run.text()}")
    return run


@pytest.mark.long
def test_a_hundred_kills_on_the_embedded_store(tmp_path: Path) -> None:
    run = killed(tmp_path, kills=100, seed=LONG_SEED)
    shows_nothing_wrong(run)
    shows_ambiguity(run)


@pytest.mark.long
def test_thirty_kills_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    run = killed(tmp_path, postgres_url, kills=30, seed=LONG_SEED)
    shows_nothing_wrong(run)
    shows_ambiguity(run)


@pytest.mark.long
def test_twelve_kills_of_postgres_itself(tmp_path: Path) -> None:
    shows_nothing_wrong(outages(tmp_path, kills=12, seed=LONG_SEED))
