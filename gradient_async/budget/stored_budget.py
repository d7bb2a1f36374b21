"""The rate budget of several processes: the queue of one process in front of the state that all share."""

from __future__ import annotations

import heapq
import math
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from gradient_async.budget.files_at_fork import close_at_forks
from gradient_async.budget.store_errors import StoreAwayError, StoreBusyError
from gradient_async.budget.stored_ledger import StoredLedger
from gradient_async.budget.stored_windows import WITHOUT_STORE
from gradient_async.event_loops import running_loop
from gradient_async.http.budget import STAND_IN_SECONDS, RateBudget, RateBudgetSnapshot
from gradient_async.http.slot import SLOT_GRACE_SECONDS, Slot
from gradient_async.http.windows import RateWindow, SlidingWindows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.sqlite_store import Transaction
    from gradient_async.budget.stored_windows import StoredWindows
    from gradient_async.http.request import Priority
    from gradient_async.http.waiter import Waiter
    from gradient_async.http.windows import ProcessUse, SpecialWindow

# A slot can become free sooner than known: others give slots back.
_MAX_SLEEP_SECONDS: Final = 0.5
_LEASE_OF_WAITERS_SECONDS: Final = 0.5
_BUSY_SECONDS: Final = 0.002
# Several slots that become free within such a time are taken together.
_MIN_SLEEP_SECONDS: Final = 0.01
# The time of the next slot depends on pending requests, which are answered soon.
_PENDING_SECONDS: Final = 0.1
_RETRY_AWAY_SECONDS: Final = 0.25
# A transaction takes less. A fork does not wait for longer.
_BEFORE_FORK_SECONDS: Final = 1.0


