"""`textwire credentials` shows what the first start made, as JSON exactly as it is kept."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from textwire.cli.main import group
from textwire.first_start import generate


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "credentials.json").write_text(json.dumps(generate().readable(tmp_path), indent=2))
    return tmp_path


def credentials(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(group, ["credentials", "--data", str(data), *arguments])


def test_as_json_it_is_the_kept_file_in_one_line(data: Path) -> None:
    result = credentials(data, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads((data / "credentials.json").read_text())
    assert result.stdout.count("\n") == 1


def test_as_text_every_secret_is_there_and_no_call_as_nothing_runs(data: Path) -> None:
    result = credentials(data)
    kept = json.loads((data / "credentials.json").read_text())
    assert kept["api"]["key"] in result.stdout
    assert kept["kandy"]["project_client_secret"] in result.stdout
    assert "curl" not in result.stdout


def test_while_the_server_runs_first_calls_are_shown_too(data: Path) -> None:
    (data / "ready.json").write_text(json.dumps({"http": "http://127.0.0.1:7", "pid": 1}))
    result = credentials(data)
    assert "http://127.0.0.1:7/api/messages" in result.stdout
    assert f"textwire phone --data {data}" in result.stdout


def test_without_any_one_is_told_who_makes_them(tmp_path: Path) -> None:
    result = credentials(tmp_path / "none", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "textwire serve" in result.stderr
    assert not (tmp_path / "none").exists()
