from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from gradient_async.http.windows import DOCUMENTED_WINDOWS, Allowance, RateWindow, SlidingWindows

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


def _half_used() -> SlidingWindows:
    windows = SlidingWindows(DOCUMENTED_WINDOWS)
    for number in range(125):
        windows.start()
        windows.end(number / 10)
    return windows


def test_a_request_through_full_windows(benchmark: BenchmarkFixture) -> None:
    # Enough requests for older ones to leave the window all the time.
    windows, clock = SlidingWindows((RateWindow(10_000, 60.0),)), count()

    def go_through() -> float:
        now = next(clock) / 100
        free_at = windows.free_at(now)
        windows.start()
        windows.end(now)
        return free_at

    assert benchmark(go_through) <= next(clock)


def test_when_the_next_may_go(benchmark: BenchmarkFixture) -> None:
    assert benchmark(_half_used().free_at, 13.0) <= 13.0


def test_learn_from_headers(benchmark: BenchmarkFixture) -> None:
    windows = _half_used()
    benchmark(windows.learn, Allowance(limit=250, remaining=100, reset_in=30.0), 13.0)
    assert windows.use(13.0)[0].used == 150


def test_use(benchmark: BenchmarkFixture) -> None:
    assert benchmark(_half_used().use, 13.0)[0].used == 125
