"""What to do after each attempt: decided here, done by the sender."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from gradient_async.http.endpoint import Resend
from gradient_async.http.reader import advised_pause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.endpoint import Request
    from gradient_async.http.results import Result

_FIRST_BACKOFF_SECONDS: Final = 0.5
_MAX_BACKOFF_SECONDS: Final = 8.0
_UNPROCESSABLE: Final = 422
_TOO_MANY_REQUESTS: Final = 429
_REPEATED: Final = (Resend.FREELY, Resend.IDEMPOTENT)


class Step(enum.Enum):
    """What comes after an attempt."""

    ACCEPT = "hand the answer to the caller"
    ACCEPT_AS_DONE = "hand the refusal to the caller as success: an earlier attempt did it"
    FAIL = "raise the error"
    REPEAT = "send it again after a pause"
    LOOK_UP = "find out whether it was executed, and send it again if it was not"
    LOOK_UP_ONLY = "find out whether it was executed, and never send it again"
    GIVE_UP = "raise the error that nobody can tell whether it was executed"


def next_step(request: Request[object], result: Result, *, is_unresolved: bool, message: str = "") -> Step:
    """Return what to do after an attempt, attempts left or not.

    Args:
        request: The request, whose endpoint says what may follow an unknown outcome.
        result: How the attempt ended.
        is_unresolved: Whether an earlier attempt of the same call may have been executed after all.
        message: What the refusal says, where the attempt was refused.
    """
    outcome = result.outcome
    if outcome == "answered":
        return Step.ACCEPT
    if not result.was_sent or result.status == _TOO_MANY_REQUESTS:
        return Step.REPEAT
    resend = request.endpoint.resend
    if resend is Resend.AFTER_LOOKUP and request.action is not None:
        return _after_lookup(result, is_unresolved=is_unresolved)
    if outcome == "unknown":
        if resend not in _REPEATED:
            return Step.GIVE_UP
        # What is too large once is too large again.
        return Step.FAIL if result.is_too_large else Step.REPEAT
    if request.endpoint.is_done(result.status, message, is_unresolved=is_unresolved):
        return Step.ACCEPT_AS_DONE
    return Step.FAIL


def _after_lookup(result: Result, *, is_unresolved: bool) -> Step:
    """Promise P1: an action is sent again only if it surely was not executed."""
    if result.outcome == "unknown":
        # A success whose body is lost was executed; there is nothing to send again.
        was_accepted = result.status is not None and 200 <= result.status < 300
        return Step.LOOK_UP_ONLY if was_accepted else Step.LOOK_UP
    if is_unresolved and result.status == _UNPROCESSABLE:
        # "Pending event", or "already powered off": it may be the earlier attempt that got through late.
        return Step.LOOK_UP_ONLY
    return Step.FAIL


def pause_before(
    attempt: int, headers: Mapping[str, str], *, longest: float, now: float, jitter: float
) -> float | None:
    """Seconds to wait before the next attempt, ``None`` to give up.

    What the answer advises is obeyed to the second up to ``longest``; a longer pause is not shortened, since a request
    sent earlier would only be refused again. Without advice the pause grows exponentially, with full jitter.

    Args:
        attempt: Number of the attempt that just ended, from 1.
        headers: Headers of its answer.
        longest: The longest pause that the client accepts, in seconds.
        now: Seconds since the epoch.
        jitter: A random number from 0 to 1.
    """
    asked = advised_pause(headers, now)
    if asked is not None:
        return asked if asked <= longest else None
    return jitter * min(_MAX_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2.0 ** min(attempt - 1, 10))


def settling_pauses(settle_seconds: float) -> tuple[float, ...]:
    """Pauses between the looks at an action list, the first look being at once; they add up to ``settle_seconds``."""
    return tuple(settle_seconds * share for share in (0.1, 0.2, 0.3, 0.4)) if settle_seconds > 0 else ()
