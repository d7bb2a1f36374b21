"""Sizes and positions in the picture of a fleet run. Pure: outcomes and times in, numbers out."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.fleet.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gradient_async.fleet.outcome import OutcomeStatus

PICTURE_WIDTH: Final = 1200
MARGIN: Final = 20
LEFT: Final = 96
RIGHT: Final = 1116
RATE_HEIGHT: Final = 92
MIN_BAR_LENGTH: Final = 1.5
MARK_LENGTH: Final = 5.0

_ROWS_HEIGHT: Final = 680
_MIN_ROWS_HEIGHT: Final = 34
_MAX_ROW_HEIGHT: Final = 20.0
_MIN_ROW_HEIGHT_WITH_GAP: Final = 5.0
_MIN_THICKNESS_WITH_SHAPES: Final = 4.0
_MIN_PROBLEM_THICKNESS: Final = 2.5
_LABEL_HEIGHT: Final = 13.0
_MAX_LABELLED_ROWS: Final = 50

# An axis of zero seconds would have no width.
_MIN_SECONDS: Final = 0.01
_MAX_TICKS: Final = 10
_MAX_SPANS: Final = 40
_SHORT_STEPS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
DAY_SECONDS: Final = 86400
_STEPS: Final = (*_SHORT_STEPS, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, DAY_SECONDS)

_MAX_REASON_LENGTH: Final = 300
_MIN_REASON_LENGTH: Final = 60
_MAX_LENGTH_OF_ALL_REASONS: Final = 600_000


@frozen
class Batch:
    """The rows of one batch.

    Attributes:
        number: The batch's number.
        first: Index of its first row.
        count: Number of its rows.
    """

    number: int
    first: int
    count: int


@frozen
class TimeAxis:
    """Horizontal positions of timestamps, in seconds since the epoch.

    Attributes:
        began: Timestamp of the left edge.
        seconds: Length of the run, above 0.
    """

    began: float
    seconds: float

    def x_of(self, timestamp: float) -> float:
        """Return the position of a timestamp. One outside the run is at an edge."""
        # If the clock was set during the run, nothing is drawn beyond the panel.
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, (timestamp - self.began) / self.seconds))

    @property
    def tick_seconds(self) -> float:
        """Seconds between two ticks."""
        return _nice_seconds(self.seconds, _MAX_TICKS)

    @property
    def window_seconds(self) -> float:
        """Length of the window in which requests are counted, for a report without a rate window."""
        return _nice_seconds(self.seconds, _MAX_SPANS)

    @property
    def ticks(self) -> Iterator[float]:
        """Timestamps of the ticks: multiples of ``tick_seconds``."""
        step = self.tick_seconds
        first = math.ceil(self.began / step)
        last = math.floor((self.began + self.seconds) / step)
        return (number * step for number in range(first, last + 1))


@frozen
class Rows:
    """Vertical positions of the Droplets' rows.

    Attributes:
        outcomes: One outcome for each row, from top to bottom.
        top: Top of the panel.
    """

    outcomes: tuple[Outcome, ...]
    top: float

    @property
    def height(self) -> float:
        """Height of the panel."""
        return max(_MIN_ROWS_HEIGHT, self.row_height * len(self.outcomes))

    @property
    def bottom(self) -> float:
        """Bottom of the panel."""
        return self.top + self.height

    @property
    def row_height(self) -> float:
        """Height of one row, gap included."""
        return min(_MAX_ROW_HEIGHT, _ROWS_HEIGHT / max(1, len(self.outcomes)))

    @property
    def thickness(self) -> float:
        """Thickness of a bar."""
        # Rows without a gap overlap a little. Edges that meet between two pixels would show as stripes.
        return self.row_height * 0.7 if self.row_height >= _MIN_ROW_HEIGHT_WITH_GAP else self.row_height + 0.4

    @property
    def mark_radius(self) -> float:
        """Radius of a round or triangular mark; 0 where rows are too low for shapes."""
        return min(4.0, self.thickness / 2) if self.thickness >= _MIN_THICKNESS_WITH_SHAPES else 0.0

    @property
    def has_labels(self) -> bool:
        """Whether each row has room for its label."""
        return len(self.outcomes) <= _MAX_LABELLED_ROWS

    @property
    def max_reason_length(self) -> int:
        """Longest reason, in characters: shorter for many Droplets, so that the file stays small."""
        share = _MAX_LENGTH_OF_ALL_REASONS // max(1, len(self.outcomes))
        return max(_MIN_REASON_LENGTH, min(_MAX_REASON_LENGTH, share))

    def thickness_of(self, status: OutcomeStatus) -> float:
        """Return the thickness of the bars of one status.

        A few problems among thousands of rows get thicker bars, so that they are visible.
        """
        if status not in {"failed", "unknown"}:
            return self.thickness
        problems = sum(outcome.is_problem for outcome in self.outcomes)
        return max(self.thickness, min(_MIN_PROBLEM_THICKNESS, self.height / (8 * max(1, problems))))

    def y_of(self, index: float) -> float:
        """Return the middle of a row."""
        margin = (self.height - self.row_height * len(self.outcomes)) / 2
        return self.top + margin + self.row_height * (index + 0.5)

    @property
    def batches(self) -> list[Batch]:
        """The batches in order; empty if there is only one."""
        batches: list[Batch] = []
        first = 0
        for number, outcomes in groupby(self.outcomes, key=lambda outcome: outcome.batch):
            count = len(list(outcomes))
            batches.append(Batch(number, first, count))
            first += count
        return batches if len(batches) > 1 else []

    @property
    def batch_labels(self) -> list[tuple[int, float]]:
        """Number and vertical middle of each batch whose label does not overlap the one above it."""
        labels: list[tuple[int, float]] = []
        free_from = self.top
        for batch in self.batches:
            middle = self.y_of(batch.first + (batch.count - 1) / 2)
            if middle >= free_from:
                labels.append((batch.number, middle))
                free_from = middle + _LABEL_HEIGHT
        return labels


def time_axis(began_at: datetime, seconds: float) -> TimeAxis:
    """Return the axis of a run."""
    return TimeAxis(began_at.timestamp(), max(seconds, _MIN_SECONDS))


def in_row_order(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Sort outcomes by batch, then by start."""
    return tuple(sorted(outcomes, key=_row_order))


def requests_by_pixel(times: Sequence[float], window_seconds: float, axis: TimeAxis) -> list[int]:
    """Return for each pixel the highest number of requests in a window that ends within it.

    Args:
        times: Timestamps of the requests, in ascending order.
        window_seconds: Length of the window.
        axis: The axis.
    """
    pixels = RIGHT - LEFT
    starts = [axis.began + axis.seconds * pixel / pixels for pixel in range(pixels)]
    counts = [bisect_right(times, start) - bisect_right(times, start - window_seconds) for start in starts]
    # A peak between two pixels counts too.
    for index, timestamp in enumerate(times):
        pixel = min(pixels - 1, math.floor(axis.x_of(timestamp)) - LEFT)
        counts[pixel] = max(counts[pixel], index + 1 - bisect_right(times, timestamp - window_seconds))
    return counts


def _row_order(outcome: Outcome) -> tuple[int, datetime, int]:
    return outcome.batch, outcome.started_at or outcome.ended_at, outcome.droplet_id


def _nice_seconds(seconds: float, max_count: int) -> float:
    for step in _STEPS:
        if seconds / step <= max_count:
            return step
    return math.ceil(seconds / DAY_SECONDS / max_count) * DAY_SECONDS
