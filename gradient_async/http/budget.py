"""The rate budget: requests are sent no faster than the account's rate windows allow (promise P2).

The API allows each token 250 requests in any minute and 5,000 in any hour. It counts in sliding windows. All clients of
a token in the process share one budget, in all event loops and threads.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final, Literal

import anyio
from attrs import frozen

from gradient_async import log
from gradient_async.arguments import checked_count, checked_seconds, checked_share
from gradient_async.http.reader import advised_pause, allowance_of
from gradient_async.http.request import Priority
from gradient_async.http.waiter import Waiter
from gradient_async.http.windows import DOCUMENTED_WINDOWS, RateWindow, SlidingWindows, SpecialWindow, WindowUse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from gradient_async.http.key_store import KeyStore
    from gradient_async.http.slot import Slot
    from gradient_async.http.windows import ProcessUse

TOO_MANY_REQUESTS: Final = 429
# The longest pause that all callers share. A longer one is raised to each caller, by the next request's own 429.
_MAX_PAUSE_SECONDS: Final = 60.0
_PAUSE_WITHOUT_ADVICE_SECONDS: Final = 1.0
# How often the other entries of the queue check that the first one gives the free slots.
STAND_IN_SECONDS: Final = 1.0


@frozen(kw_only=True)
class RateBudgetSnapshot:
    """The state of a rate budget.

    Attributes:
        windows: The use of each window.
        next_free_in: Seconds until the next request may be sent; ``0.0`` for now. ``None`` while that depends on the
            answer to a pending request.
        paused_for: Seconds that are left of a pause after a 429; ``0.0`` for no pause.
        waiting: Number of requests in the queue.
    """

    windows: tuple[WindowUse, ...]
    next_free_in: float | None
    paused_for: float
    waiting: int


class RateBudget:
    """Paces requests. Polls wait for all other requests; within a priority the oldest request is sent first.

    The budget counts the requests of this process. It gets the requests of other programs from the server: from
    the ``ratelimit-`` headers of each answer, and from a 429. A 429 pauses all clients that share the budget.

    Args:
        windows: Pairs of a number of requests and a span in seconds; by default the documented windows.
        reserve: The share of each window that is left to other programs, from 0 to below 1.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A value is out of range, or there is no window.

    Attributes:
        key_store: The store of keys of requests; ``None`` for a budget without a store.
    """

    key_store: KeyStore | None = None

    def __init__(self, windows: Iterable[tuple[int, float]] = DOCUMENTED_WINDOWS, *, reserve: float = 0.0) -> None:
        checked = [
            RateWindow(
                checked_count("windows: requests", limit, minimum=1), checked_seconds("windows: seconds", seconds)
            )
            for limit, seconds in windows
        ]
        if not checked:
            raise ValueError("windows: expected at least one. To switch pacing off, pass rate_budget=None to a client")
        self._windows = SlidingWindows(checked, checked_share("reserve", reserve))
        self._special: dict[str, RateBudget] = {}
        self._queue: list[Waiter] = []
        self._order = itertools.count()
        self._logged_until = -math.inf
        self._next_grant_at = math.inf
        # Reentrant: the garbage collector can end an abandoned call, which gives its slot back, while the lock is held.
        self._lock = threading.RLock()
        _live_budgets.add(self)

    @classmethod
    def shared(
        cls,
        url: str,
        *,
        windows: Iterable[tuple[int, float]] = DOCUMENTED_WINDOWS,
        reserve: float = 0.0,
        on_outage: Literal["share", "wait"] = "share",
    ) -> RateBudget:
        """Return a budget that several processes share, by a store that all of them reach.

        Each token has its own budget in the store. The store holds no token, only a digest of it.

        Args:
            url: ``"sqlite:///path/to/file"`` for the processes of one host, ``"sqlite:"`` for a private file of each
                token that the SDK chooses, ``"redis://host:6379/0"`` for several hosts (also ``rediss://``,
                ``valkey://``, ``valkeys://`` and ``unix://``), or ``"memory:"`` for this process alone. A file on a
                network file system is refused, since its locks cannot be trusted.
            windows: As for ``RateBudget``. All processes pass the same.
            reserve: As for ``RateBudget``.
            on_outage: What to do while the store is away. With ``"share"``, each process keeps to its share of what
                was known. With ``"wait"``, nothing is sent until the store is back.

        Raises:
            TypeError: A value has the wrong type.
            ValueError: A value is out of range, or the URL names no store.
            ImportError: The URL is a server's, and redis-py, the extra ``redis``, is not installed.
        """
        from gradient_async.budget.shared_budget import shared_budget

        return shared_budget(url, windows=windows, reserve=reserve, on_outage=on_outage)

    def bound_to(self, account: bytes) -> RateBudget:
        """Return the budget of one token. A budget of this process alone is the same for all tokens.

        Args:
            account: A digest of the token and the API's URL.
        """
        del account
        return self

    @property
    def shortest_window(self) -> float:
        """The shortest window's span in seconds."""
        return min(window.seconds for window in self._windows.windows)

    def snapshot(self) -> RateBudgetSnapshot:
        """Return the current state."""
        with self._lock:
            now = time.monotonic()
            free_in = self._windows.free_at(now) - now
            return RateBudgetSnapshot(
                windows=self._windows.use(now),
                next_free_in=None if free_in == math.inf else max(0.0, free_in),
                paused_for=self._windows.paused_for(now),
                waiting=len(self._queue),
            )

    def processes(self) -> tuple[ProcessUse, ...]:
        """Return what each process does with a shared budget, the busiest first; ``()`` if it is this process's alone.

        While the store of a shared budget is away, it is ``()`` too.
        """
        return ()

    def acquire_at_once(self) -> bool:
        """Take a slot if one is free and no request waits. Return whether it was taken."""
        with self._lock:
            if self._queue or self._windows.free_at(now := time.monotonic()) > now:
                return False
            self._windows.start()
            return True

    async def refresh(self) -> None:
        """Ask the server of a shared budget for what ``snapshot`` and ``processes`` return. Others always know it."""

    async def acquire(
        self, priority: Priority = Priority.ACT, window: SpecialWindow | None = None, *, timeout: float = 60.0
    ) -> Slot | None:
        """Wait for a slot and take it. The caller must call ``release`` or ``give_back``. A cancelled wait takes none.

        Args:
            priority: The request's priority.
            window: A window that the request's endpoint has in addition to the token's.
            timeout: Seconds that the request takes at most. A shared budget gets the slot back after that, if this
                process dies.

        Returns:
            The slot of a shared budget; ``None`` in memory, where all slots are alike.
        """
        special = None if window is None else self._special_budget(window)
        place = None if special is None else await special.acquire(priority, timeout=timeout)
        slot = None
        try:
            if not self.acquire_at_once():
                slot = await self._wait(priority, timeout)
            while special is not None and place is not None and place.has_expired:  # the wait was a long one
                special.give_back(slot=place)
                place = await special.acquire(priority, timeout=timeout)
        except BaseException:
            reports = [None if slot is None else self.give_back(slot=slot)]
            reports.append(None if special is None else special.give_back(slot=place))
            for report in reports:
                if report is not None:
                    await report
            raise
        if slot is not None:
            slot.special = place
        return slot

    def give_back(self, window: SpecialWindow | None = None, slot: Slot | None = None) -> Awaitable[None] | None:
        """Return the slot of a request that was not sent.

        Args:
            window: As for ``acquire``.
            slot: What ``acquire`` returned.

        Returns:
            As for ``release``.
        """
        del slot
        if window is not None:
            self._special_budget(window).give_back()
        with self._lock:
            self._windows.cancel()
            self._wake_first()
        return None

    def release(
        self,
        status: int | None,
        headers: Mapping[str, str],
        window: SpecialWindow | None = None,
        slot: Slot | None = None,
    ) -> Awaitable[None] | None:
        """Record the end of a request that had a slot.

        Args:
            status: HTTP status of its answer; ``None`` without an answer.
            headers: Headers of its answer.
            window: As for ``acquire``.
            slot: What ``acquire`` returned; by default the one that was taken longest ago.

        Returns:
            What writes it down on a server, if it is awaited; otherwise the next request does it. ``None`` where that
            is done already.
        """
        del slot
        if window is not None:
            self._special_budget(window).release(None, {})
        with self._lock:
            now = time.monotonic()
            self._windows.end(now)
            if status is not None:
                record_answer(self._windows, status, headers, now)
            if self._queue:
                self._wake_first()
        return None

    def _special_budget(self, window: SpecialWindow) -> RateBudget:
        with self._lock:
            if window.name not in self._special:
                self._special[window.name] = RateBudget(((window.limit, window.seconds),))
            return self._special[window.name]

    async def _wait(self, priority: Priority, timeout: float) -> Slot | None:
        """Wait for a slot. The first entry of the queue waits by the clock; the others wait for an event."""
        waiter = Waiter(priority, next(self._order), timeout)
        with self._lock:
            heapq.heappush(self._queue, waiter)
        try:
            while True:
                with self._lock:
                    waiter.event = asyncio.Event()
                    seconds = self._next_step_of(waiter)
                    if waiter.is_granted:
                        return waiter.slot
                with anyio.move_on_after(seconds):
                    await waiter.event.wait()
        except BaseException:
            self._give_up(waiter)
            raise

    def _next_step_of(self, waiter: Waiter) -> float:
        """Give free slots to the queue, if this entry has to. Return the seconds until it polls again.

        The first entry has to. If its event loop is closed or blocked, the others have to.
        """
        if waiter.is_granted:
            return 0.0
        if self._queue[0] is not waiter and time.monotonic() < self._next_grant_at + STAND_IN_SECONDS / 2:
            return STAND_IN_SECONDS
        seconds = self._grant()
        self._next_grant_at = time.monotonic() + seconds
        if 0.0 < seconds < math.inf:
            self._log_once(seconds)
        return seconds if self._queue and self._queue[0] is waiter else max(seconds, STAND_IN_SECONDS)

    def _log_once(self, seconds: float) -> None:
        """Log that requests have to wait, once for all that wait for the same slot."""
        now = time.monotonic()
        if now >= self._logged_until:
            self._logged_until = now + seconds
            log.paced(seconds)

    def _grant(self) -> float:
        """Give all free slots to the first entries of the queue. Return the seconds until the next free slot."""
        now = time.monotonic()
        while self._queue and (free_at := self._windows.free_at(now)) <= now:
            waiter = heapq.heappop(self._queue)
            if not waiter.wake():
                continue
            waiter.is_granted = True
            self._windows.start()
            self._wake_first()
        if not self._queue:
            return 0.0
        return free_at - now

    def _give_up(self, waiter: Waiter) -> None:
        with self._lock:
            if waiter.is_granted:
                self._windows.cancel()
            elif waiter in self._queue:
                self._queue.remove(waiter)
                heapq.heapify(self._queue)
            self._wake_first()

    def _wake_first(self) -> None:
        if self._queue:
            self._next_grant_at = min(self._next_grant_at, time.monotonic())
        while self._queue and not self._queue[0].wake():
            heapq.heappop(self._queue)

    def _forget_other_threads(self) -> None:
        """Reset the queue and the lock in a forked child: the parent's threads do not exist there."""
        self._lock = threading.RLock()
        self._queue.clear()
        self._windows.forget_others_threads(time.monotonic())


def record_answer(windows: SlidingWindows, status: int, headers: Mapping[str, str], now: float) -> None:
    """Record what an answer says about the limits. A 429 is a pause for all.

    Args:
        windows: The windows.
        status: The answer's HTTP status.
        headers: Its headers.
        now: When it came, by the windows' clock.
    """
    if status == TOO_MANY_REQUESTS:
        windows.pause(now, pause_of(headers, time.time()))
        return
    windows.succeed(now)
    if windows.has_news(now) and (allowance := allowance_of(headers, time.time())):
        windows.learn(allowance, now)


def pause_of(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds for which a 429 pauses all.

    Args:
        headers: Its headers.
        now: The wall-clock time.
    """
    advised = advised_pause(headers, now)
    return _PAUSE_WITHOUT_ADVICE_SECONDS if advised is None else min(advised, _MAX_PAUSE_SECONDS)


_live_budgets: Final[weakref.WeakSet[RateBudget]] = weakref.WeakSet()


def _forget_in_forked_child() -> None:
    for budget in _live_budgets:
        budget._forget_other_threads()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_forked_child)
