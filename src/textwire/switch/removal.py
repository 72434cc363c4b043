"""removal: final messages are taken away with everything that shows their text."""

from collections.abc import Collection, Sequence

import msgspec
from msgspec.structs import replace

from textwire.domain.event import Event
from textwire.domain.message import FINAL, Standing
from textwire.domain.refusal import Refusal
from textwire.store import accounts, conversations, messages, numbers, removal
from textwire.store.committer import Unit

SLICE = 200  # messages of one transaction


class One(msgspec.Struct, frozen=True):
    """Take away one message of an account; one that is under way is refused, unless it may be `withdrawn`."""

    account: int
    message: int
    at: int
    withdraw: bool = False


class Some(msgspec.Struct, frozen=True):
    """Take away those messages of a conversation that are among the SLICE newest before `before`.

    Those that are under way stay, or are withdrawn.
    """

    conversation: int
    before: int
    at: int
    withdraw: bool = False


class Removed(msgspec.Struct, frozen=True):
    """How many went and how many are not final and stay; `before` is where to go on, 0 at the end."""

    gone: int
    kept: int
    before: int = 0


class Removal:
    """The write. What somebody deletes is told as `message.deleted`; what only had its time is not.

    A withdrawn message is in no conversation any more, and goes for good when it is final.
    """

    async def run(self, unit: Unit, items: list[One | Some]) -> list[Removed | Refusal]:
        return [
            await self._one(unit, item) if isinstance(item, One) else await self._some(unit, item)
            for item in items
        ]

    async def _one(self, unit: Unit, item: One) -> Removed | Refusal:
        found = (await messages.standing(unit, [item.message])).get(item.message)
        if found is None or found.account != item.account:
            return Refusal("not_found")
        if found.state not in FINAL and not item.withdraw:
            return Refusal("not_final", f"The message is {found.state}; only what is over can be deleted.")
        await self._delete(unit, [found], item.at)
        return Removed(1, 0)

    async def _some(self, unit: Unit, item: Some) -> Removed:
        ids = await conversations.ids(unit, item.conversation, item.before, SLICE)
        found = list((await messages.standing(unit, sorted(ids))).values()) if ids else []
        going = [m for m in found if item.withdraw or m.state in FINAL]
        await self._delete(unit, going, item.at)
        return Removed(len(going), len(ids) - len(going), ids[-1] if len(ids) == SLICE else 0)

    async def _delete(self, unit: Unit, going: Sequence[Standing], at: int) -> None:
        told = await self._tell(unit, going, at)
        await removal.remove(unit, [(m.id, m.total) for m in going if m.state in FINAL])
        under_way = [m for m in going if m.state not in FINAL]
        await messages.save(
            unit, [replace(m, sequence=m.sequence + 1) for m in under_way if m.id in told], at
        )
        await removal.withdraw(unit, [m.id for m in under_way])

    async def _tell(self, unit: Unit, going: Sequence[Standing], at: int) -> Collection[int]:
        """The events; of which messages there are some."""
        about = await removal.about(unit, [m.id for m in going])
        data = {place: await _told(unit, *place) for place in sorted(set(about.values()))}
        unit.events.extend(
            Event(0, m.account, "message.deleted", m.id, m.sequence + 1, m.state, at, data[about[m.id]])
            for m in going
            if m.id in about
        )
        return about

    async def let_go(self, unit: Unit, ids: Sequence[int]) -> int:
        """Takes those away that are final; how many."""
        found: list[Standing] = list((await messages.standing(unit, sorted(ids))).values()) if ids else []
        final = [m for m in found if m.state in FINAL]
        await removal.remove(unit, [(m.id, m.total) for m in final])
        return len(final)


async def _told(unit: Unit, number: str, remote: str) -> str:
    """What a deletion says: where the message was, and by which public identifier each holder of the number goes."""
    holders = [one.principal for one in await numbers.holders(unit, number)]
    people = await accounts.members(unit, holders) if holders else {}
    users = {str(key): one.public_id for key, one in sorted(people.items())}
    return msgspec.json.encode({"number": number, "remote": remote, "users": users}).decode()
