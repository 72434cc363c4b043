"""What is still to happen, in order of time and, at the same time, of arrival."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """A heap of things due; times are integer microseconds."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, T]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, at: int, thing: T) -> None:
        """Let it happen at `at`."""
        self._order = order = self._order + 1
        heappush(self._heap, (at, order, thing))

    def due(self) -> int | None:
        """When the next thing happens."""
        return self._heap[0][0] if self._heap else None

    def take(self, now: int, limit: int) -> Iterator[tuple[int, T]]:
        """What is due by now, at most `limit` things; what is pushed meanwhile takes its place among them."""
        heap = self._heap
        while heap and heap[0][0] <= now and limit > 0:
            at, _, thing = heappop(heap)
            limit -= 1
            yield at, thing

    def drain(self) -> list[tuple[int, T]]:
        """Everything that was still to happen, in order, and it no longer does."""
        drained = [(at, thing) for at, _, thing in sorted(self._heap, key=lambda entry: entry[:2])]
        self._heap.clear()
        return drained
