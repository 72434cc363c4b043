"""The shelf of accounts, principals, credentials, the ledger and what the program keeps for itself."""

import asyncio

import pytest

from textwire.domain.account import Account, Principal
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.accounts import Credential, Entry
from textwire.store.committer import Unit
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, ask, do, run, settle


async def test_an_account_is_found_by_identifier_and_by_name(store: Store) -> None:
    new = Account(MAX_INT, "größe & co", 0, 1, "active", NOW)
    await do(store, accounts.insert_account, new)
    assert await accounts.account(store.engine, MAX_INT) == new
    assert await accounts.account_named(store.engine, "größe & co") == new
    assert await accounts.account(store.engine, 1) is None
    assert await accounts.account_named(store.engine, "groesse") is None


async def test_a_new_account_starts_without_money_whatever_it_claims(store: Store) -> None:
    await do(store, accounts.insert_account, Account(1, "rich", 10**9, 0, "active", NOW))
    found = await accounts.account(store.engine, 1)
    assert found is not None
    assert found.balance == 0


async def test_principals_are_found_by_public_identifier_and_listed_by_account(house: Store) -> None:
    key = Principal(71, ACCOUNT, "key", "key-1", "", "CI")
    await do(house, accounts.insert_principal, key, NOW)
    user = Principal(PRINCIPAL, ACCOUNT, "user", "user-7", "7@example.test", "Demo")
    assert await accounts.principal(house.engine, "user-7") == user
    assert await accounts.principal(house.engine, "nobody") is None
    assert await accounts.principals(house.engine, ACCOUNT) == [user, key]
    assert await accounts.principals(house.engine, 999) == []
    assert await do(house, accounts.members, [71, 71, 999]) == {71: key}


async def test_many_principals_may_have_no_email_but_an_email_is_one_persons(house: Store) -> None:
    for n in (71, 72):
        await do(house, accounts.insert_principal, Principal(n, ACCOUNT, "key", f"key-{n}", "", ""), NOW)
    twin = Principal(73, ACCOUNT, "user", "twin", "7@example.test", "")
    with pytest.raises(Exception, match=r"(?i)unique"):
        await do(house, accounts.insert_principal, twin, NOW)
    assert len(await accounts.principals(house.engine, ACCOUNT)) == 3


async def test_a_principal_needs_an_account_on_both_engines(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await do(store, accounts.insert_principal, Principal(1, 999, "user", "u", "", ""), NOW)


async def test_a_credential_proves_its_principal(house: Store) -> None:
    new = ("key", "sha256:abc", "", "operator send", NOW + 5)
    await do(house, accounts.insert_credential, 1, PRINCIPAL, new, NOW)
    user = await accounts.principal(house.engine, "user-7")
    assert user is not None
    assert await accounts.credential(house.engine, "sha256:abc") == Credential(
        "key", "", "operator send", NOW + 5, user, 1
    )
    assert await accounts.credential(house.engine, "sha256:abd") is None


async def test_a_credential_of_a_principal_without_email_has_an_empty_one(house: Store) -> None:
    await do(house, accounts.insert_principal, Principal(71, ACCOUNT, "key", "key-1", "", "CI"), NOW)
    await do(house, accounts.insert_credential, 1, 71, ("key", "lookup", "hash", "", 0), NOW)
    found = await accounts.credential(house.engine, "lookup")
    assert found is not None
    assert found.principal.email == ""


async def test_the_ledger_and_the_balances_move_together(house: Store) -> None:
    await settle(house, account=8)
    lines = [
        Entry(1, ACCOUNT, 0, "deposit", 100, NOW),
        Entry(2, ACCOUNT, 55, "message", -7, NOW),
        Entry(3, 8, 56, "message", -7, NOW + 1),
        Entry(4, ACCOUNT, 57, "message", -7, NOW + 2),
    ]
    await do(house, accounts.book, lines)
    assert await do(house, accounts.balances, [8, ACCOUNT, 8, 999]) == {
        ACCOUNT: (86, "active"),
        8: (-7, "active"),
    }
    assert await ask(house, "select id, account, message, kind, amount, at from ledger order by id") == [
        (e.id, e.account, e.message, e.kind, e.amount, e.at) for e in lines
    ]


async def test_nothing_to_book_is_nothing(house: Store) -> None:
    await do(house, accounts.book, [])
    assert await do(house, accounts.balances, []) == {}


class Spend:
    """The shape of accept: balances are read and judged inside the transaction."""

    async def run(self, unit: Unit, items: list[int]) -> list[int | Refusal]:
        balance = (await accounts.balances(unit, [ACCOUNT]))[ACCOUNT][0]
        outcomes: list[int | Refusal] = []
        lines = []
        for item in items:
            if balance < 7:
                outcomes.append(Refusal("insufficient_balance"))
                continue
            balance -= 7
            lines.append(Entry(item, ACCOUNT, item, "message", -7, NOW))
            outcomes.append(balance)
        await accounts.book(unit, lines)
        return outcomes


@pytest.mark.parametrize("spenders", [2, 60])
async def test_with_balance_for_one_exactly_one_of_many_spenders_gets_through(
    store: Store, spenders: int
) -> None:
    await settle(store, balance=7)
    spend = Spend()
    answers = await asyncio.gather(
        *(store.write(spend, 1000 + n) for n in range(spenders)), return_exceptions=True
    )
    assert [a for a in answers if not isinstance(a, Refusal)] == [0]
    assert {a.code for a in answers if isinstance(a, Refusal)} == {"insufficient_balance"}
    assert await ask(store, "select balance, (select sum(amount) from ledger) from account") == [(0, 0)]


async def test_a_balance_that_would_leave_64_bits_is_refused_and_nothing_is_booked(house: Store) -> None:
    await do(house, accounts.book, [Entry(1, ACCOUNT, 0, "deposit", MAX_INT, NOW)])
    with pytest.raises(Exception, match=r"(?i)range|datatype|REAL"):
        await do(house, accounts.book, [Entry(2, ACCOUNT, 0, "deposit", 1, NOW)])
    assert await do(house, accounts.balances, [ACCOUNT]) == {ACCOUNT: (MAX_INT, "active")}
    assert await ask(house, "select count(*) from ledger") == [(1,)]


async def test_prices_are_read_whole(store: Store) -> None:
    await run(store, "insert into price (prefix, amount) values ('', 7000000), ('44', 4000000)")
    assert await accounts.prices(store.engine) == {"": 7_000_000, "44": 4_000_000}


async def test_a_setting_is_kept_and_replaced(store: Store) -> None:
    assert await accounts.setting(store.engine, "clock") is None
    await do(store, accounts.set_setting, "clock", '{"offset":1}')
    await do(store, accounts.set_setting, "clock", '{"offset":2}')
    assert await accounts.setting(store.engine, "clock") == '{"offset":2}'


async def test_a_lookup_that_nothing_can_be_kept_as_finds_nothing(house: Store) -> None:
    for unknown in ("password:\0", "password:ada\0@example.test", "\0"):
        assert await accounts.credential(house.engine, unknown) is None
        assert await accounts.credentials(house.engine, [unknown, "password:nobody"]) == []
