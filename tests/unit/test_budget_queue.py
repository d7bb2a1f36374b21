"""The queue of a rate budget, by a clock that stands still: who is served, who is woken, what is logged."""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from typing import TYPE_CHECKING, Any

import pytest
from budget_clock import Clock, stopped_clock

from gradient_async import RateBudget
from gradient_async.http import budget as budget_module
from gradient_async.http import slot as slot_module
from gradient_async.http.budget import record_answer
from gradient_async.http.request import Priority
from gradient_async.http.slot import Slot
from gradient_async.http.waiter import Waiter
from gradient_async.http.windows import RateWindow, SlidingWindows, SpecialWindow

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.once

KEYS = SpecialWindow("keys", 1, 10.0)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, budget_module, slot_module)


def waiter(budget: RateBudget, priority: Priority = Priority.ACT, *, is_alive: bool = True) -> Waiter:
    """Put an entry into the queue."""
    one = Waiter(priority, next(budget._order), 60.0)
    if not is_alive:
        loop = asyncio.new_event_loop()
        loop.close()
        one._loop = loop
    heapq.heappush(budget._queue, one)
    return one


async def woken(one: Waiter) -> bool:
    """Return whether an entry was woken since the last poll."""
    await asyncio.sleep(0)
    was_set = one.event.is_set()
    one.event.clear()
    return was_set


def used(budget: RateBudget) -> int:
    return budget.snapshot().windows[0].used


# --- who is served ---


def test_shortest_window_is_the_budgets_own() -> None:
    assert RateBudget([(9, 60.0), (2, 5.0), (90, 600.0)]).shortest_window == 5.0


def test_slot_is_taken_at_the_moment_when_it_is_free(clock: Clock) -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    budget.release(200, {})
    clock.now = 1009.9
    assert not budget.acquire_at_once()
    clock.now = 1010.0
    assert budget.acquire_at_once()


async def test_queue_is_not_overtaken() -> None:
    budget = RateBudget([(1, 10.0)])
    waiter(budget)
    assert not budget.acquire_at_once()


async def test_free_slots_are_given_at_the_moment_when_they_are_free(clock: Clock) -> None:
    budget = RateBudget([(2, 10.0)])
    for _ in range(2):
        assert budget.acquire_at_once()
        budget.release(200, {})
    first, second, third = (waiter(budget) for _ in range(3))
    clock.now = 1004.0
    assert budget._grant() == 6.0
    assert not first.is_granted
    clock.now = 1010.0
    assert budget._grant() == math.inf
    assert [one.is_granted for one in (first, second, third)] == [True, True, False]
    assert [await woken(one) for one in (first, second, third)] == [True, True, True]
    assert used(budget) == 2


async def test_entry_whose_event_loop_is_closed_takes_no_slot() -> None:
    budget = RateBudget([(1, 10.0)])
    dead, alive = waiter(budget, is_alive=False), waiter(budget)
    budget._grant()
    assert (dead.is_granted, alive.is_granted, used(budget)) == (False, True, 1)
    assert budget.snapshot().waiting == 0


async def test_slot_that_comes_back_wakes_the_first_that_lives() -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    waiter(budget, is_alive=False)
    first, second = waiter(budget), waiter(budget)
    budget.give_back()
    assert [await woken(one) for one in (first, second)] == [True, False]
    assert budget.snapshot().waiting == 2
    assert budget._grant() == math.inf
    assert first.is_granted
    await woken(first), await woken(second)
    budget.release(200, {})
    assert await woken(second)


async def test_entry_that_leaves_keeps_the_order_and_wakes_the_next(clock: Clock) -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    first, second, urgent, third = (
        waiter(budget, one) for one in (Priority.POLL, Priority.POLL, Priority.ACT, Priority.POLL)
    )
    budget._give_up(urgent)
    assert await woken(first)
    budget.release(200, {})
    for number, one in enumerate((first, second, third), 1):
        clock.now = 1000.0 + 10.0 * number
        budget._grant()
        assert one.is_granted
        budget.release(200, {})


async def test_entry_that_leaves_with_its_slot_gives_it_back() -> None:
    budget = RateBudget([(1, 10.0)])
    first, second = waiter(budget), waiter(budget)
    budget._grant()
    await woken(second)
    budget._give_up(first)
    assert used(budget) == 0
    assert await woken(second)


def test_child_has_neither_the_queue_nor_the_lock_of_its_parent(clock: Clock) -> None:
    async def main() -> None:
        budget = RateBudget([(5, 10.0)])
        assert budget.acquire_at_once()
        waiter(budget)
        lock = budget._lock
        budget._forget_other_threads()
        assert budget.snapshot().waiting == 0
        assert used(budget) == 1, "the parent's request counts"
        assert budget._lock is not lock
        clock.now = 1010.0
        assert used(budget) == 0

    asyncio.run(main())


# --- an endpoint's own window ---


async def test_answer_frees_the_window_of_its_endpoint(clock: Clock) -> None:
    budget = RateBudget([(9, 60.0)])
    await budget.acquire(window=KEYS)
    budget.release(200, {}, KEYS)
    assert budget._special["keys"].snapshot().next_free_in == 10.0
    clock.now = 1010.0
    assert budget._special["keys"].acquire_at_once()


