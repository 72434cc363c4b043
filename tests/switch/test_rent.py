"""Rent: a month ahead, a week of grace, then no sending until it is paid; never twice for the same time."""

import asyncio

import msgspec
import pytest

from tests.store.house import ACCOUNT, PRINCIPAL, ask, do, running, settle
from textwire.clock import ManualClock
from textwire.domain.ids import Ids
from textwire.domain.number import Number
from textwire.simnet.inventory import Inventory
from textwire.store import accounts, numbers
from textwire.store.accounts import Entry
from textwire.store.store import Store
from textwire.switch.numbers import Numbers
from textwire.switch.owning import DAY, MONTH
from textwire.switch.rent import GRACE, RETRY, Rents, step

START = 1_800_000_000_000_000
ONE, TWO = "+4915791234567", "+493021234567"  # 1 EUR and 0.80 EUR a month, and as much for the set-up
EUR = 10**8
RENTED = Number(ONE, ACCOUNT, "DE", START, "mobile", "SMS", EUR, "active", START + MONTH, START + MONTH)


# The judgement of one number.


def test_what_the_balance_covers_is_paid_from_where_the_last_month_ended() -> None:
    done = step(RENTED, EUR, START + MONTH + 5)
    assert (done.since, done.told) == (START + MONTH, "number.renewed")
    assert (done.number.state, done.number.due_at) == ("active", START + 2 * MONTH)
    assert done.number.paid_until == START + 2 * MONTH


def test_without_money_a_number_is_overdue_and_tried_daily_until_its_grace_ends() -> None:
    number, told, now = RENTED, [], START + MONTH
    tries = []
    while number.state != "suspended":
        done = step(number, EUR - 1, now)
        assert done.since == 0
        told += [done.told] if done.told else []
        tries.append(now)
        number, now = done.number, done.number.due_at
    assert told == ["number.overdue", "number.suspended"]
    assert tries == [START + MONTH + n * RETRY for n in range(8)]
    assert tries[-1] == number.paid_until + GRACE
    again = step(number, EUR - 1, now)
    assert (again.told, again.number.due_at) == ("", now + RETRY)


def test_a_payment_within_grace_is_for_the_month_that_has_begun() -> None:
    overdue = step(RENTED, 0, START + MONTH).number
    done = step(overdue, EUR, START + MONTH + 3 * DAY)
    assert (done.since, done.number.paid_until) == (START + MONTH, START + 2 * MONTH)


def test_a_later_payment_is_for_the_month_from_then_on() -> None:
    suspended = step(RENTED, 0, START + MONTH + GRACE).number
    now = START + 4 * MONTH
    done = step(suspended, EUR, now)
    assert (done.since, done.number.paid_until, done.number.state) == (now, now + MONTH, "active")


# The write and its loop.


