"""How many requests a sender has sent, and when."""

from __future__ import annotations

import time
from array import array
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOO_MANY_REQUESTS: Final = 429


class RequestCounter:
    """Counts requests that went on the wire.

    Attributes:
        requests: How many.
        refused: How many of them were answered with 429.
    """

    def __init__(self) -> None:
        self.requests: int = 0
        self.refused: int = 0
        self._recordings: list[array[float]] = []

    def add(self, status: int | None) -> None:
        """A request is over.

        Args:
            status: HTTP status of its answer, ``None`` where it had none.
        """
        self.requests += 1
        self.refused += status == _TOO_MANY_REQUESTS
        for recording in self._recordings:
            recording.append(time.time())

    @contextmanager
    def recording(self) -> Iterator[array[float]]:
        """Write down when each request is over, in seconds since the epoch."""
        timestamps = array("d")
        self._recordings.append(timestamps)
        try:
            yield timestamps
        finally:
            self._recordings = [one for one in self._recordings if one is not timestamps]
