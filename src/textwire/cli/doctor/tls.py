"""The certificate of HTTPS: whether it can be used, for how long, and for which names."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from textwire.config import address

from .findings import Case, Finding

SOON: Final = timedelta(days=30)
ANY: Final = ("0.0.0.0", "::", "")  # noqa: S104  # of these no certificate can speak


def certificate(case: Case) -> Iterator[Finding]:
    """What a client of HTTPS will see."""
    wanted = address(case.config.https, "https")
    if wanted is None:
        yield Finding("certificate", "ok", "HTTPS is off")
        return
    own = bool(case.config.tls_cert)
    path = Path(case.config.tls_cert) if own else case.place / "tls" / "server.pem"
    mend = "textwire serve --tls-cert FILE --tls-key FILE" if own else f"textwire serve{case.at}"
    if not path.exists():
        if own:
            yield Finding("certificate", "problem", f"{path} is not there", mend)
        else:
            yield Finding("certificate", "ok", "the first start makes a certificate and a local authority")
        return
    yield from _judged(path, wanted[0], mend)


def _judged(path: Path, host: str, mend: str) -> Iterator[Finding]:
    from cryptography import x509

    try:
        [found, *_] = x509.load_pem_x509_certificates(path.read_bytes())
    except (ValueError, OSError) as error:
        yield Finding("certificate", "problem", f"{path} is no certificate: {error}", mend)
        return
    now, end, names = datetime.now(UTC), found.not_valid_after_utc, _names(found)
    if now > end or now < found.not_valid_before_utc:
        yield Finding(
            "certificate",
            "problem",
            f"{path} was good from {found.not_valid_before_utc:%Y-%m-%d} to {end:%Y-%m-%d}",
            mend,
        )
    elif end - now < SOON:
        yield Finding("certificate", "warning", f"{path} ends on {end:%Y-%m-%d}", mend)
    elif host not in ANY and host not in names:
        yield Finding("certificate", "warning", f"{path} is for {', '.join(names[:5])}, not for {host}", mend)
    else:
        yield Finding("certificate", "ok", f"good until {end:%Y-%m-%d} for {', '.join(names[:5])}")


def _names(found: Any) -> list[str]:
    from cryptography import x509

    try:
        said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names: list[str] = [str(name) for name in said.get_values_for_type(x509.DNSName)]
    return names + [str(name) for name in said.get_values_for_type(x509.IPAddress)]
