"""Users, projects and keys: made, changed and taken away, by nobody who could not have made them."""

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from textwire.domain.account import (
    MOST_OF_A_KIND,
    Caller,
    NewCredential,
    Principal,
    PrincipalKind,
    password_lookup,
)
from textwire.domain.event import Event
from textwire.domain.number import Assignment
from textwire.domain.refusal import Refusal
from textwire.store import accounts, hooks, numbers, people
from textwire.store.people import Person

from .wishes import Add, Change, Remove

if TYPE_CHECKING:
    from .book import Sheet

# Which credential holds what a principal of a kind may do with the own API, and which one is its own secret.
SCOPED: dict[PrincipalKind, str] = {"user": "password", "key": "key"}


async def add(sheet: "Sheet", wish: Add) -> Person:
    """A new principal. Refusal email_taken, scope_missing, too_many_people, not_found for a number not owned."""
    for credential in wish.credentials:
        may(wish.by, frozenset(credential.scopes.split()))
    await _free(sheet, wish.email)
    await _owned(sheet, wish.account, wish.number)
    if await people.count(sheet.unit, wish.account, wish.kind) >= MOST_OF_A_KIND:
        raise Refusal("too_many_people")
    new = Principal(sheet.id(), wish.account, wish.kind, wish.public_id, wish.email, wish.name)
    await accounts.insert_principal(sheet.unit, new, sheet.now)
    await people.equip(sheet.unit, [(sheet.id(), new.id, one) for one in wish.credentials], sheet.now)
    if wish.number:
        await _default(sheet, new, wish.number, wish.now)
    made = await _found(sheet, wish.by, wish.kind, wish.public_id, wish.account)
    sheet.note(
        wish.by, wish.account, f"{wish.kind}.added", wish.public_id, name=wish.name, email=wish.email,
        scopes=sorted(made.scopes), default_number=wish.number,
    )  # fmt: skip
    return made


async def change(sheet: "Sheet", wish: Change) -> Person:
    """A principal with something else. Refusal not_found, email_taken, scope_missing."""
    before = await _found(sheet, wish.by, wish.kind, wish.public_id)
    may(wish.by, before.scopes)
    owner = before.principal
    if wish.scopes is not UNSET:
        may(wish.by, wish.scopes)
    email = owner.email if wish.email is UNSET else wish.email
    if email != owner.email:
        await _free(sheet, email)
    if wish.number is not UNSET:
        await _owned(sheet, owner.account, wish.number or "")
    name = owner.name if wish.name is UNSET else wish.name
    await people.change(sheet.unit, owner.id, email, name)
    await _credentials(sheet, wish, owner, email)
    if wish.number is not UNSET:
        await _default(sheet, owner, wish.number or "", wish.now)
    after = await _found(sheet, wish.by, wish.kind, wish.public_id)
    sheet.note(
        wish.by, owner.account, f"{wish.kind}.changed", owner.public_id, **_changes(wish, before, after)
    )
    return after


async def remove(sheet: "Sheet", wish: Remove) -> None:
    """A principal is gone: its credentials at once, its numbers as by hand. Refusal not_found, scope_missing."""
    found = await _found(sheet, wish.by, wish.kind, wish.public_id)
    may(wish.by, found.scopes)
    owner = found.principal
    for number in await people.held(sheet.unit, owner.id):
        await _take(sheet, owner, number, wish.now)
    await people.forget(sheet.unit, owner.id)
    sheet.note(
        wish.by, owner.account, f"{wish.kind}.removed", owner.public_id, name=owner.name, email=owner.email
    )


