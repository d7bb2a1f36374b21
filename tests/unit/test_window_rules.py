"""Each rule of the sliding windows, at its bound and beside it."""

from __future__ import annotations

import math

import pytest

from gradient_async.http.windows import Allowance, RateWindow, SlidingWindows

MINUTE = RateWindow(250, 60.0)
HOUR = RateWindow(5000, 3600.0)


def answered(limit: int, seconds: float, *moments: float, reserve: float = 0.0) -> SlidingWindows:
    """Return one window, with requests that were answered at these times."""
    windows = SlidingWindows([RateWindow(limit, seconds)], reserve)
    for moment in moments:
        windows.start()
        windows.end(moment)
    return windows


def started(windows: SlidingWindows, count: int) -> SlidingWindows:
    for _ in range(count):
        windows.start()
    return windows


# --- own requests ---


@pytest.mark.parametrize(
    ("pending", "ahead", "expected"),
    [
        (0, 0, -math.inf),
        (1, 0, 60.0),  # as soon as the answer at 0 counts no more
        (0, 1, 60.0),
        (2, 0, 61.0),
        (1, 1, 61.0),
        (3, 0, math.inf),  # as soon as one of those is answered
        (0, 3, math.inf),
        (0, 9, math.inf),
    ],
)
def test_request_waits_for_those_that_count_and_those_ahead(pending: int, ahead: int, expected: float) -> None:
    windows = started(answered(3, 60.0, 0.0, 1.0), pending)
    assert windows.free_at(1.0, ahead) == expected


def test_each_window_is_waited_for() -> None:
    windows = SlidingWindows([RateWindow(2, 10.0), RateWindow(3, 100.0)])
    for moment in (0.0, 20.0, 21.0):
        windows.start()
        windows.end(moment)
    assert windows.free_at(21.0) == 100.0
    assert windows.use(21.0)[0].used == windows.used_in_shortest(21.0) == 2


def test_requests_that_count_no_more_are_forgotten() -> None:
    windows = answered(5, 10.0, 0.0, 1.0, 2.0)
    windows.start()
    windows.end(11.0)
    assert windows.answered_since(-1.0) == [2.0, 11.0]
    assert windows.answered_since(2.0) == [11.0]
    assert windows.use(11.0)[0].used == 2


def test_pending_requests_count_beside_those_answered() -> None:
    windows = started(answered(9, 60.0, 0.0, 1.0), 3)
    assert windows.use(1.0)[0].used == windows.used_in_shortest(1.0) == 5
    assert windows.use(1.0)[0].left == 4


def test_end_without_a_start_makes_no_room() -> None:
    windows = SlidingWindows([RateWindow(2, 10.0)])
    windows.end(0.0)
    assert windows.free_at(0.0) == -math.inf
    assert started(windows, 2).free_at(20.0) == math.inf
    windows.end(20.0)
    assert windows.use(20.0)[0].used == 2


def test_cancelled_request_gives_back_one_place() -> None:
    windows = started(answered(5, 60.0), 3)
    windows.cancel()
    assert windows.use(0.0)[0].used == 2


