"""The sliding windows over a state that several processes share."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.http.windows import RateWindow, SlidingWindows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.budget.sqlite_store import Transaction

WITHOUT_STORE: Final = 0
"""In place of a slot's number: its request was sent while the store was away."""

_KEY: Final = "windows"


class Ended(NamedTuple):
    """A request that had a slot and has ended, and that the store does not know of yet.

    Attributes:
        number: Its slot's number.
        deadline: Its slot's deadline, by the monotonic clock.
        at: When it ended, by the same clock.
        status: HTTP status of its answer; ``None`` without an answer.
        headers: Headers of its answer.
    """

    number: int
    deadline: float
    at: float
    status: int | None
    headers: Mapping[str, str]

    def count_in(self, transaction: Transaction) -> None:
        """Count the request from its end on."""
        if self.number == WITHOUT_STORE:
            transaction.answer([self.at])
        else:
            transaction.end(self.number, self.at, self.deadline)


class StoredWindows(SlidingWindows):
    """The rules of ``SlidingWindows``, on the state that a transaction reads and writes.

    Args:
        windows: The token's windows.
        reserve: The share of each window that is left to other programs.
        transaction: The open transaction.
    """

    def __init__(self, windows: Iterable[RateWindow], reserve: float, transaction: Transaction) -> None:
        super().__init__(windows, reserve)
        self._transaction = transaction
        self._pending = transaction.pending
        self._saved = transaction.value(_KEY)
        if self._saved is not None:
            (
                limits,
                self._learned_at,
                self._by_others,
                self._others_until,
                self._others_window,
                self._last_remaining,
                self._last_remaining_at,
                self._paused_until,
                self._opening,
            ) = json.loads(self._saved)
            if len(limits) == len(self._windows):
                self._set(
                    tuple(RateWindow(limit, one.seconds) for limit, one in zip(limits, self._windows, strict=True))
                )

    @property
    def longest(self) -> float:
        """The longest window's span in seconds."""
        return self._longest

    def save(self) -> None:
        """Write the state back, if it changed."""
        facts = (
            [window.limit for window in self._windows],
            self._learned_at,
            self._by_others,
            self._others_until,
            self._others_window,
            self._last_remaining,
            self._last_remaining_at,
            self._paused_until,
            self._opening,
        )
        text = json.dumps(facts)
        if text != self._saved:
            self._transaction.set_value(_KEY, text)

    def free_now(self, now: float) -> int:
        """Return how many requests may be sent now."""
        if self._paused_until > now:
            return 0
        free = math.inf if self._opening is None else self._opening - self._pending
        for index, (window, usable) in enumerate(self._usable):
            answered = self._count(window, now)
            free = min(free, usable - self._pending - answered)
            if index == self._others_window and (others := self._others_in(index, now)):
                free = min(free, window.limit - others - self._pending - answered)
        return max(0, int(free))

    def refresh(self) -> None:
        """Read the number of pending requests again."""
        self._pending = self._transaction.pending

    def _newest(self, number: int) -> float | None:
        return self._transaction.newest_answer(number)

    def _count(self, window: RateWindow, now: float) -> int:
        return self._transaction.answered_since(now - window.seconds)
