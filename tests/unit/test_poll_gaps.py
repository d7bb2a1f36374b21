"""The seconds between polls, by the rate budget."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gradient_async.http.budget import RateBudgetSnapshot
from gradient_async.http.windows import WindowUse
from gradient_async.waiting import poller
from gradient_async.waiting.poller import Pace, Poller, interval, min_gap, pace_for, pages_of, steady_gap


def snapshot(*windows: tuple[int, float, int], waiting: int = 0) -> RateBudgetSnapshot:
    """Return a budget with windows: the limit, the seconds, and the requests that are left."""
    uses = tuple(WindowUse(limit=limit, seconds=span, used=limit - left, left=left) for limit, span, left in windows)
    return RateBudgetSnapshot(windows=uses, next_free_in=0.0, paused_for=0.0, waiting=waiting)


@pytest.mark.parametrize(
    ("requests", "budget", "seconds"),
    [
        # Half of the window is left, or more.
        (4, snapshot((100, 60.0, 100)), 0.0),
        (4, snapshot((100, 60.0, 50)), 0.0),
        (4, snapshot((100, 60.0, 49)), 4 * 60 / 14.7),
        (4, snapshot((100, 60.0, 40)), 4 * 60 / 12),
        (4, snapshot((100, 60.0, 40), waiting=1), 4 * 60 / 3),
        (4, snapshot((100, 60.0, 5)), 4 * 60 / 3),
        (4, snapshot((100, 60.0, 0)), 4 * 60 / 3),
        # The scarcest window counts.
        (1, snapshot((100, 60.0, 40), (5000, 3600.0, 5000)), 5.0),
        (1, snapshot((100, 60.0, 40), (5000, 3600.0, 100)), 3600 / 150),
        (1, snapshot((100, 60.0, 1), (5000, 3600.0, 2400)), 20.0),
    ],
)
def test_polls_take_a_small_share_of_a_scarce_window(requests: int, budget: RateBudgetSnapshot, seconds: float) -> None:
    assert min_gap(requests, budget) == pytest.approx(seconds)


def test_steady_polls_take_a_small_share_of_the_shortest_window() -> None:
    budget = snapshot((5000, 3600.0, 5000), (100, 60.0, 100))
    assert steady_gap(2, budget) == pytest.approx(2 * 60 / 15)


@pytest.mark.parametrize(
    ("window", "pace"),
    [
        (None, Pace(1.0, 15.0, 2.0)),
        (60.0, Pace(1.0, 15.0, 2.0)),
        (3600.0, Pace(1.0, 15.0, 2.0)),
        (6.0, Pace(0.1, 1.5, 0.2)),
    ],
)
def test_pace_follows_a_window_that_is_shorter_than_usual(window: float | None, pace: Pace) -> None:
    budget: Any = None if window is None else SimpleNamespace(shortest_window=window)
    assert pace_for(budget) == pytest.approx(pace)
    assert Poller(SimpleNamespace(budget=budget)).pace() == pytest.approx(pace)  # type: ignore[arg-type]  # all of a sender that it asks


def test_first_interval_follows_the_window_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 3.0)
    budget: Any = SimpleNamespace(shortest_window=6.0)
    assert pace_for(budget).first == pytest.approx(0.3)


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (200, 1), (201, 2), (400, 2), (401, 3)])
def test_pages_have_two_hundred_items(count: int, pages: int) -> None:
    assert pages_of(count) == pages


@pytest.mark.parametrize(
    ("left", "count", "seconds"),
    [(10, 2, 40.0), (10, 3, 20.0), (10, 401, 60.0), (100, 2, 0.0), (100, 3, 4.0), (100, 401, 12.0), (None, 401, 0.0)],
)
def test_gap_between_polls_of_actions_leaves_room_for_others(left: int | None, count: int, seconds: float) -> None:
    budget = None if left is None else SimpleNamespace(snapshot=lambda: snapshot((100, 60.0, left)))
    source = Poller(SimpleNamespace(budget=budget))  # type: ignore[arg-type]  # all of a sender that it asks
    assert source.min_gap(count) == pytest.approx(seconds)
    assert source.reads_lists(count) is (count > 2)


def test_interval_stops_to_grow_at_its_longest() -> None:
    assert [interval(number, 1.0, 0.5, 2.0) for number in range(4)] == pytest.approx([1.0, 1.5, 2.0, 2.0])
    assert [interval(number, 9.0, 0.5, 2.0) for number in range(3)] == pytest.approx([9.0, 9.0, 9.0])
    assert interval(10_000, 1.0, 0.5, 1e12) == pytest.approx(1.5**64)
    assert interval(1, 2.0, 0.0, 2.0) == pytest.approx(1.6)
    assert interval(1, 2.0, 1.0, 2.0) == pytest.approx(2.4)
    assert interval(1, 2.0, 0.25, 2.0) == pytest.approx(1.8)
