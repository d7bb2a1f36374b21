"""Estimates of requests and time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import (
    WindowUse,
)
from gradient_async.cli import estimate
from gradient_async.fleet import plan as plans
from gradient_async.http.windows import SlidingWindows

pytestmark = pytest.mark.once

MINUTE = WindowUse(limit=250, seconds=60.0, used=0, left=250)
HOUR = WindowUse(limit=5000, seconds=3600.0, used=0, left=5000)


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [
        (0, 0),
        (1, 0),
        (250, 0),
        (251, 60),
        (1000, 180),
        (5000, 19 * 60),
        (5001, 3600),
        (5251, 3660),
        (12_000, 2 * 3600 + 7 * 60),
    ],
)
def test_time_is_computed_when_windows_limit_requests(requests: int, seconds: float) -> None:
    assert estimate.seconds_until_sent(requests, [MINUTE, HOUR]) == seconds
    assert estimate.seconds_until_sent(requests, [HOUR, MINUTE]) == seconds


def test_time_is_longer_when_a_window_is_in_use() -> None:
    used = WindowUse(limit=250, seconds=60.0, used=200, left=50)
    assert estimate.seconds_until_sent(50, [used, HOUR]) == 0
    assert estimate.seconds_until_sent(51, [used, HOUR]) == 60
    full = WindowUse(limit=5000, seconds=3600.0, used=5000, left=0)
    assert estimate.seconds_until_sent(1, [MINUTE, full]) == 3600
    nearly = WindowUse(limit=5000, seconds=3600.0, used=4999, left=1)
    assert estimate.seconds_until_sent(60, [used, nearly]) == 3600, "the minute is over by then"


@given(st.integers(1, 400), st.integers(1, 20), st.integers(1, 6))
def test_time_equals_a_simulation_of_the_windows(requests: int, short: int, times: int) -> None:
    """The real windows, with a clock that jumps to the next free slot, take exactly as long."""
    limits = [(short, 10.0), (short * times, 100.0)]
    windows = SlidingWindows([_window(limit, seconds) for limit, seconds in limits])
    now = 0.0
    for _ in range(requests):
        now = max(now, windows.free_at(now))
        windows.start()
        windows.end(now)
    uses = [WindowUse(limit=limit, seconds=seconds, used=0, left=limit) for limit, seconds in limits]
    assert estimate.seconds_until_sent(requests, uses) == now


def _window(limit: int, seconds: float) -> Any:
    from gradient_async import RateWindow

    return RateWindow(limit, seconds)


def test_estimate_has_minimum_and_maximum() -> None:
    reboot = plans.plan_of("reboot", until_status=False)
    power_off = plans.power_off_plan(graceful=True, grace=120.0)
    windows = [MINUTE, HOUR]
    plain = estimate.estimate_of(reboot, 1000, windows, waits=True, by_tag=False)
    assert (plain.actions, plain.reads, plain.seconds) == ((1000, 1000), 5, (180, 180))
    unsure = estimate.estimate_of(power_off, 1000, windows, waits=True, by_tag=False)
    assert (unsure.actions, unsure.reads, unsure.seconds) == ((0, 2000), 5, (0, 420))
    at_once = estimate.estimate_of(reboot, 1000, windows, waits=False, by_tag=True)
    assert (at_once.actions, at_once.reads, at_once.seconds) == ((1, 1), 0, (0, 0))
