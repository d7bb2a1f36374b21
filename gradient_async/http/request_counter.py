"""Counts the requests of a sender, and records their times."""

from __future__ import annotations

import time
from array import array
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOO_MANY_REQUESTS: Final = 429


class RequestCounter:
    """Counts the requests that were sent.

    Attributes:
        requests: Number of requests.
        refused: Number of requests that were answered with 429.
    """

    def __init__(self) -> None:
        self.requests: int = 0
        self.refused: int = 0
        self._recordings: list[array[float]] = []

    def add(self, status: int | None) -> None:
        """Count a request that ended.

        Args:
            status: HTTP status of its answer; ``None`` without an answer.
        """
        self.requests += 1
        self.refused += status == _TOO_MANY_REQUESTS
        for recording in self._recordings:
            recording.append(time.time())

    @contextmanager
    def recording(self) -> Iterator[array[float]]:
        """Record the end of each request inside the block, in seconds since the epoch."""
        timestamps = array("d")
        self._recordings.append(timestamps)
        try:
            yield timestamps
        finally:
            self._recordings = [one for one in self._recordings if one is not timestamps]
