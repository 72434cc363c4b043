"""Access tokens: what they say, how long they hold, and whose they are when they come back."""

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from textwire.domain.account import Caller, Principal
from textwire.domain.refusal import Refusal

from . import jwt

SECONDS: Final = 28_800  # what the vendor's tokens live, of every kind
REALM: Final = "textwire"
ISSUER: Final = f"{REALM}:kandy"
# The browser SDK sends no Authorization header at all unless the id token has a `services-identity` user@domain.
IDENTITY_DOMAIN: Final = "textwire.test"
ROLES: Final = ("smsmessaging", "notificationchannel", "websocket")

KNOWN_SECONDS: Final = 1  # for so long a verified token is believed before its principal is looked up again
MOST_KNOWN: Final = 10_000
MOST_NUMBERS: Final = 100  # in `sms-did-list`, so that no token outgrows a request's head


class Issued(msgspec.Struct, frozen=True, kw_only=True, rename={"not_before_policy": "not-before-policy"}):
    """The answer to a login, with the members of the vendor's Keycloak."""

    access_token: str
    id_token: str
    refresh_token: str
    session_state: str
    expires_in: int = SECONDS
    refresh_expires_in: int = SECONDS
    token_type: str = "bearer"  # noqa: S105  # a scheme, not a secret
    not_before_policy: int = 0
    scope: str = "openid profile email"


class Refresh(msgspec.Struct, frozen=True):
    """A refresh token that came back good: whose it is, what proved him then, and until when it holds (seconds)."""

    token: str
    caller: Caller
    email: str
    until: int


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whom tokens are for. `numbers` are those assigned to the principal, its default first.

    `credential` is what proved him. `refresh`: by which they are asked for; it goes back as it is, so that a chain
    has an end.
    """

    public_id: str
    client_id: str
    credential: int
    email: str = ""
    numbers: Sequence[str] = ()
    refresh: Refresh | None = None


class Bearer(msgspec.Struct, frozen=True):
    """An access token's owner, and from when to when (µs) it is good."""

    caller: Caller
    since: int
    until: int

    def good(self, at: int) -> bool:
        """Whether it was at that time."""
        return self.since <= at < self.until


class _Claims(msgspec.Struct, frozen=True):
    typ: str
    iss: str
    azp: str
    exp: int
    preferred_username: str
    iat: int = 0
    credential: int = 0


class Tokens:
    """Issues and verifies. A token ends by its time only: newer ones revoke nothing."""

    def __init__(
        self, key: str, now: Callable[[], int], principal: Callable[[str], Awaitable[Principal | None]]
    ) -> None:
        """`key`: 32 random bytes in some spelling; `now`: the real clock in µs; `principal`: by public id."""
        self._key, self._now, self._principal = key, now, principal
        self._known: OrderedDict[bytes, tuple[int, Caller]] = OrderedDict()

    def issue(self, person: Person) -> Issued:
        """Fresh tokens."""
        session, now = str(uuid.uuid4()), self._now() // 1_000_000
        common, again = _common(person, session, now), person.refresh
        own = {"typ": "Refresh", "credential": person.credential}
        return Issued(
            access_token=self._signed(common, _access(person)),
            id_token=self._signed(common, _identity(person)),
            refresh_token=again.token if again else self._signed(common, own),
            refresh_expires_in=again.until - now if again else SECONDS,
            session_state=session,
        )

    async def caller(self, token: str) -> Caller:
        """Whose access token this is; raises Refusal("unauthorized") for anything else."""
        tag = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(tag)
        now = self._now()
        if known is not None and known[0] > now:
            return known[1]
        claims = self._claims(token, "Bearer", now)
        caller = _caller(await self._owner(claims))
        self._known[tag] = (min(claims.exp, now // 1_000_000 + KNOWN_SECONDS) * 1_000_000, caller)
        self._known.move_to_end(tag)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return caller

    async def bearer(self, token: str) -> Bearer:
        """Whose access token this is, and when it was good; raises Refusal("unauthorized") for anything else."""
        claims = self._claims(token, "Bearer", 0)
        caller = _caller(await self._owner(claims))
        return Bearer(caller, claims.iat * 1_000_000, claims.exp * 1_000_000)

    async def refreshed(self, token: str, client_id: str) -> Refresh:
        """Whose refresh token, got with this client id, this is; raises Refusal("unauthorized").

        Whether what proved him then still stands is left to ask.
        """
        claims = self._claims(token, "Refresh", self._now())
        if claims.azp != client_id:
            raise Refusal("unauthorized")
        owner = await self._owner(claims)
        return Refresh(token, _caller(owner, claims.credential), owner.email, claims.exp)

    def _signed(self, common: dict[str, Any], own: dict[str, Any]) -> str:
        return jwt.sign({**common, "jti": str(uuid.uuid4()), **own}, self._key)

    def _claims(self, token: str, kind: str, now: int) -> _Claims:
        try:
            claims = jwt.read(token, self._key, _Claims)
        except jwt.BadToken:
            raise Refusal("unauthorized") from None
        if claims.typ != kind or claims.iss != ISSUER or claims.exp * 1_000_000 <= now:
            raise Refusal("unauthorized")
        return claims

    async def _owner(self, claims: _Claims) -> Principal:
        found = await self._principal(claims.preferred_username)
        if found is None:
            raise Refusal("unauthorized")
        return found


def _common(person: Person, session: str, now: int) -> dict[str, Any]:
    return {
        "exp": now + SECONDS,
        "nbf": 0,
        "iat": now,
        "iss": ISSUER,
        "aud": person.client_id,
        "azp": person.client_id,
        "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ISSUER}/{person.public_id}")),
        "session_state": session,
        "acr": "1",
        "realm": REALM,
        "preferred_username": person.public_id,
    }


def _access(person: Person) -> dict[str, Any]:
    claims: dict[str, Any] = {"typ": "Bearer", "clientId": person.client_id, "realm_access": {"roles": ROLES}}
    return {**claims, "email": person.email} if person.email else claims


def _identity(person: Person) -> dict[str, Any]:
    claims: dict[str, Any] = {"typ": "ID", "services-identity": f"{person.public_id}@{IDENTITY_DOMAIN}"}
    if person.email:
        claims["email"] = person.email
    if person.numbers:
        claims["sms-did-list"] = ",".join(person.numbers[:MOST_NUMBERS])
    return claims


def _caller(owner: Principal, credential: int = 0) -> Caller:
    return Caller(owner.account, owner.id, owner.kind, owner.public_id, credential=credential)
