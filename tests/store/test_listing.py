"""Lists of messages: every filter alone and all together find what a plain look at each message finds."""

import random
from typing import Any

import msgspec
import pytest

from textwire.domain.ids import EPOCH_MS
from textwire.domain.message import Message
from textwire.store import filing, listing
from textwire.store.listing import Filter
from textwire.store.messages import Birth
from textwire.store.store import Store

from .house import ACCOUNT, birth, do, inbound, run
from .test_filing import accepted, caught_up, received

LAST = 2**63 - 1
WIDTH = 1 << 22
START_MS = 80_000_000_000  # after the identifiers' epoch
SECOND = 1_000_000
OURS = ("+16139998877", "+447700900001", "ACME")
TEXTS = ("Straße 5", "100% of it", "a_b", "hello", "HELLO ÉTÉ", "x")


def at(n: int) -> int:
    """When the n-th message was born: a second each."""
    return (EPOCH_MS + START_MS) * 1000 + n * SECOND


def key(n: int) -> int:
    return (START_MS + n * 1000) * WIDTH


async def some(store: Store, count: int, seed: int = 1) -> None:
    """Messages of all kinds, one a second, of two accounts."""
    chance = random.Random(seed)
    for n in range(1, count + 1):
        ours, phone = chance.choice(OURS[:2]), f"+44770090{chance.randrange(4):04d}"
        text = chance.choice(TEXTS)
        if chance.random() < 0.3:
            await received(store, inbound(n, id=key(n), sender=phone, recipient=ours, text=text, at=at(n)))
        else:
            draft = birth(
                n, id=key(n), sender=chance.choice((ours, "ACME")), recipient=phone, text=text,
                birth=chance.choice(("queued", "scheduled")), batch=chance.choice((0, 0, 5)),
                correlator=chance.choice(("", "", "r1", "r2")),
            ).draft  # fmt: skip
            account = ACCOUNT if chance.random() < 0.9 else 9
            await accepted(store, Birth(account, 70, draft.sender, draft, at(n)))
    await run(store, f"update message set state = 'failed' where id % {7 * WIDTH} = 0 and direction = 'out'")
    await caught_up(store)


async def whole(store: Store, wanted: Filter, limit: int = 10, account: int = ACCOUNT) -> list[int]:
    """The identifiers on all pages, one after the other."""
    position = await filing.position(store.engine)
    found: list[Message] = []
    before = LAST
    while before:
        page = await listing.page(
            store.engine, account, wanted, before=before, limit=limit, position=position
        )
        assert len(page.messages) <= limit
        assert not page.before or page.before < before
        found += page.messages
        before = page.before
    return [message.id for message in found]


def passes(m: Message, f: Filter) -> bool:
    return (
        f.direction in ("", m.direction)
        and (not f.states or m.state in f.states)
        and f.sender in ("", m.sender)
        and f.recipient in ("", m.recipient)
        and f.ref in ("", m.correlator)
        and f.batch in (0, m.batch)
        and f.since <= m.created_at < f.until
        and f.q.casefold() in m.text.casefold()
    )


PHONE = "+447700900001"[:-4] + "0002"
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "direction in": {"direction": "in"},
    "direction out": {"direction": "out"},
    "an odd state": {"states": ("failed",)},
    "odd states": {"states": ("failed", "scheduled")},
    "a usual state": {"states": ("queued",)},
    "both kinds": {"states": ("queued", "failed")},
    "from us": {"sender": OURS[0]},
    "from a name": {"sender": "ACME"},
    "from a phone": {"sender": PHONE, "remote": PHONE},
    "to us": {"recipient": OURS[1]},
    "to a phone": {"recipient": PHONE, "remote": PHONE},
    "to a phone from us": {"recipient": PHONE, "remote": PHONE, "sender": OURS[0]},
    "a reference": {"ref": "r1"},
    "a batch": {"batch": 5},
    "since": {"since": at(20)},
    "until": {"until": at(20)},
    "a while": {"since": at(11), "until": at(31)},
    "a search": {"q": "HeLLo"},
    "a search beyond ASCII": {"q": "éTé"},
    "a folded search": {"q": "STRASSE"},
    "a search for %": {"q": "%"},
    "a search for _": {"q": "_"},
    "a search for nothing there": {"q": "nowhere"},
    "everything": {
        "direction": "out", "states": ("queued", "scheduled"), "sender": "ACME", "recipient": PHONE,
        "remote": PHONE, "since": at(2), "until": at(59), "q": "l",
    },
    "a reference and more": {"ref": "r2", "q": "o", "states": ("queued",)},
    "a batch and more": {"batch": 5, "recipient": PHONE},
}  # fmt: skip


