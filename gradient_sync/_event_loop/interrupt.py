"""The interrupt of a destructor, which Python would only show: it is raised again once the destructor has returned."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import weakref

_LOOK_SECONDS: Final = 0.02
_MAX_LOOKS: Final = 50


def repeat_interrupt(error: BaseException, after: weakref.ref[object]) -> bool:
    """Send the main thread the signal again whose handler asked the program to end where it cannot.

    Not from the loop's thread: a dropped iterator can be the last to need its client, and the loop ends with that.

    Args:
        error: What was raised.
        after: To what does not exist any more when the main thread can raise.

    Returns:
        Whether it is sent again. Not if the error is another one: it would come after what it was meant for.
    """
    number = _signal_of(error)
    if number is None:
        return False
    arguments = (number, signal.getsignal(number), after)
    threading.Thread(target=_interrupt, args=arguments, name="gradient-sync interrupt", daemon=True).start()
    return True


def _signal_of(error: BaseException) -> signal.Signals | None:
    if not isinstance(error, (KeyboardInterrupt, SystemExit)):
        return None
    codes = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
    for number in signal.Signals:
        if getattr(signal.getsignal(number), "__code__", None) in codes:
            return number
    return signal.SIGINT if isinstance(error, KeyboardInterrupt) else None


def _interrupt(number: signal.Signals, handler: object, after: weakref.ref[object]) -> None:
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
    if signal.getsignal(number) != handler:
        return  # by now it would do something else, such as end the process
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        # To that thread: otherwise a system call that it waits in would not end.
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def _main_thread_place() -> tuple[int, int] | None:
    """Return which frame the main thread runs and which instruction.

    It runs none at the end of the process, and at an interactive prompt, where nothing is left to interrupt.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented, for debuggers
    return None if frame is None else (id(frame), frame.f_lasti)
