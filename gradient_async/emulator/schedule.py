"""The schedule: what time is going to do, and at which virtual second."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

#: Something that time does to the account.
Effect = Callable[[], None]


class Schedule:
    """Effects in the order in which they fall due; those of one instant in the order they were planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Effect]] = []
        self._planned = 0

    def add(self, due: float, effect: Effect) -> None:
        """Plan an effect for a virtual second."""
        self._planned += 1
        heapq.heappush(self._heap, (due, self._planned, effect))

    def due(self, now: float) -> Iterator[tuple[float, Effect]]:
        """Take out what is due, one by one; what is planned meanwhile is taken too if it is due as well."""
        while self._heap and self._heap[0][0] <= now:
            due, _, effect = heapq.heappop(self._heap)
            yield due, effect
