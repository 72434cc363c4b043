"""What an account calls a vendor's API with, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, do
from tests.switch.desk_house import OTHER, Verbs
from textwire.domain.account import Caller, NewApiKey, NewCredential
from textwire.domain.ids import Ids
from textwire.store import hooks
from textwire.store.audit import Chain
from textwire.switch.callbacks import DIALECT, INBOUND, want
from textwire.switch.people.api_keys import ApiKey
from textwire.switch.people.people import People

KINDS = ("door", "door+")
ME = Caller(ACCOUNT, PRINCIPAL, "key", "me")
STRANGER = Caller(OTHER, 80, "key", "stranger")
BOTH = [("door", "secret-1"), ("signature", "sign-1")]


def new(n: int) -> NewApiKey:
    return NewApiKey(
        owner="door-", api_key=f"key-{n}", kinds=KINDS, secret=f"secret-{n}", signature=f"sign-{n}"
    )


@pytest.fixture
def people(verbs: Verbs) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, lambda: NOW, Chain(b"k" * 32))


async def kept(verbs: Verbs, api_key: str = "key-1") -> list[tuple[str, str]]:
    """(kind, what is kept) of an api_key's secrets, the oldest first."""
    rows = await ask(
        verbs.store, f"select kind, hash, lookup from credential where lookup like '%:{api_key}' order by id"
    )
    assert all(lookup == f"{kind}:{api_key}" for kind, _, lookup in rows)
    return [(kind, hash) for kind, hash, _ in rows]


async def of(people: People, account: int = ACCOUNT) -> ApiKey:
    return await people.api_keys.of(account, "door-", KINDS)


def made(found: ApiKey) -> tuple[bool, bool]:
    """Whether the newest secret, and the one that signs, were made just now."""
    return found.newest in found.made, found.signature is not None and found.signature.id in found.made


async def test_an_account_without_one_is_given_all_of_it(people: People, verbs: Verbs) -> None:
    assert await of(people) == ApiKey()
    found = await people.api_keys.equip(ME, new(1))
    assert (found.api_key, made(found), len(found.secrets)) == ("key-1", (True, True), 1)
    assert await kept(verbs) == BOTH
    assert (await of(people)).secrets == found.secrets
    assert await of(people, OTHER) == ApiKey()


async def test_what_is_there_stays_unless_another_is_wished(people: People, verbs: Verbs) -> None:
    await people.api_keys.equip(ME, new(1))
    found = await people.api_keys.equip(ME, new(2))
    assert (found.api_key, made(found)) == ("key-1", (False, False))
    assert await kept(verbs) == BOTH
    assert await kept(verbs, "key-2") == []


async def test_a_new_secret_stands_beside_the_one_before_and_the_oldest_makes_room(
    people: People, verbs: Verbs
) -> None:
    for n in (1, 2, 3):
        found = await people.api_keys.equip(ME, new(n), secret=n > 1)
        assert made(found) == (True, n == 1)
    assert await kept(verbs) == [("signature", "sign-1"), ("door+", "secret-2"), ("door", "secret-3")]


async def test_the_old_ones_end_when_that_is_wished_and_never_the_last(people: People, verbs: Verbs) -> None:
    told: list[int] = []
    await people.api_keys.equip(ME, new(1))
    await people.api_keys.equip(ME, new(2), secret=True)
    people.observers.append(lambda: told.append(1))
    for n in (3, 4):
        found = await people.api_keys.equip(ME, new(n), end_old=True)
        assert (made(found), len(found.secrets)) == ((False, False), 1)
    assert told == [1, 1]
    assert await kept(verbs) == [("signature", "sign-1"), ("door+", "secret-2")]
    await people.api_keys.equip(ME, new(5), secret=True, signature=True, end_old=True)
    assert await kept(verbs) == [("door", "secret-5"), ("signature", "sign-5")]


async def test_what_signs_is_replaced_at_once(people: People, verbs: Verbs) -> None:
    await people.api_keys.equip(ME, new(1))
    found = await people.api_keys.equip(ME, new(2), signature=True)
    assert made(found) == (False, True)
    assert await kept(verbs) == [("door", "secret-1"), ("signature", "sign-2")]


async def test_many_at_once_make_one(people: People, verbs: Verbs) -> None:
    found = await asyncio.gather(*(people.api_keys.equip(ME, new(n)) for n in range(5)))
    assert {one.api_key for one in found} == {found[0].api_key}
    assert sorted(map(made, found)) == [(False, False)] * 4 + [(True, True)]
    rows = await ask(
        verbs.store, f"select count(*) from principal where kind = 'system' and account = {ACCOUNT}"
    )
    assert rows == [(1,)]


async def test_two_accounts_have_nothing_in_common(people: People, verbs: Verbs) -> None:
    await people.api_keys.equip(ME, new(1))
    await people.api_keys.equip(STRANGER, new(2), secret=True, signature=True, end_old=True)
    assert await kept(verbs) == BOTH
    assert (await of(people, OTHER)).api_key == "key-2"


async def test_a_new_account_has_one_from_the_start(people: People, verbs: Verbs) -> None:
    key = NewCredential("key", "lookup", "", "read")
    opened = await people.found(ME, "carol", key, new(7), trial=False, balance=0)
    assert (await of(people, opened.account.id)).api_key == "key-7"
    assert await kept(verbs, "key-7") == [("door", "secret-7"), ("signature", "sign-7")]


async def test_the_audit_tells_of_it_without_telling_a_secret(people: People, verbs: Verbs) -> None:
    await people.api_keys.equip(ME, new(1))
    await people.api_keys.equip(ME, new(2), secret=True, signature=True, end_old=True)
    rows: list[Any] = await ask(verbs.store, "select action, subject, data from audit order by number")
    assert [row[0] for row in rows] == [
        "api_key.added", "secret.added", "signature.changed", "secret.added", "signature.changed", "secret.revoked",
    ]  # fmt: skip
    assert {row[1] for row in rows} == {"door-key-1"}
    assert "sign-" not in str(rows)
    assert "secret-" not in str(rows)


async def test_the_accounts_places_are_told_under_what_signs_from_then_on(
    people: People, verbs: Verbs
) -> None:
    ids = Ids(3)
    for account in (ACCOUNT, OTHER):
        await do(verbs.store, want, account, INBOUND, lambda: ids.take(NOW), NOW)
    for n, signs in ((1, 1), (2, 2), (3, 2)):
        await people.api_keys.equip(ME, new(n), secret=True, signature=n < 3)
        [hook] = await hooks.of_account(verbs.store.engine, ACCOUNT, DIALECT)
        assert (hook.secret, hook.correlator, hook.types) == (f"sign-{signs}", "key-1", INBOUND)
    [foreign] = await hooks.of_account(verbs.store.engine, OTHER, DIALECT)
    assert (foreign.secret, foreign.correlator) == ("", "")
