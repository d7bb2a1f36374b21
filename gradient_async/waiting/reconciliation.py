"""Decides which action is the result of a request whose answer was lost. Pure code.

The API has no idempotency key. It has the Droplet's list of actions, with times in whole seconds, and the ``Date``
header, which can come from another machine's clock. Each action of the request's type is one of three:

- The *result*: it began in the second in which the request was sent, or later.
- *Before*: it began before the request was sent, by any clock. It is older than any plausible difference of
  the clocks, or its duration is longer than the time since the request was sent.
- *Unclear*: any other action. It is not adopted, and the request is not sent again.
"""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.http.reader import date_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gradient_async.http.list_answer import ListAnswer
    from gradient_async.http.request import Timestamp
    from gradient_async.models.action import Action

PAGE_LENGTH: Final = 20

# Largest plausible difference between the clock of actions, the clock of Date and this machine's clock.
PLAUSIBLE_SKEW_SECONDS: Final = 7200.0
# Largest apparent difference of clocks that agree: times are whole seconds, and machines are not exactly in step.
_TOLERANCE_SECONDS: Final = 1.0
# An action that began this long before the second of the sending is adopted too: the duration of requests varies by
# milliseconds.
_SLACK_SECONDS: Final = 0.1
_EARLY_SECONDS: Final = 0.09
_SKEW_VALID_SECONDS: Final = 600.0


class Reading(NamedTuple):
    """One reading of the server's clock.

    Attributes:
        second: Time of the server, in whole seconds since the epoch.
        after: A time before the reading: the request was sent.
        before: A time after the reading: the answer was complete.
    """

    second: float
    after: Timestamp
    before: Timestamp


class Skew(NamedTuple):
    """The two clocks in the answer to an action request of this process.

    Attributes:
        stamp: The action's start.
        date: The answer's ``Date`` header.
        after: When the request was sent.
        before: When the answer was complete.
    """

    stamp: datetime
    date: str | None
    after: Timestamp
    before: Timestamp


class Sending(NamedTuple):
    """The time at which a request was sent, by the server's clock, in seconds since the epoch.

    Attributes:
        horizon: An action that began before this time is not the result, by any plausible clock.
        earliest: The earliest time by the ``Date`` headers.
        latest: The latest time by the ``Date`` headers; ``None`` if the clocks contradict each other. Then no action
            can be adopted.
        elapsed: Maximum seconds between the sending and the list.
        now: The time of the list, by the earlier one of the server's and this machine's clock.
        is_consistent: Whether the ``Date`` headers of the lists agree. A list from a cache does not agree.
    """

    horizon: float
    earliest: float
    latest: float | None
    elapsed: float
    now: float
    is_consistent: bool = True

    @property
    def first_second(self) -> float:
        """The first second whose actions may be the result, if the clocks agree."""
        return math.floor(self.earliest)

    @property
    def sure_second(self) -> float | None:
        """The first second whose actions certainly began in the second of the sending or later; ``None`` if unknown."""
        return None if self.latest is None else max(self.first_second, math.ceil(self.latest) - 1)


class Verdict(enum.Enum):
    """Whether an action of the request's type is the result of an unresolved request."""

    RESULT = "the action is the request's result"
    BEFORE = "the action began before the request was sent"
    UNCLEAR = "the action may be the result of this request, or of another one"


