"""Buying and releasing: one winner, one charge, and what a release ends and leaves."""

import asyncio

import msgspec
import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, do
from textwire.domain.account import Principal
from textwire.domain.number import Assignment, Wish
from textwire.domain.refusal import Refusal
from textwire.simnet.inventory import Inventory
from textwire.store import accounts, numbers, senders
from textwire.store.accounts import Entry
from textwire.store.senders import Sender
from textwire.switch import owning
from textwire.switch.numbers import COUNTED, LOOKED_AT, Numbers, Owned
from textwire.switch.owning import MONTH

from .desk_house import NUMBER, OTHER, PROJECT, STRANGER, Verbs

EUR = 10**8
MOBILE = "+4915791234567"  # 1 EUR a month, and as much to set it up
APPLICATION, SECOND_APPLICATION = 72, 73


@pytest.fixture
async def rich(verbs: Verbs) -> Verbs:
    """Both accounts have 100 EUR."""
    for account in (ACCOUNT, OTHER):
        await do(verbs.store, accounts.book, [Entry(account, account, 0, "topup", 100 * EUR, NOW)])
    for key in (APPLICATION, SECOND_APPLICATION):
        application = Principal(key, ACCOUNT, "application", f"app-{key}", "", "")
        await do(verbs.store, accounts.insert_principal, application, NOW)
    verbs.heard.clear()
    return verbs


async def balance(verbs: Verbs, account: int = ACCOUNT) -> int:
    found = await accounts.account(verbs.store.engine, account)
    assert found is not None
    return found.balance


async def code(work: object) -> str:
    with pytest.raises(Refusal) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


async def test_a_bought_number_is_paid_for_and_owned_at_once(rich: Verbs) -> None:
    bought = await rich.numbers.buy(ACCOUNT, MOBILE, "support")
    number = bought.number
    assert (number.account, number.country, number.type, number.label) == (ACCOUNT, "DE", "mobile", "support")
    assert "SMS" in number.features.split()
    assert (number.due_at, number.paid_until) == (NOW + MONTH, NOW + MONTH)
    assert await rich.numbers.one(ACCOUNT, MOBILE) == bought == Owned(number, ())
    assert await balance(rich) == 98 * EUR
    lines = await ask(rich.store, "select kind, amount from ledger where kind <> 'topup' order by id")
    assert lines == [("number_setup", -EUR), ("number_rent", -EUR)]
    [event] = rich.heard
    assert (event.type, event.account) == ("number.bought", ACCOUNT)
    assert msgspec.json.decode(event.data) == {"number": MOBILE, "country": "DE", "type": "mobile"}


async def test_of_fifty_who_buy_a_number_at_once_one_gets_and_pays_for_it(rich: Verbs) -> None:
    outcomes = await asyncio.gather(
        *(rich.numbers.buy((ACCOUNT, OTHER)[n % 2], MOBILE) for n in range(50)), return_exceptions=True
    )
    won = [one for one in outcomes if isinstance(one, Owned)]
    lost = [one for one in outcomes if isinstance(one, Refusal)]
    assert (len(won), len(lost)) == (1, 49)
    assert {(one.code, one.field) for one in lost} == {("number_taken", "number")}
    assert await balance(rich, ACCOUNT) + await balance(rich, OTHER) == 198 * EUR
    assert [event.type for event in rich.heard] == ["number.bought"]
    assert len(await ask(rich.store, "select id from rent")) == 2


async def test_what_is_never_sold_is_not_found(rich: Verbs) -> None:
    for number in ("+15551234567890", "12345", "", "+4420799"):
        assert await code(rich.numbers.buy(ACCOUNT, number)) == "not_found"


async def test_who_cannot_pay_all_of_it_gets_nothing(rich: Verbs) -> None:
    await do(rich.store, accounts.book, [Entry(99, ACCOUNT, 0, "fee", -98 * EUR - 1, NOW)])
    assert await code(rich.numbers.buy(ACCOUNT, MOBILE)) == "insufficient_balance"
    assert await balance(rich) == 2 * EUR - 1
    assert await numbers.owned(rich.store.engine, [MOBILE]) == set()
    assert rich.heard == []


