"""Sliding windows: whatever the way takes, no window of the server's is ever exceeded, and none is left unused."""

from __future__ import annotations

import heapq
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.http.windows import DOCUMENTED_WINDOWS, Allowance, RateWindow, SlidingWindows

WINDOWS = st.lists(st.builds(RateWindow, st.integers(1, 8), st.sampled_from([1.0, 2.5, 10.0])), min_size=1, max_size=3)
# Seconds from the sending to the arrival, and from there to the answer.
WAYS = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=60)


def sent_at(windows: SlidingWindows, ways: list[tuple[float, float]]) -> list[float]:
    """Return the time of each request, if each is sent as early as allowed."""
    now = 0.0
    sent: list[float] = []
    answers: list[float] = []
    for out, back in ways:
        while (free_at := windows.free_at(now)) > now:
            if answers and (answers[0] <= free_at):
                now = heapq.heappop(answers)
                windows.end(now)
            else:
                assert free_at < math.inf, "nothing is on the way, and the next one is not free: a dead end"
                now = free_at
        windows.start()
        sent.append(now)
        heapq.heappush(answers, now + out + back)
    return sent


def most_in(moments: list[float], seconds: float) -> int:
    """Return the maximum number of times in any span. The end of a span is not part of it."""
    ordered = sorted(moments)
    return max(sum(start <= moment < start + seconds - 1e-9 for moment in ordered) for start in ordered)


@given(WINDOWS, WAYS)
def test_no_server_window_is_exceeded_whenever_requests_arrive(
    windows: list[RateWindow], ways: list[tuple[float, float]]
) -> None:
    sent = sent_at(SlidingWindows(windows), ways)
    arrivals = [moment + out for moment, (out, _) in zip(sent, ways, strict=True)]
    for window in windows:
        assert most_in(arrivals, window.seconds) <= window.limit


@given(WINDOWS, st.integers(1, 60))
def test_each_goes_as_early_as_allowed_without_latency(windows: list[RateWindow], count: int) -> None:
    sent = sent_at(SlidingWindows(windows), [(0.0, 0.0)] * count)
    for number, moment in enumerate(sent):
        earliest = max(
            [0.0, *(sent[number - window.limit] + window.seconds for window in windows if number >= window.limit)]
        )
        assert moment == pytest.approx(earliest)


@given(st.integers(2, 50), st.floats(0.0, 0.99))
def test_reserve_is_left_free(limit: int, reserve: float) -> None:
    windows = SlidingWindows([RateWindow(limit, 60.0)], reserve)
    going = 0
    while windows.free_at(0.0) <= 0.0:
        windows.start()
        going += 1
    assert going == max(1, math.floor(limit * (1 - reserve)))


def test_request_that_is_not_sent_after_all_gives_its_place_back() -> None:
    windows = SlidingWindows([RateWindow(1, 60.0)])
    windows.start()
    assert windows.free_at(0.0) == math.inf
    windows.cancel()
    assert windows.free_at(0.0) <= 0.0


def test_requests_wait_during_a_pause_and_go_singly_after_it() -> None:
    windows = SlidingWindows([RateWindow(100, 60.0)])
    windows.pause(0.0, 10.0)
    assert windows.free_at(0.0) == 10.0
    assert windows.paused_for(4.0) == 6.0

    allowed = []
    for _ in range(4):
        going = 0
        while windows.free_at(10.0) <= 10.0:
            windows.start()
            going += 1
        allowed.append(going)
        for _ in range(going):
            windows.end(10.0)
        windows.succeed(10.0)
    assert allowed == [1, 2, 4, 8]


def test_answers_during_a_pause_do_not_open_the_windows() -> None:
    """Their requests were sent before the 429."""
    windows = SlidingWindows([RateWindow(100, 60.0)])
    windows.pause(0.0, 10.0)
    for moment in (0.0, 5.0, 9.9):
        windows.succeed(moment)
    assert [windows.free_at(10.0, ahead) for ahead in (0, 1)] == [10.0, math.inf]
    windows.succeed(10.0)
    assert [windows.free_at(10.0, ahead) for ahead in (1, 2)] == [10.0, math.inf]


