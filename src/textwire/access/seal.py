"""Seals secrets that must be read again (webhook secrets, vendors' credentials): AES-256-GCM.

The key lies outside the database, so that whoever gets hold of a copy or a backup of it cannot sign in our name.
"""

import base64
import hmac
import os
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2; drawn at random, for far fewer than 2**32 secrets
MARK = "s1."  # the way of sealing, should there be another one day


class Seal:
    """Seals and opens under one key. The same text sealed twice looks different."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 random bytes. ValueError for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
        self._key = key

    @cached_property
    def _cipher(self) -> "AESGCM":
        # Imported at the first secret: 50 ms and 5 MB that a house without webhooks does not need.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def key_for(self, use: bytes) -> bytes:
        """A key for another use, which tells nothing of this one."""
        return hmac.digest(self._key, use, "sha256")

    def fingerprint(self, octets: bytes) -> str:
        """A digest that only the holder of the key can compute."""
        return hmac.digest(self.key_for(b"fingerprint"), octets, "sha256").hex()

    def seal(self, secret: str) -> str:
        """What to keep instead of the secret."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), None)
        return MARK + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str) -> str:
        """The secret. ValueError if it was not sealed under this key or has been tampered with."""
        from cryptography.exceptions import InvalidTag

        try:
            mark, octets = sealed[: len(MARK)], base64.urlsafe_b64decode(sealed[len(MARK) :])
            if mark != MARK or len(octets) <= NONCE_BYTES:
                raise ValueError
            return self._cipher.decrypt(octets[:NONCE_BYTES], octets[NONCE_BYTES:], None).decode()
        except (ValueError, InvalidTag):
            raise ValueError("a kept secret was not sealed under this server's key") from None
