"""The account's clock: virtual seconds inside, wall time on the wire."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Virtual seconds since the emulator started, and the wall time they are shown as.

    Durations and rate windows are counted in virtual seconds, which run `scale` times as fast as the wall.
    Every stamp on the wire is the virtual instant mapped back to wall time. The reason: a client compares
    stamps with its own clock (skew from `Date`, the window in which it sent a request, `Retry-After`), and
    that arithmetic has to hold at any scale. At `scale=60` an action that takes a minute of the account's
    time is therefore stamped as one that took a second.

    Args:
        start: Unix seconds at virtual zero.
        scale: How many virtual seconds pass in one second of the wall.
        skew: Seconds by which the server's stamps run ahead of the real time (negative: behind).
        elapsed: Seconds passed since any fixed point; only differences matter.

    Raises:
        ValueError: `scale` is not a positive number.
    """

    def __init__(
        self,
        *,
        start: float,
        scale: float = 1.0,
        skew: float = 0.0,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (scale > 0 and math.isfinite(scale)):
            raise ValueError(f"time_scale must be a positive number, not {scale!r}")
        self.scale = scale
        self._start = start + skew
        self._elapsed = elapsed
        self._origin = elapsed()
        self._advanced = 0.0

    def now(self) -> float:
        """Virtual seconds since the emulator started."""
        return (self._elapsed() - self._origin) * self.scale + self._advanced

    def advance(self, seconds: float) -> None:
        """Let `seconds` of the account's time pass at once; the stamps follow.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time only moves forward: {seconds!r}")
        self._advanced += seconds

    def stamp(self, virtual: float) -> float:
        """The unix second at which the server says the virtual instant was."""
        return self._start + virtual / self.scale

    def wall_seconds(self, virtual: float) -> float:
        """How long `virtual` seconds of the account take on the wall."""
        return virtual / self.scale
