"""assigning: who of an account may use a number; taking it away ends what hangs on it, in the same write."""

from collections.abc import Sequence

import msgspec

from textwire.domain.account import Principal
from textwire.domain.event import Event
from textwire.domain.number import Assignment, Number, Settings
from textwire.domain.refusal import Refusal
from textwire.store import accounts, hooks, numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Subscription

_settings = msgspec.json.Decoder(Settings)


class Assign(msgspec.Struct, frozen=True):
    """Let a principal use a number."""

    account: int
    new: Assignment
    at: int


class Unassign(msgspec.Struct, frozen=True):
    """Take a number from a principal."""

    account: int
    number: str
    principal: int
    at: int


class Hand(msgspec.Struct, frozen=True):
    """Let one user of an account have a number and no other user; 0: none."""

    account: int
    number: str
    principal: int
    at: int


class Change(msgspec.Struct, frozen=True):
    """Several things at once; None leaves one as it is. `settings` are fields of Settings, "" unsets one."""

    account: int
    number: str
    at: int
    assign: Assignment | None = None
    unassign: int | None = None
    label: str | None = None
    settings: dict[str, str] | None = None


async def assign(unit: Unit, wish: Assign) -> Assignment:
    """An application's number is no other application's, so it goes from the one to the other."""
    new = wish.new
    await must_own(unit, wish.account, new.number)
    principal = await _member(unit, wish.account, new.principal)
    pair = (new.principal, new.number)
    before = (await numbers.assigned(unit, [pair])).get(pair)
    if before == new.is_default:
        return new
    if before is None and principal.kind == "application":
        held = await holders(unit, new.number)
        await take(unit, wish.account, new.number, [p for p in held if p.kind == "application"], wish.at)
    await numbers.assign(unit, new)
    if before is None:
        unit.events.append(_moved("number.assigned", wish.account, new.number, principal, wish.at))
    return new


async def unassign(unit: Unit, wish: Unassign) -> tuple[Subscription, ...]:
    """Cancels that principal's subscriptions of the number, too."""
    principal = await _holder(unit, wish.account, wish.number, wish.principal)
    return await take(unit, wish.account, wish.number, [principal], wish.at)


async def hand(unit: Unit, wish: Hand) -> None:
    """What is no user, like a project, keeps the number. Refuses before it writes anything."""
    await must_own(unit, wish.account, wish.number)
    if wish.principal:
        await _member(unit, wish.account, wish.principal)
    users = [one for one in await holders(unit, wish.number) if one.kind == "user"]
    await take(unit, wish.account, wish.number, [one for one in users if one.id != wish.principal], wish.at)
    if wish.principal and wish.principal not in {one.id for one in users}:
        await assign(unit, Assign(wish.account, Assignment(wish.number, wish.principal, 0), wish.at))


async def change(unit: Unit, wish: Change) -> Number:
    """Refuses before it writes anything."""
    found = await must_own(unit, wish.account, wish.number)
    if wish.assign is not None:
        await _member(unit, wish.account, wish.assign.principal)
    if wish.unassign is not None:
        await _holder(unit, wish.account, wish.number, wish.unassign)
    changed = msgspec.structs.replace(
        found,
        label=found.label if wish.label is None else wish.label,
        settings=merged(found.settings, wish.settings or {}),
    )
    if changed != found:
        await numbers.change(unit, changed)
    if wish.unassign is not None:
        await unassign(unit, Unassign(wish.account, wish.number, wish.unassign, wish.at))
    if wish.assign is not None:
        await assign(unit, Assign(wish.account, wish.assign, wish.at))
    return changed


def merged(kept: str, changes: dict[str, str]) -> str:
    """A number's settings with some of them changed."""
    if not changes:
        return kept
    new = msgspec.convert({**msgspec.to_builtins(_settings.decode(kept)), **changes}, Settings)
    return msgspec.json.encode(new).decode()


async def must_own(unit: Unit, account: int, number: str) -> Number:
    """The number, which is the account's; Refusal not_found otherwise."""
    found = await numbers.held(unit, account, number)
    if found is None:
        raise Refusal("not_found", field="number")
    return found


async def holders(unit: Unit, number: str) -> list[Principal]:
    """To whom a number is assigned."""
    found = await accounts.members(unit, [a.principal for a in await numbers.holders(unit, number)])
    return sorted(found.values(), key=lambda principal: principal.id)


async def take(
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


async def _member(unit: Unit, account: int, principal: int) -> Principal:
    found = (await accounts.members(unit, [principal])).get(principal)
    if found is None or found.account != account:
        raise Refusal("not_found", field="principal")
    return found


async def _holder(unit: Unit, account: int, number: str, principal: int) -> Principal:
    await must_own(unit, account, number)
    found = await _member(unit, account, principal)
    if (found.id, number) not in await numbers.assigned(unit, [(found.id, number)]):
        raise Refusal("not_found", "The number is not assigned to this principal.", "principal")
    return found


def told(kind: str, account: int, at: int, data: dict[str, str], hook: int = 0) -> Event:
    """An event about a number."""
    return Event(0, account, kind, 0, 1, "", at, msgspec.json.encode(data).decode(), hook=hook)


def _moved(kind: str, account: int, number: str, principal: Principal, at: int) -> Event:
    return told(kind, account, at, {"number": number, "principal": principal.public_id})


def _canceled(one: Subscription, number: str, principal: str, at: int) -> Event:
    data = {
        "number": number, "principal": principal, "subscription": one.hook.public_id, "channel": one.channel,
    }  # fmt: skip
    return told("subscription.canceled", one.hook.account, at, data, one.hook.id)
