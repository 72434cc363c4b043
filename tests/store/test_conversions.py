"""Conversions and refused requests, on each engine: kept, found, and gone in time."""

import pytest

from textwire.clock import ManualClock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import conversions, messages, parted, rejections, removal
from textwire.store.conversions import Conversion
from textwire.store.store import Store
from textwire.switch import rejections as verbs
from textwire.switch.conversions import Conversions, Told
from textwire.switch.rejections import DAY, KEEP, Rejections

from .house import ACCOUNT, NOW, birth, do

TO = "447700900123"


async def test_the_last_word_on_a_message_counts_and_goes_with_it(house: Store) -> None:
    await do(house, messages.insert_out, [birth()])
    key, verb = birth().draft.id, Conversions(house)
    for delivered, at in ((True, 5), (False, 6)):
        await verb.tell(Told(account=ACCOUNT, part=key, delivered=delivered, at=at))
    assert await conversions.of(house.engine, key) == Conversion(key, 0, 6)
    await do(house, removal.remove, [(key, 1)])
    assert await conversions.of(house.engine, key) is None


async def test_a_message_is_found_by_each_of_its_parts_and_by_nobody_else(house: Store) -> None:
    new = birth()
    await do(house, messages.insert_out, [new])
    key = new.draft.id
    found = await parted.named(house.engine, ACCOUNT, [key, key + 900])
    assert [*found] == [key]
    assert (await parted.parts(house.engine, list(found.values())))[key][0].n == 1
    assert await parted.named(house.engine, ACCOUNT + 1, [key]) == {}
    for account, part in ((ACCOUNT + 1, key), (ACCOUNT, key + 900)):
        with pytest.raises(Refusal) as refused:
            await Conversions(house).tell(Told(account=account, part=part, delivered=True, at=1))
        assert refused.value.code == "not_found"


def keeper(house: Store, clock: ManualClock) -> Rejections:
    return Rejections(house, Ids(0), clock, lambda: NOW)


async def test_refused_requests_are_found_by_recipient_and_time_newest_first(house: Store) -> None:
    clock = ManualClock(NOW)
    kept = keeper(house, clock)
    for code, to in (("3", TO), ("15", TO), ("7", "1")):
        kept.note(ACCOUNT, "Acme", to, code, "why")
        clock.advance(1)
    found = await kept.found(ACCOUNT, TO, NOW, NOW + DAY, 10)
    assert [(one.code, one.sender, one.label, one.at) for one in found] == [
        ("15", "Acme", "why", NOW + 1), ("3", "Acme", "why", NOW),
    ]  # fmt: skip
    assert await kept.found(ACCOUNT, TO, NOW + 2, NOW + DAY, 10) == []
    assert await kept.found(ACCOUNT + 1, TO, NOW, NOW + DAY, 10) == []
    assert len(await kept.found(ACCOUNT, TO, NOW, NOW + DAY, 1)) == 1
    await do(house, rejections.erase, ACCOUNT, TO)
    assert await kept.found(ACCOUNT, TO, NOW, NOW + DAY, 10) == []
    assert len(await kept.found(ACCOUNT, "1", NOW, NOW + DAY, 10)) == 1


async def test_they_go_after_a_week(house: Store) -> None:
    clock = ManualClock(NOW)
    kept = keeper(house, clock)
    kept.note(ACCOUNT, "Acme", TO, "3", "why")
    assert len(await kept.found(ACCOUNT, TO, 0, NOW + DAY, 10)) == 1
    clock.advance(KEEP)
    assert not await kept.chore()
    assert len(await kept.found(ACCOUNT, TO, 0, NOW + DAY, 10)) == 1
    clock.advance(1)
    assert not await kept.chore()
    assert await kept.found(ACCOUNT, TO, 0, NOW + DAY, 10) == []


async def test_so_many_of_an_account_are_kept_in_a_day(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "MOST_A_DAY", 3)
    clock = ManualClock(NOW)
    kept = keeper(house, clock)
    for _ in range(5):
        kept.note(ACCOUNT, "Acme", TO, "3", "why")
    kept.note(ACCOUNT + 1, "Acme", TO, "3", "why")
    assert len(await kept.found(ACCOUNT, TO, 0, NOW + DAY, 10)) == 3
    assert len(await kept.found(ACCOUNT + 1, TO, 0, NOW + DAY, 10)) == 1
    clock.advance(DAY)
    kept.note(ACCOUNT, "Acme", TO, "3", "why")
    assert len(await kept.found(ACCOUNT, TO, 0, NOW + 2 * DAY, 10)) == 4


async def test_only_so_many_are_on_their_way_to_the_disk_at_once(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_UNDER_WAY", 2)
    kept = keeper(house, ManualClock(NOW))
    for _ in range(5):
        kept.note(ACCOUNT, "Acme", TO, "3", "why")
    assert len(await kept.found(ACCOUNT, TO, 0, NOW + DAY, 10)) == 2
