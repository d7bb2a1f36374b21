"""The thread that runs a loop, and the calls that the loop must finish."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import selectors
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING, Final, TypeVar

from gradient_async.clean_up import clean_up_seconds
from gradient_sync._event_loop.call import Call
from gradient_sync._event_loop.caller import warn_in_event_loop
from gradient_sync._event_loop.fork import detach_from_parent
from gradient_sync._event_loop.process import PROCESS
from gradient_sync._event_loop.refusals import closed_error, error_of_cancelled, forked_error, lost_error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gradient_sync._event_loop.iteration import Steps

T = TypeVar("T")

# For the report of a clean-up that a second interrupt cuts short.
_LAST_WORDS_SECONDS: Final = 1.0


class LoopThread:
    """An event loop, its thread, and the calls that it must finish.

    Args:
        grace_seconds: The longest wait for clean-up, in seconds.
    """

    def __init__(self, grace_seconds: float) -> None:
        self._pid = os.getpid()
        self._owner = threading.Lock()  # of the loop: the first to take it either runs the loop or closes it
        self._has_started = False
        self._has_ended = False
        self._grace_seconds = grace_seconds
        self._calls: set[Call[object]] = set()
        self._abandoned: set[Call[object]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._serving: asyncio.Task[None] | None = None
        self._last_call: Call[object] | None = None
        self._parents_tasks: list[asyncio.Task[None] | None] = []
        self._refusal: Callable[[], BaseException] | None = None  # set once the end has begun
        # In an empty context: neither the loop nor its thread may keep the first caller's values alive.
        self._thread = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name="gradient-sync event loop", daemon=True
        )
        # Last, since it must be closed: an interrupt before the caller has this object leaves it open.
        self._selector, self._loop = contextvars.Context().run(new_loop)

    @property
    def is_over(self) -> bool:
        """Whether it takes no calls: it has not started, it has ended, or it is the parent's."""
        return self._has_ended or not self._has_started

    def start(self) -> None:
        """Start the thread. If that fails or is interrupted, the thread is over."""
        try:
            PROCESS.threads.add(self)
            self._thread.start()
            self._has_started = True
        except BaseException:
            # The exception does not show whether there is a thread: an interrupt can come before its launch or after.
            if not self.abandon():
                self.end(lost_error)
            raise

    def abandon(self) -> bool:
        """Close the loop, unless the thread runs it. Return whether it was closed."""
        if not self._owner.acquire(blocking=False):
            return False
        self._has_ended = True
        self._loop.close()
        PROCESS.threads.discard(self)
        return True

    def check_caller(self) -> None:
        """Refuse the loop's own thread, and warn inside a running event loop."""
        self.check_not_own()
        warn_in_event_loop()

    def check_not_own(self) -> None:
        """Refuse the loop's own thread, which would wait for itself.

        Raises:
            RuntimeError: Called by the loop's own thread.
        """
        if self.is_current and not self.is_over:
            raise RuntimeError(
                "the sync client was called by a coroutine that it runs, and would wait for itself for ever; "
                "await the async client there"
            )

    def perform(self, call: Call[T], enter: Callable[[asyncio.TaskGroup, Call[T]], None] | None = None) -> T:
        """Run a call and return its result.

        Args:
            call: The call.
            enter: Passes the call to an existing task, in the loop. Without it, the call gets a task of its own.

        Raises:
            BaseException: The error of the call, or the reason why it was not run.
        """
        self._submit(call, self._admit, call, enter)
        return self._outcome(call)

    def cancel(self, call: Call[object]) -> None:
        """Cancel a call that another thread waits for."""
        self._post(call.cancel)

    @property
    def is_current(self) -> bool:
        """Whether the caller is the loop's own thread."""
        return threading.get_ident() == self._thread.ident

    def leave(self, steps: Steps[T], *, is_waited_for: bool) -> None:
        """Close an iteration.

        Args:
            steps: The loop's side of it.
            is_waited_for: Whether to wait for the end of ``aclose()``. The loop's own thread, which can collect an
                iterator as garbage, never waits.
        """
        if self.is_over:
            return
        if not is_waited_for or self.is_current:
            self._post(steps.leave)
            return
        call = Call(steps.close)
        self._submit(call, self._admit, call, steps.take, seconds=self._grace_seconds)
        if call.error is not None and self._refusal is None:
            self._outcome(call)

    def begin_to_close(self, aclose: Callable[[], Coroutine[object, object, None]]) -> Call[None] | None:
        """Stop the loop after a last call, without waiting. Return the call, or ``None`` if the loop is over."""
        if self.is_over:
            return None
        last = Call(aclose)
        self._enter(last, self._end, closed_error, last)
        return last

    def close(self, last: Call[None] | None) -> None:
        """Wait for the last call, if there is one, then for the end of the thread."""
        deadline = time.monotonic() + self._grace_seconds
        try:
            if last is not None:
                self._submit(last, None, seconds=self._grace_seconds)
        finally:
            self.end(closed_error)
        if not self.join(max(deadline - time.monotonic(), self._clean_up_seconds())):
            warnings.warn(
                f"the sync client's event loop did not end within {self._grace_seconds:g} s",
                ResourceWarning,
                stacklevel=4,
            )
        if last is not None and last.is_finished and last.has_begun:
            self._outcome(last)

    def end(self, refusal: Callable[[], BaseException]) -> None:
        """Stop the loop, without waiting.

        Args:
            refusal: Makes the error of each call that does not finish.
        """
        if self._pid == os.getpid():  # and not a child's copy of its parent's
            self._post(self._end, refusal, None)

    def cut_short(self) -> None:
        """Stop the loop, and cancel its last call, without waiting."""
        self.end(closed_error)
        self._post(self._cancel_last_call)

    def join(self, seconds: float) -> bool:
        """Wait for the end of the thread, for at most ``seconds``. Return whether it has ended."""
        if self._thread.is_alive():
            self._thread.join(max(seconds, 0))
        return not self._thread.is_alive()

    def detach(self) -> None:
        """Accept no more calls, in a forked child: the loop is the parent's."""
        self._refusal = forked_error
        self._has_ended = True
        calls = self._calls.copy()
        # If the child collected a task, the task's clean-up would run in the child.
        self._parents_tasks = [call.task for call in calls]
        for call in calls:
            call.finish(forked_error())
        detach_from_parent(self._selector)

    def _submit(
        self,
        call: Call[object],
        callback: Callable[..., None] | None,
        *args: object,
        seconds: float = threading.TIMEOUT_MAX,
    ) -> None:
        """Let the loop run a callback that starts the call, unless that is done, and wait for the call's end."""
        try:
            if callback is not None:
                self._enter(call, callback, *args)
            call.wait(seconds)
        except BaseException as interrupt:
            try:
                self._cancel(call)
            finally:
                # Of two signals at once, the second one raises here, before the loop knows of the first.
                if not call.is_cancelled:
                    self._cancel(call)
            if interrupt.__context__ is None:
                interrupt.__context__ = call.error
            raise
        finally:
            self._calls.discard(call)
            if not call.is_finished:
                self._keep(call)

    def _enter(self, call: Call[object], callback: Callable[..., None], *args: object) -> None:
        self._calls.add(call)
        # Checked after the call was added: if the loop ends from now on, it finishes the call too.
        if self.is_over:
            call.reject(self._refuse())
        else:
            self._post(callback, *args)

    def _cancel(self, call: Call[object]) -> None:
        """Cancel a call, and wait for its clean-up: for the grace, or for the time that the clean-up has announced.

        Another interrupt ends the wait. It cuts an announced clean-up short, which then says what it has left.
        """
        self._post(call.cancel)
        call.is_cancelled = True
        try:
            call.wait(self._grace_seconds)
            while not call.is_finished and (left := clean_up_seconds(call.task)):
                call.wait(left)
        except BaseException as second:
            if clean_up_seconds(call.task):
                self._post(call.cancel)
                call.wait(_LAST_WORDS_SECONDS)
                second.__context__ = call.error or second.__context__
            raise

    def _clean_up_seconds(self) -> float:
        """Return for how many seconds the running calls still need to be waited for."""
        return max(
            (clean_up_seconds(call.task) for call in (*self._calls, *self._abandoned) if not call.is_finished),
            default=0.0,
        )

    def _keep(self, call: Call[object]) -> None:
        """Keep a reference to a call without a waiting caller, so that its task is not collected before its end."""
        for other in self._abandoned.copy():
            if other.is_finished:
                self._abandoned.discard(other)
        self._abandoned.add(call)

    def _outcome(self, call: Call[T]) -> T:
        error, call.error = call.error, None
        if error is None:
            return call.result
        try:
            if isinstance(error, asyncio.CancelledError) and self._refusal is not None:
                raise error_of_cancelled(error, self._refusal) from error
            raise error
        finally:
            del error  # otherwise it would hold this frame, and this frame it

    def _refuse(self) -> BaseException:
        return (self._refusal or lost_error)()

    def _post(self, callback: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and has rejected all its calls
            self._loop.call_soon_threadsafe(callback, *args)

    # All methods below run in the loop's thread.

    def _run(self) -> None:
        if not self._owner.acquire(blocking=False):
            return  # the caller that started it was interrupted, and has closed the loop
        try:
            self._serving = self._loop.create_task(self._serve())
            self._complete(self._serving)
            self._complete(self._loop.create_task(self._clean_up()))
        finally:
            self._has_ended = True
            for call in self._calls.copy():
                call.reject(self._refuse())
            self._loop.close()
            PROCESS.threads.discard(self)

    def _complete(self, task: asyncio.Task[None]) -> None:
        while not task.done():
            # SystemExit and KeyboardInterrupt of any task leave run_until_complete(), beside reaching what awaits that
            # task. The loop continues, since it serves other calls too.
            with contextlib.suppress(SystemExit, KeyboardInterrupt, asyncio.CancelledError):
                self._loop.run_until_complete(task)

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as self._group:
            try:
                await self._loop.create_future()  # until the end, which cancels this task
            finally:
                self._refusal = self._refusal or lost_error
                await _cancel_all({call.task for call in self._calls.copy() if call.task is not None})

    def _admit(self, call: Call[T], enter: Callable[[asyncio.TaskGroup, Call[T]], None] | None) -> None:
        if self._refusal is not None:
            call.reject(self._refuse())
        elif self._group is None:  # the first call can come before the loop's first round
            self._loop.call_soon(self._admit, call, enter)
        elif enter is not None:
            enter(self._group, call)
        else:
            # No task of the group, which would take a further round of the loop for each. The call holds its task, and
            # the loop finishes its calls.
            call.task = self._loop.create_task(call.work())

    def _end(self, refusal: Callable[[], BaseException], last: Call[object] | None) -> None:
        if self._refusal is None and self._serving is not None:
            self._refusal = refusal
            self._last_call = last
            self._serving.cancel()
        elif last is not None:
            last.reject(self._refuse())

    def _cancel_last_call(self) -> None:
        if self._last_call is not None and not self._last_call.is_cancelled:
            self._last_call.cancel()

    async def _clean_up(self) -> None:
        if self._last_call is not None:
            async with asyncio.TaskGroup() as group:
                self._last_call.task = group.create_task(self._last_call.work())
        strays = asyncio.all_tasks() - {asyncio.current_task()}
        for stray in strays:
            stray.cancel()
        if strays:
            await asyncio.wait(strays, timeout=self._grace_seconds)
        await self._loop.shutdown_asyncgens()
        # Python 3.12.0 and 3.12.1 start no thread at exit, not even the one that this needs.
        with contextlib.suppress(RuntimeError):
            await self._loop.shutdown_default_executor()


async def _cancel_all(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def new_loop() -> tuple[selectors.BaseSelector | None, asyncio.AbstractEventLoop]:
    """Make an event loop, and return its selector too, where it has one."""
    if sys.platform == "win32":
        return None, asyncio.ProactorEventLoop()
    selector = selectors.DefaultSelector()
    return selector, asyncio.SelectorEventLoop(selector)
