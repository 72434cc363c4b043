"""`textwire env` prints what a vendor's clients need to come here, and writes the files that it names."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from textwire.app import VENDOR_NAMES
from textwire.cli import env
from textwire.cli.env.vendors import VENDORS
from textwire.cli.main import group
from textwire.first_start import generate

READY = {"http": "http://127.0.0.1:8", "https": "https://127.0.0.1:9", "pid": 1}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a blank in its name, and a server that is ready."""
    place = tmp_path / "it's here"
    (place / "tls").mkdir(parents=True)
    (place / "tls" / "ca.pem").write_text("PEM")
    (place / "credentials.json").write_text(json.dumps(generate().readable(place)))
    (place / "ready.json").write_text(json.dumps(READY))
    return place


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(group, ["env", *arguments, "--data", str(data)])


def made(data: Path, vendor: str) -> Any:
    """The variables, and the entry of a hosts file."""
    result = run(data, vendor, "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_OPTIONS", raising=False)


def test_vonage_gets_credentials_place_trust_and_a_script(data: Path) -> None:
    found = json.loads((data / "credentials.json").read_text())["vonage"]
    said = made(data, "vonage")
    authority = str(data / "tls" / "ca.pem")
    assert said["variables"] == {
        "VONAGE_API_KEY": found["api_key"], "VONAGE_API_SECRET": found["api_secret"],
        "VONAGE_SIGNATURE_SECRET": found["signature_secret"], "VONAGE_APPLICATION_ID": found["application_id"],
        "VONAGE_PRIVATE_KEY": found["private_key"], "NEXMO_API_KEY": found["api_key"],
        "NEXMO_API_SECRET": found["api_secret"], "VONAGE_URL": READY["http"], "VONAGE_HOST": "127.0.0.1:9",
        "NODE_EXTRA_CA_CERTS": authority, "REQUESTS_CA_BUNDLE": authority, "SSL_CERT_FILE": authority,
        "NODE_OPTIONS": f'--require "{data}/env/redirect.cjs"',
    }  # fmt: skip
    assert said["hosts"] == "127.0.0.1 rest.nexmo.com api.nexmo.com"


def test_a_private_key_is_named_from_anywhere(data: Path) -> None:
    kept = generate().readable(
        Path("textwire-data")
    )  # as a server that was started with a relative --data keeps it
    (data / "credentials.json").write_text(json.dumps(kept))
    assert made(data, "vonage")["variables"]["VONAGE_PRIVATE_KEY"] == str(data / "vonage-application.key")


def test_sipgates_library_gets_a_proxy_and_kandys_sdks_a_base_url(data: Path) -> None:
    sipgate = made(data, "sipgate")["variables"]
    assert (sipgate["HTTPS_PROXY"], sipgate["NO_PROXY"]) == (READY["http"], "")
    assert (sipgate["baseURL"], sipgate["smsId"]) == (f"{READY['http']}/v2", "s0")
    kandy = made(data, "kandy")["variables"]
    assert (kandy["KANDY_BASE_URL"], kandy["KANDY_EMAIL"]) == (READY["http"], "demo@example.test")
    assert kandy["KANDY_PROJECT_CLIENT_ID"].startswith("PRIV-demo.")


def test_a_shell_reads_what_is_printed_as_it_is_meant(data: Path) -> None:
    printed = run(data, "vonage").stdout
    script = f'{printed}\nprintf "%s\\n" "$NODE_OPTIONS" "$VONAGE_PRIVATE_KEY" "$VONAGE_API_SECRET"'
    said = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout
    variables = made(data, "vonage")["variables"]
    names = ("NODE_OPTIONS", "VONAGE_PRIVATE_KEY", "VONAGE_API_SECRET")
    assert said.splitlines() == [variables[name] for name in names]
    assert printed.splitlines()[-1] == "# 127.0.0.1 rest.nexmo.com api.nexmo.com"


