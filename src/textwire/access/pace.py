"""How many requests an account may make in a second."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

SECOND: Final = 1_000_000  # µs
USUAL: Final = 30  # per second, once a real carrier is armed
MOST_REMEMBERED: Final = 10_000


class Pace:
    """Lets so many requests through at once as a second may hold, and then one by one. Of this process alone."""

    def __init__(self, now: Callable[[], int], simulated: Callable[[], bool]) -> None:
        """`now`: the real clock in µs; `simulated`: whether no real carrier is armed."""
        self._now, self._simulated = now, simulated
        self._full_at: OrderedDict[int, int] = (
            OrderedDict()
        )  # account → until when its seconds are spoken for

    def wait(self, account: int, per_second: int) -> int:
        """0 when a request may pass, which is then counted; else in how many milliseconds one may.

        `per_second` 0: the usual number, or any while nothing but the simulated network is armed.
        """
        rate = per_second or (0 if self._simulated() else USUAL)
        if not rate:
            return 0
        now, share = self._now(), SECOND // rate
        spoken = max(self._full_at.get(account, 0), now)
        if (over := spoken + share - now - SECOND) > 0:
            return -(-over // 1000)
        self._full_at[account] = spoken + share
        self._full_at.move_to_end(account)
        if len(self._full_at) > MOST_REMEMBERED:
            self._full_at.popitem(last=False)
        return 0
