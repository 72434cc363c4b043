"""What `textwire serve` says, to whom it shows credentials, and how it words what keeps it from starting."""

import errno
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Entries
from textwire.cli import serve
from textwire.cli.main import group
from textwire.cli.serve import Serving, announcement, on_loopback
from textwire.config import BadConfig, Config
from textwire.first_start import FILE, generate
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.web.bind import BindRefused, PlaintextRefused
from textwire.web.tls import TlsError

URLS = {"http": "http://127.0.0.1:8080", "https": "https://[::1]:8443"}
MADE: dict[str, Any] = generate().readable(Path("data"))


def secrets_in(said: str) -> bool:
    hidden = (MADE["api"]["key"], MADE["kandy"]["password"], MADE["kandy"]["project_client_secret"])
    return any(secret in said for secret in hidden)


def test_a_server_on_loopback_with_the_embedded_store_prints_everything_and_ready_last() -> None:
    said = announcement(Config(), URLS, MADE)
    assert secrets_in(said)
    assert said.index("http://127.0.0.1:8080") < said.index(MADE["api"]["key"]) < said.index("curl")
    assert said.splitlines()[-1].startswith("ready http://127.0.0.1:8080 https://[::1]:8443")
    assert sum(line.startswith("ready") for line in said.splitlines()) == 1


@pytest.mark.parametrize(
    ("config", "urls"),
    [
        (Config(database="postgresql://db/house"), URLS),
        (Config(), URLS | {"https": "https://0.0.0.0:8443"}),
        (Config(), {"http": "http://192.0.2.7:8080"}),
        (Config(), {"http": "http://[::]:8080"}),
    ],
)
def test_otherwise_it_shows_no_credentials_but_says_where_they_are(
    tmp_path: Path, config: Config, urls: dict[str, str]
) -> None:
    config = Config(data=str(tmp_path), database=config.database)
    (tmp_path / FILE).write_text("{}")
    said = announcement(config, urls, MADE)
    assert not secrets_in(said)
    assert str(tmp_path / FILE) in said
    assert said.splitlines()[-1].startswith("ready ")


def test_a_server_without_credentials_of_its_own_says_who_has_them(tmp_path: Path) -> None:
    assert "first account" in announcement(Config(data=str(tmp_path)), URLS, None)


def test_a_certificate_of_one_s_own_needs_no_local_authority() -> None:
    assert "ca.pem" in announcement(Config(), URLS, None)
    assert "ca.pem" not in announcement(Config(tls_cert="/my.pem"), URLS, None)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:1", True), ("http://127.9.9.9:1", True), ("http://[::1]:1", True), ("http://0.0.0.0:1", False),
        ("http://[::]:1", False), ("http://10.0.0.1:1", False), ("https://[2001:db8::1]:1", False),
    ],
)  # fmt: skip
def test_what_is_on_loopback(url: str, near: bool) -> None:
    assert on_loopback({"a": "http://127.0.0.1:1", "b": url}) is near


def raised(message: str) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def failed(error: Exception, *, ready: bool = False, config: Config | None = None) -> tuple[int, str]:
    serving = Serving(config or Config())
    serving._ready = ready
    failed = serving._failed(error)
    return failed.exit_code, failed.message


IN_USE = OSError(errno.EADDRINUSE, "Address already in use")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadConfig("http: 'x' is not HOST:PORT"), "http: 'x' is not HOST:PORT"),
        (BindRefused(f"cannot listen on 127.0.0.1:80: {IN_USE}"), "Address already in use (--http and"),
        (PlaintextRefused("0.0.0.0 is reachable from outside and has no TLS"), "--allow-plaintext"),
        (TlsError("server.key can be read by every user"), "server.key can be read by every user"),
        (Unavailable("/d/textwire.db is in use by another textwire process"), "/d/textwire.db is in use"),
        (Fatal("disk I/O error"), "disk I/O error"),
        (FileExistsError(errno.EEXIST, "File exists", "/d"), "/d is not a directory"),
        (PermissionError(errno.EACCES, "Permission denied", "/d"), "/d: Permission denied"),
    ],
)
def test_what_keeps_a_server_from_starting_is_one_line_and_exit_code_2(error: Exception, said: str) -> None:
    for given in (
        error,
        ExceptionGroup("tasks", [error]),
        ExceptionGroup("a", [ExceptionGroup("b", [error])]),
    ):
        code, message = failed(given)
        assert code == 2
        assert said in message
        assert "\n" not in message


def test_a_database_elsewhere_is_named_as_such() -> None:
    config = Config(database="postgresql://db/house")
    assert failed(Unavailable("refused"), config=config)[1] == "the database cannot be used: refused"


def test_what_nobody_expects_is_logged_with_its_place_and_not_with_its_words(entries: Entries) -> None:
    code, message = failed(ExceptionGroup("tasks", [raised("canary-55d1")]))
    [entry] = entries()
    assert (code, entry["level"], entry["event"], entry["error"]) == (
        1,
        "critical",
        "server.failed",
        "ValueError",
    )
    assert entry["at_lines"]
    assert "ValueError" in message
    assert "canary-55d1" not in str(entry) + message


@pytest.mark.usefixtures("entries")
def test_once_it_was_ready_no_error_is_a_refusal_to_start() -> None:
    code, message = failed(Unavailable("database gone"), ready=True)
    assert (code, "Unavailable" in message) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--log-level", "loud"], "log_level: 'loud'"),
        (["--config", "/none.toml"], "/none.toml"),
        (["--node", "256"], "--node"),
        (["--window", "0"], "--window"),
        (["--smtp", "x"], "--smtp"),
    ],
)
def test_a_wrong_setting_ends_it_before_anything_is_made(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(group, ["serve", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_option_is_a_setting_and_every_setting_an_option() -> None:
    names = {parameter.name for parameter in serve.command.params}
    assert names - {"file"} == set(Config.__struct_fields__)


def test_only_options_that_were_given_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Config] = []
    monkeypatch.setattr(Serving, "run", lambda self: given.append(self._config))
    monkeypatch.setattr("textwire.cli.logs.configure", lambda level: None)
    monkeypatch.setenv("TEXTWIRE_ALLOW_PLAINTEXT", "true")
    monkeypatch.setenv("TEXTWIRE_SEED", "7")
    CliRunner().invoke(group, ["serve", "--seed", "9", "--http", "off"], catch_exceptions=False)
    assert given == [Config(allow_plaintext=True, seed=9, http="off")]
