"""An estimate of the time left of a run in progress. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from gradient_async.cli.durations import span
from gradient_async.cli.estimate import seconds_until_sent
from gradient_async.http.windows import WindowUse

# Minimum number and minimum share of finished Droplets for an estimate from their durations.
_MIN_TIMED: Final = 3
_MIN_SHARE: Final = 0.02
# No estimate after a wait of this many times the average duration.
_MAX_QUIET_FACTOR: Final = 2.0
_MAX_SECONDS: Final = 48 * 3600.0


@frozen(kw_only=True)
class Pace:
    """The numbers of a run in progress, without the outcomes of an earlier run.

    Attributes:
        total: Number of Droplets.
        started: Number of Droplets that are or were in progress.
        ended: Number of Droplets with an outcome.
        timed: Number of those for which a request was sent.
        peak: Highest number of Droplets in progress at once.
        elapsed: Seconds since the run began.
        quiet: Seconds since the last outcome.
        action_seconds: Average seconds for one Droplet.
        requests_each: Action requests for each Droplet.
        windows: The state of the rate windows.
    """

    total: int
    started: int
    ended: int
    timed: int
    peak: int
    elapsed: float
    quiet: float
    action_seconds: float
    requests_each: int
    windows: Sequence[WindowUse]


@frozen(kw_only=True)
class TimeLeft:
    """Seconds that a run still takes: an estimate, or a minimum if ``is_minimum``."""

    seconds: float
    is_minimum: bool

    def __str__(self) -> str:
        if self.seconds > _MAX_SECONDS:
            return f"more than {span(_MAX_SECONDS)} left"
        return f"{'at least' if self.is_minimum else 'about'} {span(self.seconds)} left"


def time_left(pace: Pace) -> TimeLeft | None:
    """Return the time left; ``None`` if it cannot be estimated.

    The rate windows give the earliest time at which the rest can be sent. Finished Droplets give the duration of one,
    once enough have finished. The slower of the two counts.
    """
    if pace.ended >= pace.total:
        return None
    unsent = max(pace.total - pace.started, 0)
    by_windows = seconds_until_sent(unsent * pace.requests_each, pace.windows)
    if pace.timed < max(_MIN_TIMED, _MIN_SHARE * pace.total):
        return TimeLeft(seconds=by_windows, is_minimum=True) if 1 <= by_windows < math.inf else None
    if unsent == 0:
        is_late = pace.quiet > _MAX_QUIET_FACTOR * pace.action_seconds
        return None if is_late else TimeLeft(seconds=pace.action_seconds, is_minimum=False)
    seconds = max(by_windows + pace.action_seconds, _by_flow(pace, unsent))
    return TimeLeft(seconds=seconds, is_minimum=False) if seconds < math.inf else None


def _by_flow(pace: Pace, unsent: int) -> float:
    """Return the seconds for the rest at the present pace.

    In the first two rounds, most started Droplets have no outcome yet, so the count of outcomes is too low a pace.
    """
    if pace.ended >= 2 * pace.peak:
        return pace.elapsed / pace.ended * (pace.total - pace.ended)
    return unsent / max(pace.peak, 1) * pace.action_seconds + pace.action_seconds
