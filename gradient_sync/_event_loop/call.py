"""One call: a coroutine that a caller submits to the loop and waits for."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T_co = TypeVar("T_co", covariant=True)

# On Windows, Ctrl-C does not wake a thread that waits for a lock (bpo-29971). Elsewhere it does not wake one that has
# looked for signals and is about to wait. The thread wakes by itself to notice it.
_MAX_WAIT_SECONDS: Final = 0.1 if sys.platform == "win32" else 1.0


class Call(Generic[T_co]):
    """A coroutine, and the result or the error that it ended with.

    The caller's thread makes the call and waits for its end. All other methods run in the loop's thread, and so does
    what makes the coroutine: an interrupt in the caller's thread would drop a coroutine that was never awaited.

    Args:
        start: Makes the coroutine to run.

    Attributes:
        task: The task that runs the coroutine, while there is one.
        error: The error that the coroutine raised, or with which the call was rejected.
        has_begun: Whether the coroutine was started.
        is_cancelled: Whether the loop was told to cancel it, since its caller was interrupted.
        is_finished: Whether the result or the error is known.
        result: The coroutine's result, after the call has finished without an error.
    """

    __slots__ = ("_done", "_start", "error", "has_begun", "is_cancelled", "is_finished", "result", "task")

    result: T_co

    def __init__(self, start: Callable[[], Coroutine[object, object, T_co]]) -> None:
        self._start = start
        self.has_begun = False
        self.is_cancelled = False
        self.task: asyncio.Task[None] | None = None
        self.error: BaseException | None = None
        self.is_finished = False
        self._done = threading.Lock()
        self._done.acquire()

    def wait(self, seconds: float) -> None:
        """Block the caller until the call has finished, for at most ``seconds``."""
        deadline = time.monotonic() + seconds
        while not self.is_finished and (left := deadline - time.monotonic()) > 0:
            self._done.acquire(timeout=min(left, _MAX_WAIT_SECONDS))

    async def work(self) -> None:
        """Run the coroutine. The caller gets all that it raises, the loop nothing."""
        if self.is_finished:
            return
        self.has_begun = True
        try:
            self.result = await self._start()
        except BaseException as error:  # noqa: BLE001 - SystemExit, for example, must end its caller and not this thread
            self.finish(error)
        else:
            self.finish(None)

    def cancel(self) -> None:
        """Cancel the coroutine."""
        if self.has_begun and self.task is not None:
            self.task.cancel()
        else:
            self.reject(asyncio.CancelledError())

    def reject(self, error: BaseException) -> None:
        """Finish a call whose coroutine will not run, or not finish."""
        if not self.is_finished:
            self.finish(error)

    def finish(self, error: BaseException | None) -> None:
        """Keep the error, if there is one, and wake the caller."""
        self.error = error
        # The loop's thread frees the task. In the caller's, an interrupt could hit a callback of its weak references,
        # and Python ignores what they raise.
        self.task = None
        self.is_finished = True
        with contextlib.suppress(RuntimeError):  # it was woken before
            self._done.release()
