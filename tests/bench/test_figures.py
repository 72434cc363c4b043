"""The figures run against a real server in its own process, and a figure that lies is none."""

import json
from pathlib import Path

import pytest

from bench import report as reporting
from bench import runs
from bench.child import Child, Failed, cpu
from bench.context import Context, Scale
from bench.disk import fsyncs
from bench.figures import FIGURES, isolation
from bench.house import housing
from bench.load import Result
from bench.machine import Watch, description
from bench.report import Figure, Report

TINY = Scale(repeats=1, seconds=0.3, history=100, starts=1)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(TINY, tmp_path, Report({}), connections=8)


def test_baseline_acceptance_and_webhooks_are_measured(context: Context, capsys: pytest.CaptureFixture[str]):
    for name in ("baseline", "accept", "webhook"):
        FIGURES[name](context)
    assert context.report.missed == {}
    assert set(context.rates) == {"baseline.fsync", "baseline.echo", "accept", "accept.sending", "webhook"}
    assert all(rate > 0 for rate in context.rates.values())
    said = capsys.readouterr().out
    assert said.count("of bare HTTP") == 3
    assert list(context.place.iterdir()) == list(context.place.glob("*.log"))


def test_isolation_is_measured(
    context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(isolation, "DEAD", 20)
    FIGURES["isolation"](context)
    assert context.report.missed == {}
    assert "beside 20 dead ones" in capsys.readouterr().out


def test_a_run_whose_messages_do_not_all_arrive_is_no_figure(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    real = runs.generate

    def one_too_many(**order: object) -> Result:
        result = real(**order)
        result.statuses["201"] += 1
        return result

    monkeypatch.setattr(runs, "generate", one_too_many)
    with housing(context.place) as house, pytest.raises(Failed, match="answered with 201"):
        runs.accepting(house, **context.loop)


def test_a_child_that_ends_is_an_error_and_not_a_wait():
    with Child("bench.load") as child:
        child.say("no order")
        with pytest.raises(Failed, match="ended with 1"):
            child.hear()


def test_what_our_own_processes_use_is_not_of_others(monkeypatch: pytest.MonkeyPatch):
    watch = Watch()
    looks = iter([(110.0, 9.0)])
    monkeypatch.setattr(watch, "_then", (100.0, 0.0))
    monkeypatch.setattr(watch, "_at", watch._at - 10)
    monkeypatch.setattr(watch, "_look", lambda: next(looks))
    assert watch.others() == pytest.approx(0.1, abs=0.01)


def test_processor_time_of_a_process_grows():
    import os

    before = cpu(os.getpid())
    while cpu(os.getpid()) <= before:
        sum(range(100_000))


def test_the_disk_is_asked_for_durable_writes_and_left_clean(tmp_path: Path):
    rate, latency = fsyncs(tmp_path, 0.02)
    assert rate > 0
    assert latency["p50"] <= latency["p99"]
    assert list(tmp_path.iterdir()) == []


def test_a_report_prints_each_figure_and_saves_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    report = Report({"cores": 2})
    report.add(
        Figure(name="accept", value=9412.3, unit="/s", least=9000, most=9600, ratio="0.4", window="3 x 6 s")
    )
    report.miss("postgres", "there is none")
    said = capsys.readouterr().out
    assert "accept" in said
    assert "9,412 /s" in said
    assert "(9,000 to 9,600)" in said
    assert "postgres         not measured: there is none" in said
    saved = json.loads(report.save().read_bytes())
    assert saved["about"] == {"cores": 2}
    assert [figure["name"] for figure in saved["figures"]] == ["accept"]
    assert saved["missed"] == {"postgres": "there is none"}


def test_the_machine_is_described():
    found = description()
    assert found["cores"] >= 1
    assert found["memory_mb"] > 100
