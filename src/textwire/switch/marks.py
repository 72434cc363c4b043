"""marks: what a user puts on messages of the history: archived, read, starred, a note."""

import msgspec
from msgspec import UNSET, UnsetType

from textwire.clock import Clock
from textwire.domain.message import Direction, Message
from textwire.domain.refusal import Refusal
from textwire.store import marks, messages
from textwire.store.committer import Unit
from textwire.store.marks import Mark
from textwire.store.store import Store


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """What is to stand on a message; what is unset stays as it is."""

    account: int
    message: int
    direction: Direction
    at: int = 0
    archived: bool | UnsetType = UNSET
    read: bool | UnsetType = UNSET
    starred: bool | UnsetType = UNSET
    note: str | UnsetType = UNSET


class Marks:
    """The verbs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock, self._putting = store, clock, _Putting()

    async def of(self, found: list[Message]) -> dict[int, Mark]:
        """Of every one of these messages."""
        known = await marks.of(self._store.engine, [one.id for one in found])
        return {one.id: known.get(one.id) or unmarked(one.id, one.direction) for one in found}

    async def put(self, wish: Put) -> None:
        """Refusal not_found for a message that the account does not have."""
        await self._store.write(self._putting, msgspec.structs.replace(wish, at=self._clock.now()))


def unmarked(message: int, direction: Direction) -> Mark:
    """What stands on a message that nobody has touched: what somebody wrote himself is read."""
    return Mark(message, 0, int(direction == "out"), 0)


class _Putting:
    """The write, one wish after the other: several may be about one message."""

    async def run(self, unit: Unit, items: list[Put]) -> list[Refusal | None]:
        ids = sorted({item.message for item in items})
        standing = await messages.standing(unit, ids)
        known, touched = await marks.held(unit, ids), set()
        outcomes: list[Refusal | None] = []
        for item in items:
            found = standing.get(item.message)
            if found is None or found.account != item.account:
                outcomes.append(Refusal("not_found"))
                continue
            known[item.message] = _put(
                known.get(item.message) or unmarked(item.message, item.direction), item
            )
            touched.add(item.message)
            outcomes.append(None)
        await marks.put(unit, [known[key] for key in sorted(touched)])
        return outcomes


def _put(mark: Mark, wish: Put) -> Mark:
    return Mark(
        mark.message,
        mark.archived if wish.archived is UNSET else int(wish.archived),
        mark.read if wish.read is UNSET else int(wish.read),
        mark.starred if wish.starred is UNSET else int(wish.starred),
        mark.note if wish.note is UNSET else wish.note,
        wish.at,
    )
