"""Who is calling: every failure is the same refusal, whatever is wrong."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from textwire.access import secrets
from textwire.access.access import LOGINS_WAITING, Access, client_lookup, password_lookup
from textwire.domain.account import Account, Principal
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.store import Store, engine_for

NOW = 1_800_000_000_000_000
SECOND = 1_000_000
KEY, EMAIL, PASSWORD = "tw_" + "k" * 32, "jo@example.test", "swordfish swordfish"


class Time:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(engine_for(str(tmp_path / "textwire.db")))
    await opened.open()
    running = asyncio.create_task(opened.run())
    await opened.write(_Birth(), 0)
    yield opened
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await opened.close()


class _Birth:
    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await accounts.insert_account(unit, Account(1, "one", 0, 0, "active", NOW))
        await accounts.insert_principal(unit, Principal(2, 1, "user", "user1", EMAIL, "Jo"), NOW)
        kept = (
            ("key", secrets.digest(KEY), "", "operator read", 0),
            ("key", secrets.digest("tw_old"), "", "", NOW - 1),
            ("password", password_lookup(EMAIL), secrets.password_hash(PASSWORD), "", 0),
            ("public", client_lookup("public", "PUB-1"), "", "", 0),
            ("project", client_lookup("project", "PRIV-1"), secrets.digest("secret"), "", 0),
        )
        for n, credential in enumerate(kept):
            await accounts.insert_credential(unit, 10 + n, 2, credential, NOW)
        return [None for _ in items]


class _Revoke:
    async def run(self, unit: Unit, items: list[str]) -> list[None]:
        from textwire.store.engines.engine import statement

        await unit.run(statement("delete from credential where kind = 'key'"))
        return [None for _ in items]


async def refused(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def test_a_key_proves_its_principal_with_its_scopes(store: Store) -> None:
    caller = await Access(store, Time()).key(KEY)
    assert (caller.account, caller.principal, caller.kind, caller.public_id) == (1, 2, "user", "user1")
    assert caller.scopes == {"operator", "read"}


@pytest.mark.parametrize("key", ["", "tw_", KEY + "x", KEY[:-1], "tw_old", "x" * 100_000, "\udc80"])
async def test_any_other_key_is_refused(store: Store, key: str) -> None:
    assert await refused(Access(store, Time()).key(key)) == "unauthorized"


async def test_a_key_of_one_kind_is_not_one_of_another(store: Store) -> None:
    assert await refused(Access(store, Time()).client("project", "PUB-1", "secret")) == "unauthorized"


async def test_a_revoked_key_works_no_longer_than_a_second(store: Store) -> None:
    time = Time()
    access = Access(store, time)
    await access.key(KEY)
    await store.write(_Revoke(), "")
    time.now += SECOND
    assert await refused(access.key(KEY)) == "unauthorized"


async def test_a_password_whatever_the_case_of_the_address(store: Store) -> None:
    access = Access(store, Time())
    assert (await access.password(" JO@example.test ", PASSWORD)).principal == 2
    assert await refused(access.password(EMAIL, PASSWORD + " ")) == "unauthorized"
    assert await refused(access.password("nobody@example.test", PASSWORD)) == "unauthorized"
    assert await refused(access.password("x" * 10_000, "y" * 10_000)) == "unauthorized"


async def test_an_unknown_person_pays_for_a_hash_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(secrets, "password_matches", lambda kept, given: bool(hashed.append(given)))
    access = Access(store, Time())
    for email in (EMAIL, "nobody@example.test"):
        assert await refused(access.password(email, "guess")) == "unauthorized"
    assert hashed == ["guess", "guess"]


async def test_a_proved_password_is_not_hashed_again_for_a_minute(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, hashed = Time(), []
    monkeypatch.setattr(secrets, "password_matches", lambda kept, given: not hashed.append(given))
    access = Access(store, time)
    for _ in range(5):
        await access.password(EMAIL, PASSWORD)
    assert len(hashed) == 1
    time.now += 60 * SECOND
    await access.password(EMAIL, PASSWORD)
    assert len(hashed) == 2
    access.forget()
    await access.password(EMAIL, PASSWORD)
    assert len(hashed) == 3


async def test_too_many_logins_at_once_are_told_to_come_back(store: Store) -> None:
    access = Access(store, Time())
    tries = [access.password(EMAIL, f"guess {n}") for n in range(LOGINS_WAITING + 5)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    codes = [o.code for o in outcomes if isinstance(o, Refusal)]
    assert codes.count("queue_full") == 5
    assert codes.count("unauthorized") == LOGINS_WAITING


async def test_a_client_needs_its_secret_if_it_has_one(store: Store) -> None:
    access = Access(store, Time())
    assert (await access.client("public", "PUB-1", None)).principal == 2
    assert (await access.client("project", "PRIV-1", "secret")).principal == 2
    for secret in (None, "", "Secret"):
        assert await refused(access.client("project", "PRIV-1", secret)) == "unauthorized"
