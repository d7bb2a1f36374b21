"""The rate budget: requests leave no faster than the account's windows let them in (promise P2).

The API allows 250 requests in any minute and 5,000 in any hour for each token, counted in sliding windows. One budget
serves all clients of one token in the process, whatever event loop or thread they run in.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from gradient_async import log
from gradient_async.arguments import checked_count, checked_seconds
from gradient_async.http.reader import advised_pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.settings import Settings

_TOO_MANY_REQUESTS: Final = 429
# A longer pause is for every caller to decide: the next request tells it again, and ends as its error.
_LONGEST_PAUSE_SECONDS: Final = 60.0
_WORTH_TELLING_SECONDS: Final = 5.0
_PAUSE_WITHOUT_ADVICE_SECONDS: Final = 1.0
# A request is counted when it arrives, and not all take equally long to arrive.
_LARGEST_MARGIN_SECONDS: Final = 0.5
_MARGIN_SHARE: Final = 0.02


class RateWindow(NamedTuple):
    """So many requests in any span of so many seconds."""

    limit: int
    seconds: float


DOCUMENTED_WINDOWS: Final = (RateWindow(250, 60.0), RateWindow(5000, 3600.0))
"""What the API's documentation allows each token."""


class SlidingWindows:
    """Which requests went when, and when the next one may go. Pure: time comes in as an argument."""

    def __init__(self, windows: Iterable[RateWindow]) -> None:
        self._windows = tuple(windows)
        # Older ones than the largest window counts are of no account.
        self._granted: deque[float] = deque(maxlen=max(window.limit for window in self._windows))

    def record(self, now: float) -> None:
        """A request goes now."""
        self._granted.append(now)

    def seconds_until_free(self, position: int, now: float) -> float:
        """Seconds until the request at a place in the queue may go; 0 is the front of the queue."""
        return max([0.0, *(self._free_at(window, position) - now for window in self._windows)])

    def _free_at(self, window: RateWindow, position: int) -> float:
        counted = max(1, window.limit - position)
        if len(self._granted) < counted:
            return float("-inf")
        margin = min(_LARGEST_MARGIN_SECONDS, _MARGIN_SHARE * window.seconds)
        return self._granted[-counted] + window.seconds + margin


class RateBudget:
    """Paces requests, the oldest first.

    It counts the requests of this process. Those of other programs with the same token show when the API answers
    429, which pauses everybody who shares the budget for as long as the answer says, a minute at the most.

    Args:
        windows: Pairs of a number of requests and a span in seconds; the documented ones by default.
    """

    def __init__(self, windows: Iterable[tuple[int, float]] = DOCUMENTED_WINDOWS) -> None:
        checked = [
            RateWindow(
                checked_count("windows: requests", limit, least=1),
                checked_seconds("windows: seconds", seconds),
            )
            for limit, seconds in windows
        ]
        if not checked:
            raise ValueError("windows: expected at least one; pass rate_budget=None to a client to switch it off")
        self._windows = SlidingWindows(checked)
        self._queue: OrderedDict[object, None] = OrderedDict()
        self._paused_until = float("-inf")
        self._lock = threading.Lock()
        _live_budgets.add(self)

    async def acquire(self) -> None:
        """Wait for a slot and take it. Cancelling gives the place in the queue back."""
        if self._take_at_once():
            return
        ticket = object()
        with self._lock:
            self._queue[ticket] = None
        waited = False
        try:
            while (seconds := self._take(ticket)) > 0:
                if seconds >= _WORTH_TELLING_SECONDS and not waited:
                    log.paced(seconds)
                waited = True
                await anyio.sleep(seconds)
        finally:
            with self._lock:
                self._queue.pop(ticket, None)

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Take an answer's word for it: a 429 pauses everybody."""
        if status != _TOO_MANY_REQUESTS:
            return
        advised = advised_pause(headers, time.time())
        seconds = _PAUSE_WITHOUT_ADVICE_SECONDS if advised is None else min(advised, _LONGEST_PAUSE_SECONDS)
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def _take_at_once(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._queue or now < self._paused_until or self._windows.seconds_until_free(0, now) > 0:
                return False
            self._windows.record(now)
            return True

    def _take(self, ticket: object) -> float:
        """Take a slot if it is this ticket's turn; else seconds until it can be."""
        with self._lock:
            now = time.monotonic()
            position = next(index for index, waiting in enumerate(self._queue) if waiting is ticket)
            seconds = max(self._windows.seconds_until_free(position, now), self._paused_until - now)
            if seconds <= 0:
                del self._queue[ticket]
                self._windows.record(now)
            return seconds


def budget_of(settings: Settings) -> RateBudget:
    """The one budget of an account's token in this process, known by a digest and never by the token."""
    account = f"{settings.base_url} {settings.access_token.reveal()}".encode()
    key = hashlib.sha256(account).digest()
    with _registry_lock:
        budget = _shared_budgets.get(key)
        if budget is None:
            budget = _shared_budgets[key] = RateBudget()
        return budget


_live_budgets: Final[weakref.WeakSet[RateBudget]] = weakref.WeakSet()
_shared_budgets: Final[weakref.WeakValueDictionary[bytes, RateBudget]] = weakref.WeakValueDictionary()
_registry_lock = threading.Lock()


def _renew_locks_in_forked_child() -> None:
    """A lock that another thread held while the process was forked would stay locked in the child for ever."""
    global _registry_lock  # noqa: PLW0603 - the child's own copy of this module
    _registry_lock = threading.Lock()
    for budget in _live_budgets:
        budget._lock = threading.Lock()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks_in_forked_child)
