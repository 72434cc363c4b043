"""The certificates of HTTPS: a local CA and a server certificate, made when missing, old or for other names."""

import hashlib
import ipaddress
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")
MAX_NAMES: Final = 100
DAY: Final = 86_400_000_000  # microseconds
RENEW_BEFORE: Final = 30 * DAY

# RFC 9325 §4.2.1 for TLS 1.2; those of 1.3 need no choice.
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


class TlsError(Exception):
    """Certificates that cannot be used, in words for the operator."""


class Files(msgspec.Struct, frozen=True):
    """What HTTPS needs; `ca` is what a client may trust, None for certificates that the operator brought."""

    certificate: Path
    key: Path
    ca: Path | None = None


class _Note(msgspec.Struct, frozen=True):
    """Beside the certificates, so that a start with good ones need not load `cryptography` (9 MB) to judge
    them; `digest` ties it to the files it speaks of."""

    names: tuple[str, ...]
    until: int
    digest: str


def ensure(directory: Path, names: Iterable[str], now: int) -> Files:
    """The local certificates, good for `names` and this machine's own; `now` in microseconds UTC.

    Makes the CA and the server certificate when one is missing, ends within 30 days, or when other names
    are wanted. Raises TlsError. Safe to call again while serving: see `server_context`.
    """
    wanted = wanted_names(names)
    files = Files(directory / "server.pem", directory / "server.key", directory / "ca.pem")
    for key in (directory / "ca.key", files.key):
        _check_private(key)
    if not _still_good(directory, wanted, now):
        # Imported here: cryptography is large, and good certificates are the rule.
        from textwire.web import certificates

        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        until = certificates.renew(directory, wanted, now)
        note = _Note(wanted, until, _digest(directory))
        certificates.write(directory / "server.json", msgspec.json.encode(note))
    return files


def server_context(files: Files) -> ssl.SSLContext:
    """What a listener needs: TLS 1.2 or newer, HTTP/1.1. Raises TlsError for files that do not fit.

    After a renewal, `load_cert_chain` on the same context gives the new certificate to new connections.
    """
    _check_private(files.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.certificate, files.key)
    except OSError as error:
        raise TlsError(f"cannot use {files.certificate.name} with {files.key.name}: {error}") from None
    return context


def wanted_names(names: Iterable[str]) -> tuple[str, ...]:
    """This machine's own names and the given ones, in ASCII, sorted, once each; raises TlsError."""
    wanted = sorted({*LOCAL_NAMES, *(_plain(name) for name in names)})
    if len(wanted) > MAX_NAMES:
        raise TlsError(f"more than {MAX_NAMES} names for one certificate")
    return tuple(wanted)


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    try:
        return name if is_address(name) else name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise TlsError(f"not a host name: {name}") from None


def _check_private(key: Path) -> None:
    if key.exists() and key.stat().st_mode & 0o007:
        raise TlsError(f"{key.name} can be read by every user of this machine: chmod 600 it")


def _still_good(directory: Path, wanted: tuple[str, ...], now: int) -> bool:
    try:
        note = msgspec.json.decode((directory / "server.json").read_bytes(), type=_Note)
        fits = note.names == wanted and note.digest == _digest(directory)
        return fits and now + RENEW_BEFORE < note.until
    except (OSError, msgspec.MsgspecError):
        return False


def _digest(directory: Path) -> str:
    # The key too: a crash between the writes of a pair must look like no pair.
    files = [(directory / name).read_bytes() for name in ("ca.pem", "server.pem", "server.key")]
    return hashlib.sha256(b"".join(files)).hexdigest()
