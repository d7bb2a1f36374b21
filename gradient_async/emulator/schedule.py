"""The schedule: the future effects on the account, and their virtual seconds."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

#: A change of the account at a virtual second.
Effect = Callable[[], None]


class Schedule:
    """Effects in the order in which they are due. Those of one time are in the order of planning."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Effect]] = []
        self._planned = 0

    def add(self, due: float, effect: Effect) -> None:
        """Plan an effect for a virtual second."""
        self._planned += 1
        heapq.heappush(self._heap, (due, self._planned, effect))

    def due(self, now: float) -> Iterator[tuple[float, Effect]]:
        """Remove and return the effects that are due, one by one, with those that are added in the meantime."""
        while self._heap and self._heap[0][0] <= now:
            due, _, effect = heapq.heappop(self._heap)
            yield due, effect
