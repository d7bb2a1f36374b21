"""Decides the outcome of a create whose answer was lost, by what lists show. Pure code.

A thing is adopted only if it certainly did not exist before the request was sent:

- It shows the time of its creation, and that is the second of the sending or later.
- Or it shows no time, but a list that was read before did not show it.
- Or the API accepted the request (201), and allows only one such thing.

Another thing that matches is *before*, if it certainly existed already, or *unclear*. An unclear one is neither adopted
nor created a second time: the outcome is reported as unknown.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.waiting import reconciliation
from gradient_async.waiting.reconciliation import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gradient_async.waiting.reconciliation import Sending

# The largest plausible difference between the clocks of the API, of the ``Date`` header and of this machine. It is less
# than for actions: a thing has no end, so that nothing else shows how old it is.
PLAUSIBLE_SKEW_SECONDS: Final = 600.0


class Signs(NamedTuple):
    """The signs of a thing in a list, beside its values.

    Attributes:
        is_shown: Whether it shows all values that the request asked for; ``False`` if it misses some.
        created_at: When it was created; ``None`` if it does not show that.
        was_seen_before: Whether this process saw it before the request was sent.
        was_absent: Whether a list that would show it did not, at a time when others could hardly have created it since.
        is_sole: Whether the API accepted the request, and allows only one such thing.
    """

    is_shown: bool = True
    created_at: datetime | None = None
    was_seen_before: bool = False
    was_absent: bool = False
    is_sole: bool = False


def verdict_on(signs: Signs, sending: Sending) -> Verdict:
    """Return whether a thing is the result of a create that was sent then."""
    if signs.was_seen_before:
        return Verdict.BEFORE
    if not signs.is_shown:
        return Verdict.UNCLEAR
    if signs.is_sole:
        return Verdict.RESULT
    if signs.created_at is None:
        return Verdict.RESULT if signs.was_absent and sending.latest is not None else Verdict.UNCLEAR
    start, sure = signs.created_at.timestamp(), sending.sure_second
    if sure is not None and start >= sure:
        return Verdict.RESULT
    # The earlier one of the server's and this machine's clock counts.
    horizon = sending.horizon + reconciliation.PLAUSIBLE_SKEW_SECONDS - PLAUSIBLE_SKEW_SECONDS
    return Verdict.BEFORE if start < horizon else Verdict.UNCLEAR


class Ending(enum.Enum):
    """The next step after the lists were read."""

    ADOPT = "the things are the request's result"
    WAIT = "read the lists again"
    SEND_AGAIN = "nothing was created"
    SEVERAL = "several things may be the result of one request"
    CONTESTED = "a thing may be the result of another request of this process"
    UNCLEAR = "a thing may have existed before the request was sent"
    PART = "only some of the things were created"
    CONTRADICTORY = "the clocks of the lists contradict each other"
    NOT_WHOLE = "the lists are shorter than they announce"
    MISSING = "the API accepted the request, and the lists show nothing"


class Reading(NamedTuple):
    """The result of reading the lists.

    Attributes:
        verdicts: For each thing that the request asked for, the verdicts on those that match, without ``BEFORE``.
        is_contested: Whether another request of this process that is not resolved asked for the same.
        is_consistent: Whether the clocks of the lists agree.
        is_whole: Whether the lists show all that they announce.
    """

    verdicts: Sequence[Sequence[Verdict]]
    is_contested: bool = False
    is_consistent: bool = True
    is_whole: bool = True


def ending_of(
    reading: Reading,
    *,
    is_last: bool,
    was_accepted: bool = False,
    adopts_oldest: bool = False,
) -> Ending:
    """Return what to do after the lists were read.

    Args:
        reading: What they show.
        is_last: Whether ``settle_seconds`` have passed, so that what was created is in the lists.
        was_accepted: Whether the API accepted the request.
        adopts_oldest: Whether the oldest of several results is adopted.
    """
    found = [sum(one is Verdict.RESULT for one in verdicts) for verdicts in reading.verdicts]
    if any(number > 1 for number in found) and not adopts_oldest:
        return Ending.SEVERAL
    if all(found):
        return Ending.ADOPT if not reading.is_contested else Ending.CONTESTED if is_last else Ending.WAIT
    is_bare = not any(reading.verdicts)
    if not is_last:
        return Ending.WAIT
    if any(found):
        return Ending.PART
    if not is_bare:
        return Ending.UNCLEAR
    if not reading.is_consistent:
        return Ending.CONTRADICTORY
    if not reading.is_whole:
        return Ending.NOT_WHOLE
    return Ending.MISSING if was_accepted else Ending.SEND_AGAIN
