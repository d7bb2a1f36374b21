from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.waiting.poller import interval

firsts = st.floats(0.001, 3600)
jitters = st.floats(0, 1)


@given(firsts, jitters)
def test_first_poll_comes_after_the_given_interval(first: float, jitter: float) -> None:
    assert interval(0, first, jitter) == first


@given(st.integers(1, 10**6), firsts, jitters)
def test_interval_is_at_most_a_fifth_off(rounds: int, first: float, jitter: float) -> None:
    seconds = interval(rounds, first, jitter)
    assert 0.8 * first <= seconds <= 1.2 * max(first, 15.0) * (1 + 1e-9)


@given(st.integers(1, 200), firsts, jitters)
def test_interval_never_shrinks_when_the_wait_continues(rounds: int, first: float, jitter: float) -> None:
    assert interval(rounds, first, jitter) <= interval(rounds + 1, first, jitter)


@given(st.integers(1, 60), st.floats(0.001, 3600))
def test_interval_is_spread_by_a_fifth_to_either_side(rounds: int, first: float) -> None:
    middle = interval(rounds, first, 0.5)
    assert interval(rounds, first, 0.0) == pytest.approx(0.8 * middle)
    assert interval(rounds, first, 1.0) == pytest.approx(1.2 * middle)


def test_interval_grows_by_half_from_one_second_to_fifteen() -> None:
    grown = [interval(rounds, 1.0, 0.5) for rounds in range(9)]
    assert grown == pytest.approx([1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, 15, 15])
