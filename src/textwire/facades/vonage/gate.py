"""Who is calling: by api_key and api_secret in the parameters, by Basic, or by a signature."""

# protocols 0.1 rule 3 and 1.3: a signature wins, and an Authorization header counts for nothing beside it, because
# clients leak a stale one.

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from textwire.access.access import Access
from textwire.domain.account import SIGNATURE, Caller, Settings
from textwire.domain.refusal import Refusal
from textwire.switch.desk import Desk
from textwire.switch.judge import Idempotency
from textwire.web.request import Request

from . import signatures
from .parameters import Parameters
from .statuses import Failed

KIND: Final = "vonage"
TOLERANCE: Final = 300  # seconds by which a signed request's clock may differ from ours
REPLAYS: Final = "vonage signature"  # under what accepted signatures are remembered
ANY: Final = "any"


class Proved(msgspec.Struct, frozen=True):
    """The caller, what its account has set, and for a signed request what keeps it from being accepted twice."""

    caller: Caller
    settings: Settings
    once: Idempotency | None = None


class Gate:
    """Raises Failed, or Refusal("too_many_failures") for who got it wrong too often."""

    def __init__(self, access: Access, desk: Desk, tolerance: int = TOLERANCE) -> None:
        self._access, self._desk, self._tolerance = access, desk, tolerance

    async def proved(self, request: Request, given: Parameters, *, strict: bool = True) -> Proved:
        """Who sends these parameters. `strict`: a signature has to be fresh, and a secret beside it is a mistake."""
        if "sig" in given:
            proved = await self._signed(given, request.client)
            if strict:
                self._judge(given)
        else:
            key, secret = _credentials(given, request)
            caller = await self._known(key, secret, request.client)
            proved = Proved(caller, await self._desk.people.settings.of(caller.account))
        request.trust()
        return proved

    async def _known(self, key: str, secret: str, address: str) -> Caller:
        try:
            return await self._access.client(KIND, key, secret, address)
        except Refusal as refusal:
            if refusal.code != "unauthorized":
                raise
            raise Failed("credentials") from None

    async def _signed(self, given: Parameters, address: str) -> Proved:
        if not (key := _key(given)):
            raise Failed("no_key")
        found: list[str] = []

        def proves(sealed: str) -> bool:
            found.extend(filter(None, [signatures.method_of(self._opened(sealed), given)]))
            return bool(found)

        try:
            caller = await self._access.proved(SIGNATURE, key, proves, address)
        except Refusal as refusal:
            if refusal.code != "unauthorized":
                raise
            raise Failed("signature") from None
        settings = await self._desk.people.settings.of(caller.account)
        if settings.request_signature not in (ANY, *found):
            raise Failed("signature")
        return Proved(caller, settings, _once(given))

    def _judge(self, given: Parameters) -> None:
        if not self._timely(given.get("timestamp", "")):
            raise Failed("signature")
        if _secret(given):
            raise Failed("both")

    def _opened(self, sealed: str) -> str:
        """The signature secret; one that fits nothing, if it was sealed under another key than this server's."""
        try:
            return self._desk.unseal(sealed)
        except ValueError:
            return self._desk.fingerprint(sealed.encode())

    def _timely(self, written: str) -> bool:
        seconds = int(written) if written.isascii() and written.isdigit() and len(written) <= 12 else 0
        return abs(self._desk.real_now() // 1_000_000 - seconds) <= self._tolerance


def _once(given: Parameters) -> Idempotency:
    """A signature that was accepted is not accepted again: it goes into the same write as the message."""
    digest = hashlib.sha256(given["sig"].lower().encode("utf-8", "surrogatepass")).hexdigest()
    return Idempotency(scope=REPLAYS, key=digest, digest=digest, render=lambda taken: (200, ""))


def _credentials(given: Parameters, request: Request) -> tuple[str, str]:
    """(api_key, api_secret), from the parameters before the header."""
    key, secret = _key(given), _secret(given)
    if not (key and secret) and (basic := request.header(b"authorization")) is not None:
        return _basic(basic)
    if not key:
        raise Failed("no_key")
    if not secret:
        raise Failed("no_secret")
    return key, secret


def _basic(header: str) -> tuple[str, str]:
    """RFC 7617; what is none proves nobody."""
    scheme, _, value = header.partition(" ")
    try:
        key, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Failed("credentials") from None
    if scheme.lower() != "basic" or not colon:
        raise Failed("credentials")
    if not secret:
        raise Failed("no_secret" if key else "no_key")
    return key, secret


def _key(given: Mapping[str, str]) -> str:
    return given.get("api_key") or given.get("username", "")


def _secret(given: Mapping[str, str]) -> str:
    return given.get("api_secret") or given.get("password", "")
