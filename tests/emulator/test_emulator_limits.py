from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.emulator import RateLimits
from gradient_async.emulator.limits import RateGate

if TYPE_CHECKING:
    from collections.abc import Sequence

GAPS = st.lists(st.integers(min_value=0, max_value=40), max_size=120)
SMALL = RateLimits(burst=4, burst_seconds=60.0, hourly=9, hourly_seconds=300.0)


def admissions(gate: RateGate, gaps: Sequence[int]) -> list[tuple[float, str | None]]:
    now, seen = 0.0, []
    for gap in gaps:
        now += gap
        refused = gate.check(now)
        if refused is None:
            gate.count(now)
        seen.append((now, refused))
    return seen


@given(GAPS)
def test_no_window_holds_more_requests_than_its_limit(gaps: list[int]) -> None:
    admitted = [at for at, refused in admissions(RateGate(SMALL), gaps) if refused is None]
    for limit, seconds in ((4, 60.0), (9, 300.0)):
        for start in admitted:
            assert sum(start <= at < start + seconds for at in admitted) <= limit


@given(GAPS)
def test_nothing_is_refused_when_there_is_room(gaps: list[int]) -> None:
    admitted: list[float] = []
    for at, refused in admissions(RateGate(SMALL), gaps):
        burst = sum(at - 60.0 < earlier for earlier in admitted)
        hourly = sum(at - 300.0 < earlier for earlier in admitted)
        assert refused == ("burst" if burst >= 4 else "hourly" if hourly >= 9 else None)
        if refused is None:
            admitted.append(at)


@given(GAPS)
def test_the_next_request_is_let_in_when_retry_after_has_passed(gaps: list[int]) -> None:
    limits = RateLimits(burst=4, burst_seconds=60.0, hourly=None)
    gate = RateGate(limits)
    now = 0.0
    for gap in gaps:
        now += gap
        refused = gate.check(now)
        if refused is None:
            gate.count(now)
            continue
        wait = gate.quota(now, refused).retry_after
        assert wait is not None
        assert 0 < wait <= 60
        assert gate.check(now + wait - 0.001) == "burst" if wait > 0.001 else True


def test_window_boundary_is_exact_when_a_request_turns_old() -> None:
    gate = RateGate(RateLimits(burst=1, burst_seconds=60.0))
    gate.count(10.0)
    assert gate.check(69.999) == "burst"
    assert gate.check(70.0) is None


def test_quota_counts_down_when_requests_are_let_in() -> None:
    gate = RateGate(RateLimits())
    for second in range(3):
        gate.count(float(second))
    quota = gate.quota(3.0)
    assert (quota.limit, quota.remaining, quota.reset) == (5000, 4997, 3600.0)


def test_remaining_is_zero_when_only_the_burst_window_is_full() -> None:
    gate = RateGate(RateLimits(burst=1))
    gate.count(0.0)
    quota = gate.quota(20.0, "burst")
    assert (quota.remaining, quota.retry_after) == (0, 40.0)


def test_no_retry_after_when_the_hourly_window_is_full() -> None:
    gate = RateGate(RateLimits(burst=None, hourly=1))
    gate.count(0.0)
    assert gate.check(1.0) == "hourly"
    assert gate.quota(1.0, "hourly").retry_after is None


def test_reset_lies_in_the_past_when_it_names_the_oldest_request() -> None:
    gate = RateGate(RateLimits(), "oldest_was_made")
    gate.count(5.0)
    assert gate.quota(100.0).reset == 5.0


def test_quota_stays_whole_when_limits_are_off() -> None:
    gate = RateGate(None)
    for _ in range(10_000):
        assert gate.check(0.0) is None
        gate.count(0.0)
    assert gate.quota(0.0).remaining == 5000


@pytest.mark.parametrize("wrong", [{"burst": 0}, {"hourly": -1}, {"burst_seconds": 0}])
def test_limits_are_refused_when_they_make_no_window(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="positive"):
        RateLimits(**wrong)
