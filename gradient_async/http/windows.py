"""Sliding rate windows: when may the next request be sent? Pure code: the time is an argument.

The server counts a request at some time between its sending and its answer. So a request counts here from its sending
until one span after its answer. Then no window of the server exceeds its limit, however long requests take.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

# A server's advice counts for no longer than the longest documented window.
_MAX_ADVICE_SECONDS: Final = 3600.0
_PROBE_AFTER_SECONDS: Final = 60.0
_FULLY_OPEN: Final = 64
_MIN_LEARN_INTERVAL_SECONDS: Final = 0.01


class RateWindow(NamedTuple):
    """A rate window: ``limit`` requests in any span of ``seconds``."""

    limit: int
    seconds: float


class SpecialWindow(NamedTuple):
    """A window that some endpoints share, in addition to the token's windows.

    Attributes:
        name: Name of the window.
        limit: Number of requests in any span.
        seconds: Length of the span.
    """

    name: str
    limit: int
    seconds: float


DOCUMENTED_WINDOWS: Final = (RateWindow(250, 60.0), RateWindow(5000, 3600.0))
"""The windows of each token by the API's documentation."""


@frozen(kw_only=True)
class WindowUse:
    """The use of a rate window.

    Attributes:
        limit: Number of requests that the window allows, without the share in reserve.
        seconds: Length of the span.
        used: Number of requests that count now, including those of other programs that the server reported.
        left: Number of requests that the window still allows.
    """

    limit: int
    seconds: float
    used: int
    left: int


@frozen(kw_only=True)
class ProcessUse:
    """What one process does with a rate budget that several share.

    Attributes:
        process: Its name: the id of the process and some random letters; with its host's name where hosts share.
        used: Number of its requests that count now, for each window of the snapshot.
        pending: Number of its requests that have a slot and no answer yet.
        waiting: Number of its requests that wait for a slot.
        seen_ago: Seconds since it last used the budget; ``None`` if that was more than a minute ago.
        is_this: Whether it is the process that asks.
    """

    process: str
    used: tuple[int, ...]
    pending: int
    waiting: int
    seen_ago: float | None
    is_this: bool


class Allowance(NamedTuple):
    """The state of the server's window, from the headers of an answer.

    Attributes:
        limit: ``ratelimit-limit``.
        remaining: ``ratelimit-remaining``.
        reset_in: Seconds until ``ratelimit-reset``; below zero if it lies in the past, which happens.
    """

    limit: int
    remaining: int
    reset_in: float


