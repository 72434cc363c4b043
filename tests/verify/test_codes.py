"""One-time codes: bounded, bound, good once, kept as a keyed hash, and silent about why they are refused."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.store.house import ACCOUNT, ask, do, settle
from textwire.domain.refusal import Refusal
from textwire.store import codes
from textwire.store.store import Store
from textwire.verify.codes import TEXT, Codes, new_code
from textwire.verify.limits import Limits

from .town import DAY, EUR, MINUTE, NOW, OTHER_PHONE, PHONE, PRICE, SECOND, Town, wrong


def test_a_code_has_six_digits_and_any_of_them() -> None:
    drawn = [new_code() for _ in range(6000)]
    assert all(len(code) == 6 and code.isdecimal() for code in drawn)
    assert len(set(drawn)) > 5900
    for place in range(6):
        counts = Counter(code[place] for code in drawn)
        assert len(counts) == 10
        assert all(450 < count < 750 for count in counts.values()), counts


def test_the_text_is_one_segment() -> None:
    assert len(TEXT.format(code="123456")) <= 160
    assert TEXT.isascii()


async def test_the_right_code_is_good_once(town: Town) -> None:
    code = await town.start()
    assert await town.finish(code) == "verified"
    assert await town.finish(code) == "code_wrong"


async def test_of_many_who_give_the_right_code_at_once_one_uses_it(town: Town) -> None:
    code = await town.start()
    outcomes = await asyncio.gather(*(town.finish(code) for _ in range(50)))
    assert Counter(outcomes) == {"verified": 1, "code_wrong": 49}


async def test_the_fifth_wrong_try_kills_a_code(town: Town) -> None:
    code = await town.start()
    for n in range(1, 5):
        assert await town.finish(wrong(code, n)) == "code_wrong"
    assert await town.finish(code) == "verified", "four tries are not five"
    code = await town.start(OTHER_PHONE)
    for n in range(1, 6):
        assert await town.finish(wrong(code, n), OTHER_PHONE) == "code_wrong"
    assert await town.finish(code, OTHER_PHONE) == "code_wrong"


async def test_tries_at_once_are_counted_too(town: Town) -> None:
    code = await town.start()
    await asyncio.gather(*(town.finish(wrong(code, n)) for n in range(1, 6)))
    assert await town.finish(code) == "code_wrong"
    assert await ask(town.store, "select state, tries from code") == [("dead", 5)]


async def test_a_code_lives_ten_minutes_of_the_real_clock(town: Town) -> None:
    code = await town.start()
    town.now = NOW + 10 * MINUTE
    assert await town.finish(code) == "code_wrong"
    town.now = NOW + 10 * MINUTE - 1
    assert await town.finish(code) == "verified"


async def test_a_code_is_bound_to_its_account_and_number(town: Town) -> None:
    await settle(town.store, balance=EUR, account=8)
    mine, theirs = await town.start(), await town.start(OTHER_PHONE, account=8)
    assert await town.finish(theirs, OTHER_PHONE) == "not_found"
    assert await town.finish(mine, PHONE, account=8) == "not_found"
    await town.start(OTHER_PHONE)
    if mine != theirs:
        assert await town.finish(mine, OTHER_PHONE) == "code_wrong"
    assert await town.finish(mine) == "verified"


async def test_a_newer_code_replaces_the_one_before(town: Town) -> None:
    old, new = await town.start(), await town.start()
    if old != new:
        assert await town.finish(old) == "code_wrong"
    assert await town.finish(new) == "verified"


# What is asked for too often.


async def test_a_number_is_texted_five_codes_a_day_whoever_asks(town: Town) -> None:
    await settle(town.store, balance=EUR, account=8)
    for n in range(5):
        town.now = NOW + n * MINUTE
        assert await town.asked(account=(ACCOUNT, 8)[n % 2]) is None
    for account in (ACCOUNT, 8):
        refusal = await town.asked(account=account)
        assert refusal is not None
        assert (refusal.code, refusal.after) == ("too_many_codes", (DAY - 4 * MINUTE) // SECOND)
    assert len(town.texts) == 5
    town.now = NOW + DAY
    assert await town.asked() is None


async def test_an_account_gets_ten_codes_a_day_for_all_numbers_together(town: Town) -> None:
    outcomes = await asyncio.gather(*(town.asked(f"+4477009001{n:02d}") for n in range(30)))
    assert sum(one is None for one in outcomes) == 10
    assert {one.code for one in outcomes if one is not None} == {"too_many_codes"}
    assert await town.balance() == 1000 * EUR - 10 * PRICE


async def test_too_many_dead_codes_rouse_an_alarm_and_end_it_for_the_day(store: Store) -> None:
    town = Town(store, Limits(of_account_in_day=1000))
    await town.settle()
    with capture_logs() as logs:
        for n in range(20):
            number = f"+4477009001{n:02d}"
            code = await town.start(number)
            for k in range(1, 6):
                assert await town.finish(wrong(code, k), number) == "code_wrong"
        refusal = await town.asked("+447700900199")
    assert refusal is not None
    assert refusal.code == "too_many_codes"
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["verify.alarm"]
    town.now = NOW + DAY
    assert await town.asked("+447700900199") is None


async def test_ten_thousand_wrong_guesses_at_two_thousand_codes_find_nothing(store: Store) -> None:
    """200 accounts ask for as many codes as they may; each code is tried as often as it may be, and then once more."""
    accounts = range(1000, 1200)
    town = Town(store)
    await town.settle(*accounts, balance=EUR)
    wanted = [(account, f"+4479{account:04d}{n:04d}") for account in accounts for n in range(10)]
    await asyncio.gather(*(town.asked(number, account) for account, number in wanted))
    shown = {request.recipients[0]: request.text[:6] for request in town.texts}
    rights = {(account, number): shown[number] for account, number in wanted}
    found: list[str] = []
    assert len(rights) == 2000

    async def attack(account: int, number: str) -> None:
        right = rights[account, number]
        found.extend([await town.finish(wrong(right, k * 7), number, account) for k in range(1, 6)])

    for start in range(0, 2000, 200):
        await asyncio.gather(*(attack(*pair) for pair in list(rights)[start : start + 200]))
    assert Counter(found) == {"code_wrong": 10_000}
    after = await asyncio.gather(*(town.finish(right, n, account) for (account, n), right in rights.items()))
    assert Counter(after) == {"code_wrong": 2000}, "a dead code is dead, even for who knows it"
    assert await ask(store, "select state, count(*) from code group by state") == [("dead", 2000)]
    assert await ask(store, "select count(*) from sender") == [(0,)]


# Silence.


class Spy:
    """Counts the statements of a transaction, by their text."""

    def __init__(self, unit: Any) -> None:
        self._unit, self.said, self.events = unit, [], unit.events

    async def rows(self, statement: Any, *args: Any, **named: Any) -> Any:
        self.said.append(statement.text)
        return await self._unit.rows(statement, *args, **named)

    async def run(self, statement: Any, *args: Any, **named: Any) -> None:
        self.said.append(statement.text)
        await self._unit.run(statement, *args, **named)


class Watching:
    """The codes' own write, with a spy on its transaction."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.said = inner, []

    async def run(self, unit: Any, items: list[Any]) -> Any:
        spy = Spy(unit)
        outcomes = await self._inner.run(spy, items)
        self.said = spy.said
        return outcomes


