"""What is not kept: texts and messages whose time is over, and numbers that somebody wants forgotten."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from textwire.domain.arrival import Arrival, Concat
from textwire.domain.compliance import Retention
from textwire.simnet.weather import Span, Weather
from textwire.store.accounts import Entry, book
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.switch.judge import Idempotency
from textwire.switch.keeping.purge import Purging

from .life import ACCOUNT, BALANCE, DID, HOUR, PHONE, SECOND, START, Life, living, refused

DAY = 24 * HOUR
OTHER = "+447700900456"


async def traces(life: Life, database: str, needle: str) -> list[str]:
    """Where a text still stands: the files of SQLite, with its log; the tables of PostgreSQL."""
    if "://" not in database:
        files = [Path(database), Path(f"{database}-wal")]
        return [file.name for file in files if file.exists() and needle.encode() in file.read_bytes()]
    connection = await asyncpg.connect(database)
    try:
        names = [row[0] for row in await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public'"
        )]  # fmt: skip
        found = []
        for name in names:
            count = await connection.fetchval(
                f'select count(*) from "{name}" t where t::text like $1', f"%{needle}%"
            )
            found += [name] if count else []
        return found
    finally:
        await connection.close()


async def tidy(life: Life) -> None:
    """Everything that is due is done, as upkeep would within minutes."""
    for chore in life.core.upkeep.chores:
        for _ in range(1000):
            if not await chore():
                break
        else:
            raise AssertionError(f"{chore} has no end")


class _Top:
    """The write of a balance that lasts."""

    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await book(unit, [Entry(4, ACCOUNT, 0, "topup", amount, START) for amount in items])
        return [None for _ in items]


async def count(life: Life, what: str) -> int:
    [(found,)] = await life.core.store.read(statement(f"select count(*) from {what}"))
    return int(found)


async def lived(life: Life, *recipients: str, **wishes: Any) -> list[int]:
    """Messages that were delivered, or whatever came of them."""
    sent = [m for recipient in recipients for m in await life.send(recipient, **wishes)]
    for message in sent:
        await life.live(message.id, "delivered", "undelivered", "rejected")
    return [message.id for message in sent]


async def test_texts_go_after_thirty_days_and_messages_after_thirteen_months(
    life: Life, database: str
) -> None:
    [key] = await lived(life, PHONE, text="a secret aubergine")
    [long] = await lived(life, PHONE, text="many zucchini " * 30)
    await life.text("an inbound courgette")
    await tidy(life)
    assert (await life.message(key)).text == "a secret aubergine"
    await life.step(29 * DAY)
    await tidy(life)
    assert await traces(life, database, "aubergine")
    await life.step(2 * DAY)
    await tidy(life)
    for word in ("aubergine", "zucchini", "courgette"):
        assert await traces(life, database, word) == []
    kept = await life.message(key)
    assert (kept.text, kept.state, kept.recipient) == ("", "delivered", PHONE)
    assert (await life.message(long)).total > 2
    assert await life.told(key)
    await life.step(370 * DAY)
    await tidy(life)
    for table in ("message", "segment", "receipt", "filed", "conversation"):
        assert await count(life, table) == 0, table
    assert await count(life, "event where subject <> 0") == 0
    assert await traces(life, database, PHONE) == []
    assert await life.balance() < BALANCE  # what was paid was paid
    assert await count(life, "ledger") > 1


async def test_an_account_keeps_texts_longer_or_not_as_long(life: Life) -> None:
    [key] = await lived(life, PHONE, text="short life")
    await life.core.desk.rulings.set_retention(ACCOUNT, Retention(bodies_days=2, messages_days=5))
    await life.step(3 * DAY)
    await tidy(life)
    assert (await life.message(key)).text == ""
    await life.step(3 * DAY)
    await tidy(life)
    assert await count(life, "message") == 0
    await life.core.desk.rulings.set_retention(ACCOUNT, Retention(bodies_days=1000, messages_days=1000))
    [key] = await lived(life, PHONE, text="long life")
    await life.step(900 * DAY)
    await tidy(life)
    assert (await life.message(key)).text == "long life"
    wrong = life.core.desk.rulings.set_retention(ACCOUNT, Retention(bodies_days=9, messages_days=5))
    assert await refused(wrong) == "invalid_field"


async def test_what_is_not_final_is_never_touched(life: Life) -> None:
    [later] = await life.send(text="for next spring", send_at=START + 200 * DAY)
    [key] = await lived(life, PHONE, text="today")
    for _ in range(6):
        await life.step(30 * DAY)
        await tidy(life)
    assert (await life.message(key)).text == ""
    waiting = await life.message(later.id)
    assert (waiting.text, waiting.state) == ("for next spring", "scheduled")
    await life.step(21 * DAY)
    await life.live(later.id, "delivered")
    await tidy(life)
    assert (await life.message(later.id)).text == "for next spring"  # thirty days from its time to send
    await life.step(32 * DAY)
    await tidy(life)
    assert (await life.message(later.id)).text == ""
    await life.step(400 * DAY)
    await tidy(life)
    assert await count(life, "message") == 0
    assert await count(life, "lingering") == 0


async def test_with_redaction_texts_go_as_soon_as_their_message_is_final(life: Life, database: str) -> None:
    await life.core.desk.rulings.set_retention(ACCOUNT, Retention(redact="final"))
    [later] = await life.send(OTHER, text="waits with its artichoke", send_at=START + 10 * DAY)
    [key] = await lived(life, PHONE, text="gone with the fennel")
    await life.text("what does fenugreek cost")
    await life.step(70 * SECOND)
    await tidy(life)
    assert (await life.message(key)).text == ""
    assert await traces(life, database, "fennel") == []
    assert await traces(life, database, "fenugreek") != []  # somebody has to read it
    assert (await life.message(later.id)).text == "waits with its artichoke"
    await life.step(DAY)
    await tidy(life)
    assert await traces(life, database, "fenugreek") == []
    await life.step(10 * DAY)
    await life.live(later.id, "delivered")
    await life.step(HOUR)
    await tidy(life)
    assert await traces(life, database, "artichoke") == []


async def test_a_purge_takes_bounded_steps_and_comes_to_its_end(life: Life, database: str) -> None:
    await life.core.store.write(_Top(), 10**12)
    for n in range(22):
        await life.send(*(f"+447701{n:02}{m:04}" for m in range(50)), text="one of many")
    await life.step(90 * HOUR)  # validity ends for those without an answer
    async with asyncio.timeout(60):
        while await count(life, "outbox where topic in ('await', 'flight', 'depart:simulated')"):
            await life.step(SECOND)
    await life.step(40 * DAY)
    purging = Purging(life.core.store, life.clock)
    rounds, left = 0, [await count(life, "message where text <> ''")]
    while await purging.chore() or purging._dirty:  # the log is emptied when nobody reads it
        rounds += 1
        left.append(await count(life, "message where text <> ''"))
    assert left[0] >= 1100
    assert rounds >= 2
    assert all(before - after <= 500 for before, after in pairwise(left))
    assert await count(life, "message where text <> ''") == 0
    assert await traces(life, database, "one of many") == []
    await life.step(400 * DAY)
    await tidy(life)
    assert await count(life, "message") == 0
    assert await traces(life, database, "+447701") == []  # not on pages that became free either


async def test_an_erased_number_is_nowhere_and_stays_suppressed(database: str) -> None:
    async with living(database) as life:
        await lived(life, PHONE, OTHER, text="to somebody")
        await lived(life, PHONE, text="long " * 100)
        await life.text("hello from me")
        waiting = await life.send(send_at=START + 10 * DAY, text="later")
        await life.core.inlet.receive([_part(PHONE)])
        asked = Idempotency(
            scope="POST /api/messages", key="k", digest="d", render=lambda taken: (201, PHONE)
        )
        await life.send(PHONE, text="with a key", idempotency=asked)
        await life.text("STOP")
        for _ in range(40):
            await life.step(200_000)
        assert await refused(life.send()) == "recipient_opted_out"
        before = await life.balance()

        done = await life.core.desk.erasures.erase(ACCOUNT, PHONE, by="key1")
        assert (done.state, done.number) == ("done", "")
        assert done.messages >= 6
        assert done.canceled >= 1
        assert await life.balance() == before + waiting[0].price  # refunded: it never left
        assert await traces(life, database, PHONE) == []
        assert await traces(life, database, PHONE[1:]) == []
        assert await refused(life.send()) == "recipient_opted_out"
        assert await count(life, f"message where recipient = '{OTHER}'") == 1
        seal = life.core.seal
    async with living(database, seal=seal) as life:  # and after a restart
        assert await refused(life.send()) == "recipient_opted_out"
        await life.send(OTHER)
        await life.text("START")
        await life.send()


async def test_without_an_opt_out_an_erased_number_may_be_texted_again(life: Life) -> None:
    await lived(life, PHONE, OTHER)
    await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    await life.send()
    done = await life.core.desk.erasures.erase(ACCOUNT, OTHER, suppress=True)
    assert done.state == "done"
    assert await refused(life.send(OTHER)) == "recipient_opted_out"
    assert await count(life, "opt_out") == 0


async def test_what_is_with_a_carrier_is_waited_for(life: Life, database: str) -> None:
    life.network.set_weather(Weather(latency=Span(2000, 2000)))
    [flying] = await life.send()
    begun = await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    assert (await life.message(flying.id)).state == "submitting"
    assert begun.state == "running"
    for _ in range(100):
        await life.step(100_000)
    await tidy(life)
    assert await count(life, "message") == 0
    assert await count(life, "erasure where state = 'done' and messages = 1") == 1
    assert await traces(life, database, PHONE) == []
    for _ in range(50):  # its receipt finds nobody, and nothing comes back
        await life.step(100_000)
    assert await count(life, "message") == 0


async def test_what_was_sent_and_waits_for_its_receipt_is_not_waited_for(life: Life) -> None:
    life.network.set_phone(PHONE, state="off", now=life.clock.now())
    [sent] = await life.send()
    await life.live(sent.id, "sent")
    done = await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    assert (done.state, done.messages) == ("done", 1)
    assert await count(life, "outbox where topic in ('await', 'flight', 'depart:simulated')") == 0


async def test_an_accounts_own_number_is_not_erased(life: Life) -> None:
    assert await refused(life.core.desk.erasures.erase(ACCOUNT, DID)) == "own_number"


@pytest.mark.parametrize("messages", [450])
async def test_many_messages_are_erased_in_steps(life: Life, messages: int) -> None:
    await life.core.store.write(_Top(), 10**12)
    before = await life.balance()
    for _ in range(messages // 50):
        await life.send(*[PHONE] * 50, send_at=START + DAY)
    done = await life.core.desk.erasures.erase(ACCOUNT, PHONE)
    assert (done.state, done.messages, done.canceled) == ("done", messages, messages)
    assert await life.balance() == before


def _part(sender: str) -> Arrival:
    return Arrival(
        carrier="simulated", sender=sender, recipient=DID, text="half of it", at=START, concat=Concat(7, 2, 1)
    )
