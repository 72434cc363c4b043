"""JWTs that this house signs and that anybody may verify (RFC 7519, RS256)."""

# RFC 8725: nothing in a token's header chooses a key or an algorithm; a header that is not exactly ours is refused.

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

T = TypeVar("T")

LONGEST: Final = 12_000  # characters; what we issue stays below, and a head has 16 KiB in all
ALGORITHM: Final = "RS256"
# The signature of a key of 2,048 bits in its only canonical form (RFC 4648 §3.5).
_SHAPE: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{341}[AQgw]", re.ASCII)


class BadToken(ValueError):
    """Text that is no token of this key."""


def sign(claims: dict[str, Any], pem: str) -> str:
    """A compact token."""
    from joserfc import jws  # with cryptography some 9 MB, which a server without logins need not carry

    key, header = _key(pem)
    return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")), key, [ALGORITHM])


def read(token: str, pem: str, claims: type[T]) -> T:
    """The claims of a token that `sign` made with this key; raises BadToken. Whether it is still good is left to judge."""
    from joserfc import jws
    from joserfc.errors import JoseError

    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        raise BadToken
    key, header = _key(pem)
    try:
        opened = jws.deserialize_compact(token, key, [ALGORITHM])
        if opened.protected != header:
            raise BadToken
        return msgspec.json.decode(opened.payload, type=claims)
    except (JoseError, ValueError, msgspec.MsgspecError) as error:
        raise BadToken from error


def public(pem: str) -> dict[str, Any]:
    """The public half as others want it (RFC 7517)."""
    key, header = _key(pem)
    return {**key.as_dict(private=False), "kid": header["kid"], "use": "sig", "alg": ALGORITHM}


@lru_cache(maxsize=8)
def _key(pem: str) -> "tuple[RSAKey, dict[str, str]]":
    """Reading it costs as much as signing."""
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(pem)
    return key, {"alg": ALGORITHM, "typ": "JWT", "kid": key.thumbprint()}
