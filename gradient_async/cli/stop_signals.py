"""Ctrl-C, ``kill`` and the end of the terminal during a run, and while its report is shown."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Any, Self

    Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None

# A wrapper may forward a signal that the terminal has sent too.
REPEAT_SECONDS: Final = 1.0
_HANGUP: Final = getattr(signal, "SIGHUP", None)


class StopSignals:
    """The handlers of SIGINT, SIGTERM, and SIGHUP if it is not ignored, as it is under ``nohup``.

    The first signal cancels the run. Repeats within a second are ignored, and those of SIGHUP always: a shell sends it
    again when it ends. Another later signal raises ``KeyboardInterrupt``, and so does the first one when no run is in
    progress.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last_heeded: float | None = None
        self._run: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._then: Callable[[], object] = lambda: None
        self._before: dict[signal.Signals, Handler] = {}
        self.is_received: bool = False
        self.is_terminated: bool = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # other threads cannot set handlers
            self._before = {number: signal.getsignal(number) for number in _numbers()}
            for number in self._before:
                signal.signal(number, self.receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After a signal, repeats can still arrive while the command ends.
        if not self.is_received:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def run_begins(self, then: Callable[[], object] = lambda: None) -> None:
        """Cancel the present task at the first signal.

        Args:
            then: Called in the event loop after that.
        """
        self._then = then
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - called by a coroutine
        self._run = asyncio.get_running_loop(), task

    def run_ends(self) -> None:
        """Stop cancelling a task."""
        self._run = None

    def receive(self, number: int, _: FrameType | None) -> None:
        """Handle a signal.

        Raises:
            KeyboardInterrupt: It is a late repeat, or no run is in progress.
        """
        if self.is_received and number == _HANGUP:
            return
        now = self._now()
        if self._last_heeded is not None and now - self._last_heeded < REPEAT_SECONDS:
            return
        is_first, self._last_heeded = not self.is_received, now
        if is_first:
            self.is_received, self.is_terminated = True, number != signal.SIGINT
        if is_first and self._run is not None:
            loop, task = self._run
            loop.call_soon_threadsafe(task.cancel)
            loop.call_soon_threadsafe(self._then)
            return
        raise KeyboardInterrupt


def _numbers() -> list[signal.Signals]:
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        numbers.append(signal.SIGHUP)
    return numbers