@pytest.mark.parametrize(("limit", "usable"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_reserve_leaves_one_request_at_least(limit: int, usable: int) -> None:
    assert answered(limit, 60.0, reserve=0.5).use(0.0)[0].limit == usable


def test_pending_requests_of_the_parent_count_in_a_child() -> None:
    windows = started(SlidingWindows([RateWindow(3, 10.0)]), 2)
    windows.forget_others_threads(5.0)
    assert windows.answered_since(0.0) == [5.0, 5.0]
    assert windows.use(5.0)[0].used == 2
    assert started(windows, 1).free_at(5.0) == 15.0


# --- pauses ---


def test_longest_pause_counts() -> None:
    windows = answered(100, 60.0)
    assert windows.paused_for(0.0) == 0.0
    windows.rest(0.0, 10.0)
    windows.rest(1.0, 2.0)
    assert windows.free_at(1.0) == 10.0
    windows.pause(2.0, 3.0)
    assert windows.free_at(2.0) == 10.0
    assert [windows.paused_for(moment) for moment in (2.0, 10.0, 12.0)] == [8.0, 0.0, 0.0]
    windows.pause(9.0, 3.0)
    assert windows.free_at(9.0) == 12.0


def test_all_may_be_sent_at_once_after_a_rest() -> None:
    windows = answered(100, 60.0)
    windows.rest(0.0, 10.0)
    assert started(windows, 99).free_at(10.0) == 10.0


def test_opening_doubles_to_64_and_is_then_over() -> None:
    windows = answered(1000, 60.0)
    windows.succeed(1.0)
    assert started(windows, 500).free_at(0.0) == -math.inf
    windows = answered(1000, 60.0)
    windows.pause(0.0, 1.0)
    allowed = []
    for _ in range(8):
        allowed.append(next(count for count in range(1001) if windows.free_at(1.0, count) > 1.0))
        windows.succeed(1.0)
    assert allowed == [1, 2, 4, 8, 16, 32, 64, 1000]


# --- what the server says ---


def test_news_are_read_again_after_a_hundredth_of_a_second() -> None:
    windows = started(answered(100, 60.0), 1)
    assert windows.has_news(0.0)
    windows.learn(Allowance(limit=100, remaining=90, reset_in=30.0), 0.0)
    assert [windows.has_news(moment) for moment in (0.0, 0.009, 0.01, 0.02)] == [False, False, True, True]
    windows.end(0.0)
    assert windows.has_news(0.0)


@pytest.mark.parametrize(
    ("pending", "expected"), [(2, -math.inf), (3, 60.0), (4, 65.0), (5, 105.0), (9, 105.0), (10, math.inf)]
)
def test_requests_of_others_take_places_until_the_reset(pending: int, expected: float) -> None:
    windows = answered(10, 60.0, 0.0, 5.0)
    windows.learn(Allowance(limit=10, remaining=3, reset_in=100.0), 5.0)  # five of others
    assert started(windows, pending).free_at(5.0) == expected


@pytest.mark.parametrize(("remaining", "expected", "used"), [(1, 60.0, 7), (0, 60.0, 7)])
def test_others_use_the_reserve_first(remaining: int, expected: float, used: int) -> None:
    windows = answered(10, 60.0, *map(float, range(7)), reserve=0.3)
    windows.learn(Allowance(limit=10, remaining=remaining, reset_in=50.0), 6.0)
    assert windows.free_at(6.0) == expected
    assert (windows.use(6.0)[0].limit, windows.use(6.0)[0].used) == (7, used)


def test_others_beyond_the_reserve_take_own_places() -> None:
    windows = answered(10, 60.0, *map(float, range(5)), reserve=0.3)
    windows.learn(Allowance(limit=10, remaining=0, reset_in=58.5), 4.0)  # five of others, two beyond the reserve
    assert (windows.use(4.0)[0].used, windows.use(4.0)[0].left) == (7, 0)
    windows.learn(Allowance(limit=10, remaining=1, reset_in=100.0), 4.0)
    windows.succeed(4.0)
    assert (windows.use(4.0)[0].used, windows.use(4.0)[0].left) == (6, 1)


def test_no_requests_of_others_when_the_server_counts_fewer() -> None:
    windows = answered(10, 60.0, 0.0, 1.0, 2.0)
    windows.learn(Allowance(limit=10, remaining=9, reset_in=50.0), 2.0)
    assert windows.use(2.0)[0].used == 3


def test_requests_of_others_count_in_the_reported_window_alone() -> None:
    windows = SlidingWindows([MINUTE, HOUR])
    windows.learn(Allowance(limit=250, remaining=50, reset_in=30.0), 0.0)
    assert [use.used for use in windows.use(0.0)] == [200, 0]
    assert [use.used for use in windows.use(29.9)] == [200, 0]
    assert [use.used for use in windows.use(30.0)] == [0, 0]


def test_unknown_limit_is_that_of_the_first_hour() -> None:
    windows = SlidingWindows([MINUTE, HOUR, RateWindow(9000, 3600.0)])
    windows.learn(Allowance(limit=7000, remaining=6990, reset_in=3000.0), 0.0)
    assert [window.limit for window in windows.windows] == [250, 7000, 9000]
    assert [use.used for use in windows.use(0.0)] == [0, 10, 0]


@pytest.mark.parametrize(("reset_in", "seconds"), [(3600.0, 3600.0), (3600.1, 60.0), (0.5, 0.5), (0.0, 60.0)])
def test_reset_within_the_hour_is_believed(reset_in: float, seconds: float) -> None:
    windows = SlidingWindows([HOUR])
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=reset_in), 0.0)
    assert windows.free_at(0.0) == seconds


def test_one_request_is_sent_after_none_was_left() -> None:
    windows = answered(100, 60.0)
    windows.learn(Allowance(limit=100, remaining=1, reset_in=10.0), 0.0)
    assert windows.free_at(10.0, ahead=5) <= 10.0
    windows.learn(Allowance(limit=100, remaining=0, reset_in=10.0), 0.0)
    assert windows.free_at(10.0) <= 10.0
    assert windows.free_at(10.0, ahead=1) == math.inf


# --- "none left" of the short window, with the limit of the long one ---


@pytest.mark.parametrize(
    ("before", "passed", "reset_in", "free_after"),
    [
        (500, 60.0, 1200.0, 1200.0),  # two minutes' requests can have been sent
        (501, 60.0, 1200.0, 60.0),
        (750, 61.0, 1200.0, 1200.0),
        (751, 61.0, 1200.0, 60.0),
        (0, 60.0, 2460.0, 2460.0),  # 5,000 take 20 minutes, of which the last may be under way
        (0, 60.0, 2460.1, 60.0),
        (501, 60.0, 20.0, 20.0),
    ],
)
def test_hour_is_used_up_no_faster_than_the_minute_allows(
    before: int, passed: float, reset_in: float, free_after: float
) -> None:
    windows = SlidingWindows([MINUTE, HOUR])
    windows.learn(Allowance(limit=5000, remaining=before, reset_in=1800.0), 600.0)
    now = 600.0 + passed
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=reset_in), now)
    assert windows.free_at(now) == now + free_after


def test_one_request_left_is_about_the_reported_window() -> None:
    windows = SlidingWindows([MINUTE, HOUR])
    windows.learn(Allowance(limit=5000, remaining=4000, reset_in=1800.0), 0.0)
    windows.learn(Allowance(limit=5000, remaining=1, reset_in=1800.0), 1.0)
    assert windows.use(100.0)[1].used == 4999


def test_reset_of_the_short_window_itself_is_believed() -> None:
    windows = SlidingWindows([MINUTE, HOUR])
    windows.learn(Allowance(limit=250, remaining=0, reset_in=100.0), 0.0)
    assert windows.free_at(0.0) == 100.0
