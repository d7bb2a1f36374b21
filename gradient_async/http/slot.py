"""A request's place in a rate budget that several processes share."""

from __future__ import annotations

import time
from typing import Final

# How long after its request's own time limit a slot is taken from a process that died.
SLOT_GRACE_SECONDS: Final = 1.0


class Slot:
    """A request's place in a shared budget.

    Attributes:
        number: Its number in the store.
        deadline: When it is no longer this process's, by the monotonic clock.
        is_over: Whether it was released or given back.
        special: The request's place in its endpoint's own window; ``None`` if the endpoint has none.
    """

    __slots__ = ("deadline", "is_over", "number", "special")

    def __init__(self, number: int, deadline: float) -> None:
        self.number: int = number
        self.deadline: float = deadline
        self.is_over: bool = False
        self.special: Slot | None = None

    @property
    def has_expired(self) -> bool:
        """Whether it may belong to another process, because this one stood still."""
        if self.special is not None and self.special.has_expired:
            return True
        return self.deadline - SLOT_GRACE_SECONDS <= time.monotonic()
