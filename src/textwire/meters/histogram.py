"""A histogram that costs one comparison of a few bounds to fill."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """How many values were at most each bound; `add` is called per batch, never per message."""

    __slots__ = ("_counts", "bounds", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds, self.total = tuple(bounds), 0.0
        self._counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """One value."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """(bound, values up to it), as Prometheus has them; the last bound is +Inf."""
        found, sum_so_far = [], 0
        for bound, count in zip((*self.bounds, None), self._counts, strict=True):
            sum_so_far += count
            found.append(("+Inf" if bound is None else repr(float(bound)), float(sum_so_far)))
        return found
