"""Making secrets and keeping them: what is long and random as SHA-256, what people choose as argon2id."""

import base64
import hashlib
import hmac
import secrets
import string
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LETTERS = string.ascii_letters + string.digits
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1  # argon2id as OWASP recommends; 17 ms here


def token(length: int = 32) -> str:
    """A random secret of letters and digits; 32 of them hold 190 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def digest(secret: str) -> str:
    """How a generated secret (≥ 122 bits) is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(kept: str, given: str) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(kept.encode(), given.encode())


def password_hash(password: str) -> str:
    """How a password is kept: argon2id. Takes some 20 ms of CPU."""
    return _hasher().hash(password)


def password_matches(kept: str, password: str) -> bool:
    """Whether a password is the one whose hash is kept. Takes some 20 ms of CPU."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


def is_slow(kept: str) -> bool:
    """Whether this is a `password_hash`, not a digest."""
    return kept.startswith("$argon2")


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # imported at the first login only

    return PasswordHasher(memory_cost=MEMORY_KIB, time_cost=PASSES, parallelism=LANES)


def server_key() -> str:
    """32 random bytes, base64url: for signing what only this server verifies."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
