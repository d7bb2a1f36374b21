"""When the next request may go: sliding windows, what the server says of them, and pauses. Pure: time is an argument.

The server counts a request when it arrives, which is some time between its sending and its answer. So a request takes
its place in every window from the moment it is sent until one span after it was answered: then no window of the
server's can ever hold more requests than it allows, however long each of them is on its way.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

# A server's clock and advice are believed for no longer than the documented windows reach.
_MAX_ADVICE_SECONDS: Final = 3600.0
_PROBE_AFTER_SECONDS: Final = 60.0
_FULLY_OPEN: Final = 64
_MIN_LEARN_INTERVAL_SECONDS: Final = 0.01


class RateWindow(NamedTuple):
    """So many requests in any span of so many seconds."""

    limit: int
    seconds: float


class SpecialWindow(NamedTuple):
    """A window that some endpoints have beside the token's, and share among them.

    Attributes:
        name: Tells it from other such windows.
        limit: So many requests …
        seconds: … in any span of so many seconds.
    """

    name: str
    limit: int
    seconds: float


DOCUMENTED_WINDOWS: Final = (RateWindow(250, 60.0), RateWindow(5000, 3600.0))
"""What the API's documentation allows each token."""


@frozen(kw_only=True)
class WindowUse:
    """How much of a window is used.

    Attributes:
        limit: Requests that it allows; less than the account's own where a share is kept in reserve.
        seconds: Its span.
        used: Requests that count now, those of other programs included as far as the server has told of them.
        left: Requests that still fit.
    """

    limit: int
    seconds: float
    used: int
    left: int


class Allowance(NamedTuple):
    """What the server says of its window, with an answer.

    Attributes:
        limit: ``ratelimit-limit``.
        remaining: ``ratelimit-remaining``.
        reset_in: Seconds until ``ratelimit-reset``; below zero where that lies in the past, as has been seen.
    """

    limit: int
    remaining: int
    reset_in: float


