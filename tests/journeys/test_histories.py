"""Histories as vendors' clients page them, deletions while a message is under way, and what an account on trial keeps."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from textwire.domain.ids import MAX_INT
from textwire.domain.message import FINAL, Message
from textwire.domain.refusal import Refusal
from textwire.store import accounts, events, messages, threads
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.threads import Thread
from textwire.switch.draft import SendRequest
from textwire.switch.histories import Asked, Histories, Place, Pull

from .life import ACCOUNT, DID, PHONE, PRINCIPAL, START, Life, living, refused

LATER = START + 3_600_000_000
OTHER = "+447700900124"


def histories(life: Life) -> Histories:
    return life.core.desk.histories


async def thread(life: Life, remote: str = PHONE) -> Thread:
    found = await histories(life).one(ACCOUNT, PRINCIPAL, DID, remote)
    assert found is not None
    return found


async def stored(life: Life) -> list[Message]:
    return await messages.page(life.core.store.engine, ACCOUNT, before=MAX_INT, limit=5_000)


async def test_every_conversation_is_shown_whatever_moves_while_pages_are_turned(life: Life) -> None:
    phones = [f"+4477009001{n:02d}" for n in range(20)]
    for phone in phones:
        await life.send(phone, send_at=LATER)
    asked = Asked(account=ACCOUNT, principal=PRINCIPAL, numbers=[DID])
    seen, place, turned = set[str](), Place(), 0
    while place is not None:
        found, following = await histories(life).page(asked, place, 4)
        assert len(found) <= 4
        seen |= {t.remote for t in found}
        if turned < 10:  # the one that is furthest down moves up, on every page
            await life.send(phones[turned], send_at=LATER)
        place, turned = following, turned + 1
    assert seen == set(phones)
    assert turned < 20


async def test_pages_are_complete_while_others_write(life: Life) -> None:
    for n in range(30):
        await life.send(text=f"early {n}", send_at=LATER)

    async def write() -> None:
        for n in range(30):
            await life.send(text=f"late {n}", send_at=LATER)

    async def turn() -> list[str]:
        one, texts, before = await thread(life), list[str](), MAX_INT
        while before:
            found, before = await histories(life).messages(one, Pull(before=before), 7)
            texts += [m.text for m in found]
        return texts

    texts, _ = await asyncio.gather(turn(), write())
    assert [t for t in texts if t.startswith("early")] == [f"early {n}" for n in range(29, -1, -1)]
    assert len(texts) == len(set(texts))


async def test_a_long_page_ends_early_and_says_where_to_go_on(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textwire.switch import histories as rules

    monkeypatch.setattr(rules, "FEWEST", 2)
    monkeypatch.setattr(rules, "SLICE", 2)
    monkeypatch.setattr(rules, "MOST_CHARACTERS", 15)
    for n in range(7):
        await life.send(text=f"text {n}", send_at=LATER)
    one, texts, before, pages = await thread(life), list[str](), MAX_INT, 0
    while before:
        found, before = await histories(life).messages(one, Pull(before=before), 100)
        texts, pages = texts + [m.text for m in found], pages + 1
    assert texts == [f"text {n}" for n in range(6, -1, -1)]
    assert pages > 1


async def test_a_wish_for_what_is_new_looks_no_further_than_it_may(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textwire.switch import histories as rules

    monkeypatch.setattr(rules, "FEWEST", 2)
    monkeypatch.setattr(rules, "SLICE", 2)
    monkeypatch.setattr(rules, "LOOK", 4)
    await life.text("one")
    for _ in range(9):
        await life.send(send_at=LATER)
    one, texts, before, pages = await thread(life), list[str](), MAX_INT, 0
    while before:
        found, before = await histories(life).messages(one, Pull(before=before, upto=0), 100)
        texts, pages = texts + [m.text for m in found], pages + 1
    assert (texts, pages) == (["one"], 3)


async def test_what_is_named_by_a_time_is_found_though_the_clock_was_stepped(life: Life) -> None:
    await life.text("before")
    await life.step(3_600_000_000)
    moment = life.clock.now()
    await life.text("behind")
    found, before = await histories(life).messages(await thread(life), Pull(since=moment), 10)
    assert ([m.text for m in found], before) == (["behind"], 0)
    asked = Asked(account=ACCOUNT, principal=PRINCIPAL, numbers=[DID], since=moment)
    assert [t.remote for t in (await histories(life).page(asked, Place(), 10))[0]] == [PHONE]
    asked = Asked(account=ACCOUNT, principal=PRINCIPAL, numbers=[DID], since=life.clock.now() + 1)
    assert await histories(life).page(asked, Place(), 10) == ([], None)


async def test_what_comes_between_reading_and_looking_stays_unread(life: Life) -> None:
    await life.text("one")
    one = await thread(life)
    await histories(life).read(one, PRINCIPAL)
    await life.text("two")
    found, _ = await histories(life).messages(one, Pull(upto=one.upto), 10)
    assert [m.text for m in found] == ["one"] or [m.text for m in found] == ["two", "one"]
    assert (await thread(life)).unread == 1


async def test_a_message_withdrawn_under_way_is_counted_nowhere_and_goes_when_it_is_over(life: Life) -> None:
    await life.text("kept")
    life.network.set_phone(PHONE, state="off", now=life.clock.now())
    [sent] = await life.send(text="withdrawn")
    one = await thread(life)
    assert one.length == 2
    await histories(life).remove(one, sent.id)
    assert ((await thread(life)).length, (await thread(life)).last_text) == (1, "kept")
    assert await refused(histories(life).message(one, sent.id)) == "not_found"
    assert await refused(histories(life).remove(one, sent.id)) == "not_found"
    assert not await histories(life).chore()
    assert len(await stored(life)) == 2
    life.network.set_phone(PHONE, state="on", now=life.clock.now())
    life.core.simulated.stir()
    await life.live(sent.id, *FINAL)
    assert not await histories(life).chore()
    assert [m.text for m in await stored(life)] == ["kept"]
    assert (await thread(life)).length == 1
    told = await events.of_subject(life.core.store.engine, sent.id)
    assert [e.type for e in told].count("message.deleted") == 1
    assert [e.sequence for e in told] == list(range(1, len(told) + 1))


async def test_the_chore_looks_at_all_that_is_withdrawn_by_and_by(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textwire.switch import histories as rules

    monkeypatch.setattr(rules, "WITHDRAWN", 2)
    sent = [(await life.send(send_at=LATER))[0].id for _ in range(5)]
    await histories(life).remove_all(await thread(life))
    assert await histories(life).one(ACCOUNT, PRINCIPAL, DID, PHONE) is None
    for key in sent[1:]:
        await life.core.desk.cancel(ACCOUNT, key)
    while await histories(life).chore():
        pass
    assert [m.id for m in await stored(life)] == [sent[0]]


async def test_an_erasure_finds_what_was_withdrawn_and_what_was_told_of_it(life: Life) -> None:
    [sent] = await life.send(send_at=LATER)
    await histories(life).remove_all(await thread(life))
    await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    assert await stored(life) == []
    told = await events.of_subject(life.core.store.engine, sent.id)
    assert [e.data for e in told if e.type == "message.deleted"] == ["{}"]


class _Trial:
    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await unit.run(statement("update account set trial = 1"))
        await accounts.book(unit, [Entry(9, ACCOUNT, 0, "topup", 10**11, START)])
        return [None for _ in items]


@pytest.fixture
async def trial(database: str) -> AsyncIterator[Life]:
    """A life whose account is on trial and may keep five messages of a user."""
    async with living(database, trial_messages=5) as life:
        await life.core.store.write(_Trial(), 0)
        yield life


async def delivered(life: Life, count: int) -> list[Message]:
    """So many messages that are over, oldest first."""
    accepted = await asyncio.gather(*(life.send(text=f"old {n}") for n in range(count)))
    for [message] in accepted:
        await life.live(message.id, *FINAL)
    return [message for [message] in accepted]


async def try_to_send(life: Life, text: str) -> bool:
    """Whether there was room."""
    try:
        return bool(await life.send(text=text, send_at=LATER))
    except Refusal as refusal:
        if refusal.code == "trial_full":
            return False
        raise


async def test_on_trial_the_oldest_that_are_over_go_when_new_ones_come(trial: Life) -> None:
    [waiting] = await trial.send(text="waiting", send_at=LATER)
    for n in range(6):
        await trial.text(f"text {n}")
    await trial.core.filing.catch_up()
    # What is under way stays, however old.
    kept = ["text 5", "text 4", "text 3", "text 2", waiting.text]
    assert [m.text for m in await stored(trial)] == kept
    await trial.send(text="new", send_at=LATER)
    assert [m.text for m in await stored(trial)] == ["new", *kept[:3], waiting.text]


async def test_on_trial_nothing_new_is_taken_when_all_is_under_way(trial: Life) -> None:
    sent = [(await trial.send(text=f"{n}", send_at=LATER))[0] for n in range(5)]
    balance = await trial.balance()
    assert await refused(trial.send(send_at=LATER)) == "trial_full"
    assert await trial.balance() == balance
    assert {m.id for m in await stored(trial)} == {m.id for m in sent}
    await trial.core.desk.cancel(ACCOUNT, sent[2].id)
    assert await try_to_send(trial, "there is room now")
    assert {m.id for m in await stored(trial)} > {m.id for m in sent} - {sent[2].id}


async def test_on_trial_what_comes_in_is_kept_even_when_all_is_under_way(trial: Life) -> None:
    for n in range(5):
        await trial.send(text=f"{n}", send_at=LATER)
    await trial.text("first")
    await trial.text("second")
    await trial.core.filing.catch_up()
    kept = await stored(trial)
    assert [m.text for m in kept if m.direction == "in"] == ["second"]
    assert len(kept) == 6


async def test_on_trial_a_list_is_taken_as_far_as_there_is_room(trial: Life) -> None:
    async def ask(count: int, whole: bool) -> list[Message | Refusal]:
        recipients = tuple(f"+4477009001{n:02d}" for n in range(count))
        request = SendRequest(
            account=ACCOUNT, principal=PRINCIPAL, recipients=recipients, sender=DID, text="x", rights="owned",
            send_at=LATER, whole=whole,
        )  # fmt: skip
        return list((await trial.core.desk.accept(request)).messages)

    assert await refused(ask(6, whole=True)) == "trial_full"
    assert await stored(trial) == []
    outcomes = await ask(7, whole=False)
    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["trial_full", "trial_full"]
    assert len(await stored(trial)) == 5


async def test_on_trial_parallel_sends_never_keep_more_than_allowed(trial: Life) -> None:
    old = await delivered(trial, 5)
    taken = await asyncio.gather(*(try_to_send(trial, f"new {n}") for n in range(50)))
    assert taken.count(True) == 5
    kept = await stored(trial)
    assert len(kept) == 5
    assert not {m.id for m in kept} & {m.id for m in old}


async def test_the_thousand_and_first_of_fifty_parallel_sends(database: str) -> None:
    """The vendor's own figure."""
    async with living(database) as life:
        await life.core.store.write(_Trial(), 0)
        for _ in range(10):
            await asyncio.gather(*(life.send(text="old", send_at=LATER) for _ in range(100)))
        old = await stored(life)
        assert len(old) == 1000
        assert not await try_to_send(life, "one too many")
        for message in old[::2]:
            await life.core.desk.cancel(ACCOUNT, message.id)
        taken = await asyncio.gather(*(try_to_send(life, f"new {n}") for n in range(50)))
        assert all(taken)
        kept = await stored(life)
        assert len(kept) == 1000
        assert [m.text for m in kept].count("old") == 950
        gone = {m.id for m in old} - {m.id for m in kept}
        assert gone == {m.id for m in old[::2][-50:]}  # the oldest of those that were over
        await life.core.filing.catch_up()
        assert len(await stored(life)) == 1000
        assert (await thread(life)).length == 1000


async def test_who_is_on_no_trial_keeps_all(life: Life) -> None:
    for n in range(8):
        await life.text(f"text {n}")
    await life.core.filing.catch_up()
    assert len(await stored(life)) == 8
    found = await threads.of_pairs(life.core.store.engine, ACCOUNT, PRINCIPAL, [(DID, PHONE), (DID, OTHER)])
    assert [(t.remote, t.length) for t in found] == [(PHONE, 8)]
