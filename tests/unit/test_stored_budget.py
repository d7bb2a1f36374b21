"""The queue in front of a file that processes share, by a clock that stands still: what it asks, and when again."""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
import sqlite3
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from budget_clock import Clock, stopped_clock

from gradient_async.budget import sqlite_store, stored_budget, stored_ledger
from gradient_async.budget.sqlite_store import SqliteStore
from gradient_async.budget.store_errors import StoreAwayError, StoreBusyError
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_async.budget.stored_windows import WITHOUT_STORE, Ended
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http import budget as budget_module
from gradient_async.http.request import Priority
from gradient_async.http.waiter import Waiter

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.budget.outage import OnOutage

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, budget_module, stored_budget, stored_ledger)


def budget_on(
    path: Path, *windows: tuple[int, float], reserve: float = 0.0, on_outage: OnOutage = "share"
) -> StoredRateBudget:
    file = path / "budget.db"
    return StoredRateBudget(windows, reserve=reserve, path=file, name="budget", on_outage=on_outage)


def wait_in(budget: StoredRateBudget, priority: Priority = Priority.ACT, timeout: float = 60.0) -> Waiter:
    """Put an entry into the queue, whose first poll is over."""
    one = Waiter(priority, next(budget._order), timeout)
    one.is_new = False
    heapq.heappush(budget._queue, one)
    budget._next_ask_at = -math.inf
    return one


def used(budget: StoredRateBudget) -> int:
    return budget.snapshot().windows[0].used


# --- when it asks again ---


async def test_requests_are_granted_together(tmp_path: Path) -> None:
    budget = budget_on(tmp_path, (5, 10.0))
    waiting = [wait_in(budget, timeout=timeout) for timeout in (5.0, 9.0, 7.0)]
    assert budget._grant() == 0.0
    assert all(one.is_granted for one in waiting)
    assert {one.slot.deadline for one in waiting if one.slot} == {1010.0}, "the longest time limit and a second"
    assert used(budget) == 3


@pytest.mark.parametrize(
    ("seconds", "answered_before", "expected"),
    [(10.0, 4.0, 0.5), (10.0, 9.7, 0.3), (10.0, 9.995, 0.01), (10.0, None, 0.1)],
)
async def test_file_is_asked_again_when_a_slot_is_free(
    tmp_path: Path, clock: Clock, seconds: float, answered_before: float | None, expected: float
) -> None:
    budget = budget_on(tmp_path, (1, seconds))
    wait_in(budget)
    budget._grant()
    if answered_before is not None:
        budget.release(200, {})
        clock.now += answered_before
    wait_in(budget)
    assert budget._grant() == pytest.approx(expected)
    assert budget._next_ask_at == pytest.approx(clock.now + expected)
    clock.now += expected / 2
    assert budget._grant() == pytest.approx(expected / 2), "it is not asked in between"


async def test_new_request_makes_the_first_ask_at_once(tmp_path: Path, clock: Clock) -> None:
    budget = budget_on(tmp_path, (1, 10.0))
    wait_in(budget)
    budget._grant()
    wait_in(budget)
    assert budget._grant() > 0
    new = Waiter(Priority.ACT, next(budget._order), 60.0)
    heapq.heappush(budget._queue, new)
    assert new.is_new
    assert budget._next_step_of(new) == 1.0
    assert (new.is_new, budget._next_ask_at) == (False, -math.inf)
    assert clock.now == 1000.0


async def test_lock_of_another_is_tried_again_in_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_TRIES", 2)
    budget = budget_on(tmp_path, (5, 10.0))
    assert used(budget) == 0
    other = SqliteStore(tmp_path / "budget.db", "budget", "other", budget._ledger._store._boot)
    waiting = wait_in(budget)
    with other.transaction():
        assert budget._grant() == 0.002
    assert not waiting.is_granted
    assert budget._grant() == 0.0
    assert waiting.is_granted
    other.close()


async def test_report_under_a_lock_is_written_in_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_TRIES", 2)
    budget = budget_on(tmp_path, (5, 10.0))
    wait_in(budget)
    budget._grant()
    other = SqliteStore(tmp_path / "budget.db", "budget", "other", budget._ledger._store._boot)
    with other.transaction():
        budget.release(200, {})
        assert len(budget._ledger._ended) == 1
    await asyncio.sleep(0.05)
    assert budget._ledger._ended == []
    with other.transaction() as transaction:
        assert (transaction.pending, transaction.answered_since(0.0)) == (0, 1)
    other.close()


# --- the log ---


