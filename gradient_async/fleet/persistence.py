"""Completes work that a cancellation must not cut off, such as destroying what is billed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# The end of an event loop cancels every task, and some of its owners do so more than once.
_MAX_RESTARTS: Final = 5


async def shielded_result(work: Callable[[], asyncio.Task[T]], note: Callable[[T], None]) -> T:
    """Wait for the end of a task, also while the caller is cancelled. Start the work again if it was cancelled.

    Args:
        work: Returns the task that does the work, a new one if the last one was cancelled. The work has an end by
            itself, and may be begun again.
        note: Takes the result, also if the caller was cancelled.

    Returns:
        The result.

    Raises:
        asyncio.CancelledError: The caller was cancelled; the work has ended.
        Exception: What the work raised.
    """
    cancelled: asyncio.CancelledError | None = None
    task = work()
    # The shield holds the cancellations of scopes, and the loop those of ``Task.cancel``.
    with anyio.CancelScope(shield=True):
        for _ in range(_MAX_RESTARTS):
            while not task.done():
                try:
                    await asyncio.wait([task])
                except asyncio.CancelledError as error:
                    cancelled = error
            if task.cancelled():
                task = work()
    result = await task
    note(result)
    if cancelled is not None:
        raise cancelled
    return result
