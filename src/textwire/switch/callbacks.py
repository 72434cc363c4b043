"""callbacks: the hook of an account that stands for all places its settings, numbers and messages name.

It has no address of its own: the facade that words its events says for each where it goes. There is none before it is
wanted, and what it wants only grows: an event too many is looked at and told to nobody.
"""

import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from textwire.domain.account import SIGNATURE
from textwire.domain.event import mask
from textwire.domain.ids import Ids
from textwire.store import accounts, hooks
from textwire.store.committer import Unit
from textwire.store.hooks import Hook
from textwire.store.store import Store

DIALECT: Final = "callback"
NO_ADDRESS: Final = "callback:"
INBOUND: Final = mask(["message.received"])
RECEIPTS: Final = mask(
    ["message.delivered", "message.undelivered", "message.failed", "message.rejected", "message.expired"]
)
STATUSES: Final = RECEIPTS | mask(["message.sent"])
MOST_KNOWN: Final = 10_000  # accounts


async def want(unit: Unit, account: int, types: int, new_id: Callable[[], int], now: int) -> None:
    """From this commit on the account's places hear of these events; `now` is µs on the message clock.

    The hook signs with the account's secret, and its correlator is the name under which that is known.
    """
    if not types:
        return
    await accounts.locked(unit, account)  # two nodes must not both find none
    there = await hooks.of_dialect(unit, account, DIALECT)
    name, secret = await accounts.named_secret(unit, account, SIGNATURE)
    if there is None:
        hook = Hook(
            new_id(), account, 0, str(uuid.uuid4()), DIALECT, 0, NO_ADDRESS, types, "", secret, name, "active", 0, now,
        )  # fmt: skip
        await hooks.insert(unit, hook)
        return
    wanted = msgspec.structs.replace(there, types=there.types | types, secret=secret, correlator=name)
    if wanted != there:
        await hooks.repoint(unit, wanted)


async def resign(unit: Unit, account: int) -> None:
    """From this commit on the account's places are told under its secret as it now is."""
    there = await hooks.of_dialect(unit, account, DIALECT)
    if there is not None:
        name, secret = await accounts.named_secret(unit, account, SIGNATURE)
        await hooks.repoint(unit, msgspec.structs.replace(there, secret=secret, correlator=name))


class Callbacks:
    """The verb for a message that names a place of its own for its receipts."""

    def __init__(self, store: Store, ids: Ids, now: Callable[[], int], real_now: Callable[[], int]) -> None:
        self._store, self._ids, self._now, self._real_now = store, ids, now, real_now
        self._known: dict[int, int] = {}  # account → what is told already

    async def expect(self, account: int, types: int = RECEIPTS) -> None:
        """To be called before such a message is accepted: its receipts, or these events, will be told."""
        known = self._known.get(account, 0)
        if known & types == types:
            return
        await self._store.write(self, (account, types))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[account] = self._known.get(account, 0) | types

    async def run(self, unit: Unit, items: list[tuple[int, int]]) -> list[None]:
        for account, types in dict.fromkeys(items):
            await want(unit, account, types, lambda: self._ids.take(self._real_now()), self._now())
        return [None for _ in items]
