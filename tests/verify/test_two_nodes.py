"""Two processes on one PostgreSQL database: no try too many, no code too many, no code used twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.store.house import ask, running, settle

from .town import EUR, PHONE, Town, wrong


@pytest.fixture
async def towns(postgres: str) -> AsyncIterator[tuple[Town, Town]]:
    async with running(postgres) as one, running(postgres, owner=2) as other:
        pair = Town(one, node=4), Town(other, node=5)
        await pair[0].settle()
        yield pair


async def test_tries_on_both_are_counted_together(towns: tuple[Town, Town]) -> None:
    code = await towns[0].start()
    tries = [town.finish(wrong(code, n)) for n in range(1, 11) for town in towns]
    assert Counter(await asyncio.gather(*tries)) == {"code_wrong": 20}
    assert await ask(towns[0].store, "select state, tries from code") == [("dead", 5)]
    assert await towns[1].finish(code) == "code_wrong"


async def test_a_code_is_used_once(towns: tuple[Town, Town]) -> None:
    code = await towns[0].start()
    outcomes = await asyncio.gather(*(town.finish(code) for town in towns for _ in range(10)))
    assert Counter(outcomes) == {"verified": 1, "code_wrong": 19}


async def test_a_number_gets_five_codes_whoever_asks_where(towns: tuple[Town, Town]) -> None:
    accounts = range(20, 30)
    for account in accounts:
        await settle(towns[0].store, balance=EUR, account=account)
    asked = [towns[n % 2].asked(PHONE, account) for n, account in enumerate([*accounts, *accounts])]
    outcomes = await asyncio.gather(*asked)
    assert sum(one is None for one in outcomes) == 5
    assert {one.code for one in outcomes if one is not None} == {"too_many_codes"}
