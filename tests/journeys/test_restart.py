"""Restart in the middle: what was accepted goes on, what is unknown is said to be unknown."""

import asyncio

from textwire.carriers.simulated.carrier import SimulatedCarrier
from textwire.switch.carrier import Carrier, Departure, Inlet, Outcome

from .life import DID, HOUR, SECOND, living


class Silent:
    """A carrier that takes everything and never answers: a process that dies with it knows nothing."""

    name = "simulated"
    receipts = True
    simulated = True

    def __init__(self, inner: SimulatedCarrier, taken: list[int], window: int = 4) -> None:
        self._inner, self._taken, self.window = inner, taken, window

    async def submit(self, departure: Departure) -> Outcome:
        self._taken.append(departure.id)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def run(self, inlet: Inlet) -> None:
        await self._inner.run(inlet)


async def test_a_receipt_that_was_under_way_comes_after_the_restart(database: str) -> None:
    async with living(database) as life:
        [sent] = await life.send()
        await life.state(sent.id, "sent")
        clock = life.clock
    async with living(database, clock) as life:
        await life.live(sent.id, "delivered")


async def test_what_was_queued_leaves_after_the_restart(database: str) -> None:
    taken: list[int] = []

    def exits(inner: SimulatedCarrier) -> list[Carrier]:
        return [Silent(inner, taken)]

    async with living(database, exits=exits) as life:
        sent = await life.send(*(f"+4477009001{n:02}" for n in range(10)))
        await asyncio.sleep(0.05)
        assert len(taken) == 4
        clock = life.clock
    async with living(database, clock) as life:
        states = {m.id: (await life.message(m.id)).state for m in sent}
        doubtful = {key for key, state in states.items() if state == "ambiguous"}
        # PostgreSQL may be shared with a process that only pauses: its lease has to run out first.
        if database.startswith("postgres"):
            assert not doubtful
            await _outlive(life)
            doubtful = {m.id for m in sent if (await life.message(m.id)).state == "ambiguous"}
        assert doubtful == set(taken)
        for message in sent[4:]:
            await life.live(message.id, "delivered")
        await life.step(600 * SECOND)
        for message in sent[:4]:
            delivered = await life.live(message.id, "delivered", by=SECOND)
            assert delivered.possible_duplicate
            assert (await life.told(message.id))[1:3] == ["message.ambiguous", "message.deferred"]


async def _outlive(life: "object") -> None:
    """Ends the lease of the process before, as time would."""
    core = life.core  # type: ignore[attr-defined]
    await core.store.write(_End(), 0)
    await core.upkeep.once()


class _End:
    async def run(self, unit: "object", items: list[int]) -> list[None]:
        from textwire.store.engines.engine import statement

        await unit.run(statement("update node set lease_until = 0"))  # type: ignore[attr-defined]
        return [None for _ in items]


async def test_an_inbound_text_is_there_after_the_restart(database: str) -> None:
    async with living(database) as life:
        await life.text("keep me")
        clock = life.clock
    async with living(database, clock) as life:
        [kept] = await life.inbox()
        assert (kept.text, kept.recipient) == ("keep me", DID)


async def test_validity_goes_on_while_nobody_runs(database: str) -> None:
    async with living(database) as life:
        [sent] = await life.send(send_at=life.clock.now() + HOUR, validity=HOUR)
        clock = life.clock
    clock.advance(3 * HOUR)
    async with living(database, clock) as life:
        expired = await life.state(sent.id, "expired")
        assert (expired.reason, expired.attempts) == ("validity", 0)
        assert life.shown() == []
