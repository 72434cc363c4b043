"""Personal access tokens, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask
from tests.switch.desk_house import OTHER, Verbs
from textwire.domain.account import SCOPES, Caller, NewCredential, password_lookup
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import tokens as shelf
from textwire.store.audit import Chain
from textwire.switch.people import tokens
from textwire.switch.people.people import People

KIND, BEYOND = "pat", 2**63 - 1
BOSS = Caller(ACCOUNT, PRINCIPAL, "key", "boss", frozenset(SCOPES))
CLERK = Caller(ACCOUNT, PRINCIPAL, "key", "clerk", frozenset(("manage",)))
STRANGER = Caller(OTHER, 80, "key", "stranger", frozenset(SCOPES))


@pytest.fixture
def people(verbs: Verbs) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, lambda: NOW, Chain(b"k" * 32))


async def user(people: People, n: int = 1, scopes: str = "manage", by: Caller = BOSS) -> str:
    email = f"user-{n}@example.test"
    proof = NewCredential("password", password_lookup(email), "hash", scopes)
    return (await people.add(by, "user", f"User {n}", (proof,), email=email)).principal.public_id


def new(name: str) -> NewCredential:
    return NewCredential(KIND, f"{KIND}:{name}", f"digest-{name}", "all", NOW + 9, name)


async def listed(people: People, verbs: Verbs, account: int = ACCOUNT) -> list[shelf.Token]:
    return await shelf.page(verbs.store.engine, account, KIND, BEYOND, 100)


async def refused(code: str, work: Any, field: str = "") -> None:
    with pytest.raises(Refusal) as caught:
        await work
    assert (caught.value.code, caught.value.field) == (code, field)


async def test_a_user_has_several_each_with_its_name(people: People, verbs: Verbs) -> None:
    one, other = await user(people), await user(people, 2)
    first = await people.tokens.give(BOSS, one, new("a"))
    second = await people.tokens.give(BOSS, one, new("b"))
    third = await people.tokens.give(BOSS, other, new("c"))
    assert await listed(people, verbs) == [third, second, first]
    assert [(t.owner_id, t.name, t.scopes, t.expires_at) for t in (first, third)] == [
        (one, "a", "all", NOW + 9), (other, "c", "all", NOW + 9),
    ]  # fmt: skip
    page = await shelf.page(verbs.store.engine, ACCOUNT, KIND, second.id, 1)
    assert page == [first]


async def test_taking_one_away_leaves_the_others(people: People, verbs: Verbs) -> None:
    told: list[int] = []
    one = await user(people)
    people.observers.append(lambda: told.append(1))
    await people.tokens.give(BOSS, one, new("a"))
    kept = await people.tokens.give(BOSS, one, new("b"))
    await people.tokens.take(BOSS, KIND, f"{KIND}:a")
    assert told == [1]
    assert await listed(people, verbs) == [kept]
    await refused("not_found", people.tokens.take(BOSS, KIND, f"{KIND}:a"))
    passwords = await ask(verbs.store, "select count(*) from credential where kind = 'password'")
    assert passwords >= [(1,)]


async def test_nobody_else_gives_takes_or_sees_one(people: People, verbs: Verbs) -> None:
    one = await user(people)
    kept = await people.tokens.give(BOSS, one, new("a"))
    await refused("not_found", people.tokens.give(STRANGER, one, new("b")), "user")
    await refused("not_found", people.tokens.give(STRANGER, "nobody", new("b")), "user")
    await refused("not_found", people.tokens.take(STRANGER, KIND, f"{KIND}:a"))
    assert await listed(people, verbs, OTHER) == []
    assert await listed(people, verbs) == [kept]


async def test_other_credentials_of_a_user_are_no_tokens(people: People, verbs: Verbs) -> None:
    await user(people)
    await refused("not_found", people.tokens.take(BOSS, KIND, password_lookup("user-1@example.test")))
    assert await listed(people, verbs) == []


async def test_who_lacks_a_scope_of_the_user_neither_gives_nor_takes(people: People, verbs: Verbs) -> None:
    mighty = await user(people, scopes="manage operator")
    await refused("scope_missing", people.tokens.give(CLERK, mighty, new("a")), "scopes")
    kept = await people.tokens.give(BOSS, mighty, new("a"))
    await refused("scope_missing", people.tokens.take(CLERK, KIND, f"{KIND}:a"), "scopes")
    assert await listed(people, verbs) == [kept]


async def test_there_are_only_so_many(people: People, verbs: Verbs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 3)
    owners = [await user(people), await user(people, 2)]
    given = (people.tokens.give(BOSS, owners[n % 2], new(str(n))) for n in range(6))
    outcomes = await asyncio.gather(*given, return_exceptions=True)
    assert sorted(getattr(one, "code", "") for one in outcomes) == ["", "", ""] + ["too_many_tokens"] * 3
    assert len(await listed(people, verbs)) == 3


async def test_they_go_with_their_user(people: People, verbs: Verbs) -> None:
    one = await user(people)
    await people.tokens.give(BOSS, one, new("a"))
    await people.remove(BOSS, "user", one)
    assert await listed(people, verbs) == []


async def test_the_audit_tells_of_them_without_what_is_kept(people: People, verbs: Verbs) -> None:
    one = await user(people)
    await people.tokens.give(BOSS, one, new("a"))
    await people.tokens.take(BOSS, KIND, f"{KIND}:a")
    rows = await ask(verbs.store, "select action, subject, data from audit order by number")
    assert [row[:2] for row in rows] == [("user.added", one), ("token.added", "a"), ("token.removed", "a")]
    assert "digest" not in str(rows)
