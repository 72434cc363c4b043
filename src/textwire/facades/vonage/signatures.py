"""Signatures over parameters, as requests carry them and webhooks too."""

# "Signing messages" of the vendor's developer site.

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Final

MD5HASH: Final = "md5hash"  # the digest of text and secret; the others are HMACs
HMACS: Final = ("md5", "sha1", "sha256", "sha512")
METHODS: Final = (MD5HASH, *HMACS)

# The vendor's Python SDK 4 signs options that it does not send as the text None (vonage-sms 1.2.0; 1.1.6 has
# another name for one of them). `sig` itself is among them.
_UNSENT: Final = (
    "account-ref", "body", "callback", "client-ref", "content-id", "entity-id", "message-class", "protocol-id", "sig",
    "status-report-req", "trusted-number", "ttl", "type", "udh",
)  # fmt: skip
_UNSENT_BEFORE: Final = tuple("trusted_sender" if name == "trusted-number" else name for name in _UNSENT)


def canonical(fields: Mapping[str, str]) -> str:
    """What is signed: every field but `sig`, by name; `&` and `=` in values cannot forge another field."""
    return _joined({name: value for name, value in fields.items() if name != "sig"})


def sign(method: str, secret: str, fields: Mapping[str, str]) -> str:
    """The signature of these fields; KeyError for a method that there is not."""
    return _digest(method, secret, canonical(fields))


def method_of(secret: str, fields: Mapping[str, str]) -> str | None:
    """By which method `sig` is the signature of the other fields; None: by none."""
    given = fields.get("sig", "").lower().encode()
    for text, methods in _texts(fields):
        for method in methods:
            if hmac.compare_digest(_digest(method, secret, text).encode(), given):
                return method
    return None


def _texts(fields: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What may have been signed, and how: what came, or what the SDK that signs wrongly had in hand."""
    yield canonical(fields), METHODS
    sent = {name: value for name, value in fields.items() if name != "sig"}
    for names in (_UNSENT, _UNSENT_BEFORE):
        yield _joined({**dict.fromkeys(names, "None"), **sent}), HMACS


def _joined(fields: Mapping[str, str]) -> str:
    # Code points sort as UTF-8's bytes do.
    return "".join(f"&{name}={fields[name].translate(_CALMED)}" for name in sorted(fields))


_CALMED: Final = str.maketrans("&=", "__")


def _digest(method: str, secret: str, text: str) -> str:
    octets = text.encode("utf-8", "surrogatepass")
    if method == MD5HASH:  # what the vendor's default is; to be verified, and signed with by who chose it
        return hashlib.md5(octets + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), octets, _HASHES[method]).hexdigest()


_HASHES: Final = {name: name for name in HMACS}
