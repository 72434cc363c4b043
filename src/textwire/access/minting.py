"""Makes credentials: what is kept of one, and the secret that its owner is shown once."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.domain.account import NewApiKey, NewCredential, client_lookup

from .access import SECOND
from .secrets import digest, token

KEY_PREFIX: Final = "tw_"
LONGEST_SLUG: Final = 40
SIPGATE_TOKEN: Final = "sipgate_token"  # noqa: S105  # a kind, not a secret
API_KEY_LENGTH: Final = 8
SECRET_LENGTH: Final = 24
SIGNATURE_LENGTH: Final = 40
APPLICATION: Final = "application"
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")


class Minted(msgspec.Struct, frozen=True):
    """`kept` goes into the store; `identifier` is public, `secret` is not shown again ("": there is none)."""

    kept: NewCredential
    identifier: str
    secret: str = ""


def key(scopes: frozenset[str], expires_at: int = 0) -> Minted:
    """A key of the own API."""
    secret = KEY_PREFIX + token(32)
    kept = NewCredential("key", digest(secret), "", " ".join(sorted(scopes)), expires_at)
    return Minted(kept, "", secret)


def kandy_public(account: str) -> Minted:
    """A client identifier with which users of an account log in at Kandy's token endpoint."""
    identifier = f"PUB-{account}.{token(8).lower()}"
    return Minted(NewCredential("kandy_public", client_lookup("kandy_public", identifier)), identifier)


def kandy_project(account: str, name: str) -> Minted:
    """A project's client identifier and secret for Kandy's token endpoint; the name stands in it for people."""
    plain = _NOT_PLAIN.sub(" ", name).strip()[:LONGEST_SLUG].strip() or "Project"
    return kandy_secret(f"PRIV-{account}.{token(8).lower()}.{plain}")


def kandy_secret(identifier: str) -> Minted:
    """A new secret for a project's client identifier."""
    secret = token(32)
    kept = NewCredential("kandy_project", client_lookup("kandy_project", identifier), digest(secret))
    return Minted(kept, identifier, secret)


def sipgate_token(scopes: frozenset[str], expires_at: int = 0, name: str = "") -> Minted:
    """A personal access token of a user, in the shape that sipgate's library insists on: a UUID of version 4."""
    identifier, secret = f"token-{token(6)}", str(uuid.uuid4())
    lookup = client_lookup(SIPGATE_TOKEN, identifier)
    kept = NewCredential(SIPGATE_TOKEN, lookup, digest(secret), " ".join(sorted(scopes)), expires_at, name)
    return Minted(kept, identifier, secret)


def mixed(length: int) -> str:
    """A random secret with a capital, a small letter and a digit at least."""
    while True:
        secret = token(length)
        if all(any(sort(c) for c in secret) for sort in (str.isupper, str.islower, str.isdigit)):
            return secret


def identifier_of(lookup: str) -> str:
    """The client identifier that is kept under a lookup."""
    return lookup.partition(":")[2]


VONAGE_OWNER: Final = "vonage-"  # what an account's own principal is called, before its api_key
# A client identifier of this door may have two secrets: one can follow the other without a gap.
VONAGE: Final = ("vonage", "vonage" + SECOND)


def vonage(api_key: str, kept: str) -> tuple[NewCredential, ...]:
    """How a secret is kept as the first or the second of an api_key; `kept` is its hash."""
    return tuple(NewCredential(kind, client_lookup(kind, api_key), kept) for kind in VONAGE)


class MintedApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` goes into the store; what of the rest was really made is shown once."""

    kept: NewApiKey
    api_secret: str
    signature_secret: str


def api_key(seal: Callable[[str], str]) -> MintedApiKey:
    """What an account calls Vonage's API with: `seal` makes what is kept of a secret that must be read again."""
    secret, signature = mixed(SECRET_LENGTH), token(SIGNATURE_LENGTH)
    kept = NewApiKey(
        owner=VONAGE_OWNER, api_key=token(API_KEY_LENGTH).lower(), kinds=VONAGE, secret=digest(secret),
        signature=seal(signature),
    )  # fmt: skip
    return MintedApiKey(kept=kept, api_secret=secret, signature_secret=signature)


def application(public_id: str, public_key: str) -> NewCredential:
    """What verifies the tokens that an application signs."""
    return NewCredential(APPLICATION, client_lookup(APPLICATION, public_id), public_key)
