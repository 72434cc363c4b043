"""numbers: the verbs over what an account owns, and the search for what it could own."""

import asyncio
from collections.abc import Callable

import msgspec

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.number import Assignment, Number, Offer, Wish
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Subscription
from textwire.store.store import Store

from . import assigning, once
from .assigning import Assign, Change, Hand, Unassign
from .book import Book
from .callbacks import INBOUND, want
from .catalogue import Catalogue
from .once import Keep
from .owning import Add, Buy, Owning, Release

LOOKED_AT = 5_000  # places of a stock that one search looks at, at most
COUNTED = 1_000  # free numbers that a search with pages counts, and leafs through, at most
SLICE = 250  # places that are looked at in one go, before others have their turn


class Owned(msgspec.Struct, frozen=True):
    """A number of an account, and to whom it is assigned."""

    number: Number
    assignments: tuple[Assignment, ...]


class Found(msgspec.Struct, frozen=True):
    """Offers with the place at which each was found, and the last place looked at (None: there is nothing more)."""

    offers: tuple[tuple[int, Offer], ...]
    seen: int | None


class Leaf(msgspec.Struct, frozen=True):
    """A page of what is free, and how much there is in all, counted up to COUNTED."""

    offers: tuple[Offer, ...]
    count: int


class Numbers:
    """The verbs. What belongs to another account is not_found, like what there is not."""

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], catalogue: Catalogue
    ) -> None:
        self._store, self._clock, self._catalogue = store, clock, catalogue
        self._ledger = _ledger(Owning(ids, real_now))

    async def list(self, account: int) -> tuple[Owned, ...]:
        """An account's numbers with their assignments, by number, at most 1,000."""
        engine = self._store.engine
        holders: dict[str, list[Assignment]] = {}
        for one in await numbers.assignments(engine, account):
            holders.setdefault(one.number, []).append(one)
        found = await numbers.of_account(engine, account)
        return tuple(Owned(number, tuple(holders.get(number.number, ()))) for number in found)

    async def one(self, account: int, number: str) -> Owned:
        """A number of an account. Refusal not_found."""
        found = await numbers.one(self._store.engine, account, number)
        if found is None:
            raise Refusal("not_found", field="number")
        return Owned(found, tuple(await numbers.assignments_of(self._store.engine, number)))

    async def available(self, wish: Wish, limit: int, after: int = -1) -> Found:
        """Up to `limit` offers behind the place `after` that nobody owns, in the stock's order.

        Places never change, whatever is bought meanwhile. Refusal invalid_field for a country without numbers.
        """
        if wish.country not in self._catalogue.countries():
            raise Refusal("invalid_field", "There are no numbers in such a country.", "country")
        stock = self._catalogue.search(wish)
        free: list[tuple[int, Offer]] = []
        seen, end = after, min(stock.size, after + 1 + LOOKED_AT)
        while len(free) < limit and seen + 1 < end:
            candidates: list[tuple[int, Offer]] = []
            while len(free) + len(candidates) < limit and seen + 1 < end:
                seen += 1
                if (offer := stock.at(seen)) is not None:
                    candidates.append((seen, offer))
            owned = await numbers.owned(self._store.engine, [offer.number for _, offer in candidates])
            free += [(place, offer) for place, offer in candidates if offer.number not in owned]
        return Found(tuple(free), seen if seen + 1 < stock.size else None)

    async def leaf(self, wish: Wish, skip: int, limit: int) -> Leaf:
        """Up to `limit` offers that nobody owns behind the first `skip` such, for callers who leaf by number.

        No more than COUNTED can be leafed through, nor more than lie among the first LOOKED_AT places: who looks
        for others says more of them. A country without numbers has none.
        """
        free: list[Offer] = []
        stock = self._catalogue.search(wish)
        end = min(stock.size, LOOKED_AT)
        for start in range(0, end, SLICE):
            there = [
                one for place in range(start, min(start + SLICE, end)) if (one := stock.at(place)) is not None
            ]
            owned = await numbers.owned(self._store.engine, [offer.number for offer in there])
            free += [offer for offer in there if offer.number not in owned]
            if len(free) >= COUNTED:
                break
            await asyncio.sleep(0)
        counted = free[:COUNTED]
        return Leaf(tuple(counted[skip : skip + limit]), len(counted))

    def offer(self, number: str) -> Offer | None:
        """What a number costs, whoever owns it; None for one that is never sold."""
        return self._catalogue.offer(number)

    async def buy(self, account: int, number: str, label: str = "", keep: Keep | None = None) -> Owned:
        """Sells a number (E.164) to an account, which owns it at once.

        Refusal not_found (it is never sold), number_taken, insufficient_balance, account_suspended,
        too_many_numbers; `keep` as in `once`.
        """
        offer = self._catalogue.offer(number)
        if offer is None:
            raise Refusal("not_found", "There is no such number to buy.", "number")
        bought: Owned = await once.write(
            self._store, self._ledger, Buy(account, offer, label, self._clock.now()), keep
        )
        return bought

    async def add(self, account: int, number: str, country: str = "") -> Number:
        """Gives a number (E.164) to an account. Refusal number_taken, also when it is the account's already."""
        new = Number(number, account, country, self._clock.now())
        added: Number = await self._store.write(self._ledger, Add(new))
        return added

    async def change(
        self, account: int, number: str, *, assign: tuple[int, bool] | None = None,
        unassign: int | None = None, label: str | None = None, settings: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Several changes in one write; None leaves one as it is, "" unsets a setting. Refusal not_found.

        `assign` names a principal, and whether the number is its default.
        """
        new = None if assign is None else Assignment(number, assign[0], int(assign[1]))
        wish = Change(account, number, self._clock.now(), new, unassign, label, settings)
        await self._store.write(self._ledger, wish)

    async def release(self, account: int, number: str) -> None:
        """Takes a number from an account and from everybody it was assigned to. Refusal not_found."""
        await self._store.write(self._ledger, Release(account, number, self._clock.now()))

    async def assign(self, account: int, number: str, principal: int, default: bool = False) -> Assignment:
        """Lets a principal of the account use a number; a new default replaces the old one. Refusal not_found."""
        new = Assignment(number, principal, int(default))
        assigned: Assignment = await self._store.write(self._ledger, Assign(account, new, self._clock.now()))
        return assigned

    async def hand(self, account: int, number: str, principal: int) -> None:
        """Gives a number to one user and takes it from all others; 0: to none. Refusal not_found."""
        await self._store.write(self._ledger, Hand(account, number, principal, self._clock.now()))

    async def unassign(self, account: int, number: str, principal: int) -> tuple[Subscription, ...]:
        """Takes a number from one principal and cancels that principal's subscriptions of it, which hear so.

        Returns what was canceled. Refusal not_found when it was not assigned.
        """
        wish = Unassign(account, number, principal, self._clock.now())
        canceled: tuple[Subscription, ...] = await self._store.write(self._ledger, wish)
        return canceled


def _ledger(owning: Owning) -> Book:
    """The write of these verbs."""

    async def buy(unit: Unit, wish: Buy) -> Owned:
        return Owned(await owning.buy(unit, wish), ())

    async def change(unit: Unit, wish: Change) -> Number:
        changed = await assigning.change(unit, wish)
        if (wish.settings or {}).get("inbound_url"):
            await want(unit, wish.account, INBOUND, owning.id, wish.at)
        return changed

    return Book(
        {Add: owning.add, Buy: buy, Release: owning.release, Assign: assigning.assign, Unassign: assigning.unassign,
         Change: change, Hand: assigning.hand}
    )  # fmt: skip
