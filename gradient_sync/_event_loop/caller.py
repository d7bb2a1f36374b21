"""A check of the caller: a thread with a running event loop blocks that loop."""

from __future__ import annotations

import asyncio
import sys
import warnings


class BlockingCallInEventLoopWarning(RuntimeWarning):
    """The sync client was called inside a running event loop, which stands still until the call returns.

    Use the async client there, or make the call in a thread: ``await asyncio.to_thread(...)``.
    """


def warn_in_event_loop() -> None:
    """Warn if the caller's thread runs an event loop; not in a notebook, where nothing else needs that loop."""
    if _is_in_event_loop() and "ipykernel" not in sys.modules:
        warnings.warn(
            "the sync client blocks the event loop that it is called in; use the async client there",
            BlockingCallInEventLoopWarning,
            stacklevel=5,  # past check_caller(), run() or __next__(), and the client's own method
        )


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