class SlidingWindows:
    """The state of the windows.

    Args:
        windows: The token's windows.
        reserve: The share of each window that is left to other programs.
    """

    def __init__(self, windows: Iterable[RateWindow], reserve: float = 0.0) -> None:
        self._reserve = reserve
        self._set(tuple(windows))
        self._longest = max(window.seconds for window in self._windows)
        self._pending = 0
        self._answered: list[float] = []  # in order of time
        self._learned_at = -math.inf
        self._by_others = 0
        self._others_until = -math.inf
        self._others_window: int | None = None
        self._last_remaining = 0
        self._last_remaining_at = 0.0
        self._paused_until = -math.inf
        # Maximum number of pending requests after a pause: one at first, doubled with each successful answer.
        self._opening: int | None = None

    @property
    def windows(self) -> tuple[RateWindow, ...]:
        """The windows, with the limits that the server reported."""
        return self._windows

    def start(self) -> None:
        """Record that a request is sent."""
        self._pending += 1

    def cancel(self) -> None:
        """Record that a started request is not sent."""
        self._pending -= 1

    def end(self, now: float) -> None:
        """Record the end of a request, with or without an answer."""
        self._pending = max(0, self._pending - 1)
        self._answered.append(now)
        del self._answered[: bisect_right(self._answered, now - self._longest)]

    def forget_others_threads(self, now: float) -> None:
        """End all pending requests in a forked child: they belong to the parent."""
        self._answered.extend([now] * self._pending)
        self._pending = 0

    def pause(self, now: float, seconds: float) -> None:
        """Pause after a 429. After the pause, requests are sent one at a time at first."""
        self._paused_until = max(self._paused_until, now + seconds)
        self._opening = 1

    def rest(self, now: float, seconds: float) -> None:
        """Pause without a 429. After the pause, all may be sent at once."""
        self._paused_until = max(self._paused_until, now + seconds)

    def succeed(self, now: float) -> None:
        """Record an answer that is no 429. During a pause it says nothing: its request was sent before."""
        if self._opening is not None and now >= self._paused_until:
            self._opening = None if self._opening >= _FULLY_OPEN else 2 * self._opening

    def has_news(self, now: float) -> bool:
        """Return whether the server's count is worth reading. Answers at the same time have almost the same count."""
        return self._pending == 0 or now >= self._learned_at + _MIN_LEARN_INTERVAL_SECONDS

    def learn(self, allowance: Allowance, now: float) -> None:
        """Adopt the server's count of its window. Requests that are not from this process are other programs'."""
        self._learned_at = now
        index = self._described_by(allowance)
        if index is None:
            return
        if self._windows[index].limit != allowance.limit:
            changed = RateWindow(allowance.limit, self._windows[index].seconds)
            self._set((*self._windows[:index], changed, *self._windows[index + 1 :]))
        own = self._pending + self._count(self._windows[index], now)
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
        """Return whether "0 remaining" is about the short window, although limit and reset are the long window's.

        The API answers so when the minute's window is used up. The short window limits how fast the long one can be
        used up. If the count drops faster, or the reset is later than that speed allows, it is not the long window's.
        """
        if allowance.remaining > 0:
            return False
        window = self._windows[index]
        short = min(self._windows, key=lambda one: one.seconds)
        if short.seconds >= window.seconds:
            return False
        spendable = short.limit * (1 + math.ceil((now - self._last_remaining_at) / short.seconds))
        min_age = (window.limit / short.limit - 1) * short.seconds
        return self._last_remaining > spendable or allowance.reset_in > window.seconds - min_age

    def free_at(self, now: float, ahead: int = 0) -> float:
        """Return when a request may be sent; infinity while that depends on a pending request.

        Args:
            now: The time.
            ahead: Number of requests that are sent before it.
        """
        pending = self._pending + ahead
        if self._opening is not None and pending >= self._opening:
            return math.inf
        free_at = self._paused_until
        for index, (window, usable) in enumerate(self._usable):
            free = usable - pending
            if free <= 0:
                return math.inf
            if (at := self._newest(free)) is not None:
                free_at = max(free_at, at + window.seconds)
            if index == self._others_window and (others := self._others_in(index, now)):
                # Other programs use the reserve first. Their requests count until the reset that the server reported.
                # After that, the next request probes the window.
                left = min(free, window.limit - others - pending)
                free_at = max(free_at, min(self._fits_at(window, left), self._others_until))
        return free_at

    def used_in_shortest(self, now: float) -> int:
        """Return the number of requests that count in the shortest window, without those of other programs."""
        return self._pending + self._count(min(self._windows, key=lambda one: one.seconds), now)

    def answered_since(self, at: float) -> list[float]:
        """Return when requests were answered, after a time."""
        return self._answered[bisect_right(self._answered, at) :]

    def paused_for(self, now: float) -> float:
        """Return the seconds that are left of a pause."""
        return max(0.0, self._paused_until - now)

    def use(self, now: float) -> tuple[WindowUse, ...]:
        """Return the use of each window."""
        uses = []
        for index, (window, limit) in enumerate(self._usable):
            own = self._pending + self._count(window, now)
            used = max(own, own + self._others_in(index, now) - (window.limit - limit))
            uses.append(WindowUse(limit=limit, seconds=window.seconds, used=used, left=max(0, limit - used)))
        return tuple(uses)

    def _set(self, windows: tuple[RateWindow, ...]) -> None:
        self._windows = windows
        share = 1 - self._reserve
        self._usable = tuple((window, max(1, math.floor(window.limit * share))) for window in windows)

    def _fits_at(self, window: RateWindow, free: int) -> float:
        """Return when a window holds fewer than ``free`` answered requests; infinity if it never does."""
        if free <= 0:
            return math.inf
        at = self._newest(free)
        return -math.inf if at is None else at + window.seconds

    def _others_in(self, index: int, now: float) -> int:
        is_known = index == self._others_window and now < self._others_until
        return self._by_others if is_known else 0

    def _described_by(self, allowance: Allowance) -> int | None:
        """Return the index of the window in the server's headers: the one with that limit, else the hour's."""
        for index, window in enumerate(self._windows):
            if window.limit == allowance.limit:
                return index
        hours = [i for i, window in enumerate(self._windows) if window.seconds == _MAX_ADVICE_SECONDS]
        return hours[0] if hours else None

    def _newest(self, number: int) -> float | None:
        """Return the end of the newest answered request, by number from 1; ``None`` if there are fewer."""
        return self._answered[-number] if len(self._answered) >= number else None

    def _count(self, window: RateWindow, now: float) -> int:
        """Return the number of answered requests that still count."""
        return len(self._answered) - bisect_right(self._answered, now - window.seconds)