async def test_every_failure_takes_the_same_steps_and_says_the_same(town: Town) -> None:
    watching = Watching(town.codes._book)
    town.codes._book = watching  # type: ignore[assignment]
    numbers = {
        kind: f"+44770090011{n}" for n, kind in enumerate(("wrong", "used", "dead", "old", "replaced"))
    }
    right = {kind: await town.start(number) for kind, number in numbers.items() if kind != "old"}
    await town.finish(right["used"], numbers["used"])
    for k in range(1, 6):
        await town.finish(wrong(right["dead"], k), numbers["dead"])
    await town.senders.remove(ACCOUNT, numbers["replaced"])
    town.now -= 11 * MINUTE
    right["old"] = await town.start(numbers["old"])
    town.now += 11 * MINUTE
    right["wrong"] = wrong(right["wrong"])
    said: set[tuple[str, ...]] = set()
    answers = set()
    for kind, number in numbers.items():
        with pytest.raises(Refusal) as caught:
            await town.senders.finish(ACCOUNT, 70, number, right[kind])
        said.add(tuple(watching.said))
        answers.add((caught.value.code, caught.value.detail, caught.value.field, caught.value.after))
    assert len(answers) == 1
    assert len(said) == 1


@pytest.mark.parametrize("given", ["", "1", "12345", "1234567", "abcdef", "１２３４５６", "0" * 32, "\ud800"])
async def test_what_cannot_be_a_code_is_wrong_like_any_other(town: Town, given: str) -> None:
    await town.start()
    assert await town.finish(given) == "code_wrong"


