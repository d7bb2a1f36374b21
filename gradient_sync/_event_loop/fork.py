"""A forked child has a copy of its parent's loops, but their threads exist only in the parent."""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradient_sync._event_loop.process import Process


def detach_parent_threads(process: Process) -> None:
    """Detach the parent's loop threads, in a forked child.

    The child keeps the objects forever. If they were collected, their sockets would be removed from the ``epoll``
    object that the child shares with its parent, and the parent's next request would hang.
    """
    process.renew_lock()
    for thread in process.threads:
        thread.detach()
    process.parent_threads.extend(process.threads)
    process.threads.clear()


def detach_from_parent(selector: selectors.BaseSelector | None) -> None:
    """Replace the parent's ``epoll`` object in a forked child, so that garbage collection there does not change it."""
    if sys.platform == "linux" and isinstance(selector, selectors.EpollSelector):
        with contextlib.suppress(OSError, ValueError):  # no descriptor is free, or it is closed
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, selector.fileno(), inheritable=False)
            os.close(null)
