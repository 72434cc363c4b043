"""Tokens of a login: what they say, how long they hold, and whose they are when they come back."""

import asyncio
import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import msgspec

from textwire.access.signing import SigningKey
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store import logins
from textwire.store.engines.engine import Engine
from textwire.store.logins import Login, Standing
from textwire.switch.logins import LIFE_SECONDS, SECOND

from . import jwt
from .clients import BUILT_IN
from .wire import Dashed

SECONDS: Final = 300  # what an access token holds
KNOWN_SECONDS: Final = 1  # for so long a verified token is believed before its login is looked up again
MOST_KNOWN: Final = 10_000
# The vendor's `sub` is f:<where its users are kept>:<number of the user>.
USERS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "textwire:users")


class Issued(Dashed, frozen=True, kw_only=True):
    """The answer to a login, with the members of the vendor's."""

    access_token: str
    expires_in: int = SECONDS
    refresh_expires_in: int = LIFE_SECONDS
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105  # a scheme, not a secret
    id_token: str
    not_before_policy: int = 0
    session_state: str


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whom tokens are for. `nonce` comes back in the ID token; `origins` are those of the client's pages."""

    login: Login
    issuer: str
    nonce: str = ""
    origins: tuple[str, ...] = ()


class Roles(msgspec.Struct, frozen=True):
    """The scopes, as Keycloak has them."""

    roles: tuple[str, ...] = ()


class Claims(msgspec.Struct, frozen=True):
    """What is read of a token that comes back."""

    typ: str
    exp: int
    azp: str
    session_state: str
    client_session: str = ""
    realm_access: Roles = Roles()


class Tokens:
    """Issues and verifies. An access token ends with its time, its login, its user's password, its client, and the
    refresh that followed it."""

    def __init__(self, engine: Engine, key: SigningKey, now: Callable[[], int]) -> None:
        """`now`: the real clock in µs."""
        self._engine, self._key, self._now = engine, key, now
        self._known: OrderedDict[bytes, tuple[int, Caller]] = OrderedDict()

    async def issue(self, whose: Whose) -> Issued:
        """The tokens of a login as it stands."""
        pem, now = await self._key.pem(), self._now() // SECOND
        return await asyncio.to_thread(_signed, whose, now, pem)  # some milliseconds of RSA

    async def caller(self, token: str) -> Caller:
        """Whose access token this is, with its scopes; raises Refusal("unauthorized") for anything else."""
        tag = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known, now = self._known.get(tag), self._now()
        if known is not None and known[0] > now:
            return known[1]
        claims, standing = await self.standing(token, "Bearer")
        user, scopes = standing.user, frozenset(claims.realm_access.roles)
        caller = Caller(user.account, user.id, user.kind, user.public_id, scopes, standing.login.credential)
        self._known[tag] = (min(claims.exp * SECOND, now + KNOWN_SECONDS * SECOND), caller)
        self._known.move_to_end(tag)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return caller

    async def standing(self, token: str, kind: str) -> tuple[Claims, Standing]:
        """The login behind a token that counts now; raises Refusal("unauthorized")."""
        claims = await self.claims(token, kind)
        found = await logins.standing(self._engine, claims.session_state, self._now())
        if found is None or found.login.pair != claims.client_session or not self._let_in(found):
            raise Refusal("unauthorized")
        return claims, found

    async def claims(self, token: str, kind: str) -> Claims:
        """What one of our tokens of a kind says that is not over; raises Refusal("unauthorized")."""
        try:
            claims = jwt.read(token, await self._key.pem(), Claims)
        except jwt.BadToken:
            raise Refusal("unauthorized") from None
        if claims.typ != kind or claims.exp * SECOND <= self._now():
            raise Refusal("unauthorized")
        return claims

    async def public(self) -> dict[str, Any]:
        """The key that verifies them."""
        return jwt.public(await self._key.pem())

    def forget(self) -> None:
        """After a change of credentials: nothing proved before counts."""
        self._known.clear()

    def _let_in(self, found: Standing) -> bool:
        return found.registered or found.login.client in BUILT_IN


def _signed(whose: Whose, now: int, pem: str) -> Issued:
    return Issued(
        access_token=jwt.sign(_access(whose, now), pem),
        refresh_token=jwt.sign(_refresh(whose, now), pem),
        id_token=jwt.sign(_identity(whose, now), pem),
        session_state=whose.login.session,
    )


def subject(principal: int) -> str:
    """A user, to who reads our tokens."""
    return f"f:{USERS}:{principal}"


def _common(whose: Whose, now: int, kind: str, seconds: int, auth_at: int) -> dict[str, Any]:
    login = whose.login
    return {
        "jti": str(uuid.uuid4()), "exp": now + seconds, "nbf": 0, "iat": now, "iss": whose.issuer,
        "aud": login.client, "sub": subject(login.principal), "typ": kind, "azp": login.client,
        "auth_time": auth_at // SECOND, "session_state": login.session,
    }  # fmt: skip


def _access(whose: Whose, now: int) -> dict[str, Any]:
    common = _common(whose, now, "Bearer", SECONDS, whose.login.auth_at)
    return {
        **common, "acr": "1", "client_session": whose.login.pair, "allowed-origins": whose.origins,
        "realm_access": {"roles": whose.login.scopes.split()}, "resource_access": {},
    }  # fmt: skip


def _refresh(whose: Whose, now: int) -> dict[str, Any]:
    return {
        **_common(whose, now, "Refresh", LIFE_SECONDS, 0), "client_session": whose.login.pair,
        "realm_access": {"roles": whose.login.scopes.split()}, "resource_access": {},
    }  # fmt: skip


def _identity(whose: Whose, now: int) -> dict[str, Any]:
    more = {"nonce": whose.nonce} if whose.nonce else {}
    return {**_common(whose, now, "ID", SECONDS, whose.login.auth_at), "acr": "1", **more}
