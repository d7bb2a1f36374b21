"""The errors of calls that a loop does not run, or does not finish."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from gradient_async.errors import ClientClosedError, RequestOutcomeUnknownError
from gradient_async.fleet.cancellation import FleetCancelled, FleetClosedError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

closed_error: Final = partial(ClientClosedError, "the client is closed")
forked_error: Final = partial(
    RuntimeError, "this was in progress when the process was forked; it continues in the parent"
)
lost_error: Final = partial(RuntimeError, "the sync client's event loop ended unexpectedly")


def exiting_error() -> BaseException:
    """Make the error of a call during the interpreter's exit.

    Only daemon threads are left then, besides the main one. A thread that ends with ``SystemExit`` prints nothing.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return (ClientClosedError if is_main else SystemExit)("the interpreter is exiting")


def error_of_cancelled(cancelled: asyncio.CancelledError, refusal: Callable[[], BaseException]) -> BaseException:
    """Return the error of a call that the loop's end cancelled: what it may have done on the server comes first."""
    unknown, error = cancelled.__cause__, refusal()
    if isinstance(unknown, RequestOutcomeUnknownError):
        cancelled.__cause__ = None  # else the two would refer to each other
        return unknown
    if isinstance(cancelled, FleetCancelled) and isinstance(error, ClientClosedError):
        return FleetClosedError(f"the client was closed during the fleet run, {cancelled}", report=cancelled.report)
    if hasattr(cancelled, "report"):
        error.__cause__ = cancelled  # of another kind of run: its report says what is left
    return error
