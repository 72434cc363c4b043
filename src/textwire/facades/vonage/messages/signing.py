"""The JWT by which a webhook of the Messages API proves that it comes from here (RFC 7519, HS256)."""

# "Signed webhooks" of the vendor's developer site: the account's signature secret signs, whatever method it has set for
# the SMS API.

import base64
import hashlib
import hmac
import uuid
from typing import Any, Final

import msgspec

ISSUER: Final = "Vonage"


def token(secret: str, body: bytes, at: int, api_key: str, application: str = "") -> str:
    """A token for one attempt with this body, `at` µs on the real clock."""
    claims: dict[str, Any] = {
        "iat": at // 1_000_000,
        "jti": str(uuid.uuid4()),
        "iss": ISSUER,
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": api_key,
    }
    if application:
        claims["application_id"] = application
    signed = f"{_part(msgspec.json.encode(_HEADER))}.{_part(msgspec.json.encode(claims))}"
    return f"{signed}.{_part(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


def _part(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
