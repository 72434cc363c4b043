"""Messages that follow one that has failed: only then, each once, and through every death of the process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import messages, opt_outs, workflows
from textwire.store.accounts import Entry, book
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.opt_outs import OptOut
from textwire.store.workflows import Workflow
from textwire.switch.draft import SendRequest
from textwire.switch.failover_work import Failovers

from .life import ACCOUNT, BALANCE, DID, HOUR, PHONE, PRINCIPAL, SECOND, START, Life, living

BARRED, UNKNOWN, ABSENT = "+441632960003", "+441632960001", "+441632960002"
PRICE = 7_000_000
LEASE = 31 * SECOND


def following(recipient: str, text: str = "next", sender: str = DID, **more: int) -> SendRequest:
    return SendRequest(
        account=ACCOUNT, principal=PRINCIPAL, rights="owned", sender=sender, recipients=(recipient,), text=text,
        plus=False, **more,
    )  # fmt: skip


async def all_of(life: Life) -> list[Message]:
    """Every message of the account, the first one first."""
    page = await messages.page(life.core.store.engine, ACCOUNT, before=2**63 - 1, limit=100)
    return page[::-1]


async def count(life: Life, most: int) -> list[Message]:
    """The messages once there are so many and all are over."""
    for _ in range(200):
        found = await all_of(life)
        if len(found) == most and all(
            m.state in ("delivered", "rejected", "undelivered", "expired", "failed") for m in found
        ):
            return found
        await life.step(200_000)
    raise AssertionError([(m.recipient, m.state) for m in found])


async def left(life: Life) -> list[Workflow]:
    """The workflows that are not over."""
    found: list[Workflow] = await life.core.store.write(
        _Doing(), lambda unit: workflows.of_account(unit, ACCOUNT, 0, 100)
    )
    return found


class _Doing:
    """A write of a test's own."""

    async def run(self, unit: Unit, items: list) -> list:  # type: ignore[type-arg]
        return [await work(unit) for work in items]