async def test_whole_wait_is_logged(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    budget = budget_on(tmp_path, (1, 10.0))
    wait_in(budget)
    budget._grant()
    second = wait_in(budget)
    budget._next_step_of(second)
    budget.release(200, {})
    clock.now += 0.2
    budget._next_step_of(second)
    texts = [one.getMessage() for one in caplog.records]
    assert texts == [
        "the rate budget is used up: the next request is sent in 0.1 s",
        "the rate budget is used up: the next request is sent in 9.8 s",
    ]


async def test_wait_for_a_lock_is_logged_as_short(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    budget_on(tmp_path, (1, 10.0))._log_once(0.2)
    assert [one.getMessage() for one in caplog.records] == [
        "the rate budget is used up: the next request is sent in 0.2 s"
    ]


# --- an outage ---


def break_file(budget: StoredRateBudget, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> sqlite3.Connection:
        raise sqlite3.DatabaseError("broken")

    monkeypatch.setattr(budget._ledger._store, "_connected", fail)


@pytest.mark.parametrize(("seconds", "expected"), [(60.0, 0.25), (6.0, 0.1)])
async def test_share_is_sent_while_the_file_is_away(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: float, expected: float
) -> None:
    budget = budget_on(tmp_path, (4, seconds))
    assert used(budget) == 0
    break_file(budget, monkeypatch)
    waiting = [wait_in(budget, timeout=9.0) for _ in range(5)]
    assert budget._grant() == pytest.approx(expected)
    assert [one.is_granted for one in waiting] == [True, True, True, True, False]
    assert waiting[0].slot is not None
    assert (waiting[0].slot.number, waiting[0].slot.deadline) == (WITHOUT_STORE, clock.now + 10.0)
    assert budget.processes() == ()


async def test_share_is_sent_again_when_a_pause_is_over(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = budget_on(tmp_path, (4, 60.0))
    assert used(budget) == 0
    break_file(budget, monkeypatch)
    wait_in(budget)
    assert budget._grant() == 0.0
    budget.release(429, {"retry-after": "5"})
    waiting = wait_in(budget)
    for clock.now, is_granted in ((1004.9, False), (1005.0, True)):
        budget._next_ask_at = -math.inf
        budget._grant()
        assert waiting.is_granted is is_granted


async def test_nothing_is_sent_while_the_file_is_awaited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = budget_on(tmp_path, (4, 60.0), on_outage="wait")
    assert used(budget) == 0
    break_file(budget, monkeypatch)
    waiting = wait_in(budget)
    assert budget._grant() == 0.25
    assert not waiting.is_granted


async def test_file_that_was_never_reached_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = budget_on(tmp_path, (4, 60.0))
    break_file(budget, monkeypatch)
    wait_in(budget)
    with pytest.raises(RateBudgetStoreError, match="cannot be used: broken"):
        budget._grant()


async def test_outage_is_warned_of_once_and_reported_after_it(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    budget = budget_on(tmp_path, (4, 60.0))
    assert used(budget) == 0
    with monkeypatch.context() as context:
        break_file(budget, context)
        for _ in range(2):
            wait_in(budget)
            assert budget._grant() == 0.0
        budget.release(200, {})
    assert len([one for one in caplog.records if "is away" in one.getMessage()]) == 1
    clock.now += 1.0
    state = budget.snapshot()
    assert state.windows[0].used == 2
    assert state.paused_for == pytest.approx(0.7)
    assert all(slot.number != WITHOUT_STORE for slot in budget._ledger._slots)
    clock.now += 1.0
    assert budget.snapshot().paused_for == 0.0, "it rests once"


# --- what ended ---


@pytest.mark.parametrize("number", [WITHOUT_STORE, None])
def test_ended_request_counts_from_its_end_on(tmp_path: Path, number: int | None) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    with store.transaction() as transaction:
        held = transaction.hold(1, 200.0)[0]
        Ended(held if number is None else number, 200.0, 150.0, 200, {}).count_in(transaction)
        assert transaction.newest_answer(1) == 150.0
        assert transaction.pending == (0 if number is None else 1)
    store.close()


# --- the lock of the file ---


def test_lock_is_tried_with_pauses_that_grow_to_a_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[tuple[float, float]] = []
    monkeypatch.setattr(sqlite_store, "time", SimpleNamespace(sleep=lambda _: None))

    def uniform(low: float, high: float) -> float:
        slept.append((low, high))
        return low

    monkeypatch.setattr(sqlite_store, "random", SimpleNamespace(uniform=uniform))
    tries = 0

    def run() -> None:
        nonlocal tries
        tries += 1
        error = sqlite3.OperationalError("locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY | 1 << 8  # an extended code
        raise error

    with pytest.raises(StoreBusyError):
        sqlite_store._patiently(run)
    assert tries == len(slept) == 40
    highs = [min(0.001, 0.00005 * 1.5**number) for number in range(40)]
    assert [high for _, high in slept] == pytest.approx(highs)
    assert all(low <= high for low, high in slept)


@pytest.mark.parametrize(("code", "tries"), [(sqlite3.SQLITE_LOCKED, 2), (sqlite3.SQLITE_FULL, 1)])
def test_only_a_lock_is_tried_again(monkeypatch: pytest.MonkeyPatch, code: int, tries: int) -> None:
    monkeypatch.setattr(sqlite_store, "time", SimpleNamespace(sleep=lambda _: None))
    done: list[int] = []

    def run() -> None:
        done.append(1)
        if len(done) == 1:
            error = sqlite3.OperationalError("fails")
            error.sqlite_errorcode = code
            raise error

    if tries == 1:
        with pytest.raises(sqlite3.OperationalError):
            sqlite_store._patiently(run)
    else:
        sqlite_store._patiently(run)
    assert len(done) == tries


def test_file_that_fails_is_away_and_opened_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    with store.transaction() as transaction:
        transaction.hold(1, 1e9)
    with pytest.raises(StoreAwayError), store.transaction() as transaction:
        transaction._execute("no statement")
    assert store._connection is None
    with store.transaction() as transaction:
        assert transaction.pending == 1
    store.close()
