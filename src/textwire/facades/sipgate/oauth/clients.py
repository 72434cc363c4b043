"""Which client is asking: one that an account has registered, or the vendor's own, which needs no secret."""

import base64
import binascii
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.access.secrets import same
from textwire.store import oauth_clients
from textwire.store.engines.engine import Engine
from textwire.store.oauth_clients import Details
from textwire.web.request import Request

from .errors import Failed
from .wire import Form

# The public client of the vendor's documentation, "Managing third-party clients": password grant, no secret.
BUILT_IN: Final = {"sipgate-app-web": Details("sipgate-app-web")}
LONGEST: Final = 255


class Client(msgspec.Struct, frozen=True):
    """Who asks. `public`: there is no secret to prove it by, and no page that a login could end at."""

    id: str
    details: Details
    public: bool = False
    sealed: str = ""


class Clients:
    """Finds them."""

    def __init__(self, engine: Engine, unseal: Callable[[str], str]) -> None:
        self._engine, self._unseal = engine, unseal

    async def find(self, name: str) -> Client | None:
        """The client of that name."""
        if name in BUILT_IN:
            return Client(name, BUILT_IN[name], public=True)
        if not 0 < len(name) <= LONGEST:
            return None
        found = await oauth_clients.by_id(self._engine, name)
        return Client(name, found.details, sealed=found.secret) if found else None

    async def proved(self, request: Request, form: Form) -> Client:
        """The client of a token request, named in its form or its header (RFC 6749 §2.3.1). Raises Failed."""
        name, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        client = await self.find(name)
        if client is None:
            raise Failed("invalid_client")
        if not client.public and not self._fits(client, secret):
            raise Failed("unauthorized_client", "" if secret else "Client secret not provided in request")
        return client

    def _fits(self, client: Client, secret: str) -> bool:
        try:
            return same(self._unseal(client.sealed), secret)
        except ValueError:  # sealed under another server's key, or text that is none
            return False


def _basic(request: Request) -> tuple[str, str] | None:
    """Name and secret from a header of Basic, if there is one that can be read."""
    scheme, _, value = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if colon else None
