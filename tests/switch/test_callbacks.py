"""The hook that stands for all places of an account: one, made when it is wanted, with the account's secret."""

import asyncio

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, do
from textwire.access.access import client_lookup
from textwire.domain.account import SIGNATURE
from textwire.domain.ids import Ids
from textwire.store import accounts, hooks
from textwire.store.hooks import Hook
from textwire.switch.callbacks import DIALECT, INBOUND, RECEIPTS, Callbacks, want

from .desk_house import Verbs


async def found(verbs: Verbs) -> list[Hook]:
    return await hooks.of_account(verbs.store.engine, ACCOUNT, DIALECT)


async def wanted(verbs: Verbs, types: int) -> None:
    ids = Ids(3)
    await do(verbs.store, want, ACCOUNT, types, lambda: ids.take(NOW), NOW)


async def test_there_is_none_before_it_is_wanted(verbs: Verbs) -> None:
    await wanted(verbs, 0)
    assert await found(verbs) == []


async def test_what_it_wants_only_grows_and_it_stays_one(verbs: Verbs) -> None:
    for types in (INBOUND, 0, RECEIPTS, INBOUND):
        await wanted(verbs, types)
    [hook] = await found(verbs)
    assert hook.types == INBOUND | RECEIPTS
    assert (hook.state, hook.number, hook.secret, hook.correlator) == ("active", "", "", "")


async def test_it_has_the_accounts_secret_as_soon_as_there_is_one(verbs: Verbs) -> None:
    await wanted(verbs, INBOUND)
    kept = (SIGNATURE, client_lookup(SIGNATURE, "abcd1234"), "sealed", "", 0)
    await do(verbs.store, accounts.insert_credential, 901, PRINCIPAL, kept, NOW)
    await wanted(verbs, INBOUND)
    [hook] = await found(verbs)
    assert (hook.secret, hook.correlator) == ("sealed", "abcd1234")


async def test_messages_that_name_a_place_make_it_once_however_many_at_a_time(verbs: Verbs) -> None:
    callbacks = Callbacks(verbs.store, Ids(3), lambda: NOW, lambda: NOW)
    await asyncio.gather(*(callbacks.expect(ACCOUNT) for _ in range(10)))
    await callbacks.expect(ACCOUNT)
    [hook] = await found(verbs)
    assert hook.types == RECEIPTS
