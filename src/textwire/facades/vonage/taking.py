"""What both ways to send have in common: the account's pace, and places of a message's own."""

from collections.abc import Callable

from textwire.access.pace import Pace
from textwire.switch.desk import Desk

from .gate import Proved


class Taking:
    """One for all ways. `judge` raises Refusal("blocked_address") for a webhook that we never call."""

    def __init__(self, desk: Desk, judge: Callable[[str], None]) -> None:
        self.judge, self._callbacks = judge, desk.callbacks
        self._pace = Pace(desk.real_now, desk.simulated)

    def wait(self, proved: Proved) -> int:
        """In how many milliseconds the account may send; 0: now, and that is counted."""
        return self._pace.wait(proved.caller.account, proved.settings.throughput)

    async def expect(self, proved: Proved, types: int) -> None:
        """To be called before a message is taken of which these events shall be told."""
        await self._callbacks.expect(proved.caller.account, types)
