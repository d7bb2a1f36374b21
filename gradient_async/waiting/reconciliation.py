"""Which action, if any, is the result of a request whose answer was lost.

The API has no idempotency key. What it has is the Droplet's own list of actions, with stamps in whole seconds, and the
``Date`` header, which may come from another machine's clock. Each action of the wanted type is one of three:

- The *result*: it began in the second in which the request was sent, or later.
- *Before*: it began before the request was sent, whatever the clocks say. It is older than any plausible skew, or it
  took longer than has passed since the sending.
- *Unclear*: anything between. It is never adopted, and the request is not sent again.
"""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.http.reader import date_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gradient_async.http.request import Timestamp
    from gradient_async.models.action import Action

PAGE_LENGTH: Final = 20

# How far the clock that stamps actions may be from the one behind Date, and from this machine's.
PLAUSIBLE_SKEW_SECONDS: Final = 7200.0
# How far clocks that agree may seem apart: stamps and dates are whole seconds, and machines are not quite in step.
_TOLERANCE_SECONDS: Final = 1.0
# An action that began this long before the second of the sending is adopted too: no request is quicker or slower than
# the next one to the millisecond.
_SLACK_SECONDS: Final = 0.1
_EARLY_SECONDS: Final = 0.09
_SKEW_VALID_SECONDS: Final = 600.0


class Reading(NamedTuple):
    """One reading of the server's clock.

    Attributes:
        second: What it showed, in whole seconds since the epoch.
        after: A moment before it was read: the request was sent.
        before: A moment after it was read: the answer was complete.
    """

    second: float
    after: Timestamp
    before: Timestamp


class Skew(NamedTuple):
    """The two clocks of one answer to an own action request.

    Attributes:
        stamp: The action's stamp.
        date: The answer's ``Date`` header.
        after: When the request was sent.
        before: When the answer was complete.
    """

    stamp: datetime
    date: str | None
    after: Timestamp
    before: Timestamp


class Sending(NamedTuple):
    """When a request was sent, by the server's clock, in seconds since the epoch.

    Attributes:
        horizon: No plausible clock shows a time before this.
        earliest: The earliest time that its ``Date`` headers leave.
        latest: The latest such time; ``None`` where the clocks contradict each other, and nothing can be adopted.
        elapsed: Seconds until the list came, rather too many.
        now: What neither the server's nor this machine's clock had passed when the list came.
        is_consistent: Whether the ``Date`` headers of the lists agree with each other; a list from a cache does not.
    """

    horizon: float
    earliest: float
    latest: float | None
    elapsed: float
    now: float
    is_consistent: bool = True

    @property
    def first_second(self) -> float:
        """The first second whose actions can be the result, if the clocks agree."""
        return math.floor(self.earliest)

    @property
    def sure_second(self) -> float | None:
        """The first second whose actions began in the second of the sending or later; ``None`` if it is not known."""
        return None if self.latest is None else max(self.first_second, math.ceil(self.latest) - 1)


class Verdict(enum.Enum):
    """What an action of the wanted type is to a request in doubt."""

    RESULT = "it is the request's result"
    BEFORE = "it began before the request was sent"
    UNCLEAR = "it may be the result, or somebody else's"


def reading_of(headers: Mapping[str, str], after: Timestamp, before: Timestamp) -> Reading | None:
    """The server's clock by the ``Date`` header of an answer; ``None`` where it has no readable one."""
    date = date_of(headers)
    return None if date is None else Reading(date, after, before)


