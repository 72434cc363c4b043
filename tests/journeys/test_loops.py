"""Two programs that answer each other are stopped, and nobody else is, on both engines and over several nodes."""

import msgspec
import pytest

from tests.store.house import ask
from textwire.clock import ManualClock
from textwire.domain.account import Account, Principal
from textwire.domain.message import Message
from textwire.domain.number import Number
from textwire.domain.refusal import Refusal
from textwire.store import accounts, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.switch.draft import SendRequest

from .life import ACCOUNT, BALANCE, DID, PHONE, PRINCIPAL, SECOND, START, Life, living, refused

MOST = 20
OTHER_ACCOUNT, OTHER_PRINCIPAL, OTHER = 11, 12, "+16139998866"


async def answers(life: Life, lives: tuple[Life, ...] = ()) -> tuple[int, Refusal]:
    """An answering phone and an answering program: how many texts it takes until the program is refused."""
    texts, nodes = 0, lives or (life,)
    while True:
        try:
            await nodes[texts // 2 % len(nodes)].send(text=f"answer {texts}")
        except Refusal as refusal:
            return texts, refusal
        await life.text(f"echo {texts}")
        texts += 2
        assert texts < 2 * MOST, "nobody stops them"


async def told(life: Life) -> list[tuple[int, dict[str, object]]]:
    rows = await ask(
        life.core.store, "select account, data from event where type = 'loop.stopped' order by number"
    )
    return [(account, msgspec.json.decode(data)) for account, data in rows]


async def test_an_answering_phone_and_an_answering_program_are_stopped_after_20_texts(life: Life) -> None:
    texts, refusal = await answers(life)
    assert texts == MOST
    assert (refusal.code, refusal.kind, refusal.field) == ("loop", "limit", "recipient[0]")
    assert 0 < refusal.after <= 60


async def test_what_is_refused_is_neither_kept_nor_charged(life: Life) -> None:
    await answers(life)
    before = await life.balance(), await ask(life.core.store, "select count(*) from message")
    assert await refused(life.send()) == "loop"
    assert (await life.balance(), await ask(life.core.store, "select count(*) from message")) == before


async def test_the_owner_is_told_once_a_minute(life: Life) -> None:
    await answers(life)
    for _ in range(5):
        assert await refused(life.send()) == "loop"
    [(account, said)] = await told(life)
    assert account == ACCOUNT
    assert isinstance(seconds := said.pop("seconds"), int)
    assert 0 < seconds <= 60
    assert said == {"number": DID, "remote": PHONE, "messages": MOST}
    await life.step(60 * SECOND)
    await answers(life)
    assert len(await told(life)) == 2


async def test_after_a_minute_they_may_text_again(life: Life) -> None:
    _, refusal = await answers(life)
    await life.step((refusal.after - 1) * SECOND - 1)
    assert await refused(life.send()) == "loop"
    await life.step(2 * SECOND)
    [message] = await life.send()
    assert message.state in ("queued", "submitting")


async def test_who_only_sends_is_never_stopped(life: Life) -> None:
    for n in range(100):
        await life.send(text=f"one way {n}")
    assert await told(life) == []


async def test_other_pairs_go_on(life: Life) -> None:
    await answers(life)
    await life.send("+447700900124")


async def test_a_conversation_of_15_texts_a_minute_goes_on_for_ever(life: Life) -> None:
    for n in range(24):
        await life.send(text=f"question {n}")
        began = life.clock.now()
        await life.text(f"answer {n}")
        await life.step(8 * SECOND - (life.clock.now() - began))
    assert await told(life) == []


async def test_a_request_that_names_such_a_pair_among_others_names_the_recipient(life: Life) -> None:
    await answers(life)
    with pytest.raises(Refusal) as caught:
        await life.send("+447700900124", PHONE)
    assert (caught.value.code, caught.value.field) == ("loop", "recipient[1]")


async def test_one_request_cannot_hold_more_than_the_rest_of_a_minute(life: Life) -> None:
    await life.send()
    await life.text("first answer")
    with pytest.raises(Refusal) as caught:
        await life.send(*[PHONE] * MOST)
    assert caught.value.field == f"recipient[{MOST - 2}]"
    await life.send(*[PHONE] * (MOST - 2))
    assert await refused(life.send()) == "loop"


async def test_what_the_house_says_itself_is_not_held_up(life: Life) -> None:
    await answers(life)
    await life.send(rights="system")


async def test_a_restart_forgets_nothing(database: str) -> None:
    async with living(database) as life:
        await answers(life)
        clock = life.clock
    async with living(database, clock) as life:
        assert await refused(life.send()) == "loop"
        assert len(await told(life)) == 1


async def test_a_house_that_was_told_otherwise_stops_them_later_or_never(database: str) -> None:
    async with living(database, loop_messages=4) as life:
        texts, _ = await answers(life)
        assert texts == 4
        clock = life.clock
    async with living(database, clock, loop_messages=0) as life:
        for n in range(MOST):
            await life.send(text=f"again {n}")
            await life.text(f"echo {n}")


async def test_what_is_over_is_forgotten_and_so_is_what_was_erased(life: Life) -> None:
    await answers(life)
    await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    assert await ask(life.core.store, "select remote from exchange") == []
    assert await told(life) == [(ACCOUNT, {})]
    await life.text("back again")
    await life.step(61 * SECOND)
    for chore in life.core.upkeep.chores:
        await chore()
    assert await ask(life.core.store, "select remote from exchange") == []


class _Birth:
    """The write of another account with a number."""

    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await accounts.insert_account(unit, Account(OTHER_ACCOUNT, "other", 0, 0, "active", START))
        key = Principal(OTHER_PRINCIPAL, OTHER_ACCOUNT, "key", "key2", "", "other")
        await accounts.insert_principal(unit, key, START)
        await accounts.book(unit, [Entry(13, OTHER_ACCOUNT, 0, "topup", BALANCE, START)])
        await numbers.insert(unit, [Number(OTHER, OTHER_ACCOUNT, "CA", START)])
        return [None for _ in items]


async def text(life: Life, first: bool, n: int) -> None:
    """One account texts the other's number, where it has arrived when this returns."""
    account, principal, sender, to = (
        (ACCOUNT, PRINCIPAL, DID, OTHER) if first else (OTHER_ACCOUNT, OTHER_PRINCIPAL, OTHER, DID)
    )
    accepted = await life.core.desk.accept(
        SendRequest(
            account=account, principal=principal, sender=sender, recipients=(to,), text=f"{n}", rights="owned"
        )
    )
    [message] = accepted.messages
    assert isinstance(message, Message)
    for _ in range(200):
        count = await ask(life.core.store, "select count(*) from message where direction = 'in'")
        if count == [(n + 1,)]:
            return
        await life.step(10_000)
    raise AssertionError("it did not arrive")


async def test_two_accounts_that_answer_each_other_are_stopped_and_both_are_told(life: Life) -> None:
    await life.core.store.write(_Birth(), 0)
    texts = MOST - 1  # the side that was texted first saw all of them, and one more for granted
    for n in range(texts):
        await text(life, n % 2 == 0, n)
    for _ in range(2):
        assert await refused(text(life, False, texts)) == "loop"
    said = {account: (data["number"], data["remote"]) for account, data in await told(life)}
    assert said == {ACCOUNT: (DID, OTHER), OTHER_ACCOUNT: (OTHER, DID)}
    assert len(await told(life)) == 2


async def test_several_nodes_count_together(postgres_url: str) -> None:
    clock = ManualClock(START)
    async with living(postgres_url, clock) as one, living(postgres_url, clock, node=1) as other:
        texts, refusal = await answers(one, (one, other, other))
        assert (texts, refusal.code) == (MOST, "loop")
        assert await refused(one.send()) == await refused(other.send()) == "loop"
        assert len(await told(one)) == 1
