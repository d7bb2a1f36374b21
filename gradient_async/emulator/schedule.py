"""The schedule: what is going to happen to actions, and at which virtual second."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

#: `"end"`: the action finishes; `"change"`: its Droplet changes; `"gone"`: its Droplet is no more.
Happening = Literal["change", "end", "gone"]


class Schedule:
    """Happenings in the order in which they fall due; those of one instant in the order they were planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Happening, int]] = []
        self._planned = 0

    def add(self, due: float, happening: Happening, action_id: int) -> None:
        """Plan a happening for a virtual second."""
        self._planned += 1
        heapq.heappush(self._heap, (due, self._planned, happening, action_id))

    def due(self, now: float) -> Iterator[tuple[Happening, int]]:
        """Take out what is due, one by one; what is planned meanwhile is taken too if it is due as well."""
        while self._heap and self._heap[0][0] <= now:
            _, _, happening, action_id = heapq.heappop(self._heap)
            yield happening, action_id
