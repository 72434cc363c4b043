"""How many departures may be under way at a carrier: its window, and whether a queue has formed before it."""

from collections.abc import Callable


class Window:
    """The slots of one carrier.

    A slot is reserved before the intent is written and given back only after the outcome is durable, so at most
    `size` messages are ambiguous after a crash. While a queue waits, newcomers join it and take no slot.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.free = size
        self.queue = False
        self.on_free: Callable[[], None] = lambda: None

    def reserve(self, count: int = 1) -> bool:
        """Takes `count` slots for newcomers, or none."""
        if self.queue or self.free < count:
            return False
        self.free -= count
        return True

    def take(self, most: int) -> int:
        """Takes up to `most` slots for the queue."""
        count = min(self.free, most)
        self.free -= count
        return count

    def release(self, count: int = 1) -> None:
        """Gives slots back."""
        self.free += count
        assert self.free <= self.size, "a slot was released twice"
        if self.queue:
            self.on_free()
