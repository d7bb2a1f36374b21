"""The times of a request that an earlier run may have sent, from the timestamps in its journal. Pure.

Within one boot of one machine, the monotonic clock measures how long ago a request was sent, even if the wall clock was
wrong. After a boot, on another machine, or if the boot is not known, only the wall clocks are left. Either of them may
have been wrong, so the time between them is not known.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.http.request import UNKNOWN_CLOCK_SECONDS, Timestamp

if TYPE_CHECKING:
    from gradient_async.fleet.journal_format import StepRecord

_INTERRUPTED: Final = "an earlier run was interrupted before its answer was recorded"
_UNKNOWN_CLOCK: Final = f"{_INTERRUPTED}, and that run's clock cannot be compared with this machine's"


@frozen(kw_only=True)
class SentBefore:
    """A request that an earlier run may have sent.

    Attributes:
        since: The earliest time at which it can have been sent, as far as the timestamp can be trusted.
        waited: Seconds that have certainly passed since the latest such time.
        clock_error: Seconds by which the timestamp may be wrong. An action within them may or may not be the request's.
        detail: Why its outcome is not known, as text.
    """

    since: Timestamp
    waited: float
    clock_error: float
    detail: str


def sent_before(step: StepRecord, now: Timestamp) -> SentBefore | None:
    """Return the times of a step's request; ``None`` if it was certainly not sent, or its action is known.

    Args:
        step: The step, as the journal has it.
        now: The present time.
    """
    if step.first_sent is None:
        return None
    last = step.last_sent or step.first_sent
    waited = max(0.0, last.min_seconds_until(now)) if _is_comparable(last) else 0.0
    if _is_comparable(step.first_sent):
        return SentBefore(since=step.first_sent, waited=waited, clock_error=0.0, detail=_INTERRUPTED)
    since, clock_error = step.first_sent, UNKNOWN_CLOCK_SECONDS
    if step.is_assumed:
        # No line records that this request was sent. Look it up in a longer past, and do not leave it unknown.
        ahead = max(0.0, since.wall - now.wall)
        clock_error += ahead
        since = Timestamp(wall=since.wall - ahead, monotonic=math.inf)
    return SentBefore(since=since, waited=waited, clock_error=clock_error, detail=_UNKNOWN_CLOCK)


def _is_comparable(timestamp: Timestamp) -> bool:
    return math.isfinite(timestamp.monotonic)
