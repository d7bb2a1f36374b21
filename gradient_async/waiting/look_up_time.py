"""The time that a look-up of a lost answer may take."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

from gradient_async import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradient_async.http.call import Call
    from gradient_async.settings import Settings

T = TypeVar("T")

# Of the timeout of a request, at most so many seconds are added to the settle time.
_MAX_REST_SECONDS: Final = 10.0


@contextmanager
def limited(
    call: Call[T], settings: Settings, error: Callable[[str], Exception], *, settle_seconds: float
) -> Iterator[None]:
    """Limit the time of the look-up in the block, if the call has a deadline.

    Args:
        call: The call whose result is looked up.
        settings: The sender's settings.
        error: Returns the error of an unresolved request, by the reason.
        settle_seconds: Seconds that the look-up has at least.

    Raises:
        RequestOutcomeUnknownError: The time was over.
    """
    try:
        with anyio.CancelScope(deadline=_deadline_of(call, settings, settle_seconds)) as scope:
            yield
    except asyncio.CancelledError:
        if not call.is_of_another_process:
            log.cancelled(call.request)
        raise
    if scope.cancelled_caught:
        raise error("the look-up did not end within the time that the run's timeout leaves it")


def _deadline_of(call: Call[T], settings: Settings, settle_seconds: float) -> float:
    """Return when a look-up has to end, by the event loop's clock; it has ``settle_seconds`` at least."""
    if call.until == math.inf:
        return math.inf
    timeout = settings.timeout if call.request.timeout is None else call.request.timeout
    return max(call.until, anyio.current_time()) + settle_seconds + min(timeout, _MAX_REST_SECONDS)