def test_pauses_of_several_refusals_are_one_pause() -> None:
    windows = SlidingWindows([RateWindow(100, 60.0)])
    for moment in (0.0, 0.1, 0.2):
        windows.pause(moment, 10.0)
    assert windows.free_at(1.0) == pytest.approx(10.2)


def test_what_others_spent_is_taken_from_the_room() -> None:
    windows = SlidingWindows([RateWindow(250, 60.0), RateWindow(5000, 3600.0)])
    windows.start()
    windows.end(0.0)
    windows.learn(Allowance(limit=5000, remaining=4000, reset_in=1800.0), 0.0)
    hour = windows.use(0.0)[1]
    assert (hour.used, hour.left) == (1000, 4000)
    assert windows.use(0.0)[0].left == 249


def test_next_waits_for_the_reset_when_others_spent_everything() -> None:
    windows = SlidingWindows([RateWindow(5000, 3600.0)])
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=1200.0), 0.0)
    assert windows.free_at(0.0) == 1200.0
    assert windows.free_at(1200.0) <= 1200.0
    assert [windows.use(moment)[0].left for moment in (1199.0, 1200.0)] == [0, 5000]
    windows.start()
    assert windows.free_at(1200.0) == math.inf, "one alone, until it is answered"


def test_next_one_waits_a_minute_when_the_reset_lies_in_the_past() -> None:
    windows = SlidingWindows([RateWindow(5000, 3600.0)])
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=-3597.0), 0.0)
    assert windows.free_at(0.0) == 60.0


def test_own_requests_on_their_way_are_not_taken_for_others() -> None:
    windows = SlidingWindows([RateWindow(5000, 3600.0)])
    for _ in range(10):
        windows.start()
    windows.end(0.0)
    windows.learn(Allowance(limit=5000, remaining=4995, reset_in=3600.0), 0.0)
    assert windows.use(0.0)[0].used == 10


def test_accounts_limit_replaces_the_documented_one_of_the_hour() -> None:
    windows = SlidingWindows([RateWindow(250, 60.0), RateWindow(5000, 3600.0)])
    windows.learn(Allowance(limit=10_000, remaining=10_000, reset_in=3600.0), 0.0)
    assert [use.limit for use in windows.use(0.0)] == [250, 10_000]


def test_own_windows_are_not_changed_by_headers_of_other_windows() -> None:
    windows = SlidingWindows([RateWindow(20, 0.5)])
    windows.learn(Allowance(limit=5000, remaining=17, reset_in=100.0), 0.0)
    assert windows.use(0.0)[0].left == 20


@pytest.mark.parametrize(
    ("reset_in", "seconds"), [(20.0, 20.0), (59.0, 59.0), (0.0, 60.0), (-3597.0, 60.0), (1e9, 60.0)]
)
def test_wait_ends_with_the_reset_when_own_requests_count_too(reset_in: float, seconds: float) -> None:
    windows = SlidingWindows(DOCUMENTED_WINDOWS)
    windows.start()
    windows.end(0.0)
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=reset_in), 0.0)
    assert windows.free_at(0.0) == seconds
    assert windows.free_at(seconds) <= seconds


def test_own_requests_are_waited_for_when_they_fill_a_window() -> None:
    windows = SlidingWindows([RateWindow(2, 3600.0)])
    for moment in (0.0, 5.0):
        windows.start()
        windows.end(moment)
    windows.learn(Allowance(limit=2, remaining=0, reset_in=20.0), 5.0)
    assert windows.free_at(5.0) == 3600.0


