"""The secrets of a client identifier, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask
from tests.switch.desk_house import OTHER, Verbs
from textwire.domain.account import Caller, NewCredential
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store.audit import Chain
from textwire.store.people import Secret
from textwire.switch.people.people import People

KINDS = ("door", "door+")
ME = Caller(ACCOUNT, PRINCIPAL, "system", "me")
STRANGER = Caller(OTHER, 80, "system", "stranger")


@pytest.fixture
def people(verbs: Verbs) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, lambda: NOW, Chain(b"k" * 32))


def places(kept: str) -> tuple[NewCredential, ...]:
    return tuple(NewCredential(kind, f"{kind}:me", kept) for kind in KINDS)


async def refused(code: str, work: Any) -> None:
    with pytest.raises(Refusal) as caught:
        await work
    assert caught.value.code == code


async def test_a_second_secret_stands_beside_the_first_and_a_third_is_refused(people: People) -> None:
    one = await people.secrets.add(ME, places("a"))
    other = await people.secrets.add(ME, places("b"))
    assert await people.secrets.list(ME, KINDS) == [one, other]
    assert (one, other.kind) == (Secret(one.id, "door", NOW), "door+")
    await refused("too_many_secrets", people.secrets.add(ME, places("c")))


async def test_three_at_once_make_two(people: People) -> None:
    outcomes = await asyncio.gather(
        *(people.secrets.add(ME, places(kept)) for kept in "abc"), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refusal", "Secret", "Secret"]


async def test_a_revoked_one_makes_room_and_the_last_one_stays(people: People, verbs: Verbs) -> None:
    told: list[int] = []
    people.observers.append(lambda: told.append(1))
    one, other = [await people.secrets.add(ME, places(kept)) for kept in "ab"]
    await people.secrets.revoke(ME, KINDS, one.id)
    assert told == [1]
    await refused("last_secret", people.secrets.revoke(ME, KINDS, other.id))
    await refused("not_found", people.secrets.revoke(ME, KINDS, one.id))
    third = await people.secrets.add(ME, places("c"))
    assert third.kind == "door"
    kept = await ask(verbs.store, "select kind, hash from credential where kind <> 'password' order by id")
    assert kept == [("door+", "b"), ("door", "c")]


async def test_nobody_revokes_the_secret_of_another(people: People) -> None:
    one = await people.secrets.add(ME, places("a"))
    await people.secrets.add(ME, places("b"))
    await refused("not_found", people.secrets.revoke(STRANGER, KINDS, one.id))
    assert await people.secrets.list(STRANGER, KINDS) == []


async def test_the_audit_tells_of_secrets_without_telling_them(people: People, verbs: Verbs) -> None:
    one = await people.secrets.add(ME, places("digest-a"))
    await people.secrets.add(ME, places("digest-b"))
    await people.secrets.revoke(ME, KINDS, one.id)
    said = await ask(verbs.store, "select action, subject, data from audit order by number")
    assert [row[0] for row in said] == ["secret.added", "secret.added", "secret.revoked"]
    assert "digest" not in str(said)