class StoredRateBudget(RateBudget):
    """The budget of one token, which all processes of this host share by a file.

    Args:
        windows: Pairs of a number of requests and a span in seconds.
        reserve: The share of each window that is left to other programs.
        path: The file.
        name: Prefix of the budget's tables in it.
        on_outage: What to do while the file cannot be used.
    """

    def __init__(
        self, windows: Iterable[tuple[int, float]], *, reserve: float, path: Path, name: str, on_outage: OnOutage
    ) -> None:
        super().__init__(windows, reserve=reserve)
        self._given = tuple(RateWindow(*window) for window in self._windows.windows)
        self._reserve = reserve
        self._path = path
        self._name = name
        self._on_outage: OnOutage = on_outage
        # ``_windows`` of the base class has this process's own requests, for the time of an outage.
        self._renew()
        close_at_forks(self)

    def _renew(self) -> None:
        self._ledger = StoredLedger(self._path, self._name, self._given, self._reserve, self._windows, self._on_outage)
        self._is_in_stores_queue: bool = False
        self._foreseen = 0.0
        self._next_ask_at = -math.inf
        self._last: RateBudgetSnapshot | None = None
        self._last_uses: tuple[ProcessUse, ...] = ()

    def snapshot(self) -> RateBudgetSnapshot:
        """Return the current state of the shared budget; while the store is away, of this process alone."""
        with self._lock:
            now = time.monotonic()
            with suppress(StoreBusyError, StoreAwayError), self._shared(now) as (_, windows):
                free_in = windows.free_at(now) - now
                self._last = RateBudgetSnapshot(
                    windows=windows.use(now),
                    next_free_in=None if free_in == math.inf else max(0.0, free_in),
                    paused_for=windows.paused_for(now),
                    waiting=len(self._queue),
                )
                return self._last
            return self._last or super().snapshot()

    def processes(self) -> tuple[ProcessUse, ...]:
        """Return what each process does with the budget, the busiest first; ``()`` while the store is away."""
        with self._lock:
            now = time.monotonic()
            with suppress(StoreBusyError, StoreAwayError), self._shared(now) as (transaction, windows):
                self._last_uses = transaction.uses(now, [window.seconds for window in windows.windows])
                return self._last_uses
            return () if self._ledger.has_lost_the_store else self._last_uses

    async def refresh(self) -> None:
        """Ask whether the file can be used. ``snapshot`` and ``processes`` read it themselves.

        Raises:
            RateBudgetStoreError: It never could.
        """
        with self._lock:
            try:
                with self._shared(time.monotonic()):
                    pass
            except StoreBusyError:
                pass
            except StoreAwayError as error:
                self._ledger.note_loss(error)

    def acquire_at_once(self) -> bool:
        """Return ``False``: the queue asks the store, by the request's priority."""
        return False

    def give_back(self, window: SpecialWindow | None = None, slot: Slot | None = None) -> None:
        """Return the slot of a request that was not sent. A second call does nothing."""
        if window is not None:
            self._special_budget(window).give_back(slot=None if slot is None else slot.special)
        with self._lock:
            if self._ledger.give_back(slot):
                self._report()

    def release(
        self,
        status: int | None,
        headers: Mapping[str, str],
        window: SpecialWindow | None = None,
        slot: Slot | None = None,
    ) -> None:
        """Record the end of a request that had a slot. A second call does nothing."""
        if window is not None:
            self._special_budget(window).release(None, {}, slot=None if slot is None else slot.special)
        with self._lock:
            self._ledger.end(slot, status, headers)
            self._report()

    def _special_budget(self, window: SpecialWindow) -> RateBudget:
        with self._lock:
            if window.name not in self._special:
                letters = "".join(letter if letter.isalnum() else "_" for letter in window.name)
                self._special[window.name] = StoredRateBudget(
                    ((window.limit, window.seconds),),
                    reserve=0.0,
                    path=self._path,
                    name=f"{self._name}_{letters}",
                    on_outage=self._on_outage,
                )
            return self._special[window.name]

    def _log_once(self, seconds: float) -> None:
        """Log the whole wait that is foreseen: the store is asked again in between."""
        super()._log_once(max(seconds, self._foreseen) if self._foreseen < math.inf else seconds)

    def _next_step_of(self, waiter: Waiter) -> float:
        if waiter.is_new:  # the store is asked once for all requests that begin in the same round of the event loop
            waiter.is_new = False
            self._ask_again()
            return STAND_IN_SECONDS
        seconds = super()._next_step_of(waiter)
        if waiter.is_granted:
            self._wake_first()
        return seconds

    def _ask_again(self) -> None:
        """Make the first waiter ask the store at once: the store does not know all waiters, or all that ended."""
        self._next_ask_at = -math.inf
        self._wake_first()

    def _report(self) -> None:
        """Report what ended: with the first waiter's question if there is one, which is the next thing to happen."""
        self._ask_again()
        if not self._queue:
            self._write_down()

    def _grant(self) -> float:
        """Ask the store for slots for all waiters of the first priority. Return the seconds until the next try."""
        while self._queue:
            if (pause := self._next_ask_at - time.monotonic()) > 0:
                return pause
            first = self._queue[0]
            equals = [waiter for waiter in self._queue if waiter.priority == first.priority]
            wanted = len(equals)
            lease = max(waiter.timeout for waiter in equals) + SLOT_GRACE_SECONDS
            try:
                slots, seconds = self._take(first.priority, wanted, lease)
            except StoreBusyError:
                return _BUSY_SECONDS
            except StoreAwayError as error:
                return self._grant_own_share(error)
            for slot in slots:
                self._hand_to_next(slot)
            if seconds is not None:
                return seconds
        return 0.0

    def _hand_to_next(self, slot: Slot) -> None:
        """Give a slot to the first waiter whose event loop is open."""
        while self._queue:
            waiter = heapq.heappop(self._queue)
            if waiter.wake():
                waiter.is_granted = True
                waiter.slot = slot
                self._ledger.begin(slot)
                return
        self._ledger.decline(slot)

    def _take(self, priority: Priority, wanted: int, lease: float) -> tuple[list[Slot], float | None]:
        """Take up to a number of slots. Return them, and if they are fewer, the seconds until it asks again.

        Args:
            priority: The requests' priority.
            wanted: How many wait.
            lease: Seconds after which a slot is free again, if this process dies.
        """
        now = time.monotonic()
        with self._shared(now) as (transaction, windows):
            place = transaction.place(priority, now)
            free = windows.free_now(now)
            got = 0
            if free > place.ahead:
                got = min(wanted, max(1, (free - place.ahead) // place.peers))
            slots = [Slot(number, now + lease) for number in transaction.hold(got, now + lease)]
            windows.refresh()
            wait = None
            if got == wanted:
                transaction.wait_no_more()
            else:
                foreseen = windows.free_at(now, place.ahead) - now
                longest = _MAX_SLEEP_SECONDS if foreseen < math.inf else _PENDING_SECONDS
                seconds = min(max(0.0, foreseen), longest)
                until = now + seconds + _LEASE_OF_WAITERS_SECONDS
                transaction.wait(priority, wanted - got, now, until, is_served=got > 0)
                wait = foreseen, seconds
        self._is_in_stores_queue = wait is not None
        if wait is None:
            return slots, None
        self._foreseen, seconds = wait[0], max(wait[1], _MIN_SLEEP_SECONDS)
        self._next_ask_at = now + seconds
        return slots, seconds

    @contextmanager
    def _shared(self, now: float) -> Iterator[tuple[Transaction, StoredWindows]]:
        """Hold the shared state inside the block, and leave the queue of processes if no request waits any more.

        Raises:
            StoreBusyError: Others hold the lock, or the garbage collector ended a call inside the block.
            StoreAwayError: The store cannot be used.
        """
        leaves = self._is_in_stores_queue and not self._queue
        with self._ledger.transaction(now, leaves=leaves) as shared:
            yield shared
        if leaves:
            self._is_in_stores_queue = False

    def _write_down(self) -> None:
        """Write down what ended. If others hold the lock, the next try does it, at the latest in a moment."""
        try:
            with self._shared(time.monotonic()):
                pass
        except StoreBusyError:
            with suppress(RuntimeError):  # no event loop runs, or it is closed: the next request writes it down
                running_loop().call_later(_BUSY_SECONDS, self._write_down_later)
        except StoreAwayError as error:
            if self._ledger.was_reached:  # else the request's own error says so, or it was cancelled
                self._ledger.note_loss(error)

    def _write_down_later(self) -> None:
        with self._lock:
            if self._ledger.has_reports or self._is_in_stores_queue:
                self._write_down()

    def _grant_own_share(self, error: StoreAwayError) -> float:
        """While the store is away, give slots by this process's share of what was known."""
        self._ledger.note_loss(error)
        if self._on_outage == "wait":
            return _RETRY_AWAY_SECONDS
        now = time.monotonic()
        while self._queue:
            if not self._ledger.may_send_alone(now):
                return min(_RETRY_AWAY_SECONDS, self.shortest_window / 60)
            self._hand_to_next(Slot(WITHOUT_STORE, now + self._queue[0].timeout + SLOT_GRACE_SECONDS))
        return 0.0

    def _give_up(self, waiter: Waiter) -> None:
        with self._lock:
            if waiter.is_granted:
                self._ledger.give_back(waiter.slot)
            elif waiter in self._queue:
                self._queue.remove(waiter)
                heapq.heapify(self._queue)
            self._report()

    def close_for_fork(self) -> Callable[[], None] | None:
        """Close the file before this process forks.

        Returns:
            What allows the file to be opened again; ``None`` if it stays in use for long.
        """
        lock = self._lock
        if not lock.acquire(timeout=_BEFORE_FORK_SECONDS):
            return None
        self._ledger.close_file()
        return lock.release

    def _forget_other_threads(self) -> None:
        super()._forget_other_threads()
        _parked.append(self._ledger)
        self._windows = SlidingWindows(self._given, self._reserve)  # what the parent sent, the parent reports
        self._renew()


# Ledgers of the parent process, in a forked child. If the child closed their files, it would end the parent's locks.
_parked: Final[list[StoredLedger]] = []
