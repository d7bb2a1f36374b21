from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import DOCUMENTED_WINDOWS, RateBudget, RateWindow
from gradient_async.budget import stored_budget
from gradient_async.http import budget as budgets
from gradient_async.http import token_budgets
from gradient_async.http.request import Priority
from gradient_async.http.token_budgets import budget_of
from gradient_async.http.windows import SpecialWindow
from gradient_async.settings import AccessToken, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def until(holds: Callable[[], bool]) -> None:
    """Let other tasks run until a condition holds. Otherwise the test's time limit ends it."""
    while not holds():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0)


@pytest.fixture
def nobody_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a waiter that is not woken wait for a minute before it looks for itself."""
    monkeypatch.setattr(budgets, "STAND_IN_SECONDS", 60.0)


def exceeded(granted: list[float], window: RateWindow) -> bool:
    """Return whether any span of the window's length holds more requests than it may."""
    return any(
        later - earlier < window.seconds for earlier, later in zip(granted, granted[window.limit :], strict=False)
    )


def test_documented_windows_are_those_of_the_api() -> None:
    assert DOCUMENTED_WINDOWS == ((250, 60.0), (5000, 3600.0))


@pytest.mark.parametrize(
    ("given_windows", "error", "text"),
    [
        ([], ValueError, "windows: expected at least one. To switch pacing off, pass rate_budget=None"),
        ([(0, 60)], ValueError, "windows: requests: expected an int at least 1, got 0"),
        ([(1.5, 60)], TypeError, "windows: requests: expected an int"),
        ([(True, 60)], TypeError, "windows: requests: expected an int"),
        ([(10, 0)], ValueError, "windows: seconds: expected a finite number of seconds above 0"),
        ([(10, float("inf"))], ValueError, "windows: seconds: expected a finite number"),
        ([(10, "60")], TypeError, "windows: seconds: expected seconds as a number"),
    ],
)
def test_budget_is_refused_when_a_window_is_impossible(given_windows: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        RateBudget(given_windows)


async def granted_in(budget: RateBudget, count: int) -> list[tuple[int, float]]:
    """Return the numbers of concurrent requests with the times at which the budget granted them."""
    granted: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        await budget.acquire()
        granted.append((number, time.monotonic()))
        budget.release(200, {})

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))
    return granted


@pytest.mark.parametrize(("limit", "seconds", "count"), [(1, 0.01, 40), (5, 0.05, 60), (20, 0.1, 100)])
async def test_oldest_goes_first_and_no_window_is_exceeded(limit: int, seconds: float, count: int) -> None:
    let_in = await granted_in(RateBudget([(limit, seconds)]), count)
    assert [number for number, _ in let_in] == list(range(count))
    # Taken down a moment after it was granted: a spread of that moment must not count.
    assert not exceeded([at for _, at in let_in], RateWindow(limit, seconds * 0.9))


async def answered(budget: RateBudget, status: int | None, headers: dict[str, str]) -> None:
    """Return one request and its answer."""
    await budget.acquire()
    budget.release(status, headers)


async def test_place_in_the_queue_is_free_when_its_owner_is_cancelled() -> None:
    budget = RateBudget([(1, 0.2)])
    await answered(budget, 200, {})
    waiting = [asyncio.create_task(budget.acquire()) for _ in range(100)]
    await asyncio.sleep(0)
    assert budget.snapshot().waiting == 100
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert budget.snapshot().waiting == 0
    async with asyncio.timeout(12):  # behind all of them it would take 20 s
        await answered(budget, 200, {})


@pytest.mark.parametrize("status", [200, 404, 429, 500, None])
async def test_slot_is_free_after_one_span_however_its_request_ended(status: int | None) -> None:
    budget = RateBudget([(1, 0.1)])
    before = time.monotonic()
    await answered(budget, status, {"retry-after": "0"})
    free_in = budget.snapshot().next_free_in
    assert free_in is not None
    assert free_in <= 0.1
    async with asyncio.timeout(20):
        await answered(budget, 200, {})
    assert time.monotonic() - before >= 0.1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "0.2"}, 0.2), ({"retry-after": "0"}, 0.0), ({}, 1.0), ({"retry-after": "garbage"}, 1.0)],
)
@pytest.mark.usefixtures("nobody_stands_in")
async def test_everybody_pauses_as_long_as_a_429_says(headers: dict[str, str], seconds: float) -> None:
    budget = RateBudget()
    before = time.monotonic()
    await answered(budget, 429, headers)
    assert budget.snapshot().paused_for <= seconds
    async with asyncio.timeout(20):
        await granted_in(budget, 3)
    assert time.monotonic() - before >= seconds


