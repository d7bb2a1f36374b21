"""A forked child: it has a copy of its parent's loops, whose threads exist in the parent alone."""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradient_sync._event_loop.process import Process


def put_parent_aside(process: Process) -> None:
    """Put the parent's loop threads aside, in a forked child.

    The child keeps them for ever. If they were collected, their sockets would be removed from the ``epoll`` object that
    the child shares with its parent, and the parent's next request would hang.
    """
    process.renew_lock()
    for thread in process.threads:
        thread.put_aside()
    process.relics.extend(process.threads)
    process.threads.clear()


def detach_from_parent(selector: selectors.BaseSelector | None) -> None:
    """Replace the parent's ``epoll`` object in a forked child, so that nothing that is collected there changes it."""
    if sys.platform == "linux" and isinstance(selector, selectors.EpollSelector):
        with contextlib.suppress(OSError, ValueError):  # no descriptor is free, or it is closed
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, selector.fileno(), inheritable=False)
            os.close(null)