class Town:
    """An account with a number that is its user's default, on a clock that the test moves."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.numbers = Numbers(store, Ids(1), clock, clock.now, Inventory())
        self.rents = Rents(store, Ids(2), clock, clock.now)
        self.heard: list[str] = []
        store.committer.observers.append(lambda events: self.heard.extend(e.type for e in events))

    async def top_up(self, amount: int) -> None:
        key = Ids(3).take(START + self.clock.now())
        await do(self.store, accounts.book, [Entry(key, ACCOUNT, 0, "topup", amount, 0)])

    async def balance(self) -> int:
        found = await accounts.account(self.store.engine, ACCOUNT)
        assert found is not None
        return found.balance

    async def number(self, name: str = ONE) -> Number:
        return (await self.numbers.one(ACCOUNT, name)).number

    async def leap(self, span: int) -> None:
        self.clock.advance(span)
        await self.rents.once()


@pytest.fixture
async def town(store: Store) -> Town:
    await settle(store, balance=4 * EUR)
    town = Town(store, ManualClock(START))
    await town.numbers.buy(ACCOUNT, ONE)
    await town.numbers.assign(ACCOUNT, ONE, PRINCIPAL, default=True)
    town.heard.clear()
    return town


async def test_nothing_is_charged_before_the_month_is_over(town: Town) -> None:
    await town.leap(MONTH - 1)
    assert (await town.balance(), town.heard) == (2 * EUR, [])


async def test_a_month_is_charged_once_however_often_it_is_looked_at(town: Town) -> None:
    await town.leap(MONTH)
    for _ in range(3):
        await town.rents.once()
    await asyncio.gather(*(Rents(town.store, Ids(n), town.clock, lambda: START).once() for n in range(4, 9)))
    assert (await town.balance(), town.heard) == (EUR, ["number.renewed"])
    assert (await town.number()).paid_until == START + 2 * MONTH


async def test_a_leap_is_charged_month_by_month_until_the_money_ends(town: Town) -> None:
    await town.leap(12 * MONTH)
    assert await town.balance() == 0
    assert town.heard == ["number.renewed", "number.renewed", "number.suspended"]
    paid = await ask(town.store, "select amount, since, until from rent order by id")
    assert paid == [
        (EUR, START, START),
        (EUR, START, START + MONTH),
        (EUR, START + MONTH, START + 2 * MONTH),
        (EUR, START + 2 * MONTH, START + 3 * MONTH),
    ]
    assert await ask(town.store, "select id from rent order by id") == await ask(
        town.store, "select id from ledger where kind <> 'deposit' order by id"
    )


async def test_a_suspended_number_is_no_sender_until_it_is_paid(town: Town) -> None:
    await town.leap(3 * MONTH + GRACE)
    assert (await town.number()).state == "suspended"
    pair = (PRINCIPAL, ONE)
    assert await do(town.store, numbers.sending, [ONE]) == {}
    assert await do(town.store, numbers.sendable, [pair]) == {}
    assert await do(town.store, numbers.defaults, [PRINCIPAL]) == {}
    assert await do(town.store, numbers.owners, [ONE]) == {ONE: (ACCOUNT, PRINCIPAL)}, "it still receives"
    assert await do(town.store, numbers.assigned, [pair]) == {pair: 1}

    await town.top_up(EUR)
    await town.leap(DAY)
    assert (await town.number()).state == "active"
    assert await do(town.store, numbers.sending, [ONE]) == {ONE: (ACCOUNT, 0)}
    assert await do(town.store, numbers.sendable, [pair]) == {pair: 1}
    assert await do(town.store, numbers.defaults, [PRINCIPAL]) == {PRINCIPAL: ONE}
    assert town.heard[-2:] == ["number.suspended", "number.renewed"]


async def test_who_gets_a_suspended_number_assigned_cannot_send_from_it_either(town: Town) -> None:
    await town.leap(3 * MONTH + GRACE)
    await town.numbers.unassign(ACCOUNT, ONE, PRINCIPAL)
    await town.numbers.assign(ACCOUNT, ONE, PRINCIPAL)
    assert await do(town.store, numbers.sendable, [(PRINCIPAL, ONE)]) == {}


async def test_the_balance_pays_for_as_many_numbers_as_it_covers(town: Town) -> None:
    await town.top_up(EUR)
    await town.numbers.buy(ACCOUNT, TWO)  # leaves 1.40
    await town.leap(MONTH)
    states = {one.number.number: one.number.state for one in await town.numbers.list(ACCOUNT)}
    assert sorted(states.values()) == ["active", "overdue"]
    assert await town.balance() in (140 * EUR // 100 - EUR, 140 * EUR // 100 - 80 * EUR // 100)


async def test_a_released_number_costs_nothing_any_more(town: Town) -> None:
    await town.numbers.release(ACCOUNT, ONE)
    await town.leap(12 * MONTH)
    assert await town.balance() == 2 * EUR


async def test_what_was_given_costs_nothing(town: Town) -> None:
    await town.numbers.add(ACCOUNT, "+15550001111", "US")
    await town.leap(MONTH - 1)
    assert [one.number.due_at for one in await town.numbers.list(ACCOUNT)] == [0, START + MONTH]


async def test_no_month_is_charged_twice_over_restarts(database: str) -> None:
    clock = ManualClock(START)
    async with running(database) as store:
        await settle(store, balance=10 * EUR)
        await Town(store, clock).numbers.buy(ACCOUNT, ONE)
    for lived in range(1, 4):
        clock.advance(MONTH)
        for _ in range(2):
            async with running(database) as store:
                town = Town(store, clock)
                await town.rents.once()
                assert await town.balance() == (8 - lived) * EUR


async def test_the_loop_wakes_when_the_clock_is_stepped(town: Town) -> None:
    loop = asyncio.create_task(town.rents.run())
    try:
        await asyncio.sleep(0)
        town.clock.advance(MONTH)
        async with asyncio.timeout(10):
            while "number.renewed" not in town.heard:
                await asyncio.sleep(0.005)
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_the_event_says_which_number_and_how_it_stands(town: Town) -> None:
    await town.leap(3 * MONTH + DAY)
    [(data,)] = await ask(town.store, "select data from event where type = 'number.overdue'")
    assert msgspec.json.decode(data) == {"number": ONE, "state": "overdue"}
