"""Applications of an account, on both engines."""

from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask
from tests.switch.desk_house import NUMBER, OTHER, SECOND_NUMBER, Verbs
from textwire.domain import account as domain
from textwire.domain.account import Caller, NewCredential
from textwire.domain.application import Application, Places
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import applications as shelf
from textwire.store.audit import Chain
from textwire.switch.people.people import People

BOSS = Caller(ACCOUNT, PRINCIPAL, "system", "boss")
STRANGER = Caller(OTHER, 80, "system", "stranger")
PLACES = Places("https://customer.test/in", "https://customer.test/status", '{"a":1}')


@pytest.fixture
def people(verbs: Verbs) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, lambda: NOW, Chain(b"k" * 32))


def key(name: str, pem: str = "PEM") -> NewCredential:
    return NewCredential("application", f"application:{name}", pem)


async def add(people: People, name: str, by: Caller = BOSS) -> Application:
    return await people.applications.add(by, name, name.title(), key(name), PLACES)


async def refused(code: str, work: Any) -> None:
    with pytest.raises(Refusal) as caught:
        await work
    assert caught.value.code == code


async def test_a_new_application_is_found_with_its_key_and_its_places(people: People, verbs: Verbs) -> None:
    made = await add(people, "app-1")
    assert made == Application(made.id, "app-1", "App-1", NOW, "PEM", PLACES)
    assert await shelf.one(verbs.store.engine, ACCOUNT, "app-1") == made
    assert await shelf.one(verbs.store.engine, OTHER, "app-1") is None


async def test_a_change_leaves_the_key_unless_there_is_a_new_one(people: People) -> None:
    made, told = await add(people, "app-1"), []
    people.observers.append(lambda: told.append(1))
    changed = await people.applications.change(BOSS, "app-1", "Other", Places())
    assert (changed.id, changed.name, changed.public_key, changed.places) == (
        made.id, "Other", "PEM", Places(),
    )  # fmt: skip
    changed = await people.applications.change(BOSS, "app-1", "Other", Places(), key("app-1", "NEW"))
    assert changed.public_key == "NEW"
    assert len(told) == 2


async def test_what_is_foreign_is_not_found(people: People) -> None:
    await add(people, "app-1")
    await refused("not_found", people.applications.change(STRANGER, "app-1", "Mine", Places()))
    await refused("not_found", people.applications.remove(STRANGER, "app-1"))
    await refused("not_found", people.applications.remove(BOSS, "app-2"))


async def test_a_retired_application_leaves_nothing_and_loses_its_numbers(
    people: People, verbs: Verbs
) -> None:
    made = await add(people, "app-1")
    await verbs.numbers.assign(ACCOUNT, NUMBER, made.id)
    assert await shelf.linked(verbs.store.engine, ACCOUNT) == {NUMBER: "app-1"}
    await people.applications.remove(BOSS, "app-1")
    assert await shelf.linked(verbs.store.engine, ACCOUNT) == {}
    assert await shelf.one(verbs.store.engine, ACCOUNT, "app-1") is None
    assert await ask(verbs.store, "select id from application") == []
    assert await ask(verbs.store, "select id from credential where kind = 'application'") == []
    assert [event.type for event in verbs.heard] == ["number.assigned", "number.unassigned"]


async def test_a_number_goes_from_one_application_to_the_other(people: People, verbs: Verbs) -> None:
    one, other = await add(people, "app-1"), await add(people, "app-2")
    await verbs.numbers.assign(ACCOUNT, NUMBER, one.id)
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, one.id)
    await verbs.numbers.assign(ACCOUNT, NUMBER, other.id)
    assert await shelf.linked(verbs.store.engine, ACCOUNT) == {NUMBER: "app-2", SECOND_NUMBER: "app-1"}


async def test_pages_are_in_the_order_of_making_and_of_one_account_only(people: People, verbs: Verbs) -> None:
    for n in range(5):
        await add(people, f"app-{n}")
    await add(people, "app-foreign", STRANGER)
    engine = verbs.store.engine
    assert await shelf.count(engine, ACCOUNT) == 5
    assert [one.public_id for one in await shelf.leaf(engine, ACCOUNT, 0, 2)] == ["app-0", "app-1"]
    assert [one.public_id for one in await shelf.leaf(engine, ACCOUNT, 4, 2)] == ["app-4"]
    assert await shelf.leaf(engine, ACCOUNT, 6, 2) == []


async def test_an_account_has_so_many_applications_at_most(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.switch.people.principals.MOST_OF_A_KIND", 1)
    assert domain.MOST_OF_A_KIND == 1000
    await add(people, "app-1")
    await refused("too_many_people", add(people, "app-2"))


async def test_what_became_of_an_application_is_in_the_audit(people: People, verbs: Verbs) -> None:
    await add(people, "app-1")
    await people.applications.change(BOSS, "app-1", "Other", Places(), key("app-1", "NEW"))
    await people.applications.remove(BOSS, "app-1")
    said = await ask(verbs.store, "select action, subject, data from audit order by number")
    assert [row[:2] for row in said] == [
        ("application.added", "app-1"), ("application.changed", "app-1"), ("application.removed", "app-1"),
    ]  # fmt: skip
    assert "PEM" not in str(said)
    assert (await people.check_audit(ACCOUNT)).entries == 3
