"""RSA key pairs of programs that prove themselves by signing: made here once, or brought along."""

import asyncio
from typing import Final

from textwire.domain.refusal import Refusal

BITS: Final = 2048  # RFC 7518 §3.3: at least so many for RS256
MOST_BITS: Final = 4096  # what verifying costs grows with them
LONGEST_PEM: Final = 4096
WAITING: Final = 10  # who may wait for a pair at once: one takes some 100 ms of CPU


class Pairs:
    """Makes pairs one by one, beside the loop."""

    def __init__(self) -> None:
        self._one, self._waiting = asyncio.Lock(), 0

    async def make(self) -> tuple[str, str]:
        """A new private key (PKCS #8) and its public one (SPKI), as PEM. Refusal queue_full when too many wait."""
        if self._waiting >= WAITING:
            raise Refusal("queue_full", "Too many keys are being made; try again shortly.")
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(pair)
        finally:
            self._waiting -= 1


def pair() -> tuple[str, str]:
    """The same, at once."""
    from cryptography.hazmat.primitives import serialization as shape  # 50 ms that few servers ever need
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(shape.Encoding.PEM, shape.PrivateFormat.PKCS8, shape.NoEncryption())
    public = key.public_key().public_bytes(shape.Encoding.PEM, shape.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def public_key(pem: str) -> str:
    """A public RSA key as it is kept. ValueError for anything else, a private key too, and for one too small or large."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as shape
    from cryptography.hazmat.primitives.asymmetric import rsa

    if len(pem) > LONGEST_PEM:
        raise ValueError("the key is too long")
    try:
        key = shape.load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is no public key in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey) or not BITS <= key.key_size <= MOST_BITS:
        raise ValueError(f"the key must be RSA of {BITS} to {MOST_BITS} bits")
    return key.public_bytes(shape.Encoding.PEM, shape.PublicFormat.SubjectPublicKeyInfo).decode()
