"""How many requests a run takes, and how long the rate windows make it take. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.plan import Plan
    from gradient_async.http.windows import WindowUse

# The API's longest page, by which actions and Droplets are looked at.
_PAGE_LENGTH: Final = 200


@frozen(kw_only=True)
class Estimate:
    """What a run takes at least and at most.

    Attributes:
        actions: Action requests, at least and at most.
        reads: Requests that only look, at least; how many more depends on how long the actions take.
        seconds: Until the windows have let the last action request out, at least and at most.
    """

    actions: tuple[int, int]
    reads: int
    seconds: tuple[float, float]


def estimate_of(plan: Plan, count: int, windows: Sequence[WindowUse], *, waits: bool, by_tag: bool) -> Estimate:
    """What a run of so many Droplets takes.

    Args:
        plan: What is done to each.
        count: How many Droplets there are.
        windows: The state of the rate windows.
        waits: Whether the end of the actions is waited for.
        by_tag: Whether one request starts all of them.
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
    """Seconds until the last of so many requests can leave.

    What a window holds already is taken as sent just now: nothing tells how old it is, so that this is never too short
    for what the windows alone allow.
    """
    if requests <= 0:
        return 0.0
    return _wait(requests, sorted(windows, key=lambda window: -window.seconds))


def _wait(requests: int, windows: Sequence[WindowUse]) -> float:
    """The same for windows in order, the longest first.

    A window lets its limit out, as fast as the shorter ones do, and then nothing until its span is over.
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
