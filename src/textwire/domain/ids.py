"""Time-ordered 63-bit identifiers: 41 bits of milliseconds, 8 of node, 14 of counter, the first of them a lane."""

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
NODE_BITS, COUNTER_BITS = 8, 14
LANES = 2
COUNTERS = (1 << COUNTER_BITS) // LANES  # of a lane, per millisecond
MAX_INT = 2**63 - 1


class Ids:
    """Hands out identifiers that never repeat on this node and never go back, whatever the clock does.

    An object belongs to one thread. A process whose store writes in a thread of its own has one per lane: 0 for
    the loop's thread, 1 for the writer's.
    """

    def __init__(self, node: int = 0, lane: int = 0) -> None:
        if not 0 <= node < 1 << NODE_BITS:
            raise ValueError(f"node must be 0..{(1 << NODE_BITS) - 1}")
        if not 0 <= lane < LANES:
            raise ValueError(f"lane must be 0..{LANES - 1}")
        self._place = node << COUNTER_BITS | lane * COUNTERS
        self._ms = 1  # 0 would give the identifier 0 away, which means nothing
        self._next = 0

    def take(self, now: int, count: int = 1) -> int:
        """The first of `count` consecutive identifiers; `now` is in microseconds UTC, `count` at most 255."""
        ms = now // 1000 - EPOCH_MS
        if ms > self._ms:
            self._ms, self._next = ms, 0
        elif self._next + count > COUNTERS:  # this millisecond is used up: borrow from the next one
            self._ms, self._next = self._ms + 1, 0
        first = self._next
        self._next += count
        return (self._ms << (NODE_BITS + COUNTER_BITS)) | self._place | first
