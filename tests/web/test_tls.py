"""The certificates: what is in them, when they are made again, and who may read them."""

import json
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from textwire.web import tls
from textwire.web.tls import DAY, TlsError, ensure, server_context, wanted_names

NOW = 1_790_000_000_000_000  # 21 September 2026


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("data") / "tls"
    ensure(directory, ["API.Example", "*.kandy.example", "10.1.2.3", "bücher.example"], NOW)
    return directory


def test_the_files_are_the_owners_alone(made: Path) -> None:
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == dict.fromkeys(
        ("ca.pem", "ca.key", "server.pem", "server.key", "server.json"), 0o600
    )
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_the_server_certificate_is_one_of_a_server(made: Path) -> None:
    leaf, authority = load(made / "server.pem"), load(made / "ca.pem")
    leaf.verify_directly_issued_by(authority)
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    extensions = leaf.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.critical) == (False, True)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.value.digital_signature, usage.value.key_cert_sign, usage.critical) == (True, False, True)
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == [
        "*.kandy.example",
        "api.example",
        "localhost",
        "xn--bcher-kva.example",
    ]
    assert sorted(map(str, names.get_values_for_type(x509.IPAddress))) == ["10.1.2.3", "127.0.0.1", "::1"]
    own = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert own == authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert (leaf.not_valid_after_utc - datetime.fromtimestamp(NOW / 1e6, UTC)).days == 397


def test_the_ca_signs_servers_and_no_other_ca(made: Path) -> None:
    authority = load(made / "ca.pem")
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (True, 0, True)
    usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    assert (authority.not_valid_after_utc - datetime.fromtimestamp(NOW / 1e6, UTC)).days == 3650


def test_two_machines_authorities_have_different_names(tmp_path: Path, made: Path) -> None:
    ensure(tmp_path, [], NOW)
    assert load(tmp_path / "ca.pem").subject != load(made / "ca.pem").subject


# (what is done to the files, days later, names, the CA is kept, the server certificate is kept)
LATER = [
    ("nothing", 0, ["a.example"], True, True),
    ("nothing, and names in another order and case", 0, ["A.example", "localhost"], True, True),
    ("nothing for 366 days", 366, ["a.example"], True, True),
    ("nothing until 30 days before its end", 367, ["a.example"], True, False),
    ("nothing until after its end", 500, ["a.example"], True, False),
    ("nothing until shortly before the CA's end", 3621, ["a.example"], False, False),
    ("nothing", 0, ["b.example"], True, False),
    ("server.pem", 0, ["a.example"], True, False),
    ("server.key", 0, ["a.example"], True, False),
    ("server.json", 0, ["a.example"], True, False),
    ("ca.pem", 0, ["a.example"], False, False),
]


@pytest.mark.parametrize(("lost", "days", "names", "same_ca", "same_server"), LATER)
def test_certificates_are_made_again_only_when_they_must(
    tmp_path: Path, lost: str, days: int, names: list[str], same_ca: bool, same_server: bool
) -> None:
    ensure(tmp_path, ["a.example"], NOW)
    before = contents(tmp_path)
    if "." in lost:
        (tmp_path / lost).unlink()
    ensure(tmp_path, names, NOW + days * DAY)
    after = contents(tmp_path)
    assert (before["ca.pem"] == after["ca.pem"]) is same_ca
    assert (before["server.pem"] == after["server.pem"]) is same_server
    assert set(after) == set(before)
    load(tmp_path / "server.pem").verify_directly_issued_by(load(tmp_path / "ca.pem"))


def test_a_certificate_never_outlives_its_ca(tmp_path: Path) -> None:
    ensure(tmp_path, [], NOW)
    ensure(tmp_path, [], NOW + 3500 * DAY)
    leaf, authority = load(tmp_path / "server.pem"), load(tmp_path / "ca.pem")
    assert leaf.not_valid_after_utc == authority.not_valid_after_utc


def test_a_key_of_another_pair_is_noticed_and_replaced(tmp_path: Path) -> None:
    ensure(tmp_path, [], NOW)
    (tmp_path / "server.key").write_bytes((tmp_path / "ca.key").read_bytes())
    files = ensure(tmp_path, [], NOW)
    assert isinstance(server_context(files), ssl.SSLContext)


@pytest.mark.parametrize("note", [b"", b"{}", b"[1]", b"\xff", b'{"names":[],"until":1e400,"digest":""}'])
def test_a_damaged_note_costs_a_new_certificate_not_a_failure(tmp_path: Path, note: bytes) -> None:
    ensure(tmp_path, [], NOW)
    (tmp_path / "server.json").write_bytes(note)
    ensure(tmp_path, [], NOW)
    assert json.loads((tmp_path / "server.json").read_bytes())["until"] == NOW + 397 * DAY


@pytest.mark.parametrize("damage", [b"", b"-----BEGIN", b"\0" * 100])
def test_a_damaged_ca_is_an_error_that_names_it(tmp_path: Path, damage: bytes) -> None:
    ensure(tmp_path, [], NOW)
    (tmp_path / "ca.pem").write_bytes(damage)
    with pytest.raises(TlsError, match=r"ca\.pem"):
        ensure(tmp_path, [], NOW)


def test_a_ca_and_a_key_that_do_not_fit_are_an_error(tmp_path: Path) -> None:
    ensure(tmp_path, [], NOW)
    (tmp_path / "ca.key").write_bytes((tmp_path / "server.key").read_bytes())
    (tmp_path / "server.json").unlink()
    with pytest.raises(TlsError, match="belong together"):
        ensure(tmp_path, [], NOW)


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
def test_a_key_that_everybody_can_read_is_not_used(tmp_path: Path, name: str) -> None:
    ensure(tmp_path, [], NOW)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(TlsError, match=f"{name} can be read"):
        ensure(tmp_path, [], NOW)


def test_a_key_that_everybody_can_read_serves_nobody(tmp_path: Path) -> None:
    files = ensure(tmp_path, [], NOW)
    files.key.chmod(0o604)
    with pytest.raises(TlsError, match="can be read"):
        server_context(files)


def test_files_that_do_not_fit_are_an_error_that_names_them(tmp_path: Path) -> None:
    files = ensure(tmp_path, [], NOW)
    with pytest.raises(TlsError, match=r"server\.pem"):
        server_context(tls.Files(files.certificate, tmp_path / "ca.key"))
    with pytest.raises(TlsError, match="nothing"):
        server_context(tls.Files(tmp_path / "nothing", files.key))


@pytest.mark.parametrize("names", [["a..b"], ["x" * 70], [f"n{number}.example" for number in range(98)]])
def test_names_that_no_certificate_can_hold_are_refused(names: list[str]) -> None:
    with pytest.raises(TlsError):
        wanted_names(names)


def test_good_certificates_are_served_without_loading_cryptography(tmp_path: Path) -> None:
    ensure(tmp_path, ["a.example"], NOW)
    program = (
        "import sys; from pathlib import Path; from textwire.web import server, tls;"
        f"tls.server_context(tls.ensure(Path({str(tmp_path)!r}), ['a.example'], {NOW}));"
        "print([name for name in sys.modules if name.startswith('cryptography')])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
