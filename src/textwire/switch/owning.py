"""owning: how a number becomes an account's, and nobody's again."""

from collections.abc import Callable

import msgspec

from textwire.domain.ids import Ids
from textwire.domain.number import Number, Offer
from textwire.domain.refusal import Refusal
from textwire.store import accounts, numbers, rents, senders
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.rents import Rent

from .assigning import holders, must_own, take, told

DAY = 86_400_000_000  # µs
MONTH = 30 * DAY
MOST_NUMBERS = 1000  # of an account


class Add(msgspec.Struct, frozen=True):
    """Give a number to an account, for nothing."""

    number: Number


class Buy(msgspec.Struct, frozen=True):
    """Sell a number to an account."""

    account: int
    offer: Offer
    label: str
    at: int


class Release(msgspec.Struct, frozen=True):
    """Take a number from its account."""

    account: int
    number: str
    at: int


class Owning:
    """The steps of this write."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._ids, self._real_now = ids, real_now

    def id(self) -> int:
        """A new identifier."""
        return self._ids.take(self._real_now())

    async def add(self, unit: Unit, wish: Add) -> Number:
        """Nothing is charged, now or later."""
        await _must_be_free(unit, wish.number.account, wish.number.number)
        await self._own(unit, wish.number)
        return wish.number

    async def buy(self, unit: Unit, wish: Buy) -> Number:
        """Set-up and first month are paid in the same write, or nothing happens."""
        offer, at = wish.offer, wish.at
        balance, state = (await accounts.balances(unit, [wish.account])).get(wish.account, (0, "missing"))
        await _must_be_free(unit, wish.account, offer.number)
        if state != "active":
            raise Refusal("account_suspended")
        if balance < offer.setup + offer.monthly:
            raise Refusal("insufficient_balance", "The balance does not cover this number.")
        number = Number(
            offer.number, wish.account, offer.country, at, offer.type, " ".join(offer.features), offer.monthly,
            "active", at + MONTH, at + MONTH, wish.label,
        )  # fmt: skip
        await self._own(unit, number)
        await self.charge(unit, number, "number_setup", offer.setup, at, at, at)
        await self.charge(unit, number, "number_rent", offer.monthly, at, at + MONTH, at)
        data = {"number": number.number, "country": number.country, "type": number.type}
        unit.events.append(told("number.bought", wish.account, at, data))
        return number

    async def release(self, unit: Unit, wish: Release) -> None:
        """What was paid is not given back; messages, events and payments stay."""
        await must_own(unit, wish.account, wish.number)
        await take(unit, wish.account, wish.number, await holders(unit, wish.number), wish.at)
        await numbers.delete(unit, wish.number)
        unit.events.append(told("number.released", wish.account, wish.at, {"number": wish.number}))

    async def charge(
        self, unit: Unit, number: Number, kind: str, amount: int, since: int, until: int, at: int
    ) -> None:
        """A line of the ledger, and what it was for."""
        key = self.id()
        await accounts.book(unit, [Entry(key, number.account, 0, kind, -amount, at)])
        await rents.paid(unit, [Rent(key, number.number, number.account, amount, since, until)])

    async def _own(self, unit: Unit, number: Number) -> None:
        await numbers.take(unit, number)
        await senders.forget(unit, [number.number])


async def _must_be_free(unit: Unit, account: int, number: str) -> None:
    if await numbers.owners(unit, [number]):
        raise Refusal("number_taken", field="number")
    if await numbers.count(unit, account, MOST_NUMBERS) >= MOST_NUMBERS:
        raise Refusal("too_many_numbers", f"An account has at most {MOST_NUMBERS} numbers.")
