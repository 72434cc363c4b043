"""numbers: who owns a number and who may use it; taking it away ends what hangs on it, in the same write."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from textwire.clock import Clock
from textwire.domain.account import Principal
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.number import Assignment, Number
from textwire.domain.refusal import Refusal
from textwire.store import accounts, hooks, numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Subscription
from textwire.store.store import Store


class Owned(msgspec.Struct, frozen=True):
    """A number of an account, and to whom it is assigned."""

    number: Number
    assignments: tuple[Assignment, ...]


class _Add(msgspec.Struct, frozen=True):
    number: Number


class _Assign(msgspec.Struct, frozen=True):
    account: int
    new: Assignment
    at: int


class _Unassign(msgspec.Struct, frozen=True):
    account: int
    number: str
    principal: int
    at: int


class _Release(msgspec.Struct, frozen=True):
    account: int
    number: str
    at: int


class Numbers:
    """The verbs. What belongs to another account is not_found, like what there is not."""

    def __init__(self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int]) -> None:
        self._store, self._clock = store, clock
        self._ledger = Ledger()

    async def list(self, account: int) -> tuple[Owned, ...]:
        """An account's numbers with their assignments, by number, at most 1,000."""
        engine = self._store.engine
        holders: dict[str, list[Assignment]] = {}
        for one in await numbers.assignments(engine, account):
            holders.setdefault(one.number, []).append(one)
        found = await numbers.of_account(engine, account)
        return tuple(Owned(number, tuple(holders.get(number.number, ()))) for number in found)

    async def add(self, account: int, number: str, country: str = "") -> Number:
        """Gives a number (E.164) to an account. Refusal number_taken, also when it is the account's already."""
        new = Number(number, account, country, self._clock.now())
        added: Number = await self._store.write(self._ledger, _Add(new))
        return added

    async def release(self, account: int, number: str) -> None:
        """Takes a number from an account and from everybody it was assigned to. Refusal not_found."""
        await self._store.write(self._ledger, _Release(account, number, self._clock.now()))

    async def assign(self, account: int, number: str, principal: int, default: bool = False) -> Assignment:
        """Lets a principal of the account use a number; a new default replaces the old one. Refusal not_found."""
        new = Assignment(number, principal, int(default))
        assigned: Assignment = await self._store.write(self._ledger, _Assign(account, new, self._clock.now()))
        return assigned

    async def unassign(self, account: int, number: str, principal: int) -> tuple[Subscription, ...]:
        """Takes a number from one principal and cancels that principal's subscriptions of it, which hear so.

        Returns what was canceled. Refusal not_found when it was not assigned.
        """
        wish = _Unassign(account, number, principal, self._clock.now())
        canceled: tuple[Subscription, ...] = await self._store.write(self._ledger, wish)
        return canceled


class Ledger:
    """The write of these verbs: one wish after the other, each seeing what the one before has done."""

    def __init__(self) -> None:
        self._steps: dict[type, Callable[[Unit, Any], Any]] = {
            _Add: _add, _Assign: _assign, _Unassign: _unassign, _Release: _release,
        }  # fmt: skip

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        outcomes: list[Any] = []
        for item in items:
            try:
                outcomes.append(await self._steps[type(item)](unit, item))
            except Refusal as refusal:  # raised before the step has written anything
                outcomes.append(refusal)
        return outcomes


async def _add(unit: Unit, wish: _Add) -> Number:
    if await numbers.owners(unit, [wish.number.number]):
        raise Refusal("number_taken", field="number")
    await numbers.insert(unit, [wish.number])
    return wish.number


async def _must_own(unit: Unit, account: int, number: str) -> None:
    owner, _ = (await numbers.owners(unit, [number])).get(number, (0, 0))
    if owner != account:
        raise Refusal("not_found", field="number")


async def _member(unit: Unit, account: int, principal: int) -> Principal:
    found = (await accounts.members(unit, [principal])).get(principal)
    if found is None or found.account != account:
        raise Refusal("not_found", field="principal")
    return found


async def _assign(unit: Unit, wish: _Assign) -> Assignment:
    new = wish.new
    await _must_own(unit, wish.account, new.number)
    principal = await _member(unit, wish.account, new.principal)
    pair = (new.principal, new.number)
    before = (await numbers.assigned(unit, [pair])).get(pair)
    if before == new.is_default:
        return new
    await numbers.assign(unit, new)
    if before is None:
        unit.events.append(_moved("number.assigned", wish.account, new.number, principal, wish.at))
    return new


async def _unassign(unit: Unit, wish: _Unassign) -> tuple[Subscription, ...]:
    await _must_own(unit, wish.account, wish.number)
    principal = await _member(unit, wish.account, wish.principal)
    pair = (principal.id, wish.number)
    if pair not in await numbers.assigned(unit, [pair]):
        raise Refusal("not_found", "The number is not assigned to this principal.", "principal")
    return await _take(unit, wish.account, wish.number, [principal], wish.at)


async def _release(unit: Unit, wish: _Release) -> None:
    await _must_own(unit, wish.account, wish.number)
    holders = [a.principal for a in await numbers.holders(unit, wish.number)]
    principals = await accounts.members(unit, holders)
    await _take(unit, wish.account, wish.number, list(principals.values()), wish.at)
    await numbers.delete(unit, wish.number)


async def _take(
    unit: Unit, account: int, number: str, principals: Sequence[Principal], at: int
) -> tuple[Subscription, ...]:
    """Assignments, subscriptions and what they are told: all of it or nothing (reliability K9)."""
    pairs = [(principal.id, number) for principal in principals]
    canceled = await hooks.hanging_on(unit, pairs)
    await numbers.unassign(unit, pairs)
    if canceled:
        await hooks.cancel(unit, [one.hook.id for one in canceled])
    unit.events.extend(_moved("number.unassigned", account, number, p, at) for p in principals)
    names = {principal.id: principal.public_id for principal in principals}
    unit.events.extend(_canceled(one, number, names[one.hook.principal], at) for one in canceled)
    return tuple(canceled)


def _moved(kind: str, account: int, number: str, principal: Principal, at: int) -> Event:
    data = {"number": number, "principal": principal.public_id}
    return Event(0, account, kind, 0, 1, "", at, msgspec.json.encode(data).decode())


def _canceled(one: Subscription, number: str, principal: str, at: int) -> Event:
    data = {
        "number": number, "principal": principal, "subscription": one.hook.public_id, "channel": one.channel,
    }  # fmt: skip
    return Event(
        0, one.hook.account, "subscription.canceled", 0, 1, "", at, msgspec.json.encode(data).decode(),
        hook=one.hook.id,
    )  # fmt: skip
