"""The two rate windows of a token: exact, sliding, on virtual time."""

from __future__ import annotations

from collections import deque
from typing import Literal

import attrs

LimitKind = Literal["burst", "hourly"]
ResetRule = Literal["oldest_expires", "oldest_was_made"]

_UNLIMITED = 5000


@attrs.frozen(kw_only=True)
class RateLimits:
    """The rate limits of a token. The defaults are the documented ones.

    Args:
        burst: Requests in any `burst_seconds`; None switches this window off.
        burst_seconds: Length of the short window, virtual seconds.
        hourly: Requests in any `hourly_seconds`; None switches this window off.
        hourly_seconds: Length of the long window, virtual seconds.
        count_refused: Refused requests count too. The default is a guess.

    Raises:
        ValueError: A limit below 1, or a window that has no length.
    """

    burst: int | None = 250
    burst_seconds: float = 60.0
    hourly: int | None = 5000
    hourly_seconds: float = 3600.0
    count_refused: bool = False

    def __attrs_post_init__(self) -> None:
        for limit, seconds in ((self.burst, self.burst_seconds), (self.hourly, self.hourly_seconds)):
            if (limit is not None and limit < 1) or seconds <= 0:
                raise ValueError(f"a rate window needs a positive limit and length: {self}")


class SlidingWindow:
    """Counts requests. Each one counts for `seconds` after it was made.

    Args:
        limit: Maximum number that count at once.
        seconds: Time for which one counts.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._made: deque[float] = deque()

    def used(self, now: float) -> int:
        """Return the number of requests that count at `now`."""
        while self._made and self._made[0] + self.seconds <= now:
            self._made.popleft()
        return len(self._made)

    def has_room(self, now: float) -> bool:
        """Return whether another request fits at `now`."""
        return self.used(now) < self.limit

    def add(self, now: float) -> None:
        """Count a request made at `now`, which is never before the last one."""
        self._made.append(now)

    def oldest(self, now: float) -> float | None:
        """Return the time of the oldest request that still counts."""
        return self._made[0] if self.used(now) else None

    def opens_in(self, now: float) -> float:
        """Return the seconds until there is room again, 0 if there is."""
        excess = self.used(now) - self.limit
        return 0.0 if excess < 0 else self._made[excess] + self.seconds - now


@attrs.frozen(kw_only=True)
class Quota:
    """The values of one answer's rate headers, in virtual seconds.

    Args:
        limit: Requests allowed an hour.
        remaining: Number of requests left; 0 in a refusal of either window.
        reset: The instant `ratelimit-reset` names.
        refused: The window without room, None if the request was accepted.
        retry_after: Virtual seconds until the short window has room; only in a burst refusal.
    """

    limit: int
    remaining: int
    reset: float
    refused: LimitKind | None = None
    retry_after: float | None = None


class RateGate:
    """Accepts or refuses the requests of one token.

    Args:
        limits: The two windows; None accepts everything and reports an unused quota.
        reset: The meaning of `ratelimit-reset`.
    """

    def __init__(self, limits: RateLimits | None, reset: ResetRule = "oldest_expires") -> None:
        limits = limits or RateLimits(burst=None, hourly=None)
        self._burst = SlidingWindow(limits.burst, limits.burst_seconds) if limits.burst else None
        self._hourly = SlidingWindow(limits.hourly, limits.hourly_seconds) if limits.hourly else None
        self._reset: ResetRule = reset
        self._hour = limits.hourly_seconds
        self._counts_refused = limits.count_refused

    def check(self, now: float) -> LimitKind | None:
        """Return the window without room for another request. The short one is checked first (guess)."""
        if self._burst and not self._burst.has_room(now):
            return "burst"
        return "hourly" if self._hourly and not self._hourly.has_room(now) else None

    def count(self, now: float, refused: LimitKind | None = None) -> None:
        """Count a request in both windows, a refused one only if refused ones count."""
        if refused and not self._counts_refused:
            return
        for window in (self._burst, self._hourly):
            if window:
                window.add(now)

    def quota(self, now: float, refused: LimitKind | None = None) -> Quota:
        """Return the state to report at `now`, for a request that was accepted or refused."""
        limit = self._hourly.limit if self._hourly else _UNLIMITED
        used = self._hourly.used(now) if self._hourly else 0
        return Quota(
            limit=limit,
            remaining=0 if refused else limit - used,
            reset=self._reset_at(now),
            refused=refused,
            retry_after=self._burst.opens_in(now) if self._burst and refused == "burst" else None,
        )

    def _reset_at(self, now: float) -> float:
        oldest = self._hourly.oldest(now) if self._hourly else None
        made = now if oldest is None else oldest
        return made + self._hour if self._reset == "oldest_expires" else made
