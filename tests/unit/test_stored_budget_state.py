"""What a process reports to the file that processes share, and what it forgets, by a clock that stands still."""

from __future__ import annotations

import asyncio
import heapq
import math
import sqlite3
from typing import TYPE_CHECKING

import pytest
from budget_clock import Clock, stopped_clock

from gradient_async.budget import stored_budget, stored_ledger
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_async.budget.stored_windows import Ended
from gradient_async.http import budget as budget_module
from gradient_async.http import slot as slot_module
from gradient_async.http.request import Priority
from gradient_async.http.slot import Slot
from gradient_async.http.waiter import Waiter
from gradient_async.http.windows import SpecialWindow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once

KEYS = SpecialWindow("account.keys", 2, 30.0)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, budget_module, slot_module, stored_budget, stored_ledger)


def budget_on(path: Path, *windows: tuple[int, float], reserve: float = 0.0) -> StoredRateBudget:
    file = path / "budget.db"
    return StoredRateBudget(windows, reserve=reserve, path=file, name="budget", on_outage="share")


def wait_in(budget: StoredRateBudget, priority: Priority = Priority.ACT) -> Waiter:
    """Put an entry into the queue, whose first poll is over."""
    one = Waiter(priority, next(budget._order), 60.0)
    one.is_new = False
    heapq.heappush(budget._queue, one)
    return one


def take(budget: StoredRateBudget, count: int = 1) -> list[Slot]:
    """Take slots that are free."""
    waiting = [wait_in(budget) for _ in range(count)]
    assert granted(budget, *waiting) == count
    return [one.slot for one in waiting if one.slot is not None]


def granted(budget: StoredRateBudget, *waiting: Waiter) -> int:
    """Ask the file now, and return how many of some entries have a slot."""
    budget._next_ask_at = -math.inf
    budget._grant()
    return sum(one.is_granted for one in waiting)


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def used(budget: StoredRateBudget) -> int:
    return budget.snapshot().windows[0].used


def own_use(budget: StoredRateBudget, now: float) -> int:
    return budget._windows.use(now)[0].used


# --- the state that is shown ---


async def test_state_is_that_of_all_processes(tmp_path: Path, clock: Clock) -> None:
    one, two = (budget_on(tmp_path, (4, 10.0)) for _ in range(2))
    take(one, 3)
    assert two.snapshot().next_free_in == 0.0
    take(two)
    assert two.snapshot().next_free_in is None
    one.release(200, {})
    clock.now += 4.0
    state = two.snapshot()
    assert (state.windows[0].used, state.next_free_in, state.waiting) == (4, 6.0, 0)
    one.release(429, {"retry-after": "20"})
    assert two.snapshot().paused_for == 20.0
    assert not two.acquire_at_once()
    uses = two.processes()
    assert [(use.used, use.pending, use.is_this) for use in uses] == [((3,), 1, False), ((1,), 1, True)]


async def test_last_known_state_is_shown_in_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget, unused = budget_on(tmp_path, (4, 10.0)), budget_on(tmp_path, (5, 10.0))
    take(budget, 2)
    assert (used(budget), len(budget.processes())) == (2, 1)

    def fail() -> sqlite3.Connection:
        raise sqlite3.DatabaseError("broken")

    for one in (budget, unused):
        monkeypatch.setattr(one._ledger._store, "_connected", fail)
    assert used(budget) == 2
    assert unused.snapshot().windows[0].limit == 5
    assert len(budget.processes()) == 1, "no request has noticed it yet"
    budget.release(200, {})
    assert budget.processes() == ()
    unused.release(200, {})


# --- slots ---


