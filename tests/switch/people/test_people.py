"""The verbs of the people of an account, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, run
from tests.switch.desk_house import FOREIGN_NUMBER, NUMBER, OTHER, SECOND_NUMBER, Verbs
from textwire.domain import account as domain
from textwire.domain.account import SCOPES, Caller, NewApiKey, NewCredential, password_lookup
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import people as shelf
from textwire.store.audit import Chain
from textwire.switch.people import settings
from textwire.switch.people.people import People

BEYOND = 2**63 - 1
ALL, SOME = frozenset(SCOPES), frozenset(("read", "manage"))
BOSS = Caller(ACCOUNT, PRINCIPAL, "key", "boss", ALL)
CLERK = Caller(ACCOUNT, PRINCIPAL, "key", "clerk", SOME)
STRANGER = Caller(OTHER, 80, "key", "stranger", ALL)


class Real:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.fixture
def people(verbs: Verbs, real: Real) -> People:
    return People(verbs.store, Ids(4, lane=1), verbs.clock, real, Chain(b"k" * 32))


def password(email: str, scopes: str = "read") -> NewCredential:
    return NewCredential("password", password_lookup(email), "hash", scopes)


async def user(people: People, by: Caller = BOSS, n: int = 1, **named: Any) -> shelf.Person:
    email = f"user-{n}@example.test"
    return await people.add(by, "user", f"User {n}", (password(email),), email=email, **named)


async def refused(code: str, work: Any, field: str = "") -> None:
    with pytest.raises(Refusal) as caught:
        await work
    assert (caught.value.code, caught.value.field) == (code, field)


async def test_a_new_principal_is_found_with_what_proves_it(people: People, verbs: Verbs) -> None:
    made = await user(people, number=NUMBER)
    found = await shelf.one(verbs.store.engine, ACCOUNT, "user", made.principal.public_id)
    assert found == made
    assert (made.number, made.scopes, made.created_at) == (NUMBER, {"read"}, NOW)
    assert [proof.kind for proof in made.proofs] == ["password"]
    assert [one.principal.id for one in await shelf.page(verbs.store.engine, ACCOUNT, "user", BEYOND, 9)] == [
        made.principal.id, PRINCIPAL,
    ]  # fmt: skip


async def test_of_many_who_want_one_address_at_once_one_gets_it(people: People) -> None:
    outcomes = await asyncio.gather(*(user(people) for _ in range(30)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(shelf.Person) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)} == {"email_taken"}


async def test_an_account_has_no_more_than_it_may(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textwire.switch.people.principals.MOST_OF_A_KIND", 3)
    outcomes = await asyncio.gather(*(user(people, n=n) for n in range(5)), return_exceptions=True)
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert codes == ["too_many_people"] * 3  # one is there already
    assert domain.MOST_OF_A_KIND == 1000


async def test_what_is_foreign_is_not_found_and_nothing_is_changed(people: People, verbs: Verbs) -> None:
    made = await user(people)
    before = await ask(verbs.store, "select id, name, email from principal order by id")
    public_id = made.principal.public_id
    await refused("not_found", people.change(STRANGER, "user", public_id, name="mine"))
    await refused("not_found", people.remove(STRANGER, "user", public_id))
    await refused("not_found", people.change(BOSS, "key", public_id, name="a key"))
    await refused("not_found", people.remove(BOSS, "user", "nobody"))
    await refused("invalid_field", user(people, n=2, number=FOREIGN_NUMBER), "default_number")
    wish = people.change(BOSS, "user", public_id, number=FOREIGN_NUMBER)
    await refused("invalid_field", wish, "default_number")
    assert await ask(verbs.store, "select id, name, email from principal order by id") == before


async def test_nobody_gives_or_touches_more_than_he_has(people: People, verbs: Verbs) -> None:
    operator = (
        await people.add(BOSS, "key", "root", (NewCredential("key", "l1", "", "operator"),))
    ).principal
    for scopes in ("operator", "send", "read send"):
        new = NewCredential("key", "l2", "", scopes)
        await refused("scope_missing", people.add(CLERK, "key", "more", (new,)), "scopes")
    for wish in (
        people.change(CLERK, "key", operator.public_id, scopes=frozenset(("read",))),
        people.change(CLERK, "key", operator.public_id, name="mine"),
        people.remove(CLERK, "key", operator.public_id),
    ):
        await refused("scope_missing", wish, "scopes")
    clerks = await user(people, CLERK)
    wish = people.change(CLERK, "user", clerks.principal.public_id, scopes=frozenset(("read", "send")))
    await refused("scope_missing", wish, "scopes")
    assert await ask(verbs.store, "select scopes from credential order by id") == [("operator",), ("read",)]


async def test_a_new_password_is_a_new_credential_with_the_old_scopes(people: People, verbs: Verbs) -> None:
    made = await user(people)
    [(before,)] = await ask(verbs.store, "select id from credential where hash = 'hash'")
    await people.change(BOSS, "user", made.principal.public_id, password="new", email="new@example.test")
    [row] = await ask(verbs.store, "select id, lookup, hash, scopes from credential")
    assert row[1:] == (password_lookup("new@example.test"), "new", "read")
    assert row[0] != before


async def test_a_default_number_changes_hands_and_is_told_once(people: People, verbs: Verbs) -> None:
    made = await user(people, number=NUMBER)
    public_id = made.principal.public_id
    assert (await people.change(BOSS, "user", public_id, number=SECOND_NUMBER)).number == SECOND_NUMBER
    assert (await people.change(BOSS, "user", public_id, number=None)).number == ""
    assert (await people.change(BOSS, "user", public_id, number=NUMBER)).number == NUMBER
    assert [event.type for event in verbs.heard] == ["number.assigned"] * 2
    held = await ask(verbs.store, f"select number from assignment where principal = {made.principal.id}")
    assert sorted(held) == [(NUMBER,), (SECOND_NUMBER,)]


async def test_who_is_removed_leaves_nothing_behind(people: People, verbs: Verbs) -> None:
    made = await user(people, number=NUMBER)
    key = made.principal.id
    channel = await verbs.readers.create_channel(ACCOUNT, key, kind="webhook", url="https://customer.test/x")
    await verbs.readers.subscribe(ACCOUNT, key, channel=channel.public_id, dialect="kandy", types=256)
    verbs.heard.clear()
    heard: list[str] = []
    people.observers.append(lambda: heard.append("gone"))
    await people.remove(BOSS, "user", made.principal.public_id)
    assert [event.type for event in verbs.heard] == ["number.unassigned", "subscription.canceled"]
    assert heard == ["gone"]
    for table in ("credential", "assignment", "channel"):
        assert await ask(verbs.store, f"select count(*) from {table} where principal = {key}") == [(0,)]
    assert await ask(verbs.store, f"select count(*) from principal where id = {key}") == [(0,)]
    assert [state for _, state in await verbs.hooks()] == ["canceled"]


async def test_what_is_done_and_its_entry_are_written_together_or_not_at_all(
    people: People, verbs: Verbs
) -> None:
    await run(verbs.store, "insert into audit (account, number, at, actor, action, subject, previous, hash) "
              f"values ({ACCOUNT}, {BEYOND}, 1, '', '', '', '', '')")  # fmt: skip
    with pytest.raises(Exception):  # noqa: B017 - the engines word the overflow differently
        await user(people)
    assert await ask(verbs.store, "select count(*) from credential") == [(0,)]


async def test_settings_are_kept_and_read_anew_within_a_second(
    people: People, verbs: Verbs, real: Real
) -> None:
    other = settings.SettingsCache(verbs.store, real)  # of another process
    assert await other.of(ACCOUNT) == domain.DEFAULTS
    await people.settle(BOSS, {"country": "44"})
    assert (await people.settings.of(ACCOUNT)).country == "44"
    assert (await other.of(ACCOUNT)).country == ""
    real.now += settings.FRESH
    assert (await other.of(ACCOUNT)).country == "44"
    await people.settle(BOSS, {"country": None, "on_ambiguous": "fail"})
    assert await people.settings.of(ACCOUNT) == domain.Settings(on_ambiguous="fail")
    assert await ask(verbs.store, f"select settings from account where id = {OTHER}") == [("{}",)]


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("{}", domain.DEFAULTS),
        ('{"country":"49","color":"red"}', domain.Settings(country="49")),
        ('{"country":"49","on_ambiguous":"pray"}', domain.Settings(country="49")),
        ('{"country":null,"on_ambiguous":"hold"}', domain.Settings(on_ambiguous="hold")),
    ],
)
def test_settings_that_are_none_any_more_are_left_out(kept: str, read: domain.Settings) -> None:
    assert settings.read(kept) == read


async def test_the_cache_of_settings_is_bounded(verbs: Verbs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MOST_KNOWN", 3)
    cache = settings.SettingsCache(verbs.store, Real())
    for account in range(10):
        await cache.of(account)
    assert len(cache._known) == 3


async def test_a_new_account_starts_with_what_the_ledger_says(people: People, verbs: Verbs) -> None:
    key = NewCredential("key", "lookup", "", "read send")
    api_key = NewApiKey(
        owner="door-", api_key="a1", kinds=("door", "door+"), secret="hash", signature="sealed"
    )
    made = await people.found(BOSS, "carol", key, api_key, trial=True, balance=500)
    rows = await ask(verbs.store, f"select balance, trial, state from account where id = {made.account.id}")
    assert rows == [(500, 1, "active")]
    assert await ask(verbs.store, f"select amount from ledger where account = {made.account.id}") == [(500,)]
    await refused("name_taken", people.found(BOSS, "carol", key, api_key, trial=False, balance=0), "name")


async def test_top_ups_at_once_are_all_booked(people: People, verbs: Verbs) -> None:
    outcomes = await asyncio.gather(*(people.adjust(BOSS, OTHER, topup=3) for _ in range(40)))
    assert max(outcome.balance for outcome in outcomes) == 120
    assert await ask(verbs.store, f"select balance from account where id = {OTHER}") == [(120,)]
    assert (await people.check_audit(OTHER)).entries == 40
    assert (await people.check_audit(OTHER)).broken == 0


async def test_an_account_that_there_is_not_cannot_be_adjusted(people: People) -> None:
    await refused("not_found", people.adjust(BOSS, 12345, state="suspended"))
    await refused("not_found", people.settle(Caller(12345, 1, "key", "x", ALL), {"country": "44"}))
