"""A whole core in one process, on a clock that only the test moves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from textwire.clock import ManualClock, real_now
from textwire.core import Core
from textwire.domain.account import Account, Principal
from textwire.domain.message import FINAL, Message
from textwire.domain.number import Assignment, Number
from textwire.domain.refusal import Refusal
from textwire.store import accounts, events, messages, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.store import engine_for
from textwire.switch.draft import SendRequest

START = 1_800_000_000_000_000  # µs UTC: the message clock's beginning, in 2027
SECOND = 1_000_000
HOUR = 3600 * SECOND
ACCOUNT, PRINCIPAL = 1, 2
DID = "+16139998877"
PHONE = "+447700900123"
BALANCE = 10**9  # 10 EUR
PATIENCE = 10.0  # seconds of real time for what happens at once


class Life:
    """One life of the core: from its start to its end, after which another may begin on the same database."""

    def __init__(self, core: Core, clock: ManualClock) -> None:
        self.core, self.clock, self.network = core, clock, core.network

    async def send(self, *recipients: str, **wishes: Any) -> list[Message]:
        """Accepts one message per recipient, PHONE by default."""
        asked = {"sender": DID, "text": "hello", "rights": "owned"} | wishes
        request = SendRequest(
            account=ACCOUNT, principal=PRINCIPAL, recipients=recipients or (PHONE,), **asked
        )
        accepted = await self.core.desk.accept(request)
        return [m for m in accepted.messages if isinstance(m, Message)]

    async def message(self, key: int) -> Message:
        found = await messages.own(self.core.store.engine, ACCOUNT, [key])
        return found[key]

    async def state(self, key: int, *wanted: str) -> Message:
        """The message once it is in one of these states; fails when it does not get there."""
        return await self.until(lambda m: m.state in wanted, key)

    async def until(self, true: Callable[[Message], bool], key: int) -> Message:
        async with asyncio.timeout(PATIENCE):
            while not true(found := await self.message(key)):
                await asyncio.sleep(0.005)
        return found

    async def final(self, key: int) -> Message:
        return await self.state(key, *FINAL)

    async def step(self, span: int) -> None:
        """Moves the message clock; what was due by then happens soon after."""
        self.clock.advance(span)
        await asyncio.sleep(0.01)

    async def live(self, key: int, *wanted: str, most: int = 100, by: int = 100_000) -> Message:
        """Steps the clock in small steps until the message is in one of these states."""
        for _ in range(most):
            found = await self.message(key)
            if found.state in wanted:
                return found
            await self.step(by)
        raise AssertionError(f"still {found.state} ({found.reason}), wanted {wanted}")

    async def told(self, key: int) -> list[str]:
        """The types of a message's events, in order."""
        return [e.type for e in await events.of_subject(self.core.store.engine, key)]

    async def inbox(self) -> list[Message]:
        page = await messages.page(self.core.store.engine, ACCOUNT, before=2**63 - 1, limit=100)
        return [m for m in page if m.direction == "in"]

    async def text(self, text: str, number: str = PHONE, to: str = DID) -> None:
        """A person texts our number, which has kept it when this returns."""
        before = len(await self.inbox())
        sending = asyncio.create_task(self.core.simulated.text(number, to, text))
        async with asyncio.timeout(PATIENCE):
            while len(await self.inbox()) == before:
                await self.step(100_000)
            await sending

    async def live_until_shown(self, start: str) -> None:
        """Steps the clock until the handset has shown a text that begins so."""
        for _ in range(100):
            if any(text.startswith(start) for text in self.shown()):
                return
            await self.step(100_000)
        raise AssertionError(f"the handset shows {self.shown()}")

    async def balance(self) -> int:
        found = await accounts.account(self.core.store.engine, ACCOUNT)
        assert found is not None
        return found.balance

    def shown(self, number: str = PHONE) -> list[str]:
        """What the handset received."""
        return [m.text for m in self.network.messages(number) if m.direction == "in"]


@contextlib.asynccontextmanager
async def living(database: str, clock: ManualClock | None = None, **wishes: Any) -> AsyncIterator[Life]:
    """One life of a core. It ends like a process that is killed: nothing is drained or settled."""
    clock = clock or ManualClock(START)
    core = await Core.open(engine_for(database), clock, real_now, **wishes)
    started = asyncio.Event()
    running = asyncio.create_task(core.run(started))
    waiting = asyncio.create_task(started.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        if await accounts.account(core.store.engine, ACCOUNT) is None:
            await core.store.write(_Birth(), 0)
        yield Life(core, clock)
    finally:
        waiting.cancel()
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        await core.store.engine.close()


class _Birth:
    """The write of one account with a key, and a number that is its default."""

    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await accounts.insert_account(unit, Account(ACCOUNT, "test", 0, 0, "active", START))
        await accounts.insert_principal(unit, Principal(PRINCIPAL, ACCOUNT, "key", "key1", "", "test"), START)
        await accounts.book(unit, [Entry(3, ACCOUNT, 0, "topup", BALANCE, START)])
        await numbers.insert(unit, [Number(DID, ACCOUNT, "CA", START)])
        await numbers.assign(unit, Assignment(DID, PRINCIPAL, 1))
        return [None for _ in items]


async def refused(awaitable: Any) -> str:
    """The code with which something is refused."""
    try:
        await awaitable
    except Refusal as refusal:
        return refusal.code
    raise AssertionError("it was not refused")
