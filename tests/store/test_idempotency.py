"""The shelf of idempotency keys: an answer is given again for 24 hours."""

import pytest
from msgspec.structs import replace

from textwire.store import idempotency
from textwire.store.idempotency import KEEP, Answered
from textwire.store.store import Store

from .house import NOW, ask, do

KEY = (7, "POST /api/messages", "abc")
ANSWER = Answered(*KEY, "digest", 201, '{"id":"1"}', NOW)


async def test_an_answer_is_found_by_account_scope_and_key_together(store: Store) -> None:
    await do(store, idempotency.insert, [ANSWER])
    near = [(8, *KEY[1:]), (7, "POST /api/batches", "abc"), (7, KEY[1], "abd")]
    assert await do(store, idempotency.find, [KEY, *near], NOW) == {KEY: ANSWER}
    assert await do(store, idempotency.find, [], NOW) == {}


@pytest.mark.parametrize(("age", "found"), [(0, True), (KEEP - 1, True), (KEEP, False), (KEEP + 1, False)])
async def test_an_answer_is_remembered_for_24_hours(store: Store, age: int, found: bool) -> None:
    await do(store, idempotency.insert, [ANSWER])
    assert (KEY in await do(store, idempotency.find, [KEY], NOW + age)) is found


async def test_after_24_hours_a_key_may_be_used_anew(store: Store) -> None:
    await do(store, idempotency.insert, [ANSWER])
    new = replace(ANSWER, digest="other", status=202, answer="{}", at=NOW + KEEP)
    await do(store, idempotency.insert, [new])
    assert await do(store, idempotency.find, [KEY], NOW + KEEP) == {KEY: new}


async def test_an_answer_that_still_counts_is_never_overwritten(store: Store) -> None:
    """Two nodes may find a key unused at the same time: the later write must not win, it must judge again."""
    await do(store, idempotency.insert, [ANSWER])
    with pytest.raises(Exception, match=r"another node"):
        await do(store, idempotency.insert, [replace(ANSWER, answer="stolen", at=NOW + KEEP - 1)])
    assert await do(store, idempotency.find, [KEY], NOW) == {KEY: ANSWER}


async def test_purging_forgets_what_is_older_than_24_hours_and_nothing_else(store: Store) -> None:
    answers = [replace(ANSWER, key=str(n), at=NOW + n) for n in range(4)]
    await do(store, idempotency.insert, answers)
    await do(store, idempotency.purge, NOW + KEEP + 2)
    assert await ask(store, "select key from idempotency order by key") == [("2",), ("3",)]
