"""Names as senders once a real phone can be reached: one door's own name goes, and no other, when it is taken and when it leaves."""

from textwire.carriers.simulated.carrier import SimulatedCarrier
from textwire.switch.carrier import Carrier, Departure, Outcome, Rejected

from .life import SECOND, START, living, refused
from .test_refusals import Scripted


class Real(Scripted):
    """A carrier that could reach real phones, and refuses what it is given."""

    simulated = False

    def __init__(self, inner: SimulatedCarrier) -> None:
        super().__init__(inner, [self._refuse])
        self.senders: list[str] = []

    def _refuse(self, departure: Departure) -> Outcome:
        self.senders.append(departure.sender)
        return Rejected("refused", code="B")


async def test_of_names_only_an_extensions_own_is_taken(database: str) -> None:
    armed: list[Real] = []

    def exits(inner: SimulatedCarrier) -> list[Carrier]:
        armed.append(Real(inner))
        return [armed[0]]

    async with living(database, exits=exits) as life:
        for rights, sender in (
            ("owned", "sipgate"), ("assigned", "sipgate"), ("owned", "ACME"), ("extension", "ACME"),
            ("extension", "SIPGATE"),
        ):  # fmt: skip
            assert await refused(life.send(sender=sender, rights=rights)) == "sender_forbidden"
        [sent] = await life.send(sender="sipgate", rights="extension")
        await life.live(sent.id, "rejected", by=60 * SECOND)
        assert armed[0].senders == ["sipgate"]


async def test_a_name_that_waits_is_judged_again_when_it_leaves(database: str) -> None:
    """What was accepted while only the simulated network was armed does not slip out when that has changed."""
    async with living(database) as life:
        [named] = await life.send(sender="ACME", send_at=START + 60 * SECOND)
        [extension] = await life.send(sender="sipgate", rights="extension", send_at=START + 60 * SECOND)
        clock = life.clock

    def exits(inner: SimulatedCarrier) -> list[Carrier]:
        return [Real(inner)]

    async with living(database, clock, exits=exits) as life:
        await life.step(60 * SECOND)
        failed = await life.live(named.id, "failed", by=SECOND)
        assert failed.reason == "sender_unassigned"
        await life.live(extension.id, "rejected", by=60 * SECOND)
