"""The shelf of numbers, assignments, verified senders and opt-outs."""

import pytest

from textwire.domain.account import Principal
from textwire.domain.number import Assignment, Number
from textwire.store import accounts, numbers
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, do, run, settle

ONE, TWO, FOREIGN = "+16139998877", "+447700900001", "+4915799912345"
OTHER = 71


@pytest.fixture
async def town(house: Store) -> Store:
    """Two accounts; the first has two numbers and two principals, the second one number."""
    await settle(house, account=8)
    await do(house, accounts.insert_principal, Principal(OTHER, ACCOUNT, "project", "p-1", "", ""), NOW)
    owned = [Number(TWO, ACCOUNT, "GB", NOW), Number(ONE, ACCOUNT, "CA", NOW), Number(FOREIGN, 8, "DE", NOW)]
    await do(house, numbers.insert, owned)
    return house


async def test_numbers_are_listed_for_their_owner_and_missing_for_others(town: Store) -> None:
    assert await numbers.of_account(town.engine, ACCOUNT) == [
        Number(ONE, ACCOUNT, "CA", NOW),
        Number(TWO, ACCOUNT, "GB", NOW),
    ]
    assert await numbers.of_account(town.engine, 999) == []
    assert await numbers.one(town.engine, ACCOUNT, ONE) == Number(ONE, ACCOUNT, "CA", NOW)
    assert await numbers.one(town.engine, ACCOUNT, FOREIGN) is None
    assert await numbers.one(town.engine, ACCOUNT, "+1") is None


async def test_a_number_has_one_owner(town: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        await do(town, numbers.insert, [Number(ONE, 8, "CA", NOW)])
    assert await numbers.owned(town.engine, [ONE, TWO, FOREIGN, "+1", ONE]) == {ONE, TWO, FOREIGN}
    assert await numbers.owned(town.engine, []) == set()


async def test_the_owner_of_a_number_comes_with_its_default_user_first(town: Store) -> None:
    await do(town, numbers.assign, Assignment(ONE, PRINCIPAL, 0))
    assert await do(town, numbers.owners, [ONE, TWO, "+1"]) == {
        ONE: (ACCOUNT, PRINCIPAL),
        TWO: (ACCOUNT, 0),
    }
    await do(town, numbers.assign, Assignment(ONE, OTHER, 1))
    assert await do(town, numbers.owners, [ONE]) == {ONE: (ACCOUNT, OTHER)}


async def test_a_new_default_replaces_the_old_one(town: Store) -> None:
    await do(town, numbers.assign, Assignment(ONE, PRINCIPAL, 1))
    await do(town, numbers.assign, Assignment(TWO, PRINCIPAL, 0))
    assert await do(town, numbers.defaults, [PRINCIPAL, OTHER]) == {PRINCIPAL: ONE}
    await do(town, numbers.assign, Assignment(TWO, PRINCIPAL, 1))
    assert await do(town, numbers.defaults, [PRINCIPAL, PRINCIPAL]) == {PRINCIPAL: TWO}
    assert await numbers.assignments(town.engine, ACCOUNT) == [
        Assignment(ONE, PRINCIPAL, 0),
        Assignment(TWO, PRINCIPAL, 1),
    ]
    assert await numbers.assignments(town.engine, 8) == []


async def test_assigned_pairs_say_whether_they_are_the_default(town: Store) -> None:
    await do(town, numbers.assign, Assignment(ONE, PRINCIPAL, 1))
    await do(town, numbers.assign, Assignment(ONE, OTHER, 0))
    pairs = [(PRINCIPAL, ONE), (OTHER, ONE), (OTHER, TWO), (PRINCIPAL, ONE)]
    assert await do(town, numbers.assigned, pairs) == {(PRINCIPAL, ONE): 1, (OTHER, ONE): 0}


async def test_unassigning_takes_exactly_the_named_pairs(town: Store) -> None:
    for number, principal in ((ONE, PRINCIPAL), (TWO, PRINCIPAL), (ONE, OTHER)):
        await do(town, numbers.assign, Assignment(number, principal, 0))
    await do(town, numbers.unassign, [(PRINCIPAL, ONE), (OTHER, TWO)])
    assert await numbers.assignments(town.engine, ACCOUNT) == [
        Assignment(ONE, OTHER, 0),
        Assignment(TWO, PRINCIPAL, 0),
    ]
    await do(town, numbers.unassign, [])
    assert len(await numbers.assignments(town.engine, ACCOUNT)) == 2


async def test_what_is_assigned_must_exist_on_both_engines(town: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await do(town, numbers.assign, Assignment("+1", PRINCIPAL, 0))


async def test_a_proved_sender_belongs_to_the_account_that_proved_it(town: Store) -> None:
    await run(town, f"insert into sender (account, address) values ({ACCOUNT}, '+4479'), (8, 'ACME')")
    pairs = [(ACCOUNT, "+4479"), (ACCOUNT, "ACME"), (8, "ACME"), (8, "+4479")]
    assert await do(town, numbers.verified, pairs) == {(ACCOUNT, "+4479"), (8, "ACME")}


async def test_the_numbers_of_a_principal_come_default_first_and_bounded(town: Store) -> None:
    await do(town, numbers.assign, Assignment(ONE, PRINCIPAL, 0))
    await do(town, numbers.assign, Assignment(TWO, PRINCIPAL, 1))
    assert await numbers.of_principal(town.engine, PRINCIPAL, 9) == [TWO, ONE]
    assert await numbers.of_principal(town.engine, PRINCIPAL, 1) == [TWO]
    assert await numbers.of_principal(town.engine, OTHER, 9) == []


async def test_the_holders_of_a_number_are_listed(town: Store) -> None:
    for principal, default in ((OTHER, 0), (PRINCIPAL, 1)):
        await do(town, numbers.assign, Assignment(ONE, principal, default))
    assert await do(town, numbers.holders, ONE) == [
        Assignment(ONE, PRINCIPAL, 1),
        Assignment(ONE, OTHER, 0),
    ]
    assert await do(town, numbers.holders, TWO) == []


async def test_a_number_can_be_given_back_once_nobody_holds_it(town: Store) -> None:
    await do(town, numbers.assign, Assignment(ONE, PRINCIPAL, 0))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await do(town, numbers.delete, ONE)
    await do(town, numbers.unassign, [(PRINCIPAL, ONE)])
    await do(town, numbers.delete, ONE)
    assert await numbers.owned(town.engine, [ONE, TWO]) == {TWO}
