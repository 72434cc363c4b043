"""10,000 sends race 100 STOPs: nothing is accepted, and nothing leaves, behind a STOP (reliability W13, SN8).

Numbers of events are the order of commits (decisions 17), so they prove who was first.
"""

import asyncio
import random
from typing import Any, NamedTuple

import msgspec
import pytest

from textwire.clock import ManualClock
from textwire.domain.arrival import Arrival
from textwire.domain.refusal import Refusal
from textwire.store.accounts import Entry, book
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.switch.accept import Admit
from textwire.switch.claim import Claim, Turn, Turned
from textwire.switch.judge import Facts

from .life import ACCOUNT, DID, START, Life, living

WINDOW = 40  # small, so that most messages have to wait for their turn, in which a STOP overtakes them
_EVENTS = statement("select number, type, subject, data from event order by number")
_MESSAGES = statement("select id, recipient, state, reason, rights from message where direction = 'out'")
_LAST = statement("select value from counter where name = 'event'")


class Race(NamedTuple):
    """What came of it. Positions are numbers of events."""

    stopped: dict[str, int]  # phone → where its STOP stands
    accepted: list[tuple[str, int]]  # phone, where the message stands
    left: list[tuple[str, int]]  # phone, the last number that was committed when the message got its intent
    refused: int
    ends: dict[str, int]  # state and reason → messages to phones that said STOP

    def behind(self) -> list[tuple[str, str]]:
        """What happened behind a STOP and must not."""
        late = [("accepted", phone) for phone, at in self.accepted if at > self.stopped.get(phone, at)]
        return late + [("left", phone) for phone, at in self.left if at >= self.stopped.get(phone, at + 1)]


class _Watch:
    """The write of turns, which notes in its own transaction how far events were committed."""

    def __init__(self, claim: Any) -> None:
        self._claim, self.left = claim, list[tuple[int, int]]()

    async def run(self, unit: Unit, items: list[Turn]) -> list[Turned]:
        turned: list[Turned] = await self._claim.run(unit, items)
        [(last,)] = await unit.rows(_LAST)
        self.left += [(d.id, last) for turn in turned for d in turn.departures]
        return turned


class _Top:
    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        await book(unit, [Entry(4, ACCOUNT, 0, "topup", amount, START) for amount in items])
        return [None for _ in items]


async def run_race(life: Life, sends: int, stops: int, seed: int) -> Race:
    """Sends to as many phones as STOPs, in tasks of their own, in an order that nobody arranges."""
    core, chance = life.core, random.Random(seed)
    await core.store.write(_Top(), 10**12)
    watch = _Watch(core.dispatcher._claim)
    core.dispatcher._claim = watch  # type: ignore[assignment]
    phones = [f"+447701{n:06}" for n in range(stops)]
    refused = done = 0

    async def send(recipients: list[str]) -> None:
        nonlocal refused, done
        for phone in recipients:
            try:
                await life.send(phone)
            except Refusal as refusal:
                if refusal.code != "recipient_opted_out":
                    raise
                refused += 1
            done += 1

    async def stop(phone: str, after: int) -> None:
        while done < after:
            await asyncio.sleep(0.001)
        await core.inlet.receive(
            [Arrival(carrier="simulated", sender=phone, recipient=DID, text="STOP", at=life.clock.now())]
        )

    ticking = asyncio.create_task(tick(life.clock))
    try:
        plan = [phones[n % stops] for n in range(sends)]
        chance.shuffle(plan)
        hundred = max(1, sends // 100)
        async with asyncio.TaskGroup() as group:
            for n in range(0, sends, hundred):
                group.create_task(send(plan[n : n + hundred]))
            for phone in phones:
                group.create_task(stop(phone, chance.randrange(sends * 9 // 10)))
        await settled(life)
    finally:
        ticking.cancel()
    return await told(life, watch.left, refused)


async def tick(clock: ManualClock) -> None:
    while True:
        clock.advance(50_000)
        await asyncio.sleep(0.002)


async def settled(life: Life) -> None:
    """Returns when nothing waits for its turn any more."""
    waiting = statement("select count(*) from outbox where topic = 'depart:simulated' or topic = 'flight'")
    async with asyncio.timeout(120):
        while [tuple(row) for row in await life.core.store.read(waiting)] != [(0,)]:
            await asyncio.sleep(0.05)


async def told(life: Life, left: list[tuple[int, int]], refused: int) -> Race:
    rows = await life.core.store.read(_MESSAGES)
    ours = {key: phone for key, phone, _, _, rights in rows if rights != "system"}
    answers = {phone for _, phone, _, _, rights in rows if rights == "system"}
    stopped: dict[str, int] = {}
    accepted = []
    for number, kind, subject, data in await life.core.store.read(_EVENTS):
        if kind == "optout.added":
            phone = msgspec.json.decode(data)["number"]
            assert phone not in stopped
            stopped[phone] = number
        elif kind == "message.accepted" and subject in ours:
            accepted.append((ours[subject], number))
    assert answers == set(stopped), "each STOP is confirmed, once"
    assert sum(rights == "system" for *_, rights in rows) == len(stopped)
    ends: dict[str, int] = {}
    for key, phone, state, reason, _ in rows:
        if key in ours and phone in stopped:
            name = f"{state} {reason}".strip()
            ends[name] = ends.get(name, 0) + 1
    # Our own confirmations leave behind the STOP, as they must: they are none of ours here.
    return Race(stopped, accepted, [(ours[key], at) for key, at in left if key in ours], refused, ends)


async def test_ten_thousand_sends_race_a_hundred_stops_and_none_is_accepted_or_leaves_behind_one(
    database: str,
) -> None:
    async with living(database, window=WINDOW, loop_messages=0) as life:
        race = await run_race(life, sends=10_000, stops=100, seed=1)
    assert len(race.stopped) == 100
    assert len(race.accepted) + race.refused == 10_000
    assert race.behind() == []
    # It was a race: some were refused, some had been accepted and were stopped in the queue, some had left.
    assert race.refused > 100
    assert race.ends["failed opted_out"] > 10
    assert len(race.left) > 100


class _BlindClaim(Claim):
    """Looks at opt-outs no more when a message's turn comes."""

    async def _facts(self, unit: Unit, found: Any) -> Facts:
        return msgspec.structs.replace(await super()._facts(unit, found), opted_out=set())


class _BlindAdmit(Admit):
    """Looks at opt-outs outside the transaction: as they were before the STOP."""

    async def _facts(self, unit: Unit, items: Any) -> Facts:
        return msgspec.structs.replace(await super()._facts(unit, items), opted_out=set())


@pytest.mark.parametrize("blind", ["claim", "accept"])
async def test_the_race_is_lost_without_the_look_inside_the_write(database: str, blind: str) -> None:
    async with living(database, window=WINDOW, loop_messages=0) as life:
        if blind == "claim":
            life.core.dispatcher._claim.__class__ = _BlindClaim
        else:
            life.core.desk.accepting._admit.__class__ = _BlindAdmit
        race = await run_race(life, sends=3_000, stops=30, seed=2)
    kinds = {kind for kind, _ in race.behind()}
    assert ("left" if blind == "claim" else "accepted") in kinds
