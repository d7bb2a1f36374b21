"""Tells running leases that the process is asked to end, by SIGTERM, or by SIGHUP when its terminal ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS: Final = (signal.SIGTERM,) if sys.platform == "win32" else (signal.SIGTERM, signal.SIGHUP)


class _Handlers(NamedTuple):
    """What an event loop does at the signals.

    Attributes:
        numbers: The signals that it handles.
        callbacks: What is called.
    """

    numbers: list[signal.Signals]
    callbacks: list[Callable[[], object]]


_handlers: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Handlers]] = WeakKeyDictionary()


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
    handlers = _handlers.get(loop)
    if handlers is None:
        if threading.current_thread() is not threading.main_thread():
            return _nothing
        handlers = _Handlers(ending_signals(), [])
        try:
            for number in handlers.numbers:
                loop.add_signal_handler(number, _call_all, handlers.callbacks)
        except (NotImplementedError, RuntimeError, ValueError):
            return _nothing
        _handlers[loop] = handlers
    handlers.callbacks.append(callback)

    def release() -> None:
        with suppress(ValueError):
            handlers.callbacks.remove(callback)
        if not handlers.callbacks and _handlers.pop(loop, None) is not None:
            # Only these: the program may have handlers of its own for the others.
            for number in handlers.numbers:
                loop.remove_signal_handler(number)

    return release


def _call_all(callbacks: list[Callable[[], object]]) -> None:
    for callback in list(callbacks):
        callback()


def _nothing() -> None:
    return None
