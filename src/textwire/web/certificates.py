"""Makes X.509 certificates for `tls`, which alone imports it, and only when there is one to make."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from textwire.web.tls import RENEW_BEFORE, TlsError, is_address

CA_DAYS: Final = 3650
LEAF_DAYS: Final = 397  # what browsers accept at most
SKEW: Final = timedelta(days=1)  # a client's clock may be behind ours

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def renew(directory: Path, names: tuple[str, ...], now: int) -> int:
    """Write a new server certificate, and a new CA if there is none that lasts; `now` in microseconds UTC.

    The end of the new certificate's life, in microseconds UTC.
    """
    moment = datetime.fromtimestamp(now / 1_000_000, UTC)
    authority = _load_authority(directory, moment) or _make_authority(directory, moment)
    leaf, key = _make_leaf(authority, names, moment)
    _save(directory, "server", leaf, key)
    return int(leaf.not_valid_after_utc.timestamp()) * 1_000_000


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    fresh.replace(path)


def _load_authority(directory: Path, now: datetime) -> Pair | None:
    """The CA that clients may already trust, unless it is gone, broken or nearly over."""
    try:
        certificate = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TlsError(f"ca.pem or ca.key is damaged; remove both for new ones ({error})") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise TlsError("ca.pem and ca.key do not belong together; remove both for new ones")
    lasts = now + timedelta(microseconds=RENEW_BEFORE) < certificate.not_valid_after_utc
    return (certificate, key) if lasts else None


def _make_authority(directory: Path, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # A serial in the name, so that two machines' authorities are told apart in a trust store.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Textwire"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Textwire local CA {os.urandom(4).hex()}"),
        ]
    )
    builder = _begin(name, name, key.public_key(), now, now + timedelta(days=CA_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    _save(directory, "ca", certificate, key)
    return certificate, key


def _make_leaf(authority: Pair, names: tuple[str, ...], now: datetime) -> Pair:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + timedelta(days=LEAF_DAYS), issuer.not_valid_after_utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Textwire")])
    builder = _begin(subject, issuer.subject, key.public_key(), now, until)
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (authority_id, False),
        (x509.SubjectAlternativeName([_general(name) for name in names]), False),
    ]
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256()), key


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    if is_address(name):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _save(directory: Path, stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write(directory / f"{stem}.key", private)
    write(directory / f"{stem}.pem", certificate.public_bytes(serialization.Encoding.PEM))
