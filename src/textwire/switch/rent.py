"""rent: numbers are paid for a month ahead; what happens when they cannot be.

The rent falls due when the month that was paid ends. While the balance does not cover it, the number is overdue: it
works on for GRACE, and a payment is tried every RETRY. Then it is suspended: nothing is sent from it, what is sent
to it still arrives, and the tries go on. A payment within GRACE is for the month that has begun, a later one for
the month from then on.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

import msgspec
import structlog
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.number import Number
from textwire.domain.refusal import Refusal
from textwire.store import accounts, numbers, rents
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .assigning import told
from .owning import DAY, MONTH, Owning

GRACE = 7 * DAY
RETRY = DAY
MOST = 200  # numbers in one write
LOOK = 3_600_000_000  # µs on the message clock between two looks, at most
REST_SECONDS = 1.0  # before the next try while the store is away

log = structlog.get_logger("textwire.switch")

Told = Literal["number.renewed", "number.overdue", "number.suspended", ""]


class Step(msgspec.Struct, frozen=True):
    """What becomes of a number whose rent is due: as it is then, from when on it is paid (0: not), what is told."""

    number: Number
    since: int
    told: Told


def step(number: Number, balance: int, now: int) -> Step:
    """The pure judgement of one number."""
    if number.monthly <= balance:
        since = now if number.state == "suspended" else number.paid_until
        until = since + MONTH
        return Step(replace(number, state="active", due_at=until, paid_until=until), since, "number.renewed")
    end = number.paid_until + GRACE
    if now < end:
        kind: Told = "number.overdue" if number.state == "active" else ""
        return Step(replace(number, state="overdue", due_at=min(now + RETRY, end)), 0, kind)
    kind = "" if number.state == "suspended" else "number.suspended"
    return Step(replace(number, state="suspended", due_at=now + RETRY), 0, kind)


class Rents:
    """The loop: whatever is due is paid, month by month if the clock has leapt."""

    def __init__(self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int]) -> None:
        self._store, self._clock = store, clock
        self._collect = Collect(ids, real_now)
        self._never = asyncio.Event()

    async def run(self) -> None:
        """Collects until cancelled."""
        while True:
            try:
                await self.once()
                due = await rents.next_due(self._store.engine)
                latest = self._clock.now() + LOOK
                await self._clock.wait(self._never, latest if due is None else min(due, latest))
            except (Unavailable, Refusal) as error:
                log.warning("rent.postponed", error=str(error))
                await asyncio.sleep(REST_SECONDS)

    async def once(self) -> None:
        """Pays what is due. Raises Unavailable; what is due stays due then."""
        now = self._clock.now()
        while (due := await rents.next_due(self._store.engine)) is not None and due <= now:
            if not await self._store.write(self._collect, now):
                return  # another node is at it


class Collect:
    """The write: items are times, outcomes how many numbers were due."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._owning = Owning(ids, real_now)

    async def run(self, unit: Unit, items: list[int]) -> list[int]:
        return [await self._collect(unit, now) for now in items]

    async def _collect(self, unit: Unit, now: int) -> int:
        due = await rents.due(unit, now, MOST)
        balances = await accounts.balances(unit, {number.account for number in due})
        left = {account: balance for account, (balance, _) in balances.items()}
        steps = []
        for number in due:
            one = step(number, left.get(number.account, 0), now)
            steps.append(one)
            if one.since:
                left[number.account] -= number.monthly
                await self._owning.charge(
                    unit, one.number, "number_rent", number.monthly, one.since, one.number.paid_until, now
                )
        await rents.move(unit, [one.number for one in steps])
        await numbers.suspend(
            unit,
            [
                (one.number.number, int(one.number.state == "suspended"))
                for one, before in zip(steps, due, strict=True)
                if "suspended" in (one.number.state, before.state) and one.number.state != before.state
            ],
        )
        unit.events.extend(
            told(one.told, one.number.account, now, {"number": one.number.number, "state": one.number.state})
            for one in steps
            if one.told
        )
        return len(due)