async def test_no_code_is_kept_in_clear_and_equal_codes_do_not_look_alike(store: Store) -> None:
    town = Town(store)
    await town.settle()
    town.codes = Codes(
        store, town.codes._book._ids, lambda: NOW, lambda: NOW, accept=town._accept, price=lambda _: 0, key=b"k" * 32,
        draw=lambda: "271828",
    )  # fmt: skip
    town.senders._codes = town.codes
    for number in (PHONE, OTHER_PHONE):
        assert await town.start(number) == "271828"
    kept = await ask(store, "select digest from code")
    assert len(set(kept)) == 2
    assert all(len(digest) == 64 and "271828" not in digest for (digest,) in kept)
    assert await town.finish("271828") == "verified"


async def test_a_code_under_another_key_is_wrong(town: Town) -> None:
    code = await town.start()
    other = Codes(
        town.store, town.codes._book._ids, lambda: NOW, lambda: NOW, accept=town._accept, price=lambda _: 0,
        key=b"x" * 32,
    )  # fmt: skip
    town.senders._codes = other
    assert await town.finish(code) == "code_wrong"


# Who texts it, and who pays.


async def test_the_account_pays_and_a_hidden_principal_texts(town: Town) -> None:
    await town.start()
    await town.start(OTHER_PHONE)
    first, second = town.texts
    assert (first.account, first.principal) == (second.account, second.principal)
    assert first.account != ACCOUNT
    assert (first.rights, first.klass, first.validity) == ("system", "otp", 10 * MINUTE)
    found = await ask(town.store, f"select kind, public_id from principal where id = {first.principal}")
    assert found == [("system", "textwire-codes")]
    assert await town.balance() == 1000 * EUR - 2 * PRICE
    assert await town.balance(first.account) == 2 * PRICE, "from which its text is paid"


async def test_what_could_not_be_texted_is_not_paid_and_not_counted(town: Town) -> None:
    for _ in range(12):
        town.refusal = Refusal("queue_full")
        refusal = await town.asked()
        assert refusal is not None
        assert refusal.code == "queue_full"
    assert await town.balance() == 1000 * EUR
    assert await ask(town.store, "select count(*) from code") == [(0,)]
    assert await town.asked() is None


async def test_who_cannot_pay_gets_no_code(town: Town) -> None:
    await settle(town.store, balance=PRICE - 1, account=8)
    refusal = await town.asked(account=8)
    assert refusal is not None
    assert refusal.code == "insufficient_balance"
    assert town.texts == []


async def test_what_is_over_is_forgotten(town: Town) -> None:
    await town.start()
    town.now += 10 * MINUTE
    assert await town.codes.forget() is False
    assert await ask(town.store, "select message from code") == [(0,)]
    town.now += 2 * DAY
    await town.codes.forget()
    assert await ask(town.store, "select count(*) from code") == [(0,)]


async def test_two_houses_found_one_hidden_account(town: Town) -> None:
    first = await do(town.store, codes.house, 111, NOW)
    assert await do(town.store, codes.house, 222, NOW) == first == (111, 112)