@pytest.mark.parametrize("status", [200, 404, 422, 500, 503, None])
async def test_no_pause_when_the_answer_is_no_429(status: int | None) -> None:
    budget = RateBudget()
    async with asyncio.timeout(20):
        await answered(budget, status, {"retry-after": "3000"})
        await answered(budget, status, {})


async def test_shorter_pause_does_not_end_a_longer_one() -> None:
    budget = RateBudget()
    before = time.monotonic()
    await budget.acquire()
    await budget.acquire()
    budget.release(429, {"retry-after": "0.3"})
    budget.release(429, {"retry-after": "0"})
    await answered(budget, 200, {})
    assert time.monotonic() - before >= 0.3


def settings_of(token: str, base_url: str = "https://api.digitalocean.com") -> Settings:
    return Settings(access_token=AccessToken(token), base_url=base_url)


def test_one_token_has_one_budget_and_another_has_another() -> None:
    budget = budget_of(settings_of("a"))
    other, elsewhere = budget_of(settings_of("b")), budget_of(settings_of("a", "http://127.0.0.1:1"))
    assert budget_of(settings_of("a")) is budget
    assert len({id(budget), id(other), id(elsewhere)}) == 3


def test_budget_is_forgotten_when_it_is_unused() -> None:

    gc.collect()  # those of other tests
    kept = budget_of(settings_of("used once"))
    known = len(token_budgets._budgets)
    del kept
    gc.collect()
    assert len(token_budgets._budgets) == known - 1


def test_token_is_in_no_registry() -> None:

    kept = budget_of(settings_of("dop_v1_secret"))
    assert kept is not None
    assert all(b"dop_v1_secret" not in key for key in token_budgets._budgets)
    assert not any("dop_v1_secret" in repr(value) for value in vars(kept).values())


# --- who goes first, and from where ---


async def test_actions_go_before_polls() -> None:
    budget = RateBudget([(1, 0.05)])
    await budget.acquire()
    order: list[str] = []

    async def go(name: str, priority: Priority) -> None:
        await budget.acquire(priority)
        order.append(name)
        budget.release(200, {})

    async with asyncio.TaskGroup() as group:
        for name, priority in [
            ("poll 1", Priority.POLL),
            ("poll 2", Priority.POLL),
            ("act 1", Priority.ACT),
            ("act 2", Priority.ACT),
        ]:
            group.create_task(go(name, priority))
        await until(lambda: budget.snapshot().waiting == 4)
        budget.release(200, {})
    assert order == ["act 1", "act 2", "poll 1", "poll 2"]


async def test_slot_is_given_back_when_cancelled_as_it_is_granted() -> None:
    budget = RateBudget([(1, 60.0)])
    await budget.acquire()
    waiting = asyncio.create_task(budget.acquire())
    await until(lambda: budget.snapshot().waiting == 1)
    budget._windows.cancel()
    with budget._lock:
        budget._grant()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert budget.snapshot().windows[0].used == 0


async def test_waiters_of_several_event_loops_share_the_window() -> None:
    budget = RateBudget([(5, 0.1)])
    granted: list[float] = []

    async def several(count: int) -> None:
        for _ in range(count):
            await budget.acquire()
            granted.append(time.monotonic())
            budget.release(200, {})

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(asyncio.to_thread(asyncio.run, several(10)))
    assert len(granted) == 30
    assert not exceeded(sorted(granted), RateWindow(5, 0.1))
    assert budget.snapshot().waiting == 0


