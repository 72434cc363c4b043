"""Who is calling: from a key, a password or a client secret to a Caller."""

import asyncio
import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.accounts import Credential
from textwire.store.store import Store

from . import secrets

KEY_SECONDS = 1.0  # a revoked key works no longer than this
PASSWORD_SECONDS = 60.0
CACHED = 10_000
LOGINS_WAITING = 20
LONGEST_SECRET = 1024
# Unknown users pay for one hash too, so that time does not tell them from known ones.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Access:
    """Proves callers. Every failure is the same Refusal("unauthorized")."""

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
        self._waiting = 0
        self._pepper = os.urandom(32)  # the cache knows passwords only as an HMAC under this
        self._cache: OrderedDict[bytes, tuple[int, Caller]] = OrderedDict()

    async def key(self, key: str) -> Caller:
        """The caller of a bearer key `tw_…`."""
        lookup = secrets.digest(key[:LONGEST_SECRET])
        tag = lookup.encode()
        if (known := self._known(tag)) is not None:
            return known
        found = await accounts.credential(self._store.engine, lookup)
        if found is None or found.kind != "key" or self._is_over(found):
            raise Refusal("unauthorized")
        return self._remember(tag, _caller(found), KEY_SECONDS)

    async def password(self, email: str, password: str) -> Caller:
        """The caller of an e-mail and a password; Refusal("queue_full") when too many log in at once."""
        email = email.strip().casefold()[:LONGEST_SECRET]
        password = password[:LONGEST_SECRET]
        tag = hmac.digest(
            self._pepper, f"{email}\0{password}".encode("utf-8", "surrogatepass"), hashlib.sha256
        )
        if (known := self._known(tag)) is not None:
            return known
        found = await accounts.credential(self._store.engine, password_lookup(email))
        matches = await self._hash(found.hash if found else _NOBODY, password)
        if found is None or not matches or self._is_over(found):
            raise Refusal("unauthorized")
        return self._remember(tag, _caller(found), PASSWORD_SECONDS)

    async def client(self, kind: str, client_id: str, secret: str | None) -> Caller:
        """The caller of a client identifier of a kind, with its secret if that kind has one."""
        found = await accounts.credential(self._store.engine, client_lookup(kind, client_id))
        if found is None or found.kind != kind or self._is_over(found):
            raise Refusal("unauthorized")
        if found.hash and not secrets.same(found.hash, secrets.digest(secret or "")):
            raise Refusal("unauthorized")
        return _caller(found)

    def forget(self) -> None:
        """After a change of credentials: nothing proved before counts."""
        self._cache.clear()

    async def _hash(self, kept: str, password: str) -> bool:
        if self._waiting >= LOGINS_WAITING:
            raise Refusal("queue_full", "Too many logins at once; try again shortly.")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, secrets.password_matches, kept, password)
        finally:
            self._waiting -= 1

    def _is_over(self, found: Credential) -> bool:
        return bool(found.expires_at) and found.expires_at <= self._now()

    def _known(self, tag: bytes) -> Caller | None:
        entry = self._cache.get(tag)
        return entry[1] if entry is not None and entry[0] > self._now() else None

    def _remember(self, tag: bytes, caller: Caller, seconds: float) -> Caller:
        self._cache[tag] = (self._now() + int(seconds * 1e6), caller)
        self._cache.move_to_end(tag)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return caller


def password_lookup(email: str) -> str:
    """Under which name a person's password is kept."""
    return f"password:{email.strip().casefold()}"


def client_lookup(kind: str, client_id: str) -> str:
    """Under which name a client identifier of a vendor is kept."""
    return f"{kind}:{client_id[:LONGEST_SECRET]}"


def _caller(found: Credential) -> Caller:
    owner = found.principal
    return Caller(owner.account, owner.id, owner.kind, owner.public_id, frozenset(found.scopes.split()))
