"""What both engines promise: values come back as they went in, transactions are whole, errors fall on their cause."""

import asyncio
import random
from typing import Any

import pytest

from textwire.domain.ids import MAX_INT
from textwire.store import accounts, messages
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable, statement
from textwire.store.store import Store

from .house import CALLS, STEP, ask, birth, do, running

ECHO = statement(
    "select r.n, r.word, :plus, :after from {rows} r order by r.n", "n int, word text", "plus int, after text"
)
WORDS = [
    "",
    " ",
    "plain",
    "näïve ß",
    "漢字かな交じり",
    "نص عربي",
    "😀👩‍👩‍👧‍👦🇩🇪",
    "\x01\x02\x7f\x1b\t\r\n",
    "\u2028\u2029\ufeff\ufffd\uffff\U0010ffff",
    "quoted \"twice\" and 'once' and `back`",
    "back\\slash \\u0000 \\n",
    '["json", {"in": "text"}, null, 1e400]',
    "null",
    "true",
    "0x1F",
    "007",
    "9223372036854775808",
    "1e3",
    "{rows} {lock} :n $1 %s ? -- ; drop table message",
    '{1,NULL,"a"}',
    "x" * 100_000,
]
NUMBERS = [0, 1, -1, MAX_INT, -MAX_INT, -MAX_INT - 1, 2**53, 2**53 + 1, -(2**53) - 1, 10**18 + 1]


async def echo(store: Store, rows: list[tuple[int, str]], **args: Any) -> list[tuple]:
    found = await store.read(ECHO, rows, **args)

    async def inside(unit: Unit) -> list[tuple]:
        return [tuple(row) for row in await unit.rows(ECHO, rows, **args)]

    assert await do(store, inside) == [tuple(row) for row in found], "reader and writer agree"
    return [tuple(row) for row in found]


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
async def test_texts_come_back_as_they_went_in(store: Store, word: str) -> None:
    assert await echo(store, [(1, word)], plus=0, after=word) == [(1, word, 0, word)]


async def test_numbers_come_back_as_they_went_in(store: Store) -> None:
    rows = [(n, str(n)) for n in sorted(NUMBERS)]
    for number in NUMBERS:
        found = await echo(store, rows, plus=number, after="")
        assert found == [(n, word, number, "") for n, word in rows]
        assert all(type(row[0]) is int is type(row[2]) for row in found)


async def test_a_batch_of_random_texts_comes_back_whole(store: Store) -> None:
    chance = random.Random(7)
    letters = [chr(c) for c in range(1, 0x3000)] + ["😀", "\U0010ffff", "\\", '"', "'", "{", "}", ","]
    rows = [(n, "".join(chance.choices(letters, k=chance.randrange(40)))) for n in range(2_000)]
    assert [row[:2] for row in await echo(store, rows, plus=1, after="")] == rows


async def test_a_batch_without_rows_asks_nothing(store: Store) -> None:
    assert await echo(store, [], plus=1, after="") == []


# What a column cannot hold. SQLite's JSON turns 2**63 into a REAL, which a STRICT table refuses.
POISON = {
    "an integer above 64 bits": {"price": 2**63},
    "an integer below 64 bits": {"price": -(2**63) - 1},
    "a lone surrogate": {"text": "half \ud83d"},
    "no value at all": {"text": None},
    "a state that is none": {"birth": "teleported"},
    "an identifier that is taken": {"id": 99 * STEP},
    "a NUL": {"text": "before\0after"},  # which SQLite keeps
}


@pytest.mark.parametrize("changes", POISON.values(), ids=POISON.keys())
async def test_one_poisonous_row_among_200_callers_fails_its_own_caller_only(
    store: Store, changes: dict[str, Any]
) -> None:
    two = {"parts": ("x", "y")}
    await do(store, messages.insert_out, [birth(99, **two)])

    class Born:
        async def run(self, unit: Unit, items: list[Any]) -> list[int]:
            await messages.insert_out(unit, items)
            return [b.draft.id for b in items]

    born = Born()
    births = [birth(1000 + n, **(two | (changes if n == 123 else {}))) for n in range(200)]
    answers = await asyncio.gather(*(store.write(born, b) for b in births), return_exceptions=True)
    poisonous = set() if store.engine.name == "sqlite" and changes == POISON["a NUL"] else {123}
    assert {n for n, a in enumerate(answers) if isinstance(a, BaseException)} == poisonous
    assert not isinstance(answers[123], Unavailable), "this is not the store's fault"
    expected = [99 * STEP, *(b.draft.id for n, b in enumerate(births) if n not in poisonous)]
    assert [row[0] for row in await ask(store, "select id from message order by id")] == expected
    assert await ask(store, "select count(*) from segment") == [(2 * len(expected),)]