def sending_of(
    sent_at: Timestamp,
    received_at: Timestamp,
    readings: Sequence[Reading],
    newest_stamp: float = -math.inf,
    skews: Iterable[Skew] = (),
    clock_error: float = 0.0,
) -> Sending:
    """When a request was sent, by the server's clock.

    The server's clock comes from the ``Date`` headers of the lists, so that it does not matter how wrong this machine's
    clock is; without any, this machine's clock has to do.

    Args:
        sent_at: When the request was sent.
        received_at: When the latest list came.
        readings: The ``Date`` headers of the lists.
        newest_stamp: The newest stamp in the lists: the clock that stamps actions cannot be behind it.
        skews: What own answered actions tell of the two clocks.
        clock_error: Seconds by which ``sent_at`` may be wrong, since another machine's clock told it. Then nothing can
            be adopted.
    """
    elapsed = sent_at.seconds_until(received_at)
    lowest = [one.second - sent_at.seconds_until(one.before) for one in readings] or [sent_at.wall]
    highest = [one.second + 1 - sent_at.min_seconds_until(one.after) for one in readings] or [sent_at.wall]
    # What is older by either clock, and by a plausible skew, is older.
    horizon = min(*lowest, sent_at.wall) - PLAUSIBLE_SKEW_SECONDS
    now = min(min(lowest) + elapsed, received_at.wall)
    if clock_error:
        return Sending(horizon - clock_error, min(lowest) - clock_error, None, elapsed + clock_error, now)
    earliest, latest = max(lowest), min(highest)
    is_consistent = earliest <= latest + _TOLERANCE_SECONDS
    is_stamped_ahead = newest_stamp - elapsed > latest + _TOLERANCE_SECONDS
    if not is_consistent or is_stamped_ahead or any(_differs(skew, received_at) for skew in skews):
        return Sending(horizon, min(lowest), None, elapsed, now, is_consistent)
    sure = latest - (_SLACK_SECONDS if readings else 0.0)
    return Sending(horizon, earliest, sure, elapsed, now)


def verdict_on(action: Action, sending: Sending) -> Verdict:
    """What an action of the wanted type is to a request that was sent then."""
    if action.started_at is None:
        return Verdict.UNCLEAR
    start = action.started_at.timestamp()
    if start < sending.horizon:
        return Verdict.BEFORE
    if start < sending.first_second and action.is_finished and action.completed_at is not None:
        # Stamps are cut off: it took more than a second less than they say.
        end = action.completed_at.timestamp()
        if end - start - 1 > sending.elapsed and end <= sending.now + _TOLERANCE_SECONDS:
            return Verdict.BEFORE
    sure = sending.sure_second
    return Verdict.RESULT if sure is not None and start >= sure else Verdict.UNCLEAR


def may_become_clear(action: Action, sending: Sending) -> bool:
    """Whether an unclear action may be told from the result by a better reading of the server's clock."""
    sure = sending.sure_second
    if action.started_at is None or sure is None:
        return False
    return sending.first_second <= action.started_at.timestamp() < sure


def seconds_until_best_reading(sent_at: Timestamp, now: Timestamp) -> float:
    """Seconds until the next reading of the server's clock that tells best in which second a request was sent.

    That is a little less than a whole number of seconds after it, so that the ``Date`` of the list is of the same part
    of a second as the action's stamp, and rather of an earlier one than of a later one.
    """
    passed = sent_at.min_seconds_until(now)
    return math.ceil(passed + _EARLY_SECONDS) - _EARLY_SECONDS - passed


def newest_stamp_in(actions: Iterable[Action]) -> float:
    """The newest stamp in a list."""
    stamps = [stamp for action in actions for stamp in (action.started_at, action.completed_at) if stamp is not None]
    return max(stamps).timestamp() if stamps else -math.inf


def reaches_back(actions: Sequence[Action], earliest: float) -> bool:
    """Whether a page of a list shows all that was started since ``earliest``.

    The API promises no order. Only a page that runs from new to old, and ends before ``earliest``, leaves nothing
    for the next page.
    """
    starts = [action.started_at for action in actions]
    stamps = [start.timestamp() for start in starts if start is not None]
    if not actions:
        return True
    return len(stamps) == len(starts) and stamps == sorted(stamps, reverse=True) and stamps[-1] < earliest


def _differs(skew: Skew, now: Timestamp) -> bool:
    """Whether the clock that stamps actions is surely not the one behind ``Date``."""
    if skew.before.seconds_until(now) > _SKEW_VALID_SECONDS:
        return False
    date = date_of({"date": skew.date or ""})
    if date is None:
        return False
    ahead = skew.stamp.timestamp() - date
    passed = skew.after.seconds_until(skew.before)
    return ahead > 1 + _TOLERANCE_SECONDS / 2 or ahead < -1 - passed - _TOLERANCE_SECONDS / 2
