"""Tells running leases that the process is asked to end, by SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

_callbacks: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, list[Callable[[], object]]]] = WeakKeyDictionary()


def on_termination(callback: Callable[[], object]) -> Callable[[], None]:
    """Have a function called at SIGTERM, in place of the process's end. Return what takes it back.

    Only an event loop in the main thread can know of signals. A handler of the program's own is left alone: then it
    decides what SIGTERM does.
    """
    loop = asyncio.get_running_loop()
    callbacks = _callbacks.get(loop)
    if callbacks is None:
        if threading.current_thread() is not threading.main_thread():
            return _nothing
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            return _nothing
        callbacks = []
        try:
            loop.add_signal_handler(signal.SIGTERM, _call_all, callbacks)
        except (NotImplementedError, RuntimeError, ValueError):
            return _nothing
        _callbacks[loop] = callbacks
    callbacks.append(callback)

    def release() -> None:
        with suppress(ValueError):
            callbacks.remove(callback)
        if not callbacks and _callbacks.pop(loop, None) is not None:
            loop.remove_signal_handler(signal.SIGTERM)

    return release


def _call_all(callbacks: list[Callable[[], object]]) -> None:
    for callback in list(callbacks):
        callback()


def _nothing() -> None:
    return None