async def test_the_balance_is_never_spent_twice_by_purchases_at_once(rich: Verbs) -> None:
    await do(rich.store, accounts.book, [Entry(99, ACCOUNT, 0, "fee", -95 * EUR, NOW)])  # 5 EUR are left
    wanted = [f"+49157912345{n:02d}" for n in range(20)]
    outcomes = await asyncio.gather(
        *(rich.numbers.buy(ACCOUNT, number) for number in wanted), return_exceptions=True
    )
    assert sum(isinstance(one, Owned) for one in outcomes) == 2
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"insufficient_balance"}
    assert await balance(rich) == EUR


async def test_an_account_has_so_many_numbers_at_most(rich: Verbs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owning, "MOST_NUMBERS", 3)
    await rich.numbers.buy(ACCOUNT, MOBILE)
    assert await code(rich.numbers.buy(ACCOUNT, "+4915791234568")) == "too_many_numbers"
    assert await code(rich.numbers.add(ACCOUNT, "+15550009999")) == "too_many_numbers"
    assert await balance(rich) == 98 * EUR


async def test_who_buys_a_number_ends_that_others_have_proved_it(rich: Verbs) -> None:
    await do(rich.store, senders.proved, Sender(OTHER, MOBILE, STRANGER, NOW))
    await rich.numbers.buy(ACCOUNT, MOBILE)
    assert await senders.of_account(rich.store.engine, OTHER, 10) == []


async def test_a_released_number_leaves_its_history_and_can_be_bought_again(rich: Verbs) -> None:
    await rich.numbers.buy(ACCOUNT, MOBILE)
    await rich.numbers.assign(ACCOUNT, MOBILE, PRINCIPAL)
    await rich.subscribe(await rich.channel(), MOBILE)
    rich.heard.clear()
    await rich.numbers.release(ACCOUNT, MOBILE)
    assert [event.type for event in rich.heard] == [
        "number.unassigned",
        "subscription.canceled",
        "number.released",
    ]
    assert await balance(rich) == 98 * EUR
    assert len(await ask(rich.store, "select id from rent")) == 2
    assert await code(rich.numbers.release(ACCOUNT, MOBILE)) == "not_found"
    assert (await rich.numbers.buy(OTHER, MOBILE)).number.account == OTHER


async def test_what_is_owned_is_not_offered_and_what_is_released_is_again(rich: Verbs) -> None:
    wish = Wish("DE", pattern="4915791234567")
    whole = [offer.number for _, offer in (await rich.numbers.available(wish, 10)).offers]
    assert whole == [MOBILE]
    await rich.numbers.buy(OTHER, MOBILE)
    assert (await rich.numbers.available(wish, 10)).offers == ()
    await rich.numbers.release(OTHER, MOBILE)
    assert [offer.number for _, offer in (await rich.numbers.available(wish, 10)).offers] == [MOBILE]


async def test_pages_stay_where_they_are_while_numbers_are_bought(rich: Verbs) -> None:
    wish = Wish("DE", "mobile", frozenset({"VOICE"}))
    whole = [offer.number for _, offer in (await rich.numbers.available(wish, 60)).offers]
    for number in whole[5:60:10]:
        await rich.numbers.buy(ACCOUNT, number)
    seen, place = [], -1
    while len(seen) < 54:
        found = await rich.numbers.available(wish, 7, place)
        assert len(found.offers) == 7
        assert found.seen is not None
        seen += [offer.number for _, offer in found.offers]
        place = found.seen
    assert seen[:54] == [number for number in whole if number not in whole[5:60:10]]


async def test_the_last_page_says_that_it_is(rich: Verbs) -> None:
    wish, place, seen = Wish("LI", "toll-free"), -1, []
    while True:
        found = await rich.numbers.available(wish, 30, place)
        seen += [offer.number for _, offer in found.offers]
        if found.seen is None:
            break
        place = found.seen
    assert sorted(seen) == [f"+42380022{n:02d}" for n in range(100)]
    assert (await rich.numbers.available(wish, 30, 10**15)).seen is None


class Barren:
    """A catalogue in which hardly anything fits."""

    size = 10 * LOOKED_AT

    def __init__(self) -> None:
        self.looked = 0

    def countries(self) -> frozenset[str]:
        return frozenset({"DE"})

    def search(self, wish: Wish) -> "Barren":
        return self

    def at(self, place: int) -> None:
        self.looked += 1

    def offer(self, number: str) -> None:
        return None


async def test_a_search_looks_at_a_bounded_number_of_places(rich: Verbs) -> None:
    barren = Barren()
    verbs = Numbers(rich.store, None, rich.clock, lambda: NOW, barren)  # type: ignore[arg-type]
    found = await verbs.available(Wish("DE"), 10)
    assert (found.offers, found.seen, barren.looked) == ((), LOOKED_AT - 1, LOOKED_AT)


