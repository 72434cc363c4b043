"""conversion: whoever sent a message says whether its recipient did what was asked for."""

import msgspec

from textwire.domain.refusal import Refusal
from textwire.store import conversions, parted
from textwire.store.committer import Unit
from textwire.store.conversions import Conversion
from textwire.store.store import Store


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of the message with this part; `at` is µs UTC."""

    account: int
    part: int
    delivered: bool
    at: int


class Conversions:
    """The verb and its write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(self, told: Told) -> None:
        """Keeps it in place of what was said before. Refusal not_found for what the account did not send."""
        await self._store.write(self, told)

    async def run(self, unit: Unit, items: list[Told]) -> list[Refusal | None]:
        messages = await parted.told(unit, [item.part for item in items])
        outcomes: list[Refusal | None] = []
        kept = []
        for item in items:
            message = messages.get(item.part)
            if message is None or message.account != item.account or message.direction != "out":
                outcomes.append(Refusal("not_found"))
            else:
                kept.append(Conversion(message.id, int(item.delivered), item.at))
                outcomes.append(None)
        await conversions.put(unit, kept)
        return outcomes
