"""Decides what to do after each attempt. The sender does it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from gradient_async.http.endpoint import Resend
from gradient_async.http.reader import advised_pause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.endpoint import Request
    from gradient_async.http.results import Result

# The longest pause after the first attempt, the second, ...; the last one is for all later attempts too.
_BACKOFF_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
_FIRST_POLL_SECONDS: Final = 0.5
_MIN_POLL_SECONDS: Final = 0.01
_MAX_POLL_SECONDS: Final = 15.0
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_TOO_MANY_REQUESTS: Final = 429
_REPEATED: Final = (Resend.FREELY, Resend.IDEMPOTENT)


class Step(enum.Enum):
    """The next step after an attempt."""

    ACCEPT = "return the answer"
    ACCEPT_AS_DONE = "return the refusal as success: an earlier attempt was executed"
    FAIL = "raise the error"
    REPEAT = "send the request again after a pause"
    LOOK_UP = "look up whether it was executed; if it was not, send it again"
    LOOK_UP_ONLY = "look up whether it was executed; do not send it again"
    GIVE_UP = "raise RequestOutcomeUnknownError"


def next_step(request: Request[object], result: Result, *, is_unresolved: bool, message: str = "") -> Step:
    """Return what to do after an attempt. The number of attempts does not matter here.

    Args:
        request: The request; its endpoint has the policy for unknown outcomes.
        result: The result of the attempt.
        is_unresolved: Whether an earlier attempt of the same call may have been executed.
        message: Message of the refusal, if the attempt was refused.
    """
    outcome = result.outcome
    if outcome == "answered":
        return Step.ACCEPT
    if not result.was_sent or result.status == _TOO_MANY_REQUESTS:
        return Step.REPEAT
    resend = request.endpoint.resend
    if resend is Resend.AFTER_LOOKUP and request.is_looked_up:
        return _after_lookup(request, result, is_unresolved=is_unresolved)
    if outcome == "unknown":
        if resend not in _REPEATED:
            return Step.GIVE_UP
        # An answer that is too large would be too large again.
        return Step.FAIL if result.is_too_large else Step.REPEAT
    if request.endpoint.is_done(result.status, message, is_unresolved=is_unresolved):
        return Step.ACCEPT_AS_DONE
    return Step.FAIL


def _after_lookup(request: Request[object], result: Result, *, is_unresolved: bool) -> Step:
    """Keep promise P1: a request is sent again only if it certainly was not executed."""
    if result.outcome == "unknown":
        # A request with a success status was executed, even if the body is lost.
        was_accepted = result.status is not None and 200 <= result.status < 300
        return Step.LOOK_UP_ONLY if was_accepted else Step.LOOK_UP
    if is_unresolved and (result.status == _UNPROCESSABLE or (request.action is None and result.status == _CONFLICT)):
        # "Pending event", "already powered off" or "already in use" can be the effect of the earlier attempt.
        return Step.LOOK_UP_ONLY
    return Step.FAIL


def pause_before(
    attempt: int, headers: Mapping[str, str], *, longest: float, now: float, jitter: float
) -> float | None:
    """Return the seconds to wait before the next attempt; ``None`` to give up.

    If the answer asks for a pause, that pause is kept exactly. A pause above ``longest`` is not shortened, since the
    server would refuse an earlier request again. Otherwise the pause grows exponentially, with full jitter.

    Args:
        attempt: Number of the last attempt, from 1.
        headers: Headers of its answer.
        longest: The longest accepted pause, in seconds.
        now: Seconds since the epoch.
        jitter: A random number from 0 to 1.
    """
    asked = advised_pause(headers, now)
    if asked is not None:
        return asked if asked <= longest else None
    return jitter * _BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS)) - 1]


def settling_pauses(settle_seconds: float) -> tuple[float, ...]:
    """Return the pauses between the reads of a list. Their sum is ``settle_seconds``."""
    return tuple(settle_seconds * share for share in (0.1, 0.2, 0.3, 0.4)) if settle_seconds > 0 else ()


def growing_pauses(seconds: float) -> tuple[float, ...]:
    """Return pauses between the reads of a list, from half a second to 15 seconds. Their sum is ``seconds``."""
    pauses: list[float] = []
    left, pause = seconds, min(_FIRST_POLL_SECONDS, max(seconds / 8, _MIN_POLL_SECONDS))
    while left > 0:
        pauses.append(min(pause, left))
        left, pause = left - pause, min(2 * pause, _MAX_POLL_SECONDS)
    return tuple(pauses)
