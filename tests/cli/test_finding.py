"""How a command finds the server, the key and the authority: option over environment over data directory."""

import json
from pathlib import Path
from typing import Any

import pytest

from textwire import app, first_start
from textwire.cli import finding
from textwire.cli.failures import Failed, Refused


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (finding.URL, finding.KEY, "TEXTWIRE_DATA", "TEXTWIRE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def put(directory: Path, ready: Any = None, credentials: Any = None) -> str:
    directory.mkdir(exist_ok=True)
    for name, content in (("ready.json", ready), ("credentials.json", credentials)):
        if content is not None:
            (directory / name).write_text(json.dumps(content))
    return str(directory)


def running(directory: Path) -> str:
    return put(directory, {"http": "http://a", "https": "https://a", "pid": 1}, {"api": {"key": "tw_file"}})


def test_the_files_are_those_that_the_server_writes() -> None:
    assert (finding.READY, finding.CREDENTIALS) == (app.READY, first_start.FILE)


def test_a_data_directory_alone_tells_everything(tmp_path: Path) -> None:
    data = running(tmp_path / "d")
    assert finding.find(data, None, None) == ("http://a", "tw_file", tmp_path / "d" / "tls" / "ca.pem")


def test_the_usual_directory_is_where_the_server_puts_it(tmp_path: Path) -> None:
    running(tmp_path / "textwire-data")
    assert finding.find(None, None, None)[:2] == ("http://a", "tw_file")


def test_the_data_directory_may_be_a_setting_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTWIRE_DATA", running(tmp_path / "e"))
    assert finding.find(None, None, None)[0] == "http://a"


def test_environment_wins_over_files_and_options_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = running(tmp_path / "d")
    monkeypatch.setenv("TEXTWIRE_URL", "http://env")
    monkeypatch.setenv("TEXTWIRE_KEY", "tw_env")
    assert finding.find(data, None, None)[:2] == ("http://env", "tw_env")
    assert finding.find(data, "http://given", "tw_given")[:2] == ("http://given", "tw_given")


def test_a_server_elsewhere_needs_no_data_directory(tmp_path: Path) -> None:
    assert finding.find(str(tmp_path / "none"), "http://far", "tw_far")[:2] == ("http://far", "tw_far")


def test_https_is_taken_where_there_is_no_http(tmp_path: Path) -> None:
    data = put(tmp_path / "d", {"https": "https://a", "pid": 1})
    assert finding.find(data, None, "k")[0] == "https://a"


def test_without_a_running_server_one_is_told_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"textwire serve.*--url") as failed:
        finding.find(str(tmp_path), None, "k")
    assert failed.value.exit_code == 1


def test_without_a_key_one_is_told_where_it_was_looked_for(tmp_path: Path) -> None:
    data = put(tmp_path / "d", {"http": "http://a"})
    for credentials in (None, {}, {"api": None}, {"api": {}}):
        put(tmp_path / "d", None, credentials)
        with pytest.raises(Failed, match=r"credentials\.json.*--key"):
            finding.find(data, None, None)


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "ready.json").write_text(content)
    with pytest.raises(Failed, match=r"ready\.json"):
        finding.find(str(tmp_path), None, "k")


def test_a_wrong_setting_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTWIRE_PIGEONS", "7")
    with pytest.raises(Refused, match="TEXTWIRE_PIGEONS"):
        finding.find(None, "http://a", "k")
