"""The interrupt of a destructor, which Python would only show: it is raised again once the destructor has returned."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import weakref

_LOOK_SECONDS: Final = 0.02
_MAX_LOOKS: Final = 50


def repeat_interrupt(after: weakref.ref[object]) -> None:
    """Interrupt the main thread, which cannot raise the interrupt where it got it.

    Not from the loop's thread: a dropped iterator can be the last to need its client, and the loop ends with that.

    Args:
        after: To what does not exist any more when the main thread can raise.
    """
    threading.Thread(target=_interrupt, args=(after,), name="gradient-sync interrupt", daemon=True).start()


def _interrupt(after: weakref.ref[object]) -> None:
    # A signal does not wake a thread that has looked for signals and is about to wait. So it comes when the thread has
    # stayed in one place: it waits there, or it runs Python code, which looks for signals.
    place = None
    for _ in range(_MAX_LOOKS):
        time.sleep(_LOOK_SECONDS)
        last_place, place = place, _main_thread_place()
        if place is None:
            return
        if after() is None and place == last_place:
            break
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        # To that thread: otherwise a system call that it waits in would not end.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _main_thread_place() -> tuple[int, int] | None:
    """Return which frame the main thread runs and which instruction; ``None`` at the end of the process."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented, for debuggers
    return None if frame is None else (id(frame), frame.f_lasti)
