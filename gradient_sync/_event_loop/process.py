"""All loop threads of this process: their end at its exit, and a fork."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from gradient_sync._event_loop.fork import detach_parent_threads
from gradient_sync._event_loop.refusals import exiting_error

if TYPE_CHECKING:
    from gradient_sync._event_loop.thread import LoopThread

# A loop that has not ended by then is frozen with the interpreter. A longer wait would look like a process that hangs.
_MAX_EXIT_SECONDS: Final = 1.0


class Process:
    """The loop threads of a process.

    Attributes:
        lock: Held while a client starts or closes its loop.
        threads: The threads that may run.
        parent_threads: The threads of the parent, in a forked child.
        is_exiting: Whether the interpreter exits, and no thread may start.
    """

    def __init__(self) -> None:
        self.renew_lock()
        self.threads: set[LoopThread] = set()
        self.parent_threads: list[LoopThread] = []
        self.is_exiting = False

    def renew_lock(self) -> None:
        """Replace the lock: in a forked child, its copy may be held by a thread that does not exist there."""
        # Re-entrant, for signal handlers that close a client while its first call starts it.
        self.lock = threading.RLock()

    def is_loop_thread(self) -> bool:
        """Return whether the caller is the thread of any loop."""
        return any(thread.is_current for thread in self.threads.copy())

    def end(self) -> None:
        """Stop all loops, at the interpreter's exit."""
        self.is_exiting = True
        deadline = time.monotonic() + _MAX_EXIT_SECONDS
        threads = self.threads.copy()
        for thread in threads:
            thread.end(exiting_error)
        for thread in threads:
            thread.join(deadline - time.monotonic())


PROCESS: Final = Process()
# Registered at import, so that it runs after the program's own exit handlers, which may use its clients.
atexit.register(PROCESS.end)

if sys.platform != "win32":
    os.register_at_fork(after_in_child=partial(detach_parent_threads, PROCESS))
