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

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
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
    tries = [access.password(f"{n}@example.test", "guess") for n in range(LOGINS_WAITING + 5)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    codes = [o.code for o in outcomes if isinstance(o, Refusal)]
    assert codes.count("queue_full") == 5
    assert codes.count("unauthorized") == LOGINS_WAITING


async def test_the_same_right_password_many_times_at_once_is_hashed_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = secrets.password_matches
    monkeypatch.setattr(
        secrets, "password_matches", lambda kept, given: hashed.append(given) or real(kept, given)
    )
    access = Access(store, Time())
    callers = await asyncio.gather(*(access.password(EMAIL, PASSWORD, HERE) for _ in range(100)))
    assert {caller.principal for caller in callers} == {2}
    assert len(hashed) == 1


async def test_guesses_at_once_are_no_more_than_guesses_one_by_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(secrets, "password_matches", lambda kept, given: bool(hashed.append(given)))
    access = Access(store, Time())
    outcomes = await asyncio.gather(
        *(access.password(EMAIL, f"guess {n}", HERE) for n in range(50)), return_exceptions=True
    )
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert codes.count("unauthorized") == len(hashed) == 5
    assert codes.count("too_many_failures") == 45


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.test"])
async def test_a_thousand_guesses_at_anybody_are_answered_alike_and_lock_nobody_out(
    store: Store, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "password_matches", lambda kept, given: given == PASSWORD)
    access = Access(store, Time())
    codes = [await refused(access.password(email, f"guess {n}", HERE)) for n in range(1000)]
    assert codes == ["unauthorized"] * 5 + ["too_many_failures"] * 995
    assert await refused(access.password(EMAIL, "wrong", HERE)) in ("unauthorized", "too_many_failures")
    assert (await access.password(EMAIL, PASSWORD, ELSEWHERE)).principal == 2


async def test_a_thousand_guesses_at_a_client_secret_lock_nobody_out(store: Store) -> None:
    access = Access(store, Time())
    codes = [await refused(access.client("project", "PRIV-1", f"guess {n}", HERE)) for n in range(1000)]
    assert codes == ["unauthorized"] * 5 + ["too_many_failures"] * 995
    assert (await access.client("project", "PRIV-1", "secret", ELSEWHERE)).principal == 2
    assert (await access.client("public", "PUB-1", None, HERE)).principal == 2


async def test_wrong_keys_in_masses_are_told_to_wait_but_the_right_one_always_works(store: Store) -> None:
    access = Access(store, Time())
    codes = [await refused(access.key(f"tw_guess{n}", HERE)) for n in range(1000)]
    assert codes == ["unauthorized"] * 300 + ["too_many_failures"] * 700
    assert (await access.key(KEY, HERE)).principal == 2
    assert await refused(access.key("tw_guess", ELSEWHERE)) == "unauthorized"


async def test_what_is_proved_while_it_is_taken_away_is_not_believed_afterwards(store: Store) -> None:
    access = Access(store, Time())
    reading = asyncio.ensure_future(access.password(EMAIL, PASSWORD, HERE))
    await asyncio.sleep(0)
    access.forget()
    await reading
    assert not access._cache


async def test_passwords_are_hashed_for_keeping_in_the_same_narrow_pool(store: Store) -> None:
    access = Access(store, Time())
    outcomes = await asyncio.gather(
        *(access.hashed(f"password {n}") for n in range(LOGINS_WAITING + 3)), return_exceptions=True
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [refusal.code for refusal in refusals] == ["queue_full"] * 3
    kept = outcomes[0]
    assert isinstance(kept, str)
    assert secrets.password_matches(kept, "password 0")


async def test_the_last_use_of_a_key_is_written_down_without_anybody_waiting(store: Store) -> None:
    access = Access(store, Time())
    await access.key(KEY)
    writing = access._last_use._writing
    assert writing is not None
    async with asyncio.timeout(10):
        while not await used_at(store):
            await asyncio.sleep(0.005)
    assert await used_at(store) == NOW
    writing.cancel()


async def used_at(store: Store) -> int:
    from textwire.store.engines.engine import statement

    [(at,)] = await store.read(statement("select used_at from credential where id = 10"))
    return int(at)


async def test_a_client_needs_its_secret_if_it_has_one(store: Store) -> None:
    access = Access(store, Time())
    assert (await access.client("public", "PUB-1", None)).principal == 2
    assert (await access.client("project", "PRIV-1", "secret")).principal == 2
    for secret in (None, "", "Secret"):
        assert await refused(access.client("project", "PRIV-1", secret)) == "unauthorized"
