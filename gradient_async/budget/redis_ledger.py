"""What one process knows about its own requests, and its exchange with the store on a server.

The ledger sends the whole state again after a lost answer, a cancelled call, an outage, or when the store is empty. So
no slot leaks, and no request is forgotten.
"""

from __future__ import annotations

import itertools
import math
import os
import secrets
import socket
import time
from typing import TYPE_CHECKING, Final

from gradient_async import log
from gradient_async.budget.outage import Outage
from gradient_async.budget.redis_store import EndedRequest, OwnState, RedisStore
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http.budget import TOO_MANY_REQUESTS, pause_of
from gradient_async.http.reader import allowance_of
from gradient_async.http.windows import SlidingWindows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.redis_connection import RedisConnection
    from gradient_async.budget.redis_store import StoreAnswer, Wish
    from gradient_async.http.slot import Slot
    from gradient_async.http.windows import RateWindow

_RETRY_AWAY_SECONDS: Final = 0.25
_QUICK_SECONDS: Final = 0.5


class RedisLedger:
    """The requests of one process in one budget.

    Attributes:
        shortest_window: The shortest window's span in seconds.

    Args:
        connection: The connection to the server.
        name: Prefix of the budget's keys.
        windows: The token's windows.
        reserve: The share of each window that is left to other programs.
        on_outage: What the process does while the store is away, for the warning.
    """

    def __init__(
        self,
        connection: RedisConnection,
        name: str,
        windows: tuple[RateWindow, ...],
        reserve: float,
        on_outage: OnOutage,
    ) -> None:
        process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._store = RedisStore(connection=connection, name=name, process=process, windows=windows, reserve=reserve)
        self.shortest_window: float = min(window.seconds for window in windows)
        self._longest = max(window.seconds for window in windows)
        self._on_outage: OnOutage = on_outage
        self._own = SlidingWindows(windows, reserve)
        self._slots: dict[int, Slot] = {}
        self._numbers = itertools.count(1)
        self._sent = 0
        self._ended: list[EndedRequest] = []
        self._returned: list[int] = []
        self._calls = itertools.count(1)
        self._epoch = ""
        self._may_have_missed_a_report = False
        self._outage: Outage | None = None
        self._retry_at = -math.inf
        self._last: StoreAnswer | None = None
        self._last_at = -math.inf

    @property
    def last(self) -> tuple[float, StoreAnswer] | None:
        """The store's last answer and its time, by the monotonic clock; ``None`` before the first."""
        return None if self._last is None else (self._last_at, self._last)

    @property
    def is_away(self) -> bool:
        """Whether the store was away the last time, and it is too early to try again."""
        return self._outage is not None and time.monotonic() < self._retry_at

    @property
    def has_lost_the_store(self) -> bool:
        """Whether the store was away the last time."""
        return self._outage is not None

    @property
    def has_reports(self) -> bool:
        """Whether the store may not know something about this process's requests."""
        return self._may_have_missed_a_report or bool(self._ended) or bool(self._returned)

    def reserve_numbers(self, count: int) -> int:
        """Return the first of some slot numbers in a row that this process never used."""
        first = next(self._numbers)
        self._numbers = itertools.count(first + count)
        return first

    def begin(self, slot: Slot) -> None:
        """Record a slot that this process got."""
        self._slots[slot.number] = slot
        self._own.start()
        self._sent += 1

    def oldest_slot(self) -> Slot | None:
        """Return the slot that was taken longest ago; ``None`` if there is none."""
        return next(iter(self._slots.values()), None)

    def give_back(self, slot: Slot) -> None:
        """Record that a slot was not used. A second call does nothing."""
        if self._close(slot):
            self._own.cancel()
            self._sent -= 1
            self._returned.append(slot.number)

    def end(self, slot: Slot, status: int | None, headers: Mapping[str, str]) -> None:
        """Record the end of a request. A second call does nothing.

        Args:
            slot: Its slot.
            status: HTTP status of its answer; ``None`` without an answer.
            headers: Headers of its answer.
        """
        if not self._close(slot):
            return
        now = time.monotonic()
        self._own.end(now)
        pause = allowance = None
        if status == TOO_MANY_REQUESTS:
            pause = pause_of(headers, self._server_time(now))
            self._own.pause(now, pause)
        elif status is not None:
            self._own.succeed(now)
            allowance = allowance_of(headers, self._server_time(now))
        ended = EndedRequest(slot=slot.number, at=now, is_answered=status is not None, pause=pause, allowance=allowance)
        self._ended.append(ended)

    def end_all(self) -> None:
        """Record the end of all requests: their event loop is closed."""
        for slot in list(self._slots.values()):
            self.end(slot, None, {})

    async def exchange(
        self, *, wish: Wish | None = None, leaves: bool = False, wants_uses: bool = False
    ) -> StoreAnswer:
        """Report what the store may not know, and ask for slots. One exchange runs at a time.

        Args:
            wish: The slots that this process asks for.
            leaves: Whether no request of this process waits any more.
            wants_uses: Whether it asks what each process does.

        Raises:
            StoreAwayError: There was no answer.
        """
        if self._outage is None and not self._slots and time.monotonic() - self._last_at > self._longest:
            self._epoch = ""  # this process has nothing to report
        began = time.monotonic()
        try:
            answer = await self._ask(self._outage is not None, wish, leaves=leaves, wants_uses=wants_uses)
        except StoreAwayError:
            if self._outage is not None or time.monotonic() - began > _QUICK_SECONDS:
                raise
            # The server, or a device in between, closes connections that are idle for long. A new one may do.
            answer = await self._ask(False, wish, leaves=leaves, wants_uses=wants_uses)
        if answer.is_anew:
            answer = await self._ask(True, wish, leaves=leaves, wants_uses=wants_uses)
        if answer.is_anew:
            raise StoreAwayError("it was emptied repeatedly")
        self._epoch, self._outage = answer.epoch, None
        self._last, self._last_at = answer, time.monotonic()
        return answer

    async def _ask(self, with_history: bool, wish: Wish | None, *, leaves: bool, wants_uses: bool) -> StoreAnswer:
        now = time.monotonic()
        ended, returned = tuple(self._ended), tuple(self._returned)
        own = None
        if with_history or self._may_have_missed_a_report:
            answered = tuple(self._own.answered_since(now - self._longest)) if with_history else None
            holds = tuple((slot.number, slot.deadline) for slot in self._slots.values())
            own = OwnState(holds=holds, answered=answered)
        self._may_have_missed_a_report = True
        answer = await self._store.ask(
            now=now,
            call=next(self._calls),
            epoch=self._epoch,
            ended=ended,
            returned=returned,
            own=own,
            wish=wish,
            leaves=leaves,
            wants_uses=wants_uses,
        )
        if not answer.is_anew:
            self._may_have_missed_a_report = False
            del self._ended[: len(ended)]
            del self._returned[: len(returned)]
        return answer

    def note_loss(self, error: StoreAwayError, began: float) -> None:
        """Record that the store is away, and warn once.

        Args:
            error: What happened.
            began: When the question was asked, by the monotonic clock.

        Raises:
            RateBudgetStoreError: The store was never reached, so that no share is known.
        """
        place = self._store.connection.masked_url
        if self._last is None:
            raise RateBudgetStoreError(
                f"the rate budget's server {place} cannot be used: {error}. Check the URL in "
                "RateBudget.shared(...) or GRADIENT_RATE_BUDGET; nothing was sent"
            ) from None
        now = time.monotonic()
        # If the server does not answer at all, each try takes the whole time limit.
        self._retry_at = now + max(_RETRY_AWAY_SECONDS, now - began)
        if self._outage is None:
            self._outage = Outage(
                since=now,
                processes=self._last.processes,
                shared=self._last.windows,
                own=self._own_use(now),
                sent=self._sent,
                promised=self._last.promised,
            )
            log.store_away(place, str(error), self._last.processes, self._on_outage)

    def may_send_alone(self) -> bool:
        """Return whether one more request keeps to this process's share, while the store is away."""
        now = time.monotonic()
        if self._outage is None or self._last is None:
            return False
        is_paused = self._last_at + self._last.paused_for > now or self._own.free_at(now) > now
        return not is_paused and self._outage.may_send(now, self._own_use(now), self._sent)

    def _own_use(self, now: float) -> tuple[int, ...]:
        return tuple(use.used for use in self._own.use(now))

    def _close(self, slot: Slot) -> bool:
        slot.is_over = True
        return self._slots.pop(slot.number, None) is slot

    def _server_time(self, now: float) -> float:
        """Return the store's wall-clock time: the clock of this host may be wrong."""
        return time.time() if self._last is None else self._last.clock + now - self._last_at
