"""All loop threads of this process, for what concerns them all: its exit, and a fork."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from gradient_sync._event_loop.fork import put_parent_aside
from gradient_sync._event_loop.refusals import exiting_error

if TYPE_CHECKING:
    from gradient_sync._event_loop.thread import LoopThread

# A loop that has not ended by then is frozen with the interpreter. A longer wait would look like a process that hangs.
_MAX_EXIT_SECONDS: Final = 1.0


class Process:
    """The loop threads of a process.

    Attributes:
        lock: Held while a client starts or closes its loop.
        threads: Those that may run.
        relics: Those of the parent, in a forked child.
        is_exiting: Whether the interpreter exits, and no thread may start.
    """

    def __init__(self) -> None:
        self.renew_lock()
        self.threads: set[LoopThread] = set()
        self.relics: list[LoopThread] = []
        self.is_exiting = False

    def renew_lock(self) -> None:
        """Make the lock anew: a forked child's copy may be held by a thread that it does not have."""
        # Re-entrant, for signal handlers that close a client while its first call starts it.
        self.lock = threading.RLock()

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
    os.register_at_fork(after_in_child=partial(put_parent_aside, PROCESS))
