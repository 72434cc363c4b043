"""Signs webhooks as Standard Webhooks prescribes: `v1`, HMAC-SHA256 over `id.timestamp.body`."""

# "Signature scheme" in
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

import binascii
import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache

PREFIX = "whsec_"
SECRET_BYTES = 32
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
KEYS_KEPT = 4096


def new_secret() -> str:
    """A fresh endpoint secret: `whsec_` and the base64 of 32 random bytes."""
    return PREFIX + _base64(secrets.token_bytes(SECRET_BYTES))


def sign(secret: str | Sequence[str], webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """The value of `webhook-signature` for one attempt at `timestamp_s` (seconds UTC).

    Several secrets, as during a rotation, give as many signatures separated by spaces.
    Raises ValueError for a secret that is not base64 of 24 to 64 bytes.
    """
    content = f"{webhook_id}.{timestamp_s}.".encode() + body
    if isinstance(secret, str):
        return _signature(secret, content)
    return " ".join([_signature(one, content) for one in secret])


def _signature(secret: str, content: bytes) -> str:
    return "v1," + _base64(hmac.digest(key(secret), content, "sha256"))


@lru_cache(KEYS_KEPT)
def key(secret: str) -> bytes:
    """The bytes that a secret stands for; prefix and padding may be missing. Raises ValueError."""
    text = secret.removeprefix(PREFIX)
    try:
        decoded = binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        raise ValueError("a webhook secret is base64") from None  # never shows the secret
    if not MIN_SECRET_BYTES <= len(decoded) <= MAX_SECRET_BYTES:
        raise ValueError(f"a webhook secret has {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes")
    return decoded


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")
