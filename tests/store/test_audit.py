"""The audit: entries in a chain that shows whether one of them was changed, on both engines."""

import asyncio
from typing import Any

import pytest

from textwire.store import audit
from textwire.store.audit import Chain, Deed, Entry, Verdict
from textwire.store.store import Store

from .house import ACCOUNT, NOW, ask, do, run, settle

CHAIN = Chain(b"k" * 32)
BEYOND = 2**63 - 1


def deed(n: int, account: int = ACCOUNT, **changes: Any) -> Deed:
    fields = {"actor": "key-1", "action": "key.added", "subject": f"key {n}", "data": '{"name":"größe"}'}
    return Deed(account, NOW + n, **{**fields, **changes})


async def written(store: Store, count: int, account: int = ACCOUNT) -> list[Entry]:
    await do(store, CHAIN.append, [deed(n, account) for n in range(count)])
    return await audit.page(store.engine, account, BEYOND, 1000)


async def test_entries_are_numbered_and_chained(house: Store) -> None:
    newest, middle, oldest = await written(house, 3)
    assert [entry.number for entry in (oldest, middle, newest)] == [1, 2, 3]
    assert (oldest.previous, middle.previous, newest.previous) == ("", oldest.hash, middle.hash)
    assert len({oldest.hash, middle.hash, newest.hash}) == 3
    assert (oldest.at, oldest.actor, oldest.data) == (NOW, "key-1", '{"name":"größe"}')
    assert await CHAIN.check(house.engine, ACCOUNT) == Verdict(3, 0, newest.hash)


async def test_accounts_have_chains_of_their_own(house: Store) -> None:
    await settle(house, account=8)
    await do(house, CHAIN.append, [deed(1), deed(2, 8), deed(3), deed(4, 8)])
    for account in (ACCOUNT, 8):
        assert (await CHAIN.check(house.engine, account)).entries == 2
        assert {e.account for e in await audit.page(house.engine, account, BEYOND, 10)} == {account}


async def test_nothing_to_tell_is_nothing(house: Store) -> None:
    await do(house, CHAIN.append, [])
    assert await CHAIN.check(house.engine, ACCOUNT) == Verdict(0, 0, "")


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'key-2'", "action = 'key.removed'", "subject = 'key 9'", "data = '{\"name\":\"grösse\"}'",
        "at = at + 1", "hash = replace(hash, substr(hash, 1, 1), 'g')", "previous = ''",
    ],
)  # fmt: skip
async def test_one_changed_byte_is_found_where_it_is(house: Store, change: str) -> None:
    await written(house, 4)
    await run(house, f"update audit set {change} where number = 3")
    verdict = await CHAIN.check(house.engine, ACCOUNT)
    assert (verdict.entries, verdict.broken) == (2, 3)


async def test_an_entry_that_is_taken_out_or_moved_is_found(house: Store) -> None:
    await written(house, 4)
    await run(house, "delete from audit where number = 2")
    assert (await CHAIN.check(house.engine, ACCOUNT)).broken == 3
    await run(house, "update audit set number = number - 1 where number = 3")
    assert (await CHAIN.check(house.engine, ACCOUNT)).broken == 2


async def test_who_does_not_have_the_key_cannot_chain_anew(house: Store) -> None:
    await written(house, 3)
    await run(house, "delete from audit where number > 1")
    await do(house, Chain(b"x" * 32).append, [deed(7, actor="key-mallory")])
    assert (await CHAIN.check(house.engine, ACCOUNT)).broken == 2


async def test_what_retention_has_taken_from_the_beginning_breaks_nothing(house: Store) -> None:
    entries = await written(house, 5)
    await run(house, "delete from audit where number <= 2")
    assert await CHAIN.check(house.engine, ACCOUNT) == Verdict(3, 0, entries[0].hash)
    await do(house, CHAIN.append, [deed(9)])
    assert (await CHAIN.check(house.engine, ACCOUNT)).entries == 4


async def test_a_check_goes_through_more_than_one_read(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "STEP", 3)
    await written(house, 8)
    assert (await CHAIN.check(house.engine, ACCOUNT)).entries == 8
    await run(house, "update audit set actor = 'x' where number = 4")
    assert (await CHAIN.check(house.engine, ACCOUNT)).broken == 4


async def test_writers_at_once_do_not_fork_the_chain(house: Store) -> None:
    await asyncio.gather(*(do(house, CHAIN.append, [deed(n)]) for n in range(50)))
    assert (await CHAIN.check(house.engine, ACCOUNT)).entries == 50
    assert await ask(house, "select count(*), max(number) from audit") == [(50, 50)]


async def test_pages_go_from_the_newest_to_the_oldest(house: Store) -> None:
    await written(house, 5)
    first = await audit.page(house.engine, ACCOUNT, BEYOND, 2)
    second = await audit.page(house.engine, ACCOUNT, first[-1].number, 10)
    assert [entry.number for entry in first + second] == [5, 4, 3, 2, 1]