async def _credentials(sheet: "Sheet", wish: Change, owner: Principal, email: str) -> None:
    """The new e-mail's lookup, the new password in place of the old one, the new secret, the new scopes."""
    kind = SCOPED.get(wish.kind, "")
    if email != owner.email:
        await people.rename(sheet.unit, owner.id, "password", password_lookup(email))
    if wish.password is not UNSET:
        scopes = await _scopes_of(sheet, wish)
        await people.take_away(sheet.unit, owner.id, "password")
        new = NewCredential("password", password_lookup(email), wish.password, scopes)
        await people.equip(sheet.unit, [(sheet.id(), owner.id, new)], sheet.now)
    if wish.secret is not UNSET:
        await people.take_away(sheet.unit, owner.id, wish.secret.kind)
        await people.equip(sheet.unit, [(sheet.id(), owner.id, wish.secret)], sheet.now)
    if wish.scopes is not UNSET and kind:
        await people.allow(sheet.unit, owner.id, kind, " ".join(sorted(wish.scopes)))


async def _scopes_of(sheet: "Sheet", wish: Change) -> str:
    found = await _found(sheet, wish.by, wish.kind, wish.public_id)
    proof = found.proof("password")
    return proof.scopes if proof else ""


async def _found(
    sheet: "Sheet", by: Caller, kind: PrincipalKind, public_id: str, account: int | None = None
) -> Person:
    found = await people.find(sheet.unit, by.account if account is None else account, kind, public_id)
    if found is None:
        raise Refusal("not_found")
    return found


def may(by: Caller, scopes: frozenset[str]) -> None:
    """Nobody gives, or gets hold of, more than he has himself."""
    if beyond := scopes - by.scopes:
        raise Refusal(
            "scope_missing",
            f"This takes a key that has the scope {', '.join(sorted(beyond))} itself.",
            "scopes",
        )


async def _free(sheet: "Sheet", email: str) -> None:
    if email and await people.holder_of(sheet.unit, email):
        raise Refusal("email_taken", field="email")


async def _owned(sheet: "Sheet", account: int, number: str) -> None:
    if number and (await numbers.owners(sheet.unit, [number])).get(number, (0, 0))[0] != account:
        raise Refusal("invalid_field", "The account does not own this number.", "default_number")


async def _default(sheet: "Sheet", owner: Principal, number: str, at: int) -> None:
    """Its default number from now on; the one before stays assigned."""
    before = (await numbers.defaults(sheet.unit, [owner.id])).get(owner.id, "")
    if number == before:
        return
    if not number:
        await numbers.assign(sheet.unit, Assignment(before, owner.id, 0))
        return
    is_new = (owner.id, number) not in await numbers.assigned(sheet.unit, [(owner.id, number)])
    await numbers.assign(sheet.unit, Assignment(number, owner.id, 1))
    if is_new:
        sheet.unit.events.append(_moved("number.assigned", owner, number, at))


async def _take(sheet: "Sheet", owner: Principal, number: str, at: int) -> None:
    """Unassigns, and ends what hangs on it: the subscriptions hear so."""
    pairs = [(owner.id, number)]
    canceled = await hooks.hanging_on(sheet.unit, pairs)
    await numbers.unassign(sheet.unit, pairs)
    if canceled:
        await hooks.cancel(sheet.unit, [one.hook.id for one in canceled])
    sheet.unit.events.append(_moved("number.unassigned", owner, number, at))
    for one in canceled:
        told = {"number": number, "principal": owner.public_id, "subscription": one.hook.public_id, "channel": one.channel}  # fmt: skip
        data = msgspec.json.encode(told).decode()
        sheet.unit.events.append(
            Event(0, owner.account, "subscription.canceled", 0, 1, "", at, data, hook=one.hook.id)
        )


def _moved(kind: str, owner: Principal, number: str, at: int) -> Event:
    data = msgspec.json.encode({"number": number, "principal": owner.public_id}).decode()
    return Event(0, owner.account, kind, 0, 1, "", at, data)


def _changes(wish: Change, before: Person, after: Person) -> dict[str, object]:
    """What is different, as [before, after]; of a secret only that it is a new one."""
    pairs = {
        "name": (before.principal.name, after.principal.name),
        "email": (before.principal.email, after.principal.email),
        "scopes": (sorted(before.scopes), sorted(after.scopes)),
        "default_number": (before.number, after.number),
    }
    told: dict[str, object] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if wish.password is not UNSET or wish.secret is not UNSET:
        told["renewed"] = True
    return told