async def test_slot_is_returned_once(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (4, 10.0))
    first, second, third = take(budget, 3)
    assert budget._ledger._sent == 3
    for _ in range(2):
        budget.give_back(slot=second)
    assert (used(budget), own_use(budget, 1000.0), budget._ledger._sent) == (2, 2, 2)
    for _ in range(2):
        budget.release(200, {}, slot=first)
    assert (used(budget), own_use(budget, 1000.0)) == (2, 2)
    budget.give_back()
    assert third not in budget._ledger._slots, "without a slot it is the oldest one's"
    budget.give_back()
    budget.release(200, {})
    assert (used(budget), budget._ledger._sent) == (1, 1)


async def test_second_return_of_a_slot_asks_nothing(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (4, 10.0))
    (slot,) = take(budget)
    for expected in (-math.inf, 7.0):
        budget._next_ask_at = 7.0
        budget.give_back(slot=slot)
        assert budget._next_ask_at == expected


async def test_slot_returned_within_a_transaction_is_written_later(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (4, 10.0))
    (slot,) = take(budget)
    with budget._shared(1000.0):
        budget.give_back(slot=slot)  # as where the garbage collector ends a call
    assert budget._ledger._outage is None
    assert used(budget) == 0


async def test_known_use_has_the_slots_just_taken(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (4, 10.0))
    take(budget, 3)
    assert [use.used for use in budget._ledger._use] == [3], "its share in an outage is of that"


async def test_known_use_is_that_of_the_last_report(tmp_path: Path) -> None:
    one, two, three = (budget_on(tmp_path, (4, 10.0)) for _ in range(3))
    take(one)
    take(two, 2)
    wait_in(three)
    three._take(Priority.ACT, 3, 60.0)
    one.release(200, {})
    assert ([use.used for use in one._ledger._use], one._ledger._promised) == ([4], 2), (
        "its share in an outage is of that"
    )


async def test_own_requests_are_paced_as_those_of_all(tmp_path: Path, clock: Clock) -> None:
    budget = budget_on(tmp_path, (4, 10.0))
    take(budget, 4)
    budget.release(429, {"retry-after": "5"})
    assert budget._windows.free_at(clock.now) == math.inf
    assert budget._windows.paused_for(clock.now) == 5.0
    clock.now += 5.0
    for _ in range(3):
        budget.release(200, {})
    clock.now = 1015.0
    assert own_use(budget, clock.now) == used(budget) == 0
    assert budget._windows.free_at(clock.now, ahead=3) <= clock.now, "three answers opened the way"
    budget.release(None, {})


async def test_answers_are_read_for_all(tmp_path: Path) -> None:
    one, two = (budget_on(tmp_path, (50, 3600.0)) for _ in range(2))
    take(one, 2)
    headers = {"ratelimit-limit": "50", "ratelimit-remaining": "9", "ratelimit-reset": "1600"}
    one.release(None, headers)
    assert used(two) == 2, "a request without an answer says nothing"
    one.release(200, headers)
    assert (used(two), used(one)) == (41, 41)


async def test_endpoints_window_is_shared_too(tmp_path: Path, clock: Clock) -> None:
    one, two = (budget_on(tmp_path, (50, 60.0), reserve=0.5) for _ in range(2))
    slots = [await budget.acquire(window=KEYS) for budget in (one, two)]
    special = one._special["account.keys"]
    assert one._special_budget(KEYS) is special
    assert special._name == "budget_account_keys"  # type: ignore[attr-defined]  # of this class
    assert [(use.limit, use.used) for use in special.snapshot().windows] == [(2, 2)]
    one.give_back(KEYS, slots[0])
    assert special.snapshot().windows[0].used == 1
    two.release(200, {}, KEYS, slots[1])
    clock.now += 30.0
    assert special.snapshot().windows[0].used == 0
    for _ in range(2):
        await one.acquire(window=KEYS)
    one.give_back(KEYS)
    one.release(200, {}, KEYS)
    assert special.snapshot().windows[0].used == 1
    clock.now += 30.0
    assert special.snapshot().windows[0].used == 0


# --- those that wait ---


