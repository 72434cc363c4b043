"""JWTs that only this server verifies (RFC 7519, HS256), in the restricted spelling that Kandy's SDKs can read."""

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

T = TypeVar("T")

LONGEST: Final = 8_192  # characters; what we issue stays below, and a head has 16 KiB in all
ALGORITHM: Final = "HS256"
_HEADER: Final = {"alg": ALGORITHM, "typ": "JWT"}

# The PHP and Go SDKs read the payload as plain base64, so `-` and `_` must not occur in it. In the base64 of
# ASCII text only these four characters make them.
_ESCAPES: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in ">?~\x7f"})

# Payload as above; a signature of 32 bytes in its only canonical form (RFC 4648 §3.5).
_SHAPE: Final = re.compile(r"[\w-]+\.[A-Za-z0-9]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)


class BadToken(ValueError):
    """Text that is no token of this key."""


def sign(claims: dict[str, Any], key: str) -> str:
    """A compact token; `key` is the server's own, at least 32 bytes."""
    from joserfc import jws  # with cryptography some 9 MB, which a server without logins need not carry

    payload = json.dumps(claims, separators=(",", ":")).translate(_ESCAPES)
    return jws.serialize_compact(_HEADER, payload, _key(key), [ALGORITHM])


def read(token: str, key: str, claims: type[T]) -> T:
    """The claims of a token that `sign` made with this key; raises BadToken.

    Whether it is still good is the caller's to judge. Nothing in a header chooses the key or the algorithm:
    a header that is not exactly ours is refused.
    """
    from joserfc import jws
    from joserfc.errors import JoseError

    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        raise BadToken
    try:
        opened = jws.deserialize_compact(token, _key(key), [ALGORITHM])
        if opened.protected != _HEADER:
            raise BadToken
        return msgspec.json.decode(opened.payload, type=claims)
    except (JoseError, ValueError, msgspec.MsgspecError) as error:
        raise BadToken from error


@lru_cache(maxsize=8)
def _key(key: str) -> "OctKey":
    """Reading it costs as much as signing."""
    from joserfc.jwk import OctKey

    return OctKey.import_key(key)
