"""Who is calling: a person's e-mail and password or one of its personal access tokens, as Basic, or a token of OAuth."""

import base64
import binascii
import re
from typing import Final

from msgspec.structs import replace

from textwire.access.access import Access
from textwire.access.minting import SIPGATE_TOKEN
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.web.request import Request

from .oauth.bearer import bearer
from .oauth.tokens import Tokens
from .scopes import ALL

_BASIC: Final = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE | re.ASCII)  # RFC 7617 §2
_TOKEN_ID: Final = re.compile(r"token-[A-Za-z0-9]{6}")
ENCODINGS: Final = ("utf-8", "latin-1")  # clients send either, and none says which


class Credentials:
    """Every failure is the same Refusal("unauthorized")."""

    def __init__(self, access: Access, tokens: Tokens) -> None:
        self._access, self._tokens = access, tokens

    async def caller(self, request: Request) -> Caller:
        """The user that a request comes from."""
        if token := bearer(request):
            caller = await self._tokens.caller(token)
        else:
            caller = await self._basic(_octets(request.header(b"authorization")), request.client)
        if caller.kind != "user":
            raise Refusal("unauthorized")
        request.trust()
        return caller

    async def _basic(self, octets: bytes, address: str) -> Caller:
        for name, secret in _readings(octets):
            try:
                return await self._proved(name, secret, address)
            except Refusal as refusal:
                if refusal.code != "unauthorized":
                    raise
        raise Refusal("unauthorized")

    async def _proved(self, name: str, secret: str, address: str) -> Caller:
        if _TOKEN_ID.fullmatch(name):
            return await self._access.client(SIPGATE_TOKEN, name, secret.lower(), address)
        caller = await self._access.password(name, secret, address)
        return replace(caller, scopes=frozenset((ALL,)))  # its own scopes are those of the own API


def _octets(header: str | None) -> bytes:
    """What is behind Basic."""
    found = _BASIC.fullmatch(header or "")
    if found is None:
        raise Refusal("unauthorized")
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise Refusal("unauthorized") from None


def _readings(octets: bytes) -> list[tuple[str, str]]:
    """(name, secret) as each of the encodings reads them, parted at the first colon."""
    found = []
    for encoding in ENCODINGS if not octets.isascii() else ENCODINGS[:1]:
        try:
            name, colon, secret = octets.decode(encoding).partition(":")
        except UnicodeDecodeError:
            continue
        if colon:
            found.append((name, secret))
    return found