@pytest.mark.parametrize(("free", "expected"), [(1, (1, 0)), (2, (1, 1)), (4, (2, 1)), (6, (3, 3))])
async def test_free_slots_are_shared_with_those_that_wait(
    tmp_path: Path, clock: Clock, free: int, expected: tuple[int, int]
) -> None:
    one, two = (budget_on(tmp_path, (6, 10.0)) for _ in range(2))
    slots = take(one, 6)
    queues = [[wait_in(budget) for _ in range(3)] for budget in (one, two)]
    for budget, queue in zip((one, two), queues, strict=True):
        assert granted(budget, *queue) == 0
    for slot in slots[:free]:
        one._ledger.give_back(slot)
    got = [granted(budget, *queue) for budget, queue in zip((one, two), queues, strict=True)]
    assert tuple(got) == expected
    assert clock.now == 1000.0


async def test_better_entries_of_others_leave_what_they_do_not_need(tmp_path: Path) -> None:
    one, two = (budget_on(tmp_path, (6, 10.0)) for _ in range(2))
    slots = take(one, 6)
    urgent, late = [wait_in(one) for _ in range(3)], [wait_in(two, Priority.POLL) for _ in range(4)]
    one._ledger.give_back(slots[0])
    assert granted(one, *urgent) == 1
    for slot in slots[1:5]:
        one._ledger.give_back(slot)
    one._write_down()
    assert granted(two, *late) == 2, "two of four are left to those that still wait"


async def test_entry_that_asks_again_keeps_its_place(tmp_path: Path, clock: Clock) -> None:
    one, two = (budget_on(tmp_path, (1, 10.0)) for _ in range(2))
    (slot,) = take(one)
    first, second = wait_in(one), wait_in(two)
    for budget, entry in ((one, first), (two, second), (one, first)):
        assert granted(budget, entry) == 0
        clock.now += 0.01
    one._ledger.give_back(slot)
    one._write_down()
    assert granted(two, second) == 0
    assert granted(one, first) == 1


async def test_entry_that_got_some_slots_waits_behind_the_others(tmp_path: Path, clock: Clock) -> None:
    one, two = (budget_on(tmp_path, (2, 10.0)) for _ in range(2))
    slots = take(one, 2)
    both, second = [wait_in(one) for _ in range(2)], wait_in(two)
    assert granted(one, *both) == granted(two, second) == 0
    clock.now += 0.01
    one._ledger.give_back(slots[0])
    assert granted(one, *both) == 1
    one._ledger.give_back(slots[1])
    assert granted(one, *both) == 1
    assert granted(two, second) == 1


async def test_entry_with_a_slot_wakes_the_next(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (1, 10.0))
    first, second = wait_in(budget), wait_in(budget)
    budget._next_ask_at = -math.inf
    assert budget._next_step_of(first) > 0
    assert first.is_granted
    await asyncio.sleep(0)
    assert second.event.is_set()


async def test_process_that_waits_no_more_holds_up_none(tmp_path: Path) -> None:
    one, two = (budget_on(tmp_path, (2, 10.0)) for _ in range(2))
    slots = take(one, 2)
    urgent, late = wait_in(one), wait_in(two, Priority.POLL)
    assert granted(one, urgent) == granted(two, late) == 0
    one._give_up(urgent)
    assert one._queue == []
    with two._ledger._store.transaction() as transaction:
        assert transaction.place(Priority.POLL, 1000.0).ahead == 0
    one.give_back(slot=slots[0])
    assert granted(two, late) == 1


async def test_entry_that_leaves_within_a_transaction_holds_up_none(tmp_path: Path) -> None:
    one, two = (budget_on(tmp_path, (1, 10.0)) for _ in range(2))
    take(one)
    urgent = wait_in(one)
    assert granted(one, urgent) == 0
    with one._shared(1000.0):
        one._give_up(urgent)  # as where the garbage collector ends a call
    assert one._is_in_stores_queue
    assert used(one) == 1
    assert not one._is_in_stores_queue
    with two._ledger._store.transaction() as transaction:
        assert transaction.place(Priority.POLL, 1000.0).ahead == 0


