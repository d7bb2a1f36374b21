"""Tells running leases that the process is asked to end, by SIGTERM, or by SIGHUP when its terminal ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS: Final = (signal.SIGTERM,) if sys.platform == "win32" else (signal.SIGTERM, signal.SIGHUP)
_callbacks: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, list[Callable[[], object]]]] = WeakKeyDictionary()


def ending_signals() -> list[signal.Signals]:
    """Return the signals that would end the process without a word.

    A handler of the program's own is left alone: then it decides what the signal does. Under ``nohup``, SIGHUP is
    ignored and stays so.
    """
    return [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]


def on_termination(callback: Callable[[], object]) -> Callable[[], None]:
    """Have a function called at the signals that would end the process. Return what takes it back.

    Only an event loop in the main thread can know of signals.
    """
    loop = asyncio.get_running_loop()
    callbacks = _callbacks.get(loop)
    if callbacks is None:
        if threading.current_thread() is not threading.main_thread():
            return _nothing
        callbacks = []
        try:
            for number in ending_signals():
                loop.add_signal_handler(number, _call_all, callbacks)
        except (NotImplementedError, RuntimeError, ValueError):
            return _nothing
        _callbacks[loop] = callbacks
    callbacks.append(callback)

    def release() -> None:
        with suppress(ValueError):
            callbacks.remove(callback)
        if not callbacks and _callbacks.pop(loop, None) is not None:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)  # does nothing to a handler of the program's own

    return release


def _call_all(callbacks: list[Callable[[], object]]) -> None:
    for callback in list(callbacks):
        callback()


def _nothing() -> None:
    return None
