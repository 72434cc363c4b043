"""JWTs by which applications prove themselves (RFC 7519, RS256): read with the key that we keep, and no other."""

# "Authentication" of the vendor's developer site: claims application_id, iat, jti, exp; nbf, sub and acl if wanted.
# RFC 8725: nothing in a token's header chooses a key or an algorithm.

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

LONGEST: Final = 8_192  # characters
ALGORITHM: Final = "RS256"
HEADERS: Final = ({"alg": ALGORITHM, "typ": "JWT"}, {"alg": ALGORITHM})
DAY: Final = 86_400  # seconds: what a token holds at most
UNSAID: Final = 900  # what it holds when it does not say
AHEAD: Final = 60  # by so much a caller's clock may be ahead of ours
LONGEST_ID: Final = 255
LONGEST_PATH: Final = 255  # of a call, for a token that names some: those that there are are shorter

_PART: Final = r"[A-Za-z0-9_-]+"
_WORDS: Final = re.compile(r"(\*\*|\*)")
_SHAPE: Final = re.compile(rf"{_PART}\.{_PART}\.{_PART}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


class BadToken(ValueError):
    """Text that is no good token of an application."""


class Claims(msgspec.Struct, frozen=True):
    """What a good token says. `exp` is when it ends; `acl` None: it is good for every path."""

    application_id: str
    jti: str
    iat: int
    exp: int
    acl: Mapping[str, Any] | None


def claimed(token: str) -> str:
    """Of which application a token says that it is; nothing is proved yet. Raises BadToken."""
    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        raise BadToken
    found = _object(token.split(".")[1]).get("application_id")
    if not isinstance(found, str) or not _UUID.fullmatch(found):
        raise BadToken
    return found.lower()


def read(token: str, public_key: str, now: int) -> Claims:
    """The claims of a token that this key's owner signed and that is good `now` (seconds); raises BadToken."""
    from joserfc import jws
    from joserfc.errors import JoseError

    application = claimed(token)
    if _object(token.split(".")[0]) not in HEADERS:
        raise BadToken
    try:
        jws.deserialize_compact(token, _key(public_key), [ALGORITHM])
    except (JoseError, ValueError) as error:
        raise BadToken from error
    return _judged(application, _object(token.split(".")[1]), now)


def allows(claims: Claims, method: str, path: str) -> bool:
    """Whether the token is good for a call: `acl` names paths, in which * is a word and ** the rest, and methods."""
    if claims.acl is None:
        return True
    paths = claims.acl.get("paths")
    if not isinstance(paths, dict):
        return False
    if len(path) > LONGEST_PATH:
        return False
    return any(_fits(pattern, path) and _method(wanted, method) for pattern, wanted in paths.items())


def _judged(application: str, said: dict[str, Any], now: int) -> Claims:
    issued, jti, acl = _seconds(said, "iat"), said.get("jti"), said.get("acl")
    ends = _seconds(said, "exp", issued + UNSAID)
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID or not isinstance(acl, dict | None):
        raise BadToken
    if issued > now + AHEAD or _seconds(said, "nbf", issued) > now + AHEAD:
        raise BadToken
    if not max(now, issued) < ends <= min(now, issued) + DAY:
        raise BadToken
    return Claims(application, jti, issued, ends, acl)


def _seconds(said: dict[str, Any], name: str, default: int | None = None) -> int:
    value = said.get(name, default)
    if type(value) is not int or not 0 <= value < 2**53:  # True is an int, too
        raise BadToken
    return value


def _object(part: str) -> dict[str, Any]:
    """A part's JSON object, in which no name stands twice: readers differ about which of the two counts."""
    try:
        text = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True).decode()
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_none)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadToken from error
    if not isinstance(found, dict):
        raise BadToken
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadToken
    return found


def _none(name: str) -> Any:
    raise BadToken


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern is of this path. Who writes it is a stranger, so it is no regular expression: those may take
    for ever. Step by step it is known up to which places of the path the pattern fits so far.
    """
    places = {0}
    for bit in _WORDS.split(pattern):
        if bit == "**":
            places = set(range(min(places), len(path) + 1))
        elif bit == "*":
            places = set(_within_words(places, path))
        elif bit:
            places = {place + len(bit) for place in places if path.startswith(bit, place)}
        if not places:
            return False
    return len(path) in places


def _within_words(places: set[int], path: str) -> Iterator[int]:
    """These places, and those behind them up to the next slash."""
    going = False
    for place in range(len(path) + 1):
        going = place in places or (going and path[place - 1] != "/")
        if going:
            yield place


def _method(wanted: object, method: str) -> bool:
    named = wanted.get("methods") if isinstance(wanted, dict) else None
    return named is None or (isinstance(named, list) and method in named)


@lru_cache(maxsize=1024)
def _key(pem: str) -> "RSAKey":
    """Reading it costs more than verifying."""
    from joserfc.jwk import RSAKey

    return RSAKey.import_key(pem)
