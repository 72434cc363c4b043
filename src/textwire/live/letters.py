"""The writes of the mail: events laid into boxes, what has arrived taken out, sockets that come, stay and go."""

from collections.abc import Callable

import msgspec

from textwire.domain.refusal import Refusal
from textwire.store import boxes
from textwire.store.boxes import Letter
from textwire.store.committer import Unit


class Sorted(msgspec.Struct, frozen=True):
    """Events up to `upto` have been looked at: these letters came of it, and these subscriptions heard their last."""

    upto: int
    letters: list[Letter]
    ended: list[int]


class File:
    """The write of what was sorted; what another process has filed before is passed over."""

    async def run(self, unit: Unit, items: list[Sorted]) -> list[None]:
        filed = await boxes.locked_position(unit)
        fresh = [one for item in items for one in item.letters if one.event > filed]
        await boxes.file(unit, fresh)
        await boxes.forget(unit, [hook for item in items for hook in item.ended])
        upto = max(item.upto for item in items)
        if upto > filed:
            await boxes.advance(unit, upto)
        return [None for _ in items]


class Stay(msgspec.Struct, frozen=True):
    """Of a connected socket: `arrived` 0: nothing new; `ends_at` 0: as it was."""

    channel: int
    holder: int
    arrived: int
    ends_at: int


class Tend:
    """The write that keeps the books of connected sockets."""

    async def run(self, unit: Unit, items: list[Stay]) -> list[None]:
        await boxes.arrived(unit, [(i.channel, i.arrived) for i in items if i.arrived])
        await boxes.keep(unit, [(i.channel, i.holder, i.ends_at) for i in items if i.ends_at])
        return [None for _ in items]


class Come(msgspec.Struct, frozen=True):
    """A socket connects to a channel whose lifetime is so many seconds."""

    channel: int
    holder: int
    lifetime: int


class Hold:
    """The write of those who come: whoever held the channel before does so no longer."""

    def __init__(self, real_now: Callable[[], int]) -> None:
        self._now = real_now

    async def run(self, unit: Unit, items: list[Come]) -> list[Refusal | None]:
        return [await self._hold(unit, item) for item in items]

    async def _hold(self, unit: Unit, come: Come) -> Refusal | None:
        box, now = await boxes.find(unit, come.channel), self._now()
        if box is None or box.ends_at <= now:
            return Refusal("not_found")
        await boxes.hold(unit, [(come.channel, come.holder, boxes.end_of(now, come.lifetime))])
        return None