def reading_of(headers: Mapping[str, str], after: Timestamp, before: Timestamp) -> Reading | None:
    """Return the reading of an answer's ``Date`` header; ``None`` if the header is missing or unreadable."""
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
    """Return when a request was sent, by the server's clock.

    The ``Date`` headers of the lists show the server's clock, so an error of this machine's clock does not matter.
    Without these headers, this machine's clock is used.

    Args:
        sent_at: When the request was sent.
        received_at: When the latest list was received.
        readings: The ``Date`` headers of the lists.
        newest_stamp: The newest time of an action in the lists. The clock of actions is not behind it.
        skews: Differences of the two clocks, from answered action requests of this process.
        clock_error: Seconds by which ``sent_at`` may be wrong, if another machine's clock measured it. If it is not
            zero, no action can be adopted.
    """
    elapsed = sent_at.seconds_until(received_at)
    lowest = [one.second - sent_at.seconds_until(one.before) for one in readings] or [sent_at.wall]
    highest = [one.second + 1 - sent_at.min_seconds_until(one.after) for one in readings] or [sent_at.wall]
    # The earlier clock, less the largest plausible difference.
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
    """Return whether an action of the request's type is the result of a request that was sent then."""
    if action.started_at is None:
        return Verdict.UNCLEAR
    start = action.started_at.timestamp()
    if start < sending.horizon:
        return Verdict.BEFORE
    if start < sending.first_second and action.is_finished and action.completed_at is not None:
        # Times are cut to whole seconds: the duration can be up to one second shorter than they show.
        end = action.completed_at.timestamp()
        if end - start - 1 > sending.elapsed and end <= sending.now + _TOLERANCE_SECONDS:
            return Verdict.BEFORE
    sure = sending.sure_second
    return Verdict.RESULT if sure is not None and start >= sure else Verdict.UNCLEAR


def may_become_clear(action: Action, sending: Sending) -> bool:
    """Return whether a better reading of the server's clock may decide about an unclear action."""
    return stamp_may_become_clear(action.started_at, sending)


def stamp_may_become_clear(stamp: datetime | None, sending: Sending) -> bool:
    """Return whether a better reading of the server's clock may decide about an unclear time."""
    sure = sending.sure_second
    return stamp is not None and sure is not None and sending.first_second <= stamp.timestamp() < sure


def seconds_until_best_reading(sent_at: Timestamp, now: Timestamp) -> float:
    """Return the seconds until the next reading that shows best in which second a request was sent.

    The best time is a little less than a whole number of seconds after the sending. Then ``Date`` is read at the same
    fraction of a second as the action's start, or just before it.
    """
    passed = sent_at.min_seconds_until(now)
    return math.ceil(passed + _EARLY_SECONDS) - _EARLY_SECONDS - passed


def newest_stamp_in(actions: Iterable[Action]) -> float:
    """Return the newest time in a list; minus infinity for a list without times."""
    stamps = [stamp for action in actions for stamp in (action.started_at, action.completed_at) if stamp is not None]
    return max(stamps).timestamp() if stamps else -math.inf


def announces_more(listing: ListAnswer, items_read: int) -> bool:
    """Return whether a page of a list announces further items.

    Args:
        listing: The page.
        items_read: Number of items on this page and the pages before it.
    """
    pages, total = listing.links.pages, listing.meta.total
    if pages.next is not None:
        return True
    if pages.prev is not None or pages.first is not None:
        return False
    return total is not None and total > items_read


def reaches_back(actions: Sequence[Action], earliest: float) -> bool:
    """Return whether a page of a list shows all actions since ``earliest``.

    The API does not promise an order. A page is enough if it is sorted from new to old and ends before ``earliest``.
    """
    starts = [action.started_at for action in actions]
    stamps = [start.timestamp() for start in starts if start is not None]
    if not actions:
        return True
    return len(stamps) == len(starts) and stamps == sorted(stamps, reverse=True) and stamps[-1] < earliest


def _differs(skew: Skew, now: Timestamp) -> bool:
    """Return whether the clock of actions certainly differs from the clock of ``Date``."""
    if skew.before.seconds_until(now) > _SKEW_VALID_SECONDS:
        return False
    date = date_of({"date": skew.date or ""})
    if date is None:
        return False
    ahead = skew.stamp.timestamp() - date
    passed = skew.after.seconds_until(skew.before)
    return ahead > 1 + _TOLERANCE_SECONDS / 2 or ahead < -1 - passed - _TOLERANCE_SECONDS / 2
