"""`textwire bench`: a server of its own, figures that can be, and nothing left behind."""

import json
import os
from pathlib import Path

import pytest

from tests.serving import textwire
from textwire.cli.bench import NAMES, quantile


def test_a_short_run_tells_every_figure_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "TEXTWIRE_DATA": str(tmp_path / "not-this-one")}
    done = textwire("bench", "--seconds", "0.5", "--connections", "4", "--json", environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures.keys() == NAMES.keys()
    assert figures["accepted"] > 0
    assert figures["accepted_per_second"] >= figures["delivered_per_second"] > 0
    assert 0 < figures["accept_p50_ms"] <= figures["accept_p99_ms"]
    assert 80 <= figures["end_to_end_p50_ms"] <= figures["end_to_end_p99_ms"]  # the network takes 80 to 120
    assert os.listdir(tmp_path) == []


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([3.0], 0.99)) == (51.0, 100.0, 3.0)
    assert quantile([], 0.5) != quantile([], 0.5)


@pytest.mark.parametrize("arguments", [("--seconds", "0"), ("--connections", "0"), ("--connections", "many")])
def test_wrong_use_is_told_as_such(arguments: tuple[str, ...]) -> None:
    assert textwire("bench", *arguments).returncode == 2