async def test_process_whose_lease_in_the_queue_is_over_holds_up_none(tmp_path: Path, clock: Clock) -> None:
    one, two = (budget_on(tmp_path, (1, 10.0)) for _ in range(2))
    take(one)
    urgent, late = wait_in(one), wait_in(two, Priority.POLL)
    assert granted(one, urgent) == granted(two, late) == 0
    one._ledger.give_back(next(iter(one._ledger._slots)))
    one._queue.clear()
    one._is_in_stores_queue = False
    one._write_down()
    clock.now += 0.59
    assert granted(two, late) == 0, "for a tenth of a second, and half a second more"
    clock.now += 0.02
    assert granted(two, late) == 1


async def test_entry_that_leaves_with_a_slot_returns_it(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (1, 10.0))
    first, *rest = (wait_in(budget, one) for one in (Priority.POLL, Priority.POLL, Priority.ACT, Priority.POLL))
    budget._give_up(rest[1])
    assert granted(budget, first, rest[0], rest[2]) == 1
    assert first.is_granted, "the order is kept"
    budget._give_up(first)
    assert granted(budget, rest[0]) == 1
    assert used(budget) == 1


async def test_report_makes_the_first_entry_ask_at_once(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (1, 10.0))
    take(budget)
    first = wait_in(budget)
    assert granted(budget, first) == 0
    assert budget._next_ask_at > 1000.0
    await asyncio.sleep(0)
    first.event.clear()
    budget.give_back()
    assert budget._next_ask_at == -math.inf
    await asyncio.sleep(0)
    assert first.event.is_set()


async def test_free_slots_are_for_all_priorities(tmp_path: Path, clock: Clock) -> None:
    budget = budget_on(tmp_path, (2, 10.0))
    both = [wait_in(budget, one) for one in (Priority.POLL, Priority.ACT)]
    budget._next_ask_at = clock.now
    budget._grant()
    assert [one.is_granted for one in both] == [True, True]


async def test_slot_that_nothing_waits_for_any_more_is_returned(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (2, 10.0))
    with budget._ledger._store.transaction() as transaction:
        slot = Slot(transaction.hold(1, 2000.0)[0], 2000.0)
    assert used(budget) == 1
    budget._hand_to_next(slot)
    assert used(budget) == 0


# --- another state ---


async def test_new_file_gets_what_this_process_knows(tmp_path: Path, clock: Clock) -> None:
    budget = budget_on(tmp_path, (9, 10.0))
    first, second, _ = take(budget, 3)
    budget.release(200, {}, slot=first)
    clock.now = 1004.0
    empty(tmp_path)
    budget.give_back(slot=second)
    assert used(budget) == 2
    clock.now = 1010.0
    assert used(budget) == 1, "that which was answered at 1000 counts no more"


async def test_file_is_closed_for_a_fork_unless_it_is_in_use(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (9, 10.0))
    assert used(budget) == 0
    with budget._shared(1000.0):
        reopen = budget.close_for_fork()
        assert budget._ledger._store._connection is not None
    assert reopen is not None
    reopen()
    reopen = budget.close_for_fork()
    assert budget._ledger._store._connection is None
    assert reopen is not None
    reopen()
    assert used(budget) == 0


async def test_child_reports_nothing_of_its_parent(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (9, 10.0))
    slots = take(budget, 3)
    parents = budget._ledger
    parents._ended.append(Ended(slots[0].number, slots[0].deadline, 1000.0, 200, {}))
    parents._returned.append(slots[1])
    wait_in(budget)
    budget._forget_other_threads()
    assert budget._ledger is not parents
    assert parents in stored_budget._parked
    assert budget._queue == []
    assert (budget._ledger._slots, budget._ledger.has_reports) == ({}, False)
    assert own_use(budget, 1000.0) == 0
    assert used(budget) == 3, "the parent's requests are in the file"
    parents._store.close()
