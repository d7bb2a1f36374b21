"""The event loop of one sync client."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast

from gradient_sync._event_loop.call import Call
from gradient_sync._event_loop.holding import Holding
from gradient_sync._event_loop.interrupt import repeat_interrupt
from gradient_sync._event_loop.iteration import Items
from gradient_sync._event_loop.process import PROCESS
from gradient_sync._event_loop.refusals import closed_error, exiting_error
from gradient_sync._event_loop.thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from gradient_async.fleet.lease import DropletLease
    from gradient_async.fleet.lease_types import AsyncLease, Lease
    from gradient_async.streams import Stream

P = ParamSpec("P")
T = TypeVar("T")

_GRACE_SECONDS: Final = 5.0


class EventLoop:
    """Runs async methods for callers that cannot await.

    Any thread may call the methods, except the loop's own, which would wait for itself.

    Args:
        grace_seconds: The longest wait for clean-up, in seconds, after an interrupt and at closing.
    """

    def __init__(self, *, grace_seconds: float = _GRACE_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._thread: LoopThread | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, started or not."""
        return self._is_closed

    def run(self, method: Callable[P, Coroutine[object, object, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an async method in the loop, which the first call starts, and return its result.

        The method sees the caller's context variables. Values that it sets in them are not visible to the caller.

        Args:
            method: The method. The loop's thread calls it.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Raises:
            ClientClosedError: Closed, before the call or during it.
            RuntimeError: Called by the loop's own thread; or, in a forked child, the call is the parent's.
            BaseException: The very error that the method raised.
        """
        thread = self._open_thread()
        thread.check_caller()
        return thread.perform(Call(partial(method, *args, **kwargs)))

    def iterate(self, items: AsyncIterator[T]) -> Stream[T]:
        """Iterate over an async iterator, entering the loop once an item, or once a page of a ``PageSource``.

        One task takes all the steps, so that cancel scopes and context variables inside an async generator hold from
        one item to the next. It runs ``aclose()``, where the async iterator has that, as soon as the items are
        exhausted, or the iterator returned here is dropped or closed.

        Raises:
            ClientClosedError: Closed, before the iteration or during it.
            RuntimeError: Called by the loop's own thread; or, in a forked child, the iteration began in the parent.
            BaseException: The very error that the async iterator raised.
        """
        return Items(items, self._open_thread)

    def hold(self, lease: AsyncLease) -> Lease:
        """Return a lease for a ``with`` block, whose Droplets are created and destroyed in the loop."""
        return Holding(cast("DropletLease", lease), self.run)

    def close(self, aclose: Callable[[], Coroutine[object, object, None]]) -> None:
        """Cancel the running calls, run ``aclose()``, stop the loop and wait for the end of its thread.

        Running calls raise ``ClientClosedError`` to their callers, and so do later ones. A running call whose request
        may have been executed raises ``RequestOutcomeUnknownError``, and a fleet run ``FleetClosedError``. If no loop
        runs, none is started and ``aclose`` is not called. Closing again only waits. A loop that does not end within
        the grace ends with the process, with a ``ResourceWarning``.

        Args:
            aclose: Makes the coroutine that closes the async client.

        Raises:
            RuntimeError: Called by the loop's own thread.
            BaseException: The error of ``aclose()``. The loop has ended in this case too.
        """
        thread, is_first, last = None, False, None
        try:
            with PROCESS.lock:
                thread = self._thread
                if thread is not None:
                    thread.check_not_own()
                is_first, self._is_closed = not self._is_closed, True
                if thread is not None and is_first:
                    # Under the lock: a second closer, who has nothing to run, must not end the loop before.
                    last = thread.begin_to_close(aclose)
            if thread is not None:
                thread.close(last)
        except BaseException:
            # An interrupt can come after the last call has begun, and before it is waited for.
            if thread is not None and is_first:
                thread.cut_short()
            raise

    def _open_thread(self) -> LoopThread:
        with PROCESS.lock:
            while True:
                thread = self._thread
                if self._is_closed:
                    raise closed_error()
                if PROCESS.is_exiting:
                    raise exiting_error()
                if thread is not None and not thread.is_over:
                    return thread
                made = LoopThread(self._grace_seconds)
                # The lock keeps other threads out, but not a signal handler, which may have closed or called this
                # client in the meantime. A handler runs only where something is called: none runs between these checks
                # and the assignment.
                try:
                    if self.is_closed or self._thread is not thread:
                        made.abandon()
                        continue
                    self._thread = made
                    weakref.finalize(self, _end, made).atexit = False
                    made.start()
                except BaseException:
                    made.abandon()
                    raise


def _end(thread: LoopThread) -> None:
    """End the loop of a client that was collected."""
    until_return: set[None] = set()
    try:
        thread.end(exiting_error)
    except BaseException as error:
        # Python would only show an interrupt here, and the loop would run on if it came first.
        thread.end(exiting_error)
        if not repeat_interrupt(error, after=weakref.ref(until_return)):
            raise
