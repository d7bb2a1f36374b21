"""An estimate of a run's requests, and of its time in the rate windows. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.plan import Plan
    from gradient_async.http.windows import WindowUse

# The API's longest page. Polls read actions and Droplets by such pages.
_PAGE_LENGTH: Final = 200


@frozen(kw_only=True)
class Estimate:
    """Minimum and maximum of a run's requests and time.

    Attributes:
        actions: Action requests: minimum, maximum.
        reads: Minimum of the requests that read. The rest depends on the duration of the actions.
        seconds: Seconds until the windows allow the last action request: minimum, maximum.
    """

    actions: tuple[int, int]
    reads: int
    seconds: tuple[float, float]


def estimate_of(plan: Plan, count: int, windows: Sequence[WindowUse], *, waits: bool, by_tag: bool) -> Estimate:
    """Estimate a run.

    Args:
        plan: The steps for each Droplet.
        count: Number of Droplets.
        windows: The state of the rate windows.
        waits: Whether the run waits for its actions.
        by_tag: Whether one request starts all actions.
    """
    certain = [step for step in plan.steps if step.is_needed is None and not step.only_after and plan.is_needed is None]
    per_droplet = (len(certain), len(plan.steps))
    least, most = (1, 1) if by_tag else (per_droplet[0] * count, per_droplet[1] * count)
    pages = math.ceil(count / _PAGE_LENGTH)
    reads = (pages if plan.is_needed is not None or any(step.reads_droplet for step in plan.steps) else 0) + (
        pages if waits and least else 0
    )
    return Estimate(
        actions=(least, most),
        reads=reads,
        seconds=(seconds_until_sent(least, windows), seconds_until_sent(most, windows)),
    )


def seconds_until_sent(requests: int, windows: Sequence[WindowUse]) -> float:
    """Return the seconds until the last of a number of requests can be sent.

    The age of requests in a window is not known. They count as sent just now, so the result is never too short for what
    the windows alone allow.
    """
    if requests <= 0:
        return 0.0
    return _wait(requests, sorted(windows, key=lambda window: -window.seconds))


def _wait(requests: int, windows: Sequence[WindowUse]) -> float:
    """Return the same for windows in order, the longest first.

    A window allows requests up to its limit, as fast as the shorter windows do, and then none until it ends.
    """
    if not windows:
        return 0.0
    window, shorter = windows[0], windows[1:]
    if window.limit < 1:
        return math.inf
    spans, rest = divmod(window.used + requests - 1, window.limit)
    if spans == 0:
        return _wait(requests, shorter)
    fresh = [_emptied(one) for one in shorter]
    return spans * window.seconds + _wait(rest + 1, fresh)


def _emptied(window: WindowUse) -> WindowUse:
    from attrs import evolve

    return evolve(window, used=0, left=window.limit)
