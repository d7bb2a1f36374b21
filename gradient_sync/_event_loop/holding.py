"""A lease that is held by a caller without an event loop: a ``with`` block in place of an ``async with`` block."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from types import FrameType, TracebackType

    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.fleet.lease import DropletLease
    from gradient_async.models.droplet import Droplet

T = TypeVar("T")

_TERMINATED: Final = 128 + signal.SIGTERM


class Run(Protocol):
    """Runs an async method in the loop."""

    def __call__(self, method: Callable[[], Coroutine[object, object, T]], /) -> T: ...


class _BlockEnded(BaseException):
    """Ends a block whose lease is over. The end of the block turns it into ``LeaseExpiredError``."""


class Holding:
    """The caller's side of a lease.

    In the main thread, SIGTERM and SIGHUP end the block as Ctrl-C does, unless the program has a handler of its own,
    and so does the end of the lease's time. A block in another thread, or of a program with such a handler, cannot be
    interrupted: its Droplets are destroyed in time, and the error is raised at its end. In a forked child, the block's
    end does nothing: the Droplets are the parent's.

    Args:
        lease: The async lease.
        run: Runs an async method in the loop.

    Attributes:
        has_to_terminate: Whether a signal came as the end of the block began, and the process ends after it.
    """

    def __init__(self, lease: DropletLease, run: Run) -> None:
        self._lease = lease
        self._run = run
        self._pid = os.getpid()
        self._is_in_block = False
        self.has_to_terminate = False
        self._taken: list[signal.Signals] = []

    @property
    def id(self) -> str:
        """The lease's id, which is in the tag ``gradient-lease:<id>`` of its Droplets."""
        return self._lease.id

    @property
    def until(self) -> datetime | None:
        """When the lease ends at the latest, UTC; ``None`` before the block begins."""
        return self._lease.until

    @property
    def creation(self) -> CreationReport | None:
        """The report of creating; ``None`` before that has ended."""
        return self._lease.creation

    @property
    def report(self) -> DestroyReport | None:
        """The outcome of each Droplet; ``None`` before the block has ended."""
        return self._lease.report

    def __enter__(self) -> tuple[Droplet, ...]:
        if self._lease.until is not None:
            return self._run(self._lease.begin)  # refuses a second block, and the first may still run
        self._pid = os.getpid()
        try:
            self._take_signals()
            droplets = self._run(self._lease.begin)
            self._is_in_block = True
            if self._lease.is_expired:
                raise _BlockEnded  # noqa: TRY301 - as the signal's handler raises it
        except BaseException as error:
            # An interrupted call is waited for only for some seconds. The rest of its clean-up is seen through here.
            self._is_in_block = False
            if self._lease.until is not None and os.getpid() == self._pid:
                self._finish()
            self._give_signals_back()
            if self.has_to_terminate:
                raise SystemExit(_TERMINATED) from error
            if isinstance(error, _BlockEnded):
                raise self._lease.expired_error() from None
            raise
        return droplets

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_in_block = False
        if os.getpid() != self._pid:
            return
        try:
            interrupt = self._finish()
        finally:
            self._give_signals_back()
        if interrupt is None and self.has_to_terminate:
            interrupt = SystemExit(_TERMINATED)
        if interrupt is not None:
            self._lease.check(interrupt)
            raise interrupt
        if self._lease.is_expired:
            cause = None if isinstance(exc_value, _BlockEnded) else exc_value
            raise self._lease.expired_error() from cause
        self._lease.check(exc_value)

    def _finish(self) -> BaseException | None:
        """Destroy the Droplets. Return the first interrupt meanwhile; a second one ends the wait.

        Raises:
            BaseException: The second interrupt, or what destroying raised.
        """
        try:
            try:
                self._run(self._lease.finish)
            except (KeyboardInterrupt, SystemExit) as interrupt:
                self._run(self._lease.finish)
                return interrupt
        except BaseException as error:
            self._lease.note_unfinished(error)
            raise
        return None

    def _take_signals(self) -> None:
        """Take the signals that would kill the process."""
        if threading.current_thread() is not threading.main_thread():
            return
        from gradient_async.fleet.termination import ending_signals

        self._taken = ending_signals()
        for number in self._taken:
            signal.signal(number, self._terminate)
        if sys.platform != "win32" and signal.SIGTERM in self._taken:
            main = threading.get_ident()
            # From the loop's thread: the signal wakes the main thread out of a call that blocks.
            self._lease.on_expiry = lambda: signal.pthread_kill(main, signal.SIGTERM)

    def _give_signals_back(self) -> None:
        for number in self._taken:
            if signal.getsignal(number) == self._terminate:
                signal.signal(number, signal.SIG_DFL)
        self._taken = []

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        """End the block: its time is over, or the process is asked to end."""
        if os.getpid() != self._pid:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        elif not self._lease.is_expired:
            # Of two signals at once, the second one comes as the block's end begins, and must not skip what that does.
            if frame is not None and frame.f_code in (Holding.__exit__.__code__, Holding._finish.__code__):
                cast("Holding", frame.f_locals["self"]).has_to_terminate = True
                return
            raise SystemExit(_TERMINATED)
        elif self._is_in_block:
            self._is_in_block = False
            raise _BlockEnded
