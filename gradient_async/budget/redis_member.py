"""One event loop's part in a rate budget on a server: its queue in front of the store.

The first request of the queue asks the store, for all that wait with its priority. No task runs beside the requests:
a request reports its own end, together with all others that ended since.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async import log
from gradient_async.budget.redis_store import Wish
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http.slot import SLOT_GRACE_SECONDS, Slot

if TYPE_CHECKING:
    from collections.abc import Generator

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.redis_ledger import RedisLedger
    from gradient_async.budget.redis_store import StoreAnswer
    from gradient_async.http.request import Priority

_MAX_SLEEP_SECONDS: Final = 0.5
_RETRY_AWAY_SECONDS: Final = 0.25
# Maximum seconds that a report delays its request's answer, also if the request was cancelled. The next request reports
# the rest.
_MAX_REPORT_SECONDS: Final = 1.0


class MemberSlot(Slot):
    """A slot of one event loop.

    Attributes:
        member: The loop's part in the budget.
    """

    __slots__ = ("member",)

    def __init__(self, number: int, deadline: float, member: RedisMember) -> None:
        super().__init__(number, deadline)
        self.member: RedisMember = member


class Report:
    """Reports what ended, when it is awaited; otherwise the next request does it."""

    __slots__ = ("_members",)

    def __init__(self, *members: RedisMember) -> None:
        self._members = members

    def __await__(self) -> Generator[object, None, None]:
        for member in self._members:
            yield from member.report().__await__()


class _Waiter:
    """A request in the queue."""

    __slots__ = ("_place", "event", "failure", "priority", "slot", "timeout")

    def __init__(self, priority: Priority, order: int, timeout: float) -> None:
        self.priority = priority
        self.timeout = timeout
        self.event = asyncio.Event()
        self.slot: MemberSlot | None = None
        self.failure: RateBudgetStoreError | None = None
        self._place = (priority, order)

    def __lt__(self, other: _Waiter) -> bool:
        return self._place < other._place


class RedisMember:
    """One event loop's part in a budget.

    Attributes:
        ledger: What it knows about its requests.

    Args:
        ledger: The same.
        on_outage: What to do while the store is away.
    """

    def __init__(self, ledger: RedisLedger, on_outage: OnOutage) -> None:
        self.ledger: RedisLedger = ledger
        self._on_outage: OnOutage = on_outage
        self._order = itertools.count()
        self.move_to_new_loop()

    def move_to_new_loop(self) -> None:
        """Continue in another event loop, after this one was closed."""
        self._turn = asyncio.Lock()
        self._queue: list[_Waiter] = []
        self._is_in_stores_queue = False
        self._next_call_at = -math.inf
        self._asked_priority = 0
        self._logged_until = -math.inf
        self.ledger.end_all()

    @property
    def waiting(self) -> int:
        """Number of requests in the queue."""
        return len(self._queue)

    async def acquire(self, priority: Priority, timeout: float) -> MemberSlot:
        """Wait for a slot and take it. A cancelled wait takes none.

        Raises:
            RateBudgetStoreError: The store was never reached.
        """
        waiter = _Waiter(priority, next(self._order), timeout)
        heapq.heappush(self._queue, waiter)
        self._ask_again_but(waiter)
        try:
            while True:
                waiter.event.clear()
                seconds = await self._ask(waiter) if self._queue[0] is waiter else _MAX_SLEEP_SECONDS
                if waiter.slot is None and waiter.failure is None:
                    with anyio.move_on_after(seconds):
                        await waiter.event.wait()
                if waiter.slot is not None:
                    return waiter.slot
                if waiter.failure is not None:
                    raise waiter.failure  # noqa: TRY301 - what follows is for it, too
        except BaseException as error:
            self._give_up(waiter)
            # A coroutine that is discarded cannot wait, and a store that was never reached has nothing to undo.
            if not isinstance(error, GeneratorExit | RateBudgetStoreError):
                await self.report()
            raise

    async def report(self) -> None:
        """Report what ended, unless another request just did it. A store that is away gets it later."""
        try:
            await self._report_once()
        except asyncio.CancelledError:  # by the task itself, which no shield stops
            await self._report_once()
            raise

    async def _report_once(self) -> None:
        with anyio.move_on_after(_MAX_REPORT_SECONDS, shield=True):
            async with self._turn:
                leaves = self._is_in_stores_queue and not self._queue
                if self.ledger.is_away or not (self.ledger.has_reports or leaves):
                    return
                began = time.monotonic()
                try:
                    answer = await self.ledger.exchange(leaves=leaves)
                except StoreAwayError as error:
                    if self.ledger.last is not None:  # else the request's own error says so, or it was cancelled
                        self.ledger.note_loss(error, began)
                    return
                self._is_in_stores_queue = self._is_in_stores_queue and not leaves
                if answer.free:
                    self._ask_again_but(None)

    async def ask_for_uses(self) -> StoreAnswer | None:
        """Return the present state, with what each process does; ``None`` if the store is away."""
        async with self._turn:
            began = time.monotonic()
            try:
                return await self.ledger.exchange(wants_uses=True)
            except StoreAwayError as error:
                self.ledger.note_loss(error, began)
                return None

    async def _ask(self, waiter: _Waiter) -> float:
        """Ask the store for slots for all waiters of the first priority. Return the seconds until the next try."""
        async with self._turn:
            if waiter.slot is not None or waiter.failure is not None or self._queue[0] is not waiter:
                return _MAX_SLEEP_SECONDS
            pause = self._next_call_at - time.monotonic()
            if pause > 0 and waiter.priority >= self._asked_priority:
                return pause
            if self.ledger.is_away:
                return self._grant_alone(waiter)
            began = time.monotonic()
            equals = [one for one in self._queue if one.priority == waiter.priority]
            wish = Wish(
                priority=waiter.priority,
                wanted=len(equals),
                lease=max(one.timeout for one in equals) + SLOT_GRACE_SECONDS,
                first=self.ledger.reserve_numbers(len(equals)),
            )
            self._is_in_stores_queue = True  # perhaps, if this is cancelled now
            try:
                answer = await self.ledger.exchange(wish=wish)
            except StoreAwayError as error:
                self._note_loss(error, began)
                return self._grant_alone(waiter)
            for number in range(wish.first, wish.first + answer.got):
                self._hand_to_next(MemberSlot(number, began + wish.lease, self))
            self._note_wait(wish, answer)
            self._wake_first_but(waiter)
            return answer.sleep

    def _note_loss(self, error: StoreAwayError, began: float) -> None:
        """Record that the store is away. If it was never reached, all that wait fail: none of them asks again.

        Raises:
            RateBudgetStoreError: The store was never reached.
        """
        try:
            self.ledger.note_loss(error, began)
        except RateBudgetStoreError as never_reached:
            for waiter in self._queue:
                waiter.failure = RateBudgetStoreError(never_reached.message)
                waiter.event.set()
            raise

    def _note_wait(self, wish: Wish, answer: StoreAnswer) -> None:
        """Set the time of the next call: at once, if more requests wait now than the store knows."""
        left = wish.wanted - answer.got
        self._is_in_stores_queue = left > 0
        if sum(one.priority == wish.priority for one in self._queue) > left:
            self._next_call_at = -math.inf
            return
        now = time.monotonic()
        self._next_call_at, self._asked_priority = now + answer.sleep, wish.priority
        if left and now >= self._logged_until:
            seconds = max(answer.sleep, answer.next_in or 0.0)
            self._logged_until = now + seconds
            log.paced(seconds)

    def _grant_alone(self, waiter: _Waiter) -> float:
        """While the store is away, give slots by this process's share of what was known."""
        if self._on_outage == "wait":
            return _RETRY_AWAY_SECONDS
        now = time.monotonic()
        while self._queue and self.ledger.may_send_alone():
            deadline = now + self._queue[0].timeout + SLOT_GRACE_SECONDS
            self._hand_to_next(MemberSlot(self.ledger.reserve_numbers(1), deadline, self))
        self._wake_first_but(waiter)
        return min(_RETRY_AWAY_SECONDS, self.ledger.shortest_window / 60)

    def _hand_to_next(self, slot: MemberSlot) -> None:
        self.ledger.begin(slot)
        if self._queue:
            waiter = heapq.heappop(self._queue)
            waiter.slot = slot
            waiter.event.set()
        else:  # the waiters were cancelled, and report that the slot is free
            self.ledger.give_back(slot)

    def _give_up(self, waiter: _Waiter) -> None:
        if waiter.slot is not None:
            self.ledger.give_back(waiter.slot)
        elif waiter in self._queue:
            self._queue.remove(waiter)
            heapq.heapify(self._queue)
        self._wake_first_but(waiter)

    def _ask_again_but(self, waiter: _Waiter | None) -> None:
        """Make the first waiter ask at once: the store does not know all waiters, or has free slots."""
        self._next_call_at = -math.inf
        self._wake_first_but(waiter)

    def _wake_first_but(self, waiter: _Waiter | None) -> None:
        if self._queue and self._queue[0] is not waiter:
            self._queue[0].event.set()
