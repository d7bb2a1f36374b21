"""A request that waits for the rate budget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gradient_async.event_loops import running_loop

if TYPE_CHECKING:
    from gradient_async.http.request import Priority
    from gradient_async.http.slot import Slot


class Waiter:
    """A request in the queue, in its own event loop."""

    def __init__(self, priority: Priority, order: int, timeout: float) -> None:
        self.priority = priority
        self.timeout = timeout
        self._place = (priority, order)
        self._loop = running_loop()
        self.event: asyncio.Event = asyncio.Event()
        self.is_granted = False
        self.is_new = True
        self.slot: Slot | None = None

    def __lt__(self, other: Waiter) -> bool:
        return self._place < other._place

    def wake(self) -> bool:
        """Wake the request's task, from any thread. Return ``False`` if its event loop is closed."""
        try:
            self._loop.call_soon_threadsafe(self.event.set)
        except RuntimeError:
            return False
        return True
