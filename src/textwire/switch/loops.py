"""loops: two programs that answer each other are stopped, whichever doors they come through.

Once a remote number has texted one of ours, what both say is counted for a minute (message clock): what came is
written with the arrival, what goes out with the accept, so that all nodes see the same. Whoever only sends is never
looked at. See decision 20.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from textwire.clock import Clock
from textwire.domain.event import Event
from textwire.domain.message import Draft
from textwire.domain.refusal import Refusal
from textwire.store import exchanges, numbers
from textwire.store.committer import Unit
from textwire.store.exchanges import MINUTE, MOST_KEPT, Exchange, Pair
from textwire.store.messages import Birth, Inbound
from textwire.store.store import Store

MOST: Final = 20  # texts of a pair in a minute, both ways, unless the server is told otherwise
UNSEEN: Final = 1  # what began it went before anybody had answered, so it has no row
SLICE: Final = 500  # rows of one round of forgetting


class Asking(Protocol):
    """Who wants to send, and when."""

    @property
    def account(self) -> int: ...
    @property
    def principal(self) -> int: ...
    @property
    def at(self) -> int: ...


class Stop(msgspec.Struct, frozen=True):
    """When a text of a pair was refused, and for how many seconds that may go on."""

    at: int
    after: int


def refusal(exchange: Exchange | None, at: int, most: int) -> Refusal | None:
    """Why nothing may go out in this exchange, if so."""
    if exchange is None or not exchange.came or not most:
        return None
    if exchange.came + exchange.went + UNSEEN < most:
        return None
    after = max(-(-(exchange.since + MINUTE - at) // 1_000_000), 1)
    return Refusal("loop", field="recipient", after=after)


def count(known: Mapping[Pair, Exchange], births: Iterable[Birth | Refusal], by: int = 1) -> None:
    """What was taken has gone out; `by` -1: it has not after all."""
    if not known:
        return
    for birth in births:
        if isinstance(birth, Birth) and (exchange := known.get(pair_of(birth))) is not None:
            exchange.went += by


def pair_of(birth: Birth) -> Pair:
    """Whose exchange a text belongs to."""
    return birth.account, birth.sender, birth.draft.recipient


class Loops:
    """What the writes of accept and of arrivals ask and keep. `most` 0: nobody is stopped."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most

    async def known(
        self, unit: Unit, drafts: Sequence[tuple[Asking, Draft]], defaults: Mapping[int, str]
    ) -> dict[Pair, Exchange]:
        """The exchanges in which these drafts would go out; `defaults`: numbers of principals that named none."""
        since = max((one.at for one, _ in drafts), default=0) - MINUTE
        if not self.most or not await exchanges.any_since(unit, since):
            return {}
        pairs = {
            (one.account, d.sender or defaults.get(one.principal, ""), d.recipient)
            for one, d in drafts
            if d.rights != "system"
        }
        return await exchanges.found(unit, pairs, since)

    async def went(
        self,
        unit: Unit,
        births: Iterable[Birth],
        known: Mapping[Pair, Exchange],
        stopped: Mapping[Pair, Stop],
    ) -> None:
        """Keeps what has gone out in exchanges, and tells whoever was stopped, once in a minute."""
        if not known:
            return
        new = {pair: stop for pair, stop in stopped.items() if not known[pair].told}
        if new:
            views = await self._views(unit, new)
            told = await exchanges.tell(unit, sorted((*pair, stop.at) for pair, stop in views.items()))
            unit.events.extend(
                self._event(pair, views[pair]) for pair in views if pair in told and _first(pair, views)
            )
        pairs = [(pair_of(birth), birth) for birth in births]
        await exchanges.went(
            unit, [(*pair, b.at, b.draft.id) for pair, b in pairs if pair in known and known[pair].came]
        )

    async def came(self, unit: Unit, inbound: Sequence[Inbound]) -> None:
        """Keeps that these texts have come."""
        if self.most:
            rows = [(m.account, m.recipient, m.sender, m.at, m.id) for m in inbound]
            await exchanges.came(unit, rows, max(self.most, MOST_KEPT))

    async def _views(self, unit: Unit, stopped: Mapping[Pair, Stop]) -> dict[Pair, Stop]:
        """With the same as the owner of the remote number sees it, if that is one of ours."""
        owners = await numbers.owners(unit, {remote for _, _, remote in stopped})
        others = {
            (owners[remote][0], remote, number): stop
            for (_, number, remote), stop in stopped.items()
            if remote in owners
        }
        return {**stopped, **others}

    def _event(self, pair: Pair, stop: Stop) -> Event:
        account, number, remote = pair
        said = {"number": number, "remote": remote, "messages": self.most, "seconds": stop.after}
        return Event(0, account, "loop.stopped", 0, 1, "", stop.at, msgspec.json.encode(said).decode())


def _first(pair: Pair, views: Mapping[Pair, Stop]) -> bool:
    """Whether an account that has both numbers of a pair is told by this view of it: one of them is enough."""
    account, number, remote = pair
    return next(v for v in views if v in (pair, (account, remote, number))) == pair


class Forgetting:
    """The chore that forgets exchanges that are over, and its write; items are times (µs, message clock)."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def chore(self) -> bool:
        """Forgets a slice; whether there may be more."""
        gone: int = await self._store.write(self, self._clock.now() - MINUTE)
        return gone == SLICE

    async def run(self, unit: Unit, items: list[int]) -> list[int]:
        return [await exchanges.purge(unit, before, SLICE) for before in items]
