"""Marks on messages, on each engine: put, changed in part, and gone with their message."""

import asyncio

import pytest

from textwire.clock import ManualClock
from textwire.domain.refusal import Refusal
from textwire.store import marks, messages, removal
from textwire.store.marks import Mark
from textwire.store.store import Store
from textwire.switch.marks import Marks, Put

from .house import ACCOUNT, NOW, birth, do


async def test_only_what_is_set_changes_and_several_wishes_add_up(house: Store) -> None:
    await do(house, messages.insert_out, [birth()])
    key, verbs = birth().draft.id, Marks(house, ManualClock(NOW))
    wishes = [
        Put(account=ACCOUNT, message=key, direction="out", **change)
        for change in (
            {"archived": True},
            {"starred": True},
            {"note": "x"},
            {"read": False},
            {"archived": False},
        )
    ]
    await asyncio.gather(*(verbs.put(wish) for wish in wishes))
    assert await marks.of(house.engine, [key, key + 1]) == {key: Mark(key, 0, 0, 1, "x", NOW)}


async def test_another_accounts_message_cannot_be_marked(house: Store) -> None:
    await do(house, messages.insert_out, [birth()])
    key = birth().draft.id
    for account, message in ((ACCOUNT + 1, key), (ACCOUNT, key + 1)):
        with pytest.raises(Refusal):
            await Marks(house, ManualClock(NOW)).put(
                Put(account=account, message=message, direction="out", archived=True)
            )
    assert await marks.of(house.engine, [key, key + 1]) == {}


async def test_marks_go_with_their_message(house: Store) -> None:
    await do(house, messages.insert_out, [birth(1), birth(2)])
    first, second = birth(1).draft.id, birth(2).draft.id
    await do(house, marks.put, [Mark(first, 1, 1, 0), Mark(second, 1, 1, 0)])
    await do(house, removal.remove, [(first, 1)])
    assert [*await marks.of(house.engine, [first, second])] == [second]