async def test_leafing_shows_each_free_number_once_and_counts_them(rich: Verbs) -> None:
    wish = Wish("LI", "toll-free")
    await rich.numbers.buy(OTHER, "+4238002200")
    pages = [await rich.numbers.leaf(wish, skip, 30) for skip in range(0, 120, 30)]
    assert [page.count for page in pages] == [99] * 4
    seen = [offer.number for page in pages for offer in page.offers]
    assert sorted(seen) == [f"+42380022{n:02d}" for n in range(1, 100)]
    assert len(pages[3].offers) == 9
    assert (await rich.numbers.leaf(wish, 120, 30)).offers == ()


async def test_what_is_bought_is_followed_by_the_next_one(rich: Verbs) -> None:
    wish = Wish("DE", "mobile")
    [first, second] = (await rich.numbers.leaf(wish, 0, 2)).offers
    await rich.numbers.buy(ACCOUNT, first.number)
    found = await rich.numbers.leaf(wish, 0, 1)
    assert (found.offers, found.count) == ((second,), COUNTED)


async def test_leafing_is_bounded_and_finds_nothing_in_a_country_without_numbers(rich: Verbs) -> None:
    barren = Barren()
    verbs = Numbers(rich.store, None, rich.clock, lambda: NOW, barren)  # type: ignore[arg-type]
    found = await verbs.leaf(Wish("DE"), 0, 10)
    assert (found.offers, found.count, barren.looked) == ((), 0, LOOKED_AT)
    assert (await rich.numbers.leaf(Wish("ZZ"), 0, 10)).count == 0
    assert (await rich.numbers.leaf(Wish("DE"), COUNTED, 10)).offers == ()


async def test_a_country_without_numbers_is_refused_by_name(rich: Verbs) -> None:
    assert await code(rich.numbers.available(Wish("ZZ"), 10)) == "invalid_field"
    assert "ZZ" not in Inventory().countries()


# Changes in one go, and applications.


async def test_several_changes_happen_in_one_go(rich: Verbs) -> None:
    await rich.numbers.change(
        ACCOUNT, NUMBER, assign=(PROJECT, True), unassign=PRINCIPAL, label="new",
        settings={"inbound_url": "https://example.test/in", "voice_type": "tel"},
    )  # fmt: skip
    owned = await rich.numbers.one(ACCOUNT, NUMBER)
    assert owned.assignments == (Assignment(NUMBER, PROJECT, 1),)
    assert owned.number.label == "new"
    await rich.numbers.change(ACCOUNT, NUMBER, settings={"voice_type": "", "voice_value": "x"})
    kept = (await rich.numbers.one(ACCOUNT, NUMBER)).number
    assert msgspec.json.decode(kept.settings) == {
        "inbound_url": "https://example.test/in",
        "voice_value": "x",
    }
    assert kept.label == "new"


async def test_of_changes_that_are_refused_nothing_happens(rich: Verbs) -> None:
    before = await rich.numbers.one(ACCOUNT, NUMBER)
    for wish in ({"unassign": PROJECT}, {"assign": (STRANGER, False)}, {"unassign": STRANGER}):
        assert await code(rich.numbers.change(ACCOUNT, NUMBER, label="new", **wish)) == "not_found"  # type: ignore[arg-type]
    assert await code(rich.numbers.change(OTHER, NUMBER, label="new")) == "not_found"
    assert await rich.numbers.one(ACCOUNT, NUMBER) == before
    assert rich.heard == []


async def test_a_number_is_one_applications_at_most(rich: Verbs) -> None:
    await rich.numbers.assign(ACCOUNT, NUMBER, APPLICATION)
    await rich.numbers.assign(ACCOUNT, NUMBER, SECOND_APPLICATION)
    await rich.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    held = (await rich.numbers.one(ACCOUNT, NUMBER)).assignments
    assert [one.principal for one in held] == [PRINCIPAL, PROJECT, SECOND_APPLICATION]
    told = [(event.type, msgspec.json.decode(event.data)["principal"]) for event in rich.heard]
    assert told == [
        ("number.assigned", f"app-{APPLICATION}"),
        ("number.unassigned", f"app-{APPLICATION}"),
        ("number.assigned", f"app-{SECOND_APPLICATION}"),
        ("number.assigned", "project-7"),
    ]
