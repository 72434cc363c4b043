"""receive: what a phone sent becomes its number's message, kept before the network is told so."""

from collections.abc import Callable, Sequence

import msgspec

from textwire.domain.arrival import Arrival
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.store import messages, numbers, parts
from textwire.store.committer import Unit
from textwire.store.messages import Inbound
from textwire.store.parts import Key, Part

from . import retry
from .consent.heed import Heed
from .draft import OCTETS
from .loops import Loops

PATIENCE = 24 * retry.HOUR  # how long a part waits for the others
MOST_STALE = 200


class Lost(msgspec.Struct, frozen=True):
    """Give up waiting for the parts of messages that are older than PATIENCE at `now`."""

    now: int


class Whole(msgspec.Struct, frozen=True):
    """A message put together: its parts in order, and whether some are missing."""

    first: Part
    texts: tuple[str, ...]
    missing: bool
    duplicate: bool
    encoding: str = ""

    @property
    def text(self) -> str:
        return "".join(self.texts)


class Receive:
    """The write of arrivals: reassembly, the number's owner, what STOP and START ask for, message and event."""

    def __init__(self, ids: Ids, real_now: Callable[[], int], heed: Heed, loops: Loops) -> None:
        self._ids, self._real_now, self._heed, self._loops = ids, real_now, heed, loops

    async def run(self, unit: Unit, items: list[Arrival | Lost]) -> list[None]:
        arrivals = [item for item in items if isinstance(item, Arrival)]
        lost = [item for item in items if isinstance(item, Lost)]
        whole = await self._complete(unit, arrivals) + await self._incomplete(unit, lost)
        await self._keep(unit, whole)
        return [None for _ in items]

    async def _complete(self, unit: Unit, arrivals: Sequence[Arrival]) -> list[Whole]:
        now = self._real_now()
        waiting, whole = [], []
        for arrival in arrivals:
            part = _part(arrival, self._ids.take(now))
            if part.total == 1:
                encoding = OCTETS if arrival.octets else ""
                whole.append(Whole(part, (part.text,), False, arrival.possible_duplicate, encoding))
            else:
                waiting.append(part)
        if waiting:
            await parts.insert(unit, waiting)
            found = await parts.together(unit, list({part.key for part in waiting}))
            whole += await self._join(unit, {k: v for k, v in found.items() if _distinct(v) == k[-1]})
        return whole

    async def _incomplete(self, unit: Unit, lost: Sequence[Lost]) -> list[Whole]:
        if not lost:
            return []
        stale = await parts.stale(unit, lost[0].now - PATIENCE, MOST_STALE)
        return await self._join(unit, await parts.together(unit, list({part.key for part in stale})))

    async def _join(self, unit: Unit, found: dict[Key, list[Part]]) -> list[Whole]:
        await parts.remove(unit, [part.id for group in found.values() for part in group])
        return [_whole(group) for group in found.values()]

    async def _keep(self, unit: Unit, whole: Sequence[Whole]) -> None:
        owners = await numbers.owners(unit, {w.first.recipient for w in whole})
        # A number that nobody owns (any more) has nobody to tell: the network is answered, nothing is kept.
        owned = [(w, *owners[w.first.recipient]) for w in whole if w.first.recipient in owners]
        inbound = [self._inbound(w, account, principal) for w, account, principal in owned]
        await messages.insert_in(unit, inbound)
        unit.events.extend(_received(m) for m in inbound)
        await self._loops.came(unit, inbound)
        await self._heed.heed(unit, inbound)

    def _inbound(self, whole: Whole, account: int, principal: int) -> Inbound:
        first = whole.first
        return Inbound(
            id=self._ids.take(self._real_now(), len(whole.texts)), account=account, principal=principal,
            sender=first.sender, recipient=first.recipient, text=whole.text, parts=whole.texts, encoding=whole.encoding,
            reference=first.reference, carrier=first.carrier, raw=first.raw,
            possible_duplicate=whole.duplicate, incomplete=whole.missing, at=first.at,
        )  # fmt: skip


def _part(arrival: Arrival, key: int) -> Part:
    reference, total, n = 0, 1, 1
    if arrival.concat is not None and arrival.concat.total > 1:
        reference, total, n = arrival.concat.reference, arrival.concat.total, arrival.concat.n
    return Part(
        key, arrival.carrier, arrival.sender, arrival.recipient, reference, total, n, arrival.text, arrival.raw,
        arrival.at,
    )  # fmt: skip


def _distinct(group: Sequence[Part]) -> int:
    return len({part.n for part in group})


def _whole(group: Sequence[Part]) -> Whole:
    """Puts parts together; of a part that came twice, the first counts."""
    first: dict[int, Part] = {}
    for part in group:
        first.setdefault(part.n, part)
    ordered = [first[n] for n in sorted(first)]
    return Whole(ordered[0], tuple(p.text for p in ordered), len(ordered) < group[0].total, False)


def _received(message: Inbound) -> Event:
    return Event(0, message.account, "message.received", message.id, 1, "received", message.at)