class FakeSpecial:
    """A window of its own, whose slots end at the given times."""

    def __init__(self, *deadlines: float) -> None:
        self._deadlines = list(deadlines)
        self.returned: list[Slot | None] = []
        self.reported = 0

    async def acquire(self, *_: object, **__: object) -> Slot:
        return Slot(len(self._deadlines), self._deadlines.pop(0))

    def give_back(self, *, slot: Slot | None) -> FakeSpecial:
        self.returned.append(slot)
        return self

    def __await__(self) -> Generator[object, None, None]:
        self.reported += 1
        yield from ()


class BudgetWithSlots(RateBudget):
    """A budget whose slots are objects, and whose wait may fail."""

    def __init__(self, special: FakeSpecial, error: Exception | None = None) -> None:
        super().__init__([(9, 60.0)])
        self.fake, self.error = special, error

    def _special_budget(self, _: SpecialWindow) -> Any:
        return self.fake

    def acquire_at_once(self) -> bool:
        return False

    async def _wait(self, *_: object) -> Slot | None:
        if self.error is not None:
            raise self.error
        return Slot(7, 2000.0)


async def test_place_that_ended_meanwhile_is_taken_anew() -> None:
    special = FakeSpecial(1000.5, 1001.0, 1001.1)
    budget = BudgetWithSlots(special)
    slot = await budget.acquire(window=KEYS)
    assert slot is not None
    assert slot.special is not None
    assert slot.special.deadline == 1001.1
    assert [one.deadline for one in special.returned if one] == [1000.5, 1001.0]


async def test_place_is_returned_and_reported_when_the_wait_fails() -> None:
    special = FakeSpecial(2000.0)
    with pytest.raises(LookupError):
        await BudgetWithSlots(special, LookupError()).acquire(window=KEYS)
    assert [one.deadline for one in special.returned if one] == [2000.0]
    assert special.reported == 1


@pytest.mark.parametrize(
    ("deadline", "special_deadline", "has_expired"),
    [
        (1001.1, None, False),
        (1001.0, None, True),
        (1001.1, 1001.1, False),
        (1001.1, 1001.0, True),
        (999.0, 1002.0, True),
    ],
)
def test_slot_ends_a_second_before_its_deadline(
    deadline: float, special_deadline: float | None, has_expired: bool
) -> None:
    slot = Slot(1, deadline)
    slot.special = None if special_deadline is None else Slot(2, special_deadline)
    assert not slot.is_over
    assert slot.has_expired is has_expired


# --- when each polls ---


async def test_first_entry_polls_when_a_slot_is_free(clock: Clock) -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    budget.release(200, {})
    first, second = waiter(budget), waiter(budget)
    clock.now = 1004.0
    assert budget._next_step_of(first) == 6.0
    assert budget._next_step_of(second) == 1.0
    clock.now = 1010.0
    assert budget._next_step_of(first) == 0.0 or first.is_granted
    assert budget._next_step_of(first) == 0.0
    assert not second.is_granted


@pytest.mark.parametrize(("late", "is_granted"), [(0.4, False), (0.5, True), (0.6, True)])
async def test_others_do_the_part_of_a_first_that_is_late(clock: Clock, late: float, is_granted: bool) -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    budget.release(200, {})
    first, second = waiter(budget), waiter(budget)
    budget._next_step_of(first)
    clock.now = 1010.0 + late
    assert budget._next_step_of(second) >= 1.0
    assert first.is_granted is is_granted


async def test_others_do_the_part_of_a_first_that_is_woken_in_vain(clock: Clock) -> None:
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    first, second = waiter(budget), waiter(budget)
    assert budget._next_step_of(first) == math.inf
    budget.give_back()
    assert budget._next_step_of(second) == 1.0
    assert not first.is_granted
    clock.now = 1000.5
    budget._next_step_of(second)
    assert first.is_granted


async def test_entry_behind_the_first_polls_once_a_second() -> None:
    budget = RateBudget([(1, 0.25)])
    assert budget.acquire_at_once()
    budget.release(200, {})
    waiter(budget)
    second = waiter(budget)
    budget._next_grant_at = 0.0
    assert budget._next_step_of(second) == 1.0
    assert budget._next_grant_at == 1000.25


# --- what is logged ---


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records]


async def test_wait_is_logged_once_for_all(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    budget = RateBudget([(1, 10.0)])
    assert budget.acquire_at_once()
    first = waiter(budget)
    budget._next_step_of(first)
    assert logged(caplog) == [], "it depends on an answer"
    budget.release(200, {})
    budget._next_step_of(first)
    clock.now = 1004.0
    budget._next_step_of(first)
    text = "the rate budget is used up: the next request is sent in {} s"
    assert logged(caplog) == [text.format("10.0")]
    budget._log_once(3.0)
    clock.now = 1010.0
    budget._log_once(3.0)
    assert logged(caplog)[1:] == [text.format("3.0")]


async def test_short_wait_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    budget = RateBudget([(1, 0.5)])
    assert budget.acquire_at_once()
    budget.release(200, {})
    budget._next_step_of(waiter(budget))
    assert logged(caplog) == ["the rate budget is used up: the next request is sent in 0.5 s"]


async def test_slot_that_is_free_at_once_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    budget = RateBudget([(1, 10.0)])
    assert budget._next_step_of(waiter(budget)) >= 0.0
    assert logged(caplog) == []


# --- what an answer says ---


def test_answer_after_a_429_opens_the_way_for_more() -> None:
    windows = SlidingWindows([RateWindow(100, 60.0)])
    record_answer(windows, 429, {"retry-after": "0"}, 0.0)
    assert windows.free_at(0.0, ahead=1) == math.inf
    record_answer(windows, 200, {}, 0.0)
    assert windows.free_at(0.0, ahead=1) <= 0.0