def test_options_of_node_that_are_set_stay_and_ours_comes_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--trace-warnings")
    options = made(data, "vonage")["variables"]["NODE_OPTIONS"]
    assert options == f'--trace-warnings --require "{data}/env/redirect.cjs"'
    monkeypatch.setenv("NODE_OPTIONS", options)
    assert made(data, "vonage")["variables"]["NODE_OPTIONS"] == options


def test_the_files_are_written_anew_each_time(data: Path) -> None:
    (data / "env").mkdir()
    (data / "env" / env.PRELOAD).write_text("something old")
    run(data, "kandy")
    packaged = Path(env.__file__).parent / env.PRELOAD
    assert (data / "env" / env.PRELOAD).read_text() == packaged.read_text()
    assert (data / "env" / env.HOSTS).read_text().splitlines()[0] == (
        "127.0.0.1 localhost oauth-cpaas.att.com nvs-apimarket-pro.kandy.io"
    )
    assert sorted(one.name for one in (data / "env").iterdir()) == [env.HOSTS, env.PRELOAD]


def test_without_https_nothing_is_said_of_tls(data: Path) -> None:
    (data / "ready.json").write_text(json.dumps({"http": READY["http"]}))
    said = made(data, "vonage")["variables"]
    assert said["VONAGE_URL"] == READY["http"]
    assert not {"VONAGE_HOST", "NODE_OPTIONS", "SSL_CERT_FILE"} & said.keys()
    assert "no HTTPS" in run(data, "vonage").stdout


def test_with_https_alone_there_is_no_proxy(data: Path) -> None:
    (data / "ready.json").write_text(json.dumps({"https": READY["https"]}))
    said = made(data, "sipgate")["variables"]
    assert said["baseURL"] == f"{READY['https']}/v2"
    assert "HTTPS_PROXY" not in said


def test_certificates_of_ones_own_need_no_authority_of_ours(data: Path) -> None:
    (data / "tls" / "ca.pem").unlink()
    assert "SSL_CERT_FILE" not in made(data, "vonage")["variables"]


@pytest.mark.parametrize(
    ("gone", "said"), [("ready.json", "no server is running"), ("credentials.json", "no credentials")]
)
def test_what_is_missing_is_said_and_nothing_is_written(data: Path, gone: str, said: str) -> None:
    (data / gone).unlink()
    result = run(data, "vonage")
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert "textwire serve" in result.stderr
    assert not (data / "env").exists()


def test_a_folder_that_cannot_be_written_is_said(data: Path) -> None:
    (data / "env").write_text("in the way")
    result = run(data, "vonage")
    assert (result.exit_code, result.stdout) == (1, "")
    assert str(data / "env") in result.stderr


def test_an_unknown_vendor_is_refused(data: Path) -> None:
    assert run(data, "twilio").exit_code == 2


def test_every_name_of_the_certificate_is_a_vendors_and_redirected() -> None:
    script = (Path(env.__file__).parent / env.PRELOAD).read_text()
    listed = script.partition("const NAMES = [")[2].partition("]")[0]
    assert [name.strip(' "') for name in listed.strip().rstrip(",").replace("\n", "").split(",")] == sorted(
        VENDOR_NAMES
    )
    assert sorted(host for one in VENDORS.values() for host in one.hosts) == sorted(VENDOR_NAMES)
    assert tuple(VENDORS) == env.NAMES


def test_what_another_shell_is_just_writing_is_left_alone(data: Path) -> None:
    """Else one of two that begin at once gets nothing, or a script cut short, which leads nobody here."""
    (data / "env").mkdir()
    others = [data / "env" / f"{name}.new" for name in (env.PRELOAD, env.HOSTS)]
    for other in others:
        other.write_text("half")
    made(data, "vonage")
    assert [other.read_text() for other in others] == ["half", "half"]
    assert (data / "env" / env.PRELOAD).read_text().startswith("// Loaded into Node")
