"""What one process knows about its own requests, and its exchange with the file that all processes share.

What ended is reported in the next transaction. After an outage, or if the file is another one, the process reports all
its requests that still count.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from gradient_async import log
from gradient_async.boot import boot_id
from gradient_async.budget.outage import Outage
from gradient_async.budget.sqlite_store import SqliteStore
from gradient_async.budget.store_errors import StoreAwayError, StoreBusyError
from gradient_async.budget.stored_windows import WITHOUT_STORE, Ended, StoredWindows
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http.budget import TOO_MANY_REQUESTS, pause_of, record_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.sqlite_store import Transaction
    from gradient_async.http.slot import Slot
    from gradient_async.http.windows import RateWindow, SlidingWindows, WindowUse

_PAUSE_AFTER_OUTAGE_SECONDS: Final = 0.7


class StoredLedger:
    """The requests of one process in one budget.

    Args:
        path: The file.
        name: Prefix of the budget's tables in it.
        windows: The token's windows.
        reserve: The share of each window that is left to other programs.
        own: The windows with this process's own requests, for the time of an outage.
        on_outage: What the process does while the file cannot be used, for the warning.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        windows: tuple[RateWindow, ...],
        reserve: float,
        own: SlidingWindows,
        on_outage: OnOutage,
    ) -> None:
        self._path = path
        self._store = SqliteStore(path, name, f"{os.getpid()}-{secrets.token_hex(4)}", boot_id())
        self._windows = windows
        self._reserve = reserve
        self._own = own
        self._on_outage: OnOutage = on_outage
        self._slots: dict[Slot, None] = {}
        self._sent = 0
        self._ended: list[Ended] = []
        self._returned: list[Slot] = []
        self._is_in_transaction = False
        self._epoch: str | None = None
        self._processes = 0
        self._promised = 0
        self._use: tuple[WindowUse, ...] = own.use(time.monotonic())
        self._outage: Outage | None = None

    @property
    def was_reached(self) -> bool:
        """Whether the file could be used at all, so that this process's share is known."""
        return self._epoch is not None

    @property
    def has_lost_the_store(self) -> bool:
        """Whether the file could not be used the last time."""
        return self._outage is not None

    @property
    def has_reports(self) -> bool:
        """Whether the file does not know something about this process's requests."""
        return bool(self._ended) or bool(self._returned)

    def begin(self, slot: Slot) -> None:
        """Record a slot that this process got."""
        self._own.start()
        self._sent += 1
        self._slots[slot] = None

    def decline(self, slot: Slot) -> None:
        """Record a slot that this process got, and does not need."""
        self._returned.append(slot)

    def give_back(self, slot: Slot | None) -> bool:
        """Record that a slot was not used. Return whether this process had it.

        Args:
            slot: The slot; ``None`` for the one that was taken longest ago.
        """
        slot = slot or next(iter(self._slots), None)
        if slot is None or slot not in self._slots:
            return False
        del self._slots[slot]
        self._own.cancel()
        self._sent -= 1
        self._returned.append(slot)
        return True

    def end(self, slot: Slot | None, status: int | None, headers: Mapping[str, str]) -> None:
        """Record the end of a request. A second call does nothing.

        Args:
            slot: Its slot; ``None`` for the one that was taken longest ago.
            status: HTTP status of its answer; ``None`` without an answer.
            headers: Headers of its answer.
        """
        slot = slot or next(iter(self._slots), None)
        if slot is None or slot not in self._slots:
            return
        del self._slots[slot]
        now = time.monotonic()
        self._own.end(now)
        if status == TOO_MANY_REQUESTS:
            self._own.pause(now, pause_of(headers, time.time()))
        elif status is not None:
            self._own.succeed(now)
        self._ended.append(Ended(slot.number, slot.deadline, now, status, headers))

    @contextmanager
    def transaction(self, now: float, *, leaves: bool) -> Iterator[tuple[Transaction, StoredWindows]]:
        """Hold the shared state inside the block. What this process has not reported yet is reported first.

        Args:
            now: The time, by the monotonic clock.
            leaves: Whether no request of this process waits any more.

        Raises:
            StoreBusyError: Others hold the lock, or the garbage collector ended a call inside the block.
            StoreAwayError: The store cannot be used.
        """
        if self._is_in_transaction:
            raise StoreBusyError
        self._is_in_transaction = True
        try:
            ended, returned = tuple(self._ended), tuple(self._returned)
            with self._store.transaction() as transaction:
                windows = StoredWindows(self._windows, self._reserve, transaction)
                transaction.tidy(now, windows.longest)
                epoch = transaction.value("epoch")
                is_anew = self._epoch is not None and epoch != self._epoch
                numbers = self._held_anew(transaction, windows, now, is_anew)
                if leaves:
                    transaction.wait_no_more()
                for slot in () if is_anew else returned:
                    transaction.give_back(slot.number, slot.deadline)
                for one in ended:
                    if not is_anew:
                        one.count_in(transaction)
                    windows.refresh()
                    if one.status is not None:
                        record_answer(windows, one.status, one.headers, one.at)
                windows.refresh()
                self._processes = transaction.processes
                yield transaction, windows
                use, promised = windows.use(now), transaction.promised
                windows.save()
        finally:
            self._is_in_transaction = False
        # Only after the commit: a disk that is full refuses that.
        for slot, number in numbers.items():
            slot.number = number
        self._epoch, self._outage = epoch, None
        self._use, self._promised = use, promised
        del self._ended[: len(ended)], self._returned[: len(returned)]

    def _held_anew(
        self, transaction: Transaction, windows: StoredWindows, now: float, is_anew: bool
    ) -> dict[Slot, int]:
        """After an outage, or if the state is another one, report this process's requests. Return the new slots."""
        if not is_anew and self._outage is None:
            return {}
        if is_anew:
            transaction.answer(self._own.answered_since(now - windows.longest))
        windows.rest(now, _PAUSE_AFTER_OUTAGE_SECONDS)
        slots = [slot for slot in self._slots if is_anew or slot.number == WITHOUT_STORE]
        return {slot: transaction.hold(1, slot.deadline)[0] for slot in slots}

    def close_file(self) -> None:
        """Close the file, unless this thread uses it. The next transaction opens it again."""
        if not self._is_in_transaction:
            self._store.close()

    def note_loss(self, error: StoreAwayError) -> None:
        """Record that the file cannot be used, and warn once.

        Raises:
            RateBudgetStoreError: It never could, so that no share is known.
        """
        if not self.was_reached:
            raise RateBudgetStoreError(
                f"the rate budget's file {self._path} cannot be used: {error}. Check the path in "
                "RateBudget.shared(...) or GRADIENT_RATE_BUDGET; nothing was sent"
            ) from None
        if self._outage is None:
            now = time.monotonic()
            self._outage = Outage(
                since=now,
                processes=self._processes,
                shared=self._use,
                own=self._own_use(now),
                sent=self._sent,
                promised=self._promised,
            )
            log.store_away(str(self._path), str(error), self._processes, self._on_outage)

    def may_send_alone(self, now: float) -> bool:
        """Return whether one more request keeps to this process's share while the file cannot be used."""
        return (
            self._outage is not None
            and self._own.free_at(now) <= now
            and self._outage.may_send(now, self._own_use(now), self._sent)
        )

    def _own_use(self, now: float) -> tuple[int, ...]:
        return tuple(use.used for use in self._own.use(now))