@pytest.mark.parametrize("store", ["memory:", "sqlite:///{folder}/budget"])
async def test_others_go_when_the_firsts_event_loop_is_blocked(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (budgets, stored_budget):
        monkeypatch.setattr(module, "STAND_IN_SECONDS", 0.1)
    shared = RateBudget.shared(store.format(folder=tmp_path), windows=((2, 0.2),))
    budget, is_over = shared.bound_to(b"account"), threading.Event()
    for slot in [await budget.acquire(), await budget.acquire()]:
        budget.release(200, {}, slot=slot)

    async def wait_and_block() -> None:
        waiting = asyncio.create_task(budget.acquire())
        await asyncio.sleep(0.02)
        is_over.wait(40)
        await waiting

    blocked = asyncio.create_task(asyncio.to_thread(asyncio.run, wait_and_block()))
    await until(lambda: budget.snapshot().waiting == 1)
    with anyio.fail_after(20):
        await budget.acquire()
    assert not is_over.is_set()
    is_over.set()
    await blocked


async def test_snapshot_shows_the_state() -> None:
    budget = RateBudget([(4, 60.0)], reserve=0.25)
    await budget.acquire()
    await budget.acquire()
    state = budget.snapshot()
    assert [(use.limit, use.used, use.left) for use in state.windows] == [(3, 2, 1)]
    assert (state.next_free_in, state.paused_for, state.waiting) == (0.0, 0.0, 0)
    await budget.acquire()
    assert budget.snapshot().next_free_in is None, "it depends on an answer"
    budget.release(200, {})
    assert budget.snapshot().next_free_in == pytest.approx(60.0, abs=1.0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_child_does_not_wait_behind_its_parents_queue() -> None:
    source = """
import asyncio, os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from gradient_async import RateBudget
budget = RateBudget([(1, 0.05)])

def fork_with_a_held_lock():
    held = threading.Event()
    done = threading.Event()
    def hold():
        with budget._lock:
            held.set()
            done.wait(10)
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    pid = os.fork()
    if not pid:
        asyncio.run(asyncio.wait_for(budget.acquire(), 20))
        os._exit(7)
    done.set()
    thread.join()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(fork_with_a_held_lock())
"""
    ended = subprocess.run([sys.executable, "-c", source], timeout=60, check=False)
    assert ended.returncode == 7


KEYS = SpecialWindow("account.keys", 10, 60.0)
CDN = SpecialWindow("cdn", 5, 10.0)


async def test_only_the_endpoint_with_a_special_window_waits_for_it() -> None:
    budget = RateBudget(((100, 60.0),))
    for _ in range(10):
        await budget.acquire(window=KEYS)
        budget.release(200, {}, KEYS)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await budget.acquire(window=KEYS)
    for window in (None, CDN):
        async with asyncio.timeout(9):  # the window is free after 60 s
            await budget.acquire(window=window)
    assert budget.snapshot().windows[0].used == 12


async def test_both_windows_are_free_when_the_request_is_not_sent() -> None:
    budget = RateBudget(((100, 60.0),))
    for _ in range(30):
        await budget.acquire(window=CDN)
        budget.give_back(CDN)
    assert budget.snapshot().windows[0].used == 0


async def test_special_window_is_free_when_the_other_wait_is_cancelled() -> None:
    budget = RateBudget(((1, 0.5),))
    for _ in range(8):
        await budget.acquire()  # the only place: who comes next has one in the special window, and waits
        waiting = asyncio.create_task(budget.acquire(window=CDN))
        await asyncio.sleep(0)
        assert budget.snapshot().waiting == 1
        waiting.cancel()
        await asyncio.wait([waiting])
        budget.give_back()
    async with asyncio.timeout(9):  # the window is free after 10 s
        await budget.acquire(window=CDN)


async def test_last_of_many_answers_at_one_time_counts() -> None:
    budget = RateBudget(((5000, 3600.0),))
    reset = str(int(time.time()) + 1800)
    for _ in range(3):
        await budget.acquire()
    for remaining in (4999, 4998, 4000):  # before the last one was counted, others came
        budget.release(
            200, {"ratelimit-limit": "5000", "ratelimit-remaining": str(remaining), "ratelimit-reset": reset}
        )
    assert budget.snapshot().windows[0].left == 4000


@pytest.mark.parametrize("others_end_in", [1, 2])
@pytest.mark.usefixtures("nobody_stands_in")
async def test_sleeper_goes_at_the_reset_when_others_spent_the_hour(others_end_in: int) -> None:
    budget = RateBudget()
    await budget.acquire()
    now = time.time()
    reset = int(now) + others_end_in
    budget.release(200, {"ratelimit-limit": "5000", "ratelimit-remaining": "0", "ratelimit-reset": str(reset)})
    free_in = budget.snapshot().next_free_in
    assert free_in is not None
    assert free_in == pytest.approx(reset - now, abs=0.1)
    await asyncio.wait_for(budget.acquire(), timeout=20)
    assert time.time() >= reset - 0.01


@pytest.mark.usefixtures("nobody_stands_in")
async def test_next_in_the_queue_goes_when_the_first_is_unanswered() -> None:
    budget = RateBudget([(2, 0.3)])
    await budget.acquire()
    budget.release(200, {})
    await asyncio.sleep(0.1)
    await budget.acquire()
    budget.release(200, {})
    # Due after 0.3 and 0.4 s; one that is not woken would wait for a minute.
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(budget.acquire())
        group.create_task(budget.acquire())


@pytest.mark.parametrize(("reserve", "remaining"), [(0.5, 2500), (0.2, 4000)])
async def test_reserve_is_there_for_others_to_use(reserve: float, remaining: int) -> None:
    budget = RateBudget([(5000, 3600.0)], reserve=reserve)
    headers = {"ratelimit-limit": "5000", "ratelimit-remaining": str(remaining), "ratelimit-reset": "9999999999"}
    await budget.acquire()
    budget.release(200, headers)
    assert budget.snapshot().next_free_in == 0.0