@pytest.mark.parametrize("reset_in", [1800.0, 3600.0])
def test_minute_is_waited_for_when_the_hour_cannot_be_spent_yet(reset_in: float) -> None:
    windows = SlidingWindows(DOCUMENTED_WINDOWS)
    windows.learn(Allowance(limit=5000, remaining=4000, reset_in=reset_in), 0.0)
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=reset_in), 1.0)
    assert windows.free_at(1.0) == 61.0


def test_minute_is_waited_for_when_the_reset_is_too_far() -> None:
    windows = SlidingWindows(DOCUMENTED_WINDOWS)
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=2461.0), 0.0)
    assert windows.free_at(0.0) == 60.0


def test_reset_is_waited_for_when_the_hour_was_spent_bit_by_bit() -> None:
    windows = SlidingWindows(DOCUMENTED_WINDOWS)
    windows.learn(Allowance(limit=5000, remaining=250, reset_in=1200.0), 0.0)
    windows.learn(Allowance(limit=5000, remaining=0, reset_in=1140.0), 60.0)
    assert windows.free_at(60.0) == 1200.0


# Events of the windows: a request is sent, answered, not sent, or the server reports or refuses something.
DEEDS = st.one_of(
    st.sampled_from(["start", "end", "cancel", "succeed"]),
    st.builds(Allowance, st.integers(1, 8), st.integers(0, 8), st.floats(-5000, 5000)),
    st.floats(0.0, 60.0),
)
STORIES = st.lists(st.tuples(st.floats(0, 30), DEEDS), max_size=40)


@given(st.builds(RateWindow, st.integers(1, 8), st.sampled_from([10.0, 3600.0])), STORIES)
def test_wait_is_no_longer_than_history_and_advice_force(
    window: RateWindow, story: list[tuple[float, str | Allowance | float]]
) -> None:
    windows = SlidingWindows([window])
    now, going, answered, advice, pause = 0.0, 0, list[float](), 0.0, 0.0
    for seconds, deed in story:
        now += seconds
        if isinstance(deed, Allowance):
            windows.learn(deed._replace(limit=window.limit), now)
            advice = now + (deed.reset_in if 0 < deed.reset_in <= 3600 else 60.0)
        elif isinstance(deed, float):
            windows.pause(now, deed)
            pause = max(pause, now + deed)
        elif deed == "succeed":
            windows.succeed(now)
        elif deed == "start":
            if windows.free_at(now) <= now:
                windows.start()
                going += 1
        elif going:
            going -= 1
            if deed == "end":
                windows.end(now)
                answered.append(now)
            else:
                windows.cancel()
        free_at = windows.free_at(now)
        if free_at == math.inf:
            assert going, "nothing is on the way that could wake those who wait"
            continue
        room = window.limit - going
        own = answered[-room] + window.seconds if len(answered) >= room else 0.0
        assert free_at <= max(own, advice, pause)
        woken_at = max(free_at, now)
        assert windows.free_at(woken_at) <= woken_at, "who sleeps until then sleeps again"
        assert own <= woken_at, "own requests would exceed the window"


@given(WINDOWS, WAYS, st.lists(st.tuples(st.integers(0, 8), st.floats(-100, 100)), min_size=1, max_size=60))
def test_no_window_is_exceeded_when_the_server_says_anything(
    windows: list[RateWindow], ways: list[tuple[float, float]], headers: list[tuple[int, float]]
) -> None:
    state = SlidingWindows(windows)
    now, sent, answers = 0.0, list[float](), list[float]()
    for number, (out, back) in enumerate(ways):
        while (free_at := state.free_at(now)) > now:
            if answers and answers[0] <= free_at:
                now = heapq.heappop(answers)
                state.end(now)
                remaining, reset_in = headers[number % len(headers)]
                state.learn(Allowance(limit=windows[0].limit, remaining=remaining, reset_in=reset_in), now)
                state.succeed(now)
            else:
                assert free_at < math.inf, "a dead end"
                now = free_at
        state.start()
        sent.append(now + out)
        heapq.heappush(answers, now + out + back)
    for window in windows:
        assert most_in(sent, window.seconds) <= window.limit