async def test_a_nul_is_refused_or_kept_whole_but_never_cut(store: Store) -> None:
    """PostgreSQL's text cannot hold it; entrances refuse it and inbound text has U+FFFD instead (decisions 19)."""
    word = "before\0after"
    [error] = await asyncio.gather(do(store, accounts.set_setting, "nul", word), return_exceptions=True)
    kept = await accounts.setting(store.engine, "nul")
    assert kept == (None if store.engine.name == "postgres" else word)
    if kept:
        assert await echo(store, [(1, word)], plus=0, after=word) == [(1, word, 0, word)]
    assert (error is None) is (kept == word)
    assert not isinstance(error, Unavailable), "this is not the store's fault"


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    async def half(unit: Unit) -> None:
        await messages.insert_out(unit, [birth(1)])
        await accounts.set_setting(unit, "half", "done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await do(store, half)
    assert await ask(store, "select count(*) from message") == [(0,)]
    assert await accounts.setting(store.engine, "half") is None
    await do(store, accounts.set_setting, "half", "whole")
    assert await accounts.setting(store.engine, "half") == "whole"


async def test_a_transaction_sees_its_own_writes(store: Store) -> None:
    async def write_and_read(unit: Unit) -> list[int]:
        await messages.insert_out(unit, [birth(1), birth(2)])
        return list(await messages.locked(unit, [STEP, 2 * STEP]))

    assert await do(store, write_and_read) == [STEP, 2 * STEP]


async def test_a_read_sees_nothing_of_a_transaction_under_way(store: Store) -> None:
    seen: list[Any] = []
    loop = asyncio.get_running_loop()

    async def write(unit: Unit) -> None:
        await accounts.set_setting(unit, "under way", "yes")
        if store.engine.name == "postgres":
            seen.append(await accounts.setting(store.engine, "under way"))
        else:  # SQLite's transactions run in the writer's thread, reads belong to the loop's
            reading = asyncio.run_coroutine_threadsafe(accounts.setting(store.engine, "under way"), loop)
            seen.append(reading.result(10))

    await do(store, write)
    assert seen == [None]
    assert await accounts.setting(store.engine, "under way") == "yes"


async def test_a_read_sees_what_was_committed_as_soon_as_the_write_has_returned(store: Store) -> None:
    async def one(n: int) -> None:
        await do(store, accounts.set_setting, f"key-{n}", str(n))
        assert await accounts.setting(store.engine, f"key-{n}") == str(n)

    for n in range(20):
        await one(n)
    await asyncio.gather(*(one(n) for n in range(20, 120)))


async def test_concurrent_callers_share_transactions(store: Store) -> None:
    transactions = 0
    transact = store.engine.transact

    async def counted(work: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await transact(work)

    store.engine.transact = counted  # type: ignore[method-assign]
    await asyncio.gather(*(do(store, accounts.set_setting, f"k{n}", "v") for n in range(400)))
    assert transactions <= 4
    assert await ask(store, "select count(*) from setting") == [(400,)]


async def test_what_was_written_is_there_after_a_restart(database: str) -> None:
    async with running(database) as store:
        await do(store, messages.insert_out, [birth(1)])
    async with running(database) as store:
        assert await ask(store, "select id from message") == [(STEP,)]
        await do(store, messages.insert_out, [birth(2)])


async def test_what_waits_when_the_store_closes_is_written_first(database: str) -> None:
    async with running(database, linger=100_000) as store:
        waiting = asyncio.create_task(do(store, accounts.set_setting, "late", "yes"))
        await asyncio.sleep(0)
    await waiting
    async with running(database) as store:
        assert await accounts.setting(store.engine, "late") == "yes"


async def test_a_closed_store_answers_unavailable_and_closes_twice(database: str) -> None:
    async with running(database) as store:
        await accounts.setting(store.engine, "x")
        await store.close()
        for call in (do(store, accounts.set_setting, "x", "y"), accounts.setting(store.engine, "x")):
            with pytest.raises(Unavailable, match="closed"):
                await call
        with pytest.raises(Unavailable):
            await store.engine.transact(lambda tx: CALLS.run(tx, []))  # type: ignore[arg-type]
