"""What a later run can trust of a request that an earlier one may have sent, from the stamps in its journal. Pure.

The monotonic clock of one machine, within one boot, measures how long ago a request was sent, whatever the wall clock
showed. After a boot, on another machine, or where the boot is not known, only the wall clocks are left: either
of them may have been wrong by then, and no span between them is known.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from gradient_async.fleet.journal_format import StepRecord

# A clock that was set by hand, or to the wrong time zone, is off by no more: the zones go up to 14 hours.
UNKNOWN_CLOCK_SECONDS: Final = 14 * 3600.0
_INTERRUPTED: Final = "an earlier run was interrupted before its answer was written down"
_UNKNOWN_CLOCK: Final = f"{_INTERRUPTED}, and that run's clock cannot be compared with this machine's"


@frozen(kw_only=True)
class SentBefore:
    """A request that an earlier run may have sent.

    Attributes:
        since: The earliest moment at which that can have been, as far as its stamp can be trusted.
        waited: Seconds that have surely passed since the latest such moment.
        clock_error: Seconds by which the stamp may be wrong: an action within them may be the request's, or not.
        detail: Why its outcome is not known, for people.
    """

    since: Timestamp
    waited: float
    clock_error: float
    detail: str


def sent_before(step: StepRecord, now: Timestamp) -> SentBefore | None:
    """What is known of a step's request; ``None`` if it surely was not sent, or its action is known.

    Args:
        step: The step, as the journal has it.
        now: This moment.
    """
    if step.first_sent is None:
        return None
    last = step.last_sent or step.first_sent
    waited = max(0.0, last.min_seconds_until(now)) if _is_comparable(last) else 0.0
    if _is_comparable(step.first_sent):
        return SentBefore(since=step.first_sent, waited=waited, clock_error=0.0, detail=_INTERRUPTED)
    since, clock_error = step.first_sent, UNKNOWN_CLOCK_SECONDS
    if step.is_supposed and since.wall > now.wall:
        # Nothing says that this very request was sent: it is looked for in a longer past, and not left unknown.
        clock_error += since.wall - now.wall
        since = Timestamp(wall=now.wall, monotonic=math.inf)
    return SentBefore(since=since, waited=waited, clock_error=clock_error, detail=_UNKNOWN_CLOCK)


def _is_comparable(moment: Timestamp) -> bool:
    return math.isfinite(moment.monotonic)
