"""cancel: a message that has no intent yet will never leave."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from textwire.domain.ids import Ids
from textwire.domain.message import Message, cancelable, move
from textwire.domain.refusal import Refusal
from textwire.store import messages
from textwire.store.committer import Unit

from .claim import close


class Wanted(msgspec.Struct, frozen=True):
    """Cancel a message of an account, at `now` (µs, message clock)."""

    account: int
    message: int
    now: int


class Cancel:
    """The write of cancellations."""

    def __init__(self, ids: Ids, real_now: Callable[[], int]) -> None:
        self._ids, self._real_now = ids, real_now

    async def run(self, unit: Unit, items: list[Wanted]) -> list[Message | Refusal]:
        found = await messages.locked(unit, sorted({w.message for w in items}))
        outcomes: list[Message | Refusal] = []
        ended: dict[int, list[Message]] = {}
        for wanted in items:
            outcome = _cancel(found.get(wanted.message), wanted)
            if isinstance(outcome, Message):
                found[wanted.message] = outcome
                ended.setdefault(wanted.now, []).append(outcome)
            outcomes.append(outcome)
        for now, canceled in ended.items():
            await close(unit, canceled, now, self._ids, self._real_now())
        return outcomes


def _cancel(message: Message | None, wanted: Wanted) -> Message | Refusal:
    if message is None or message.account != wanted.account or message.direction == "in":
        return Refusal("not_found")
    try:
        cancelable(message.state)
    except Refusal as refusal:
        return refusal
    return replace(
        message,
        state=move(message.state, "canceled"),
        reason="canceled",
        sequence=message.sequence + 1,
        updated_at=wanted.now,
    )