@contextmanager
def asleep(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """A part of the worker that never gets anything done."""

    async def sleep(*given: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Failovers, name, sleep)
        yield


async def test_the_next_goes_out_when_the_one_before_has_failed(life: Life) -> None:
    await life.send(
        BARRED, failover=(following(UNKNOWN, "two"), following(PHONE, "three"), following(PHONE, "no"))
    )
    found = await count(life, 3)
    assert [(m.text, m.state) for m in found] == [
        ("hello", "rejected"), ("two", "undelivered"), ("three", "delivered"),
    ]  # fmt: skip
    assert life.shown() == ["three"]
    # Each was charged for when it went out; what the network refused for good costs nothing.
    assert await life.balance() == BALANCE - 2 * PRICE
    [workflow] = await left(life)
    assert '"no"' in workflow.steps
    assert await life.core.failovers.forget() is False
    assert await left(life) == []


async def test_nothing_follows_what_arrives(life: Life) -> None:
    [sent] = await life.send(failover=(following(PHONE),))
    await life.live(sent.id, "delivered")
    await life.step(HOUR)
    assert len(await all_of(life)) == 1
    await life.core.failovers.forget()
    assert await left(life) == []


async def test_what_expires_is_followed_too(life: Life) -> None:
    await life.send(ABSENT, validity=20 * SECOND, failover=(following(PHONE),))
    for _ in range(40):
        await life.step(SECOND)
    assert [m.state for m in await count(life, 2)] == ["expired", "delivered"]


async def test_what_was_canceled_is_not_followed(life: Life) -> None:
    [sent] = await life.send(BARRED, send_at=START + HOUR, failover=(following(PHONE),))
    await life.core.desk.cancel(ACCOUNT, sent.id)
    await life.step(2 * HOUR)
    assert len(await all_of(life)) == 1


async def test_the_last_one_leaves_nothing_behind(life: Life) -> None:
    await life.send(BARRED, failover=(following(BARRED),))
    await count(life, 2)
    assert await left(life) == []
    await life.step(LEASE)
    assert len(await all_of(life)) == 2


async def test_a_step_that_was_owed_is_made_after_the_restart(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asleep(monkeypatch, "run"):
        async with living(database) as life:
            await life.send(BARRED, failover=(following(PHONE),))
            await count(life, 1)
            clock = life.clock
    async with living(database, clock) as life:
        assert [m.text for m in await count(life, 2)] == ["hello", "next"]
        clock = life.clock
    async with living(database, clock) as life:
        await life.step(LEASE)
        assert len(await all_of(life)) == 2


async def test_a_step_whose_process_died_over_it_is_made_by_another(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asleep(monkeypatch, "_step"):
        async with living(database) as life:
            await life.send(BARRED, failover=(following(PHONE),))
            await count(life, 1)
            await asyncio.sleep(0.1)
            clock = life.clock
    async with living(database, clock) as life:
        await life.step(LEASE)
        assert [m.text for m in await count(life, 2)] == ["hello", "next"]


async def test_a_death_right_after_the_answer_loses_no_step(database: str) -> None:
    async with living(database) as life:
        [sent] = await life.send(BARRED, failover=(following(PHONE),))
        clock = life.clock
    async with living(database, clock) as life:
        # It may have left just then: nobody knows, so it is held for ten minutes, then sent again.
        await life.live(sent.id, "rejected", by=10 * SECOND, most=200)
        assert [m.text for m in await count(life, 2)] == ["hello", "next"]


async def test_two_that_work_at_one_step_make_one_message(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asleep(monkeypatch, "run"):
        async with living(database) as life:
            await life.send(BARRED, failover=(following(PHONE), following(PHONE, "third")))
            await count(life, 1)
            [workflow] = await left(life)
            await asyncio.gather(*(life.core.failovers._step(workflow) for _ in range(5)))
            assert [m.text for m in await count(life, 2)] == ["hello", "next"]
            assert await life.balance() == BALANCE - PRICE


async def test_what_arrives_after_all_is_not_followed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A late receipt turns what has expired into what was delivered."""
    with asleep(monkeypatch, "run"):
        async with living(database) as life:
            await life.send(BARRED, failover=(following(PHONE),))
            await count(life, 1)
            risen = statement("update message set state = 'delivered' where state = 'rejected'")
            await life.core.store.write(_Doing(), lambda unit: unit.run(risen))
            clock = life.clock
    async with living(database, clock) as life:
        async with asyncio.timeout(10):
            while await left(life):
                await life.step(SECOND)
        assert len(await all_of(life)) == 1


async def test_who_opts_out_meanwhile_is_not_sent_to_and_the_next_has_its_turn(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "+447700900124"
    await life.send(
        ABSENT, validity=20 * SECOND, failover=(following(PHONE, "two"), following(other, "three"))
    )
    await life.core.store.write(
        _Doing(), lambda unit: opt_outs.add(unit, ACCOUNT, [OptOut(PHONE, "test", START)])
    )
    for _ in range(40):
        await life.step(SECOND)
    found = await count(life, 3)
    assert [(m.text, m.state, m.reason) for m in found][1:] == [
        ("two", "failed", "opted_out"), ("three", "delivered", ""),
    ]  # fmt: skip
    assert (found[1].price, await life.told(found[1].id)) == (0, ["message.accepted", "message.failed"])
    assert await life.balance() == BALANCE - 2 * PRICE
    assert life.shown() == []


async def test_what_the_balance_does_not_cover_in_its_turn_has_failed(life: Life) -> None:
    await life.send(ABSENT, validity=20 * SECOND, failover=(following(PHONE),))
    spent = Entry(77, ACCOUNT, 0, "test", PRICE - BALANCE, START)
    await life.core.store.write(_Doing(), lambda unit: book(unit, [spent]))
    for _ in range(40):
        await life.step(SECOND)
    found = await count(life, 2)
    assert (found[1].state, found[1].reason) == ("failed", "insufficient_balance")
    assert await life.balance() == 0


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (following(PHONE, sender="+447700900999"), "sender_forbidden", "failover[1].sender"),
        (following("+449"), "invalid_address", "failover[1].recipient"),
        (following("+447700900777"), "recipient_opted_out", "failover[1].recipient"),
    ],
)
async def test_what_may_follow_is_judged_at_the_door(
    life: Life, bad: SendRequest, code: str, field: str
) -> None:
    out = [OptOut("+447700900777", "test", START)]
    await life.core.store.write(_Doing(), lambda unit: opt_outs.add(unit, ACCOUNT, out))
    with pytest.raises(Refusal) as caught:
        await life.send(PHONE, failover=(following(PHONE), bad))
    assert (caught.value.code, caught.value.field) == (code, field)
    assert (await all_of(life), await left(life), await life.balance()) == ([], [], BALANCE)


async def test_an_erased_number_is_not_sent_to(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    await life.send(
        ABSENT, validity=HOUR, failover=(following(PHONE, "two"), following("+447700900124", "three"))
    )
    await life.send(ABSENT, validity=HOUR, failover=(following(PHONE, "alone"),))
    erasing = asyncio.create_task(life.core.desk.erasures.erase(ACCOUNT, PHONE))
    async with asyncio.timeout(10):
        while not erasing.done():
            await life.step(SECOND)
    assert (await erasing).state == "done"
    [workflow] = await left(life)
    assert "two" not in workflow.steps
    assert "three" in workflow.steps
