"""The shelf of opt-outs, with numbers that were erased."""

import pytest

from textwire.store import opt_outs
from textwire.store.opt_outs import OptOut
from textwire.store.store import Store

from .house import ACCOUNT, NOW, ask, do, running

ONE, TWO, THREE = "+447700900001", "+447700900002", "+447700900003"


def veil(account: int, number: str) -> str:
    return f"{account}-{number[::-1]}"


async def out(store: Store, *pairs: tuple[int, str]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = await do(store, opt_outs.opted_out, pairs, veil)
    return found


async def test_an_opt_out_holds_for_one_account_until_it_is_taken_back(house: Store) -> None:
    pairs = [(ACCOUNT, ONE), (8, ONE)]
    assert await do(house, opt_outs.add, ACCOUNT, [OptOut(ONE, "keyword", NOW)]) == {ONE}
    assert await do(house, opt_outs.add, ACCOUNT, [OptOut(ONE, "api", NOW + 1)]) == set()
    assert await out(house, *pairs) == {(ACCOUNT, ONE)}
    assert await opt_outs.one(house.engine, ACCOUNT, ONE, veil) == OptOut(ONE, "keyword", NOW)
    await do(house, opt_outs.remove, [(8, ONE)], veil)
    assert await out(house, *pairs) == {(ACCOUNT, ONE)}
    await do(house, opt_outs.remove, pairs, veil)
    assert await out(house, *pairs) == set()
    assert await opt_outs.one(house.engine, ACCOUNT, ONE, veil) is None


async def test_an_erased_number_is_known_by_its_digest_alone(house: Store) -> None:
    await do(house, opt_outs.add, ACCOUNT, [OptOut(ONE, "keyword", NOW), OptOut(TWO, "keyword", NOW)])
    await do(house, opt_outs.suppress, ACCOUNT, veil(ACCOUNT, ONE), "keyword", NOW)
    await do(house, opt_outs.forget, ACCOUNT, ONE)
    assert await ask(house, "select number from opt_out") == [(TWO,)]
    asked = [(ACCOUNT, ONE), (ACCOUNT, TWO), (ACCOUNT, THREE), (8, ONE)]
    assert await out(house, *asked) == {(ACCOUNT, ONE), (ACCOUNT, TWO)}
    assert await opt_outs.one(house.engine, ACCOUNT, ONE, veil) == OptOut(ONE, "keyword", NOW)
    assert await opt_outs.one(house.engine, 8, ONE, veil) is None
    await do(house, opt_outs.remove, [(ACCOUNT, ONE)], veil)
    assert await out(house, *asked) == {(ACCOUNT, TWO)}


async def test_while_nothing_is_erased_no_digest_is_made(house: Store) -> None:
    def dear(account: int, number: str) -> str:
        raise AssertionError("a digest was made")

    await do(house, opt_outs.add, ACCOUNT, [OptOut(ONE, "api", NOW)])
    assert await do(house, opt_outs.opted_out, [(ACCOUNT, ONE), (ACCOUNT, TWO)], dear) == {(ACCOUNT, ONE)}


async def test_pages_are_newest_first_and_whole(house: Store) -> None:
    new = [OptOut(f"+4477009{n:05}", "import", NOW + n // 3) for n in range(20)]
    await do(house, opt_outs.add, ACCOUNT, new)
    await do(house, opt_outs.add, 8, [OptOut(ONE, "api", NOW + 5)])
    wanted = sorted(new, key=lambda one: (-one.at, one.number))
    found: list[OptOut] = []
    at, number = 2**63 - 1, ""
    while page := await opt_outs.page(house.engine, ACCOUNT, at=at, number=number, limit=7):
        found += page
        at, number = page[-1].at, page[-1].number
    assert found == wanted


@pytest.mark.parametrize("pairs", [[], [(ACCOUNT, ONE)] * 3])
async def test_asking_for_nothing_and_for_the_same_again(house: Store, pairs: list[tuple[int, str]]) -> None:
    await do(house, opt_outs.add, ACCOUNT, [OptOut(ONE, "api", NOW)])
    assert await out(house, *pairs) == set(pairs)


async def test_opt_outs_outlive_a_restart(database: str) -> None:
    async with running(database) as store:
        await do(store, opt_outs.add, ACCOUNT, [OptOut(ONE, "api", NOW)])
    async with running(database) as store:
        assert await out(store, (ACCOUNT, ONE)) == {(ACCOUNT, ONE)}
