"""Where the rows of a picture lie, and how thick their bars are."""

from __future__ import annotations

from typing import Any

import pytest
from samples import NOON

from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.timeline_layout import LEFT, RIGHT, Rows, requests_by_pixel, time_axis

pytestmark = pytest.mark.once


def rows(count: int, *, problems: int = 0, batches: tuple[int, ...] = ()) -> Rows:
    numbers = [number for number, size in enumerate(batches, 1) for _ in range(size)] or [1] * count
    made = [
        Outcome(droplet_id=index, status="failed" if index < problems else "completed", ended_at=NOON, batch=number)
        for index, number in enumerate(numbers)
    ]
    return Rows(tuple(made), top=100.0)


@pytest.mark.parametrize(
    ("count", "height", "row_height", "thickness", "radius", "reason"),
    [
        (0, 34.0, 20.0, 14.0, 4.0, 300),
        (1, 34.0, 20.0, 14.0, 4.0, 300),
        (2, 40.0, 20.0, 14.0, 4.0, 300),
        (34, 680.0, 20.0, 14.0, 4.0, 300),
        (85, 680.0, 8.0, 5.6, 2.8, 300),
        (119, 680.0, 680 / 119, 4.0, 2.0, 300),
        (136, 680.0, 5.0, 3.5, 0.0, 300),
        (170, 680.0, 4.0, 4.4, 2.2, 300),
        (200, 680.0, 3.4, 3.8, 0.0, 300),
        (4000, 680.0, 0.17, 0.57, 0.0, 150),
        (20000, 680.0, 0.034, 0.434, 0.0, 60),
    ],
)
def test_rows_share_the_height(
    count: int, height: float, row_height: float, thickness: float, radius: float, reason: int
) -> None:
    found = rows(count)
    assert (found.height, found.bottom) == pytest.approx((height, 100.0 + height))
    assert (found.row_height, found.thickness, found.mark_radius) == pytest.approx((row_height, thickness, radius))
    assert (found.max_reason_length, found.has_labels) == (reason, count <= 50)


@pytest.mark.parametrize(
    ("count", "index", "y"), [(1, 0, 117.0), (2, 0, 110.0), (2, 1, 130.0), (2, 0.5, 120.0), (136, 135, 777.5)]
)
def test_row_has_its_middle(count: int, index: float, y: float) -> None:
    assert rows(count).y_of(index) == pytest.approx(y)


@pytest.mark.parametrize(
    ("count", "problems", "status", "thickness"),
    [
        (4000, 1, "completed", 0.57),
        (4000, 1, "failed", 2.5),
        (4000, 1, "unknown", 2.5),
        (4000, 0, "failed", 2.5),
        (4000, 34, "failed", 2.5),
        (4000, 85, "failed", 1.0),
        (4000, 4000, "failed", 0.57),
        (2, 1, "failed", 14.0),
    ],
)
def test_few_problems_have_thicker_bars(count: int, problems: int, status: Any, thickness: float) -> None:
    assert rows(count, problems=problems).thickness_of(status) == pytest.approx(thickness)


@pytest.mark.parametrize(
    ("batches", "labels"),
    [
        ((3,), []),
        ((2, 1), [(1, 120.0), (2, 150.0)]),
        ((1, 2, 1), [(1, 110.0), (2, 140.0), (3, 170.0)]),
        # A row is 13.1 px high, and a label 13 px; then 10 px.
        ((1, *[1] * 51), [(number, None) for number in range(1, 53)]),
        ((1, *[1] * 67), [(number, None) for number in range(1, 69, 2)]),
    ],
)
def test_batches_are_labelled_where_there_is_room(batches: tuple[int, ...], labels: list[tuple[int, Any]]) -> None:
    found = rows(0, batches=batches).batch_labels
    assert [number for number, _ in found] == [number for number, _ in labels]
    for (_, middle), (_, expected) in zip(found, labels, strict=True):
        assert expected is None or middle == pytest.approx(expected)


def test_label_may_touch_the_one_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradient_async.fleet.timeline_layout._LABEL_HEIGHT", 20.0)
    assert [number for number, _ in rows(0, batches=(1, 1, 1)).batch_labels] == [1, 2, 3]


def test_requests_are_counted_at_their_pixels() -> None:
    width = RIGHT - LEFT
    axis = time_axis(NOON, float(width))
    began = NOON.timestamp()
    counts = requests_by_pixel([began + 0.5, began + 10.5, began + width], 5.0, axis)
    shown = {pixel: count for pixel, count in enumerate(counts) if count}
    assert shown == {**dict.fromkeys(range(6), 1), **dict.fromkeys(range(10, 16), 1), width - 1: 1}
