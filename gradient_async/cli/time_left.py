"""How long a run that is under way will still take, as far as that can be said. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from gradient_async.cli.durations import span
from gradient_async.cli.estimate import seconds_until_sent
from gradient_async.http.windows import WindowUse

# From fewer Droplets than this, and from a smaller share of all, no pace is inferred.
_LEAST_TIMED: Final = 3
_LEAST_SHARE: Final = 0.02
# A last action that takes longer than this many times the usual can take any time.
_PATIENCE: Final = 2.0
_LONGEST_SECONDS: Final = 48 * 3600.0


@frozen(kw_only=True)
class Pace:
    """What is known of a run under way. Outcomes from a journal count nowhere.

    Attributes:
        total: Droplets of the run.
        started: Those that it has turned to.
        ended: Those that have an outcome.
        timed: Those among them on which it has acted.
        widest: Most Droplets that were under way at once.
        elapsed: Seconds since the run began.
        quiet: Seconds since the last outcome.
        action_seconds: How long a Droplet takes, on average.
        requests_each: Action requests for each Droplet.
        windows: The state of the rate windows.
    """

    total: int
    started: int
    ended: int
    timed: int
    widest: int
    elapsed: float
    quiet: float
    action_seconds: float
    requests_each: int
    windows: Sequence[WindowUse]


@frozen(kw_only=True)
class TimeLeft:
    """Seconds that a run still takes: about so many, or at least so many."""

    seconds: float
    is_least: bool

    def __str__(self) -> str:
        if self.seconds > _LONGEST_SECONDS:
            return f"more than {span(_LONGEST_SECONDS)} left"
        return f"{'at least' if self.is_least else 'about'} {span(self.seconds)} left"


def time_left(pace: Pace) -> TimeLeft | None:
    """Return how long the run still takes; ``None`` where nothing honest can be said.

    The rate windows say when the rest can be sent at the earliest. What has ended says how long a Droplet takes, once
    enough has. The slower of the two holds.
    """
    if pace.ended >= pace.total:
        return None
    unsent = max(pace.total - pace.started, 0)
    by_windows = seconds_until_sent(unsent * pace.requests_each, pace.windows)
    if pace.timed < max(_LEAST_TIMED, _LEAST_SHARE * pace.total):
        return TimeLeft(seconds=by_windows, is_least=True) if 1 <= by_windows < math.inf else None
    if unsent == 0:
        is_late = pace.quiet > _PATIENCE * pace.action_seconds
        return None if is_late else TimeLeft(seconds=pace.action_seconds, is_least=False)
    seconds = max(by_windows + pace.action_seconds, _by_flow(pace, unsent))
    return TimeLeft(seconds=seconds, is_least=False) if seconds < math.inf else None


def _by_flow(pace: Pace, unsent: int) -> float:
    """Seconds for the rest as fast as the run goes.

    Until two rounds are over, most of what has begun has not ended, and the count of outcomes would be too low a pace.
    """
    if pace.ended >= 2 * pace.widest:
        return pace.elapsed / pace.ended * (pace.total - pace.ended)
    return unsent / max(pace.widest, 1) * pace.action_seconds + pace.action_seconds
