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
    Every timestamp on the wire is the virtual time mapped back to wall time. The reason: a client compares
    timestamps with its own clock (skew from `Date`, the window in which it sent a request, `Retry-After`), and
    this has to be correct at any scale. At `scale=60`, the timestamps of an action that takes a minute of the
    account's time are therefore a second apart.

    Args:
        start: Unix seconds at virtual zero.
        scale: Virtual seconds in one real second.
        skew: Seconds by which the server's timestamps are ahead of the real time (negative: behind).
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
        """Return the virtual seconds since the emulator started."""
        return (self._elapsed() - self._origin) * self.scale + self._advanced

    def advance(self, seconds: float) -> None:
        """Advance the account's time by `seconds` at once, and the timestamps with it.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time only moves forward: {seconds!r}")
        self._advanced += seconds

    def stamp(self, virtual: float) -> float:
        """Return the server's timestamp of a virtual time, in unix seconds."""
        return self._start + virtual / self.scale

    def wall_seconds(self, virtual: float) -> float:
        """Return the real seconds of `virtual` seconds of the account."""
        return virtual / self.scale
