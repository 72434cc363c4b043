"""Who is calling: from a key, a password or a client secret to a Caller."""

import asyncio
import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from textwire.domain.account import LONGEST_SECRET, Caller, client_lookup, password_lookup
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.accounts import Credential
from textwire.store.store import Store

from . import secrets
from .lastuse import LastUse
from .patience import KEYS, PASSWORDS, Patience

T = TypeVar("T")

KEY_SECONDS = 1.0  # a revoked key works no longer than this
PASSWORD_SECONDS = 60.0
CACHED = 10_000
LOGINS_WAITING = 20
SECOND = "+"  # behind the kind of a client identifier's credential: its second secret
# Unknown users pay for one hash too, so that time does not tell them from known ones.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Access:
    """Proves callers. Every failure is the same Refusal("unauthorized").

    `address` is where the caller comes from: those who fail too often from there are told to wait, with
    Refusal("too_many_failures"), while everybody elsewhere gets in (patience.py).
    """

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
        self._waiting = 0
        self._pepper = os.urandom(32)  # the cache knows passwords only as an HMAC under this
        self._cache: OrderedDict[bytes, tuple[int, Caller]] = OrderedDict()
        self._proving: dict[bytes, asyncio.Future[Caller]] = {}
        self._age = 0  # of what is believed: moves with `forget`
        self._patience, self._flood = Patience(now, PASSWORDS), Patience(now, KEYS)
        self._last_use = LastUse(store, now)

    async def key(self, key: str, address: str = "") -> Caller:
        """The caller of a bearer key `tw_…`."""
        lookup = secrets.digest(key[:LONGEST_SECRET])
        tag = lookup.encode()
        if (known := self._known(tag)) is not None:
            return known
        age = self._age
        found = await accounts.credential(self._store.engine, lookup)
        if found is None or found.kind != "key" or self._is_over(found):
            self._flood.admit("", address)
            self._flood.failed("", address)
            raise Refusal("unauthorized")
        self._last_use.note(found.id)
        return self._remember(tag, _caller(found), KEY_SECONDS, age)

    async def password(self, email: str, password: str, address: str = "") -> Caller:
        """The caller of an e-mail and a password; Refusal("queue_full") when too many log in at once."""
        email = email[:LONGEST_SECRET].strip().casefold()
        password = password[:LONGEST_SECRET]
        tag = self._tag(email, password)
        if (known := self._known(tag)) is not None:
            return known
        who = password_lookup(email)
        self._patience.admit(who, address)
        if (proving := self._proving.get(tag)) is not None:
            return await asyncio.shield(proving)  # the same password is being hashed: once is enough
        # Counted before it is looked at, and taken back if it was right: tries at once are no more than one by one.
        self._patience.failed(who, address)
        return await self._once(tag, self._prove(tag, who, password, address, self._age))

    async def client(self, kind: str, client_id: str, secret: str | None, address: str = "") -> Caller:
        """The caller of a client identifier of a kind, with its secret if that kind has one; it may have two."""
        who = client_lookup(kind, client_id)
        if secret is None:
            found = await accounts.credential(self._store.engine, who)
            if found is None or found.kind != kind or self._is_over(found) or found.hash:
                raise Refusal("unauthorized")
            return _caller(found)
        secret = secret[:LONGEST_SECRET]
        tag = self._tag(who, secret)
        if (known := self._known(tag)) is not None:
            return known
        if (proving := self._proving.get(tag)) is not None:
            return await asyncio.shield(proving)
        self._patience.admit(who, address)
        self._patience.failed(who, address)  # before it is looked at, as with passwords
        return await self._once(tag, self._prove_client(tag, kind, client_id, secret, address, self._age))

    async def proved(
        self, kind: str, client_id: str, proves: Callable[[str], bool], address: str = ""
    ) -> Caller:
        """The caller of a client identifier of a kind, if `proves` says so of what is kept with it."""
        who = client_lookup(kind, client_id)
        self._patience.admit(who, address)
        found = await accounts.credential(self._store.engine, who)
        if found is None or found.kind != kind or self._is_over(found) or not proves(found.hash):
            self._patience.failed(who, address)
            raise Refusal("unauthorized")
        self._patience.passed(who, address)
        return _caller(found)

    async def stands(self, lookup: str, caller: Caller) -> bool:
        """Whether the credential that once proved a caller is still kept under its lookup, and not over."""
        found = await accounts.credential(self._store.engine, lookup)
        if found is None or self._is_over(found):
            return False
        return (found.id, found.principal.id) == (caller.credential, caller.principal)

    async def hashed(self, password: str) -> str:
        """How a password is kept; Refusal("queue_full") when too many wait for that or for a login."""
        return await self._pooled(secrets.password_hash, password)

    def forget(self) -> None:
        """After a change of credentials: nothing proved before counts."""
        self._age += 1
        self._cache.clear()

    async def _prove(self, tag: bytes, who: str, password: str, address: str, age: int) -> Caller:
        try:
            found = await accounts.credential(self._store.engine, who)
            kept = found.hash if found else _NOBODY
            matches = await self._pooled(secrets.password_matches, kept, password)
        except BaseException:
            self._patience.undo(who, address)
            raise
        if found is None or not matches or self._is_over(found):
            raise Refusal("unauthorized")
        self._patience.undo(who, address)
        self._patience.passed(who, address)
        self._last_use.note(found.id)
        return self._remember(tag, _caller(found), PASSWORD_SECONDS, age)

    async def _prove_client(
        self, tag: bytes, kind: str, client_id: str, secret: str, address: str, age: int
    ) -> Caller:
        who = client_lookup(kind, client_id)
        try:
            found = await self._matching(kind, client_id, secret)
        except BaseException:
            self._patience.undo(who, address)
            raise
        if found is None:
            raise Refusal("unauthorized")
        self._patience.undo(who, address)
        self._patience.passed(who, address)
        self._last_use.note(found.id)
        seconds = PASSWORD_SECONDS if secrets.is_slow(found.hash) else KEY_SECONDS
        return self._remember(tag, _caller(found), seconds, age)

    async def _matching(self, kind: str, client_id: str, secret: str) -> Credential | None:
        """Which of an identifier's credentials the secret fits; what is quick to compare is compared first."""
        kinds, given = (kind, kind + SECOND), secrets.digest(secret)
        lookups = [client_lookup(one, client_id) for one in kinds]
        there = await accounts.credentials(self._store.engine, lookups)
        for one in sorted(there, key=lambda one: secrets.is_slow(one.hash)):
            if one.kind in kinds and not self._is_over(one) and await self._fits(one.hash, secret, given):
                return one
        return None

    async def _fits(self, kept: str, secret: str, given: str) -> bool:
        if secrets.is_slow(kept):
            return await self._pooled(secrets.password_matches, kept, secret)
        return not kept or secrets.same(kept, given)

    async def _once(self, tag: bytes, prove: Coroutine[None, None, Caller]) -> Caller:
        """Who comes with the same while it is being looked at waits for the same answer."""
        proving = self._proving[tag] = asyncio.ensure_future(prove)
        proving.add_done_callback(lambda done: self._proved(tag, done))
        return await asyncio.shield(proving)

    def _proved(self, tag: bytes, done: "asyncio.Future[Caller]") -> None:
        del self._proving[tag]
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may wait any more

    async def _pooled(self, work: Callable[..., T], *args: str) -> T:
        if self._waiting >= LOGINS_WAITING:
            raise Refusal("queue_full", "Too many logins at once; try again shortly.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._waiting -= 1

    def _tag(self, email: str, password: str) -> bytes:
        octets = f"{email}\0{password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._pepper, octets, hashlib.sha256)

    def _is_over(self, found: Credential) -> bool:
        return bool(found.expires_at) and found.expires_at <= self._now()

    def _known(self, tag: bytes) -> Caller | None:
        entry = self._cache.get(tag)
        return entry[1] if entry is not None and entry[0] > self._now() else None

    def _remember(self, tag: bytes, caller: Caller, seconds: float, age: int) -> Caller:
        if age != self._age:  # read before a change of credentials: right then, perhaps not any more
            return caller
        self._cache[tag] = (self._now() + int(seconds * 1e6), caller)
        self._cache.move_to_end(tag)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return caller


def _caller(found: Credential) -> Caller:
    owner = found.principal
    return Caller(
        owner.account, owner.id, owner.kind, owner.public_id, frozenset(found.scopes.split()), found.id
    )


__all__ = ["Access", "client_lookup", "password_lookup"]