class SlidingWindows:
    """The state of the windows.

    Args:
        windows: The account's windows.
        reserve: The share of each that is left to other programs.
    """

    def __init__(self, windows: Iterable[RateWindow], reserve: float = 0.0) -> None:
        self._reserve = reserve
        self._set(tuple(windows))
        self._longest = max((window.seconds for window in self._windows), default=0.0)
        self._on_the_way = 0
        # In order of time; what no window holds any more stands before ``_first``.
        self._answered: list[float] = []
        self._first = 0
        self._learned_at = -math.inf
        self._by_others = 0
        self._others_until = -math.inf
        self._others_window = -1
        self._last_remaining = 0
        self._last_remaining_at = 0.0
        self._paused_until = -math.inf
        # After a pause requests go one by one at first: how many may be on the way, doubled with each good answer.
        self._opening: int | None = None

    @property
    def windows(self) -> tuple[RateWindow, ...]:
        """The windows, with the limits that the server told."""
        return self._windows

    def start(self) -> None:
        """A request is sent."""
        self._on_the_way += 1

    def cancel(self) -> None:
        """A request that was to be sent is not."""
        self._on_the_way -= 1

    def end(self, now: float) -> None:
        """A request is over, answered or not."""
        self._on_the_way = max(0, self._on_the_way - 1)
        self._answered.append(now)
        if self._answered[self._first] > now - self._longest:
            return
        self._first = bisect_right(self._answered, now - self._longest, lo=self._first)
        if 2 * self._first > len(self._answered):
            del self._answered[: self._first]
            self._first = 0

    def forget_others_threads(self, now: float) -> None:
        """In a forked child: what is on the way is the parent's, and will never be ended here."""
        self._answered.extend([now] * self._on_the_way)
        self._on_the_way = 0

    def pause(self, now: float, seconds: float) -> None:
        """The server refused a request for its rate: nobody sends for so long, and then one at a time at first."""
        self._paused_until = max(self._paused_until, now + seconds)
        self._opening = 1

    def succeed(self) -> None:
        """A request was not refused for its rate."""
        if self._opening is not None:
            self._opening = None if self._opening >= _FULLY_OPEN else 2 * self._opening

    def has_news(self, now: float) -> bool:
        """Whether the server's count may tell something new: answers at one moment say the same, the last one most."""
        return self._on_the_way == 0 or now >= self._learned_at + _MIN_LEARN_INTERVAL_SECONDS

    def learn(self, allowance: Allowance, now: float) -> None:
        """Take the server's count for its window: what is missing there was spent by others."""
        self._learned_at = now
        index = self._described_by(allowance)
        if index is None:
            return
        if self._windows[index].limit != allowance.limit:
            changed = RateWindow(allowance.limit, self._windows[index].seconds)
            self._set((*self._windows[:index], changed, *self._windows[index + 1 :]))
        own = self._on_the_way + self._count(self._windows[index], now)
        self._by_others = max(0, allowance.limit - allowance.remaining - own)
        self._others_window = index
        if allowance.remaining == 0:
            self._opening = 1
        in_future = 0 < allowance.reset_in <= _MAX_ADVICE_SECONDS
        advised = allowance.reset_in if in_future else _PROBE_AFTER_SECONDS
        if self._is_of_burst(allowance, index, now):
            advised = min(advised, _PROBE_AFTER_SECONDS)
        self._others_until = now + advised
        self._last_remaining = allowance.remaining
        self._last_remaining_at = now

    def _is_of_burst(self, allowance: Allowance, index: int, now: float) -> bool:
        """Whether "nothing remains" is said of the short window, with the limit and the reset of the long one.

        The API does so once the minute is used up. The short window itself tells: it lets the long one be spent only
        so fast. A drop that is faster, or a reset that is further away than the oldest of so many requests can be,
        is not the long window's.
        """
        if allowance.remaining > 0:
            return False
        window = self._windows[index]
        short = min(self._windows, key=lambda one: one.seconds)
        if short.seconds >= window.seconds:
            return False
        spendable = short.limit * (1 + math.ceil((now - self._last_remaining_at) / short.seconds))
        least_age = (window.limit / short.limit - 1) * short.seconds
        return self._last_remaining > spendable or allowance.reset_in > window.seconds - least_age

    def free_at(self, now: float) -> float:
        """When the next request may go; infinity while that depends on the answer to one that is on the way."""
        if self._opening is not None and self._on_the_way >= self._opening:
            return math.inf
        free_at = self._paused_until
        for index, (window, usable) in enumerate(self._usable):
            free = usable - self._on_the_way
            if free <= 0:
                return math.inf
            if len(self._answered) - self._first >= free:
                free_at = max(free_at, self._answered[-free] + window.seconds)
            if others := self._others_in(index, now):
                # What is kept in reserve is there for the others to use. Their share counts no longer than the server
                # says: then it is free again, or a probe finds out.
                left = min(free, window.limit - others - self._on_the_way)
                free_at = max(free_at, min(self._fits_at(window, left), self._others_until))
        return free_at

    def paused_for(self, now: float) -> float:
        """Seconds that a pause still lasts."""
        return max(0.0, self._paused_until - now)

    def use(self, now: float) -> tuple[WindowUse, ...]:
        """How much of each window is used."""
        uses = []
        for index, (window, limit) in enumerate(self._usable):
            own = self._on_the_way + self._count(window, now)
            used = max(own, own + self._others_in(index, now) - (window.limit - limit))
            uses.append(WindowUse(limit=limit, seconds=window.seconds, used=used, left=max(0, limit - used)))
        return tuple(uses)

    def _set(self, windows: tuple[RateWindow, ...]) -> None:
        self._windows = windows
        share = 1 - self._reserve
        self._usable = tuple((window, max(1, math.floor(window.limit * share))) for window in windows)

    def _fits_at(self, window: RateWindow, free: int) -> float:
        """When a window holds fewer than ``free`` answered requests; infinity if it never does."""
        if free <= 0:
            return math.inf
        return self._answered[-free] + window.seconds if len(self._answered) - self._first >= free else -math.inf

    def _others_in(self, index: int, now: float) -> int:
        is_known = index == self._others_window and now < self._others_until
        return self._by_others if is_known else 0

    def _described_by(self, allowance: Allowance) -> int | None:
        """The window that the server's headers speak of: the one of that limit, else the hour."""
        for index, window in enumerate(self._windows):
            if window.limit == allowance.limit:
                return index
        hours = [i for i, window in enumerate(self._windows) if window.seconds == _MAX_ADVICE_SECONDS]
        return hours[0] if hours else None

    def _count(self, window: RateWindow, now: float) -> int:
        """Answered requests that still count."""
        return len(self._answered) - bisect_right(self._answered, now - window.seconds, lo=self._first)
