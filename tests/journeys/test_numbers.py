"""A bought number through its life: used, not paid, silent, paid again."""

import asyncio

from tests.store.house import do
from textwire.store import accounts
from textwire.store.accounts import Entry
from textwire.switch.owning import DAY, MONTH

from .life import ACCOUNT, PATIENCE, PHONE, PRINCIPAL, Life, living, refused

BOUGHT = "+4915791234567"  # 2 EUR, then 1 EUR a month
EUR = 10**8


async def until(life: Life, state: str) -> None:
    """Returns once the number stands so."""
    async with asyncio.timeout(PATIENCE):
        while (await life.core.desk.numbers.one(ACCOUNT, BOUGHT)).number.state != state:
            await asyncio.sleep(0.005)


async def test_a_number_that_is_not_paid_sends_nothing_but_hears_everything(database: str) -> None:
    async with living(database) as life:
        await life.core.desk.numbers.buy(ACCOUNT, BOUGHT)
        await life.core.desk.numbers.assign(ACCOUNT, BOUGHT, PRINCIPAL, default=True)
        [sent] = await life.send(sender=None)
        assert sent.sender == BOUGHT
        left = await life.balance()
        await do(life.core.store, accounts.book, [Entry(77, ACCOUNT, 0, "fee", 1 - left, 0)])

        life.clock.advance(MONTH)
        await until(life, "overdue")
        await do(life.core.store, accounts.book, [Entry(78, ACCOUNT, 0, "topup", EUR // 2, 0)])
        assert (await life.send(sender=BOUGHT))[0].sender == BOUGHT, "an overdue number works on"

        life.clock.advance(7 * DAY)
        await until(life, "suspended")
        for rights, sender in (("owned", BOUGHT), ("assigned", BOUGHT)):
            assert await refused(life.send(sender=sender, rights=rights)) == "sender_forbidden"
        assert await refused(life.send(sender=None)) == "no_default_number"
        await life.text("are you there?", PHONE, BOUGHT)
        assert [m.text for m in await life.inbox()] == ["are you there?"]

        await do(life.core.store, accounts.book, [Entry(79, ACCOUNT, 0, "topup", EUR, 0)])
        life.clock.advance(DAY)
        await until(life, "active")
        assert (await life.send(sender=None))[0].sender == BOUGHT