async def test_every_filter_finds_what_a_plain_look_finds(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some(house, 60)
    everything = await house.read(listing._ALL_PAGE, **_all())
    messages = [Message(*row) for row in everything]
    assert 40 < len(messages) < 60
    for slice_, look, limit in ((1000, 10_000, 10), (3, 9, 4), (1, 2, 1), (8, 8, 100)):
        monkeypatch.setattr(listing, "SLICE", slice_)
        monkeypatch.setattr(listing, "LOOK", look)
        for name, given in FILTERS.items():
            wanted = Filter(**given)
            plain = [m.id for m in messages if passes(m, wanted)]
            assert await whole(house, wanted, limit) == plain, (name, slice_)


def _all() -> dict[str, Any]:
    return {
        "account": ACCOUNT, "before": LAST, "floor": 0, "most": 1000, "direction": "", "states": "", "sender": "",
        "recipient": "", "ref": "", "batch": 0, "since": 0, "until": LAST,
    }  # fmt: skip


def test_the_filters_of_this_test_are_not_idle() -> None:
    assert {field.name for field in msgspec.structs.fields(Filter)} == {
        name for f in FILTERS.values() for name in f
    }


async def test_a_page_looks_at_a_bounded_number_of_rows_and_says_where_to_go_on(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accepted(house, *(birth(n, id=key(n)) for n in range(1, 41)))
    monkeypatch.setattr(listing, "SLICE", 5)
    monkeypatch.setattr(listing, "LOOK", 10)
    position = await filing.position(house.engine)
    page = await listing.page(
        house.engine, ACCOUNT, Filter(states=("sent",)), before=LAST, limit=5, position=position
    )
    assert (page.messages, page.before) == ([], key(31))


async def test_times_before_a_step_of_the_clock_are_found_although_identifiers_tell_another(
    house: Store,
) -> None:
    """The message clock stood an hour ahead for one of them, and behind for another."""
    hour = 3600 * SECOND
    skewed = ((1, hour), (2, 0), (3, -hour))
    for n, skew in skewed:
        await accepted(house, Birth(ACCOUNT, 70, OURS[0], birth(n, id=key(n)).draft, at(n) + skew))
    await caught_up(house)
    assert await whole(house, Filter(since=at(1) + hour)) == [key(1)]
    assert await whole(house, Filter(until=at(3) - hour + 1)) == [key(3)]
    assert await whole(house, Filter(since=at(2), until=at(2) + 1)) == [key(2)]


async def test_long_texts_are_searched_in_smaller_slices(house: Store) -> None:
    long = "x" * 39_000
    await accepted(house, *(birth(n, id=key(n), text=long, parts=(long,)) for n in range(1, 160)))
    await accepted(house, birth(200, id=key(200), text=long + "needle", parts=("",)))
    assert await whole(house, Filter(q="NEEDLE")) == [key(200)]
    search = listing._Search(house.engine, ACCOUNT, Filter(q="n"))
    await search.slice(0, LAST, 10, 50)
    assert search.next_slice(50) < 10


async def test_nobody_finds_messages_of_another_account(house: Store) -> None:
    await some(house, 30, seed=2)
    for given in FILTERS.values():
        assert await whole(house, Filter(**given), account=8) == []
    await do(house, filing.file)
