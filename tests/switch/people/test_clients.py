"""OAuth clients of an account, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask
from tests.switch.desk_house import OTHER, Verbs
from textwire.domain.account import Caller
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import oauth_clients as shelf
from textwire.store.audit import Chain
from textwire.store.oauth_clients import Details, OAuthClient
from textwire.switch.logins import Begin, Logins
from textwire.switch.people.people import People

BOSS = Caller(ACCOUNT, PRINCIPAL, "user", "boss")
STRANGER = Caller(OTHER, 80, "user", "stranger")
DETAILS = Details("One", "Does ümlauts", ("http://localhost/",), ("*",), "https://p.test/", "https://t.test/")


@pytest.fixture
def people(verbs: Verbs) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, lambda: NOW, Chain(b"k" * 32))


async def refused(code: str, work: Any) -> None:
    with pytest.raises(Refusal) as caught:
        await work
    assert caught.value.code == code


async def test_a_new_client_is_found_as_it_was_written(people: People, verbs: Verbs) -> None:
    made = await people.clients.add(BOSS, "c-1", "s1.sealed", DETAILS)
    assert made == OAuthClient(made.id, ACCOUNT, "c-1", "s1.sealed", DETAILS, NOW)
    assert await shelf.by_id(verbs.store.engine, "c-1") == made
    assert await shelf.of_account(verbs.store.engine, ACCOUNT, 9) == [made]
    assert await shelf.of_account(verbs.store.engine, OTHER, 9) == []


async def test_a_change_leaves_the_secret(people: People, verbs: Verbs) -> None:
    made = await people.clients.add(BOSS, "c-1", "s1.sealed", DETAILS)
    changed = await people.clients.change(BOSS, "c-1", Details("Two"))
    assert (changed.secret, changed.details) == (made.secret, Details("Two"))
    assert await shelf.by_id(verbs.store.engine, "c-1") == changed


async def test_a_client_goes_with_the_logins_through_it_alone(people: People, verbs: Verbs) -> None:
    told: list[int] = []
    people.observers.append(lambda: told.append(1))
    logins = Logins(verbs.store, Ids(5), lambda: NOW)
    for name in ("c-1", "c-2"):
        await people.clients.add(BOSS, name, "s1.sealed", DETAILS)
        await logins.begin(
            Begin(
                session=name, principal=PRINCIPAL, credential=1, client=name, scopes="", pair="p", seconds=60
            )
        )
    await people.clients.remove(BOSS, "c-1")
    assert await ask(verbs.store, "select session from login") == [("c-2",)]
    assert await shelf.by_id(verbs.store.engine, "c-1") is None
    assert told == [1]


async def test_foreign_clients_are_not_there(people: People, verbs: Verbs) -> None:
    await people.clients.add(BOSS, "c-1", "s1.sealed", DETAILS)
    await refused("not_found", people.clients.change(STRANGER, "c-1", Details("Two")))
    await refused("not_found", people.clients.remove(STRANGER, "c-1"))
    await refused("not_found", people.clients.remove(BOSS, "c-2"))
    assert await shelf.by_id(verbs.store.engine, "c-1") is not None


async def test_at_once_there_are_no_more_than_one_by_one(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.switch.people.clients.MOST_CLIENTS", 3)
    tries = (people.clients.add(BOSS, f"c-{n}", "s1.x", DETAILS) for n in range(8))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, OAuthClient) for one in outcomes) == 3
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"too_many_people"}
