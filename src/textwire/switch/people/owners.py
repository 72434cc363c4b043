"""Accounts: their settings, and what the operator may do to them."""

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from textwire.domain.account import CHECKS, Account, Principal, Settings
from textwire.domain.refusal import Refusal
from textwire.store import accounts, people
from textwire.store.accounts import Entry
from textwire.switch.callbacks import INBOUND, RECEIPTS, STATUSES, want

from . import api_keys
from .settings import read
from .wishes import Adjust, Found, Made, Settle

if TYPE_CHECKING:
    from .book import Sheet


async def settle(sheet: "Sheet", wish: Settle) -> Settings:
    """Settings of the caller's account; what is not named stays. Refusal invalid_field names the setting."""
    found = await accounts.locked(sheet.unit, wish.by.account)
    if found is None:
        raise Refusal("not_found")
    for name, value in wish.changes.items():
        if value is not None and name in CHECKS and (wrong := CHECKS[name](value)):
            raise Refusal("invalid_field", wrong, f"settings.{name}")
    account, kept = found
    before = read(kept)
    default = Settings()
    values = {
        name: getattr(default, name) if value is None else value for name, value in wish.changes.items()
    }
    after = msgspec.structs.replace(before, **values)
    await accounts.adjust(sheet.unit, account, msgspec.json.encode(after).decode())
    inbound = after.inbound_url or after.sms_api == "messages"
    receipts = STATUSES if after.intermediate_receipts else RECEIPTS
    told_of = (INBOUND if inbound else 0) | (receipts if after.receipt_url else 0)
    await want(sheet.unit, account.id, told_of, sheet.id, sheet.now)
    told = {
        name: (getattr(before, name), getattr(after, name))
        for name in values
        if getattr(before, name) != getattr(after, name)
    }
    if told:
        sheet.note(wish.by, account.id, "account.settings", account.name, **told)
    return after


async def found(sheet: "Sheet", wish: Found) -> Made:
    """A new account with a key and an api_key. Refusal name_taken."""
    if await accounts.named(sheet.unit, wish.name) is not None:
        raise Refusal("name_taken", field="name")
    new = Account(sheet.id(), wish.name, wish.balance, int(wish.trial), "active", sheet.now)
    await accounts.insert_account(sheet.unit, new)
    await _book(sheet, new.id, wish.balance, wish.now)
    key = Principal(sheet.id(), new.id, "key", wish.public_id, "", "First key")
    await accounts.insert_principal(sheet.unit, key, sheet.now)
    await people.equip(sheet.unit, [(sheet.id(), key.id, wish.key)], sheet.now)
    await api_keys.begin(sheet, new.id, wish.api_key)
    sheet.note(
        wish.by, new.id, "account.founded", new.name, trial=wish.trial, balance=wish.balance,
        scopes=sorted(wish.key.scopes.split()),
    )  # fmt: skip
    return Made(new, key.public_id)


async def adjust(sheet: "Sheet", wish: Adjust) -> Account:
    """Suspends, lets go, puts on trial, tops up. Refusal not_found."""
    there = await accounts.locked(sheet.unit, wish.account)
    if there is None or there[0].is_ours:
        raise Refusal("not_found")
    before, settings = there
    if before.balance + wish.topup > MOST_BALANCE:
        raise Refusal("invalid_field", "The balance would be more than an account may hold.", "topup")
    after = msgspec.structs.replace(
        before,
        state=before.state if wish.state is UNSET else wish.state,
        trial=before.trial if wish.trial is UNSET else int(wish.trial),
        balance=before.balance + wish.topup,
    )
    await accounts.adjust(sheet.unit, after, settings)
    await _book(sheet, after.id, wish.topup, wish.now)
    told: dict[str, object] = {
        name: (getattr(before, name), getattr(after, name))
        for name in ("state", "trial", "balance")
        if getattr(before, name) != getattr(after, name)
    }
    if told:
        sheet.note(wish.by, after.id, "account.adjusted", after.name, **told)
    return after


MOST_BALANCE = 10**8 * 10**9  # 10⁻⁸ EUR: a billion EUR, far from what 64 bits hold


async def _book(sheet: "Sheet", account: int, amount: int, at: int) -> None:
    if amount:
        await accounts.book(sheet.unit, [Entry(sheet.id(), account, 0, "topup", amount, at)])
