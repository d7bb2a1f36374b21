from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.emulator import Clock

SCALES = st.floats(min_value=0.01, max_value=10_000)


class Ticker:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_virtual_time_runs_faster_when_scaled() -> None:
    ticker = Ticker()
    clock = Clock(start=1000.0, scale=60.0, elapsed=ticker)
    ticker.seconds += 2
    assert clock.now() == 120.0


def test_stamps_are_wall_time_when_scaled() -> None:
    ticker = Ticker()
    clock = Clock(start=1000.0, scale=60.0, elapsed=ticker)
    ticker.seconds += 2
    assert clock.stamp(clock.now()) == 1002.0


def test_stamps_follow_when_time_is_advanced_by_hand() -> None:
    clock = Clock(start=1000.0, scale=60.0, elapsed=lambda: 0.0)
    clock.advance(600)
    assert clock.now() == 600
    assert clock.stamp(clock.now()) == 1010.0


def test_stamps_shift_together_when_skewed() -> None:
    straight = Clock(start=1000.0, elapsed=lambda: 0.0)
    skewed = Clock(start=1000.0, skew=-90.0, elapsed=lambda: 0.0)
    assert straight.stamp(5.0) - skewed.stamp(5.0) == 90.0
    assert straight.now() == skewed.now()


@given(scale=SCALES, earlier=st.floats(0, 1e6), gap=st.floats(0, 1e6))
def test_stamps_keep_their_order_when_scaled(scale: float, earlier: float, gap: float) -> None:
    clock = Clock(start=1.7e9, scale=scale, elapsed=lambda: 0.0)
    assert clock.stamp(earlier) <= clock.stamp(earlier + gap)


@pytest.mark.parametrize("scale", [0, -1, float("inf"), float("nan")])
def test_scale_is_refused_when_time_would_not_advance(scale: float) -> None:
    with pytest.raises(ValueError, match="time_scale"):
        Clock(start=0, scale=scale)


def test_advance_is_refused_when_negative() -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock(start=0).advance(-1)
