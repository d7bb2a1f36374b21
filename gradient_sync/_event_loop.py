"""The private event loop on which the sync client runs the coroutines of the async one.

A client that has made no call has no thread. Its first call starts one daemon thread, ``gradient-sync event loop``, and
from then on every call, from any thread, is one coroutine in a task group of that loop: handed over, awaited, and its
result or its own exception handed back. Sockets, sessions and timers live in that thread and nowhere else.

* **Interrupt**: Ctrl-C, and whatever else a signal handler raises, cancels the coroutine in the loop and waits for its
  clean-up, for five seconds at most and only until the second Ctrl-C. What the coroutine ended with becomes the
  interrupt's ``__context__``.
* **Exit**: a client that nobody closed ends with the process, in silence: its requests are cancelled, its connections
  closed. Only daemon threads can still be in a call then, and they end by ``SystemExit``, of which nothing is printed.
* **Fork**: in the child, everything of the parent's loop is put aside for ever, and the next call starts a new loop.
* **Running event loops**: a call inside one works, but that loop stands still until it returns. It warns
  (``BlockingCallInEventLoopWarning``), except in a notebook, where nothing else waits for the loop.

Known limits: threads patched by gevent or eventlet are unsupported. Windows notices Ctrl-C up to a tenth of a second
late. A name look-up that hangs in the standard library's resolver threads delays the end of the process.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import os
import selectors
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar, cast, runtime_checkable

from gradient_async.errors import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from types import TracebackType
    from typing import Self

    from gradient_async.streams import Stream

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_GRACE_SECONDS: Final = 5.0
# What has not ended by then is frozen with the interpreter: the process must be gone before its user wonders.
_EXIT_SECONDS: Final = 1.0
# Windows does not wake a thread that waits for a lock when Ctrl-C comes (bpo-29971), so it has to look up by itself.
_LONGEST_WAIT_SECONDS: Final = 0.1 if sys.platform == "win32" else threading.TIMEOUT_MAX


class BlockingCallInEventLoopWarning(RuntimeWarning):
    """The sync client was called inside a running event loop, which stands still until the call returns.

    Use the async client there, or make the call in a thread: ``await asyncio.to_thread(...)``.
    """


@runtime_checkable
class PageSource(Protocol[T_co]):
    """An async iterator that can be read a page at a time, so that the loop is entered once a page."""

    async def next_page(self) -> Sequence[T_co] | None:
        """Read the next items, in order; ``None`` after the last ones."""


class EventLoop:
    """Runs coroutines to their end for callers that cannot await.

    All methods may be called from any thread except the loop's own, where they would wait for themselves.

    Args:
        grace_seconds: The longest wait for clean-up, after an interrupt and at closing.
    """

    def __init__(self, *, grace_seconds: float = _GRACE_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._thread: _LoopThread | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, started or not."""
        return self._is_closed

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine in the loop, which the first call starts, and return its result.

        The coroutine sees the caller's context variables; what it sets in them stays its own.

        Raises:
            ClientClosedError: Closed, before the call or during it.
            RuntimeError: Called by the loop's own thread; or, in a forked child, the call is the parent's.
            BaseException: Whatever the coroutine raised, that very object.
        """
        try:
            thread = self._open_thread()
            thread.check_caller()
        except BaseException:
            coroutine.close()
            raise
        return thread.perform(_Call(coroutine))

    def iterate(self, items: AsyncIterator[T]) -> Stream[T]:
        """Iterate over an async iterator, entering the loop once an item, or once a page of a ``PageSource``.

        One task takes all the steps, so that cancel scopes and context variables inside an async generator hold from
        one item to the next. It runs ``aclose()``, where the async iterator has that, as soon as the items are
        exhausted, or the iterator returned here is dropped or closed.

        Raises:
            ClientClosedError: Closed, before the iteration or during it.
            RuntimeError: Called by the loop's own thread; or, in a forked child, the iteration began in the parent.
            BaseException: Whatever the async iterator raised, that very object.
        """
        return _Items(items, self._open_thread)

    def close(self, aclose: Callable[[], Coroutine[object, object, None]]) -> None:
        """Cancel the calls under way, run ``aclose()``, stop the loop and wait for the end of its thread.

        Calls under way raise ``ClientClosedError`` to their callers, and so do later ones. Where no loop runs none is
        started, and ``aclose`` is not called. Closing again only waits. What resists for longer than the grace is left
        to end with the process, with a ``ResourceWarning``.

        Args:
            aclose: Makes the coroutine that closes the async client.

        Raises:
            RuntimeError: Called by the loop's own thread.
            BaseException: Whatever ``aclose()`` raised; the loop has ended nevertheless.
        """
        with _processwide.lock:
            thread, is_first = self._thread, not self._is_closed
            if thread is not None:
                thread.refuse_itself()
            self._is_closed = True
        if thread is not None:
            thread.close(aclose if is_first else None)

    def _open_thread(self) -> _LoopThread:
        with _processwide.lock:
            while True:
                thread = self._thread
                if self._is_closed:
                    raise _closed_error()
                if _processwide.is_exiting:
                    raise _exiting_error()
                if thread is not None and not thread.is_over:
                    return thread
                made = _LoopThread(self._grace_seconds)
                # The lock keeps other threads out, but no signal handler, which may have closed or called this client.
                # They run where something is called: none can come in between the looks at both and the assignment.
                if self.is_closed or self._thread is not thread:
                    made.abandon()
                    continue
                self._thread = made
                weakref.finalize(self, made.end, _exiting_error).atexit = False
                made.start()


def materialized(items: T) -> T:
    """Return an iterator's items, read in the caller's thread, since it may call the client; anything else as it is."""
    return cast("T", tuple(items)) if isinstance(items, Iterator) else items


def checked_http_session(http_session: T) -> T:
    """Return a function that makes sessions; refuse a session, which belongs to another event loop.

    Raises:
        TypeError: It is a session, and not a function that makes one.
    """
    if http_session is not None and not callable(http_session):
        raise TypeError(
            "http_session: the sync client has an event loop of its own and makes its sessions there; "
            f"pass a function that makes one, got {type(http_session).__name__}"
        )
    return http_session


class _Items(Generic[T]):
    """The caller's end of an iteration."""

    def __init__(self, items: AsyncIterator[T], open_thread: Callable[[], _LoopThread]) -> None:
        self._steps = _Steps(items)
        self._open_thread = open_thread
        self._thread: _LoopThread | None = None
        self._page: deque[T] = deque()
        self._is_stepping = False
        self._is_done = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while not self._page:
            page = None if self._is_done else self._next_page()
            if page is None:
                self._is_done = True
                raise StopIteration
            self._page.extend(page)
        return self._page.popleft()

    def close(self) -> None:
        """Drop the items at hand and close the async iterator."""
        self._page.clear()
        if self._thread is not None and not self._is_done:
            # A step still under way was interrupted, and its user has waited for it long enough.
            self._thread.leave(self._steps, is_waited_for=not self._is_stepping)
        self._is_done = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self.close()

    def _next_page(self) -> Sequence[T] | None:
        if self._thread is None:
            self._thread = self._open_thread()
        self._thread.check_caller()
        step = _Call(self._steps.next_page())
        self._is_stepping = True
        try:
            return self._thread.perform(step, self._steps.take)
        finally:
            self._is_stepping = not step.is_finished


class _Steps(Generic[T]):
    """The loop's end of an iteration: the one task that takes every step of one async iterator."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._asked: asyncio.Queue[_Call[Sequence[T] | None] | _Call[None] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def next_page(self) -> Sequence[T] | None:
        """One step; the last one closes."""
        if self._is_closed:
            # Never ``None``: a list that was broken off must not pass for a short one.
            raise RuntimeError("the iteration was broken off, by an interrupt or by the end of its client")
        try:
            page = await _read_page(self._items)
        except asyncio.CancelledError:
            await self.close()
            raise
        if page is None:
            await self.close()
        return page

    async def close(self) -> None:
        """Close the async iterator; the task ends then."""
        if not self._is_closed:
            self._is_closed = True
            # Or scopes inside the async iterator would take for theirs what cancelled the step.
            while _current_task().uncancel():
                pass
            aclose = getattr(self._items, "aclose", None)
            if aclose is not None:
                await aclose()

    def take(self, group: asyncio.TaskGroup, step: _Call[Sequence[T] | None] | _Call[None]) -> None:
        """Have the task take a step."""
        if self._task is None or self._task.done():
            self._task = group.create_task(self._take_all())
        step.task = self._task
        self._asked.put_nowait(step)

    def leave(self) -> None:
        """Have the task close the async iterator after the step under way."""
        self._asked.put_nowait(None)

    async def _take_all(self) -> None:
        task = _current_task()
        with contextlib.suppress(asyncio.CancelledError):
            while not (self._is_closed or task.cancelling()) and (step := await self._asked.get()) is not None:
                await step.work()
        closing = _Call(self.close())
        await closing.work()
        if isinstance(closing.error, Exception):
            context = {"message": "an iterator failed as it was closed", "exception": closing.error}
            asyncio.get_running_loop().call_exception_handler(context)
        while not self._asked.empty():
            if (step := self._asked.get_nowait()) is not None:
                await step.work()


def _current_task() -> asyncio.Task[object]:
    return cast("asyncio.Task[object]", asyncio.current_task())


async def _read_page(items: AsyncIterator[T]) -> Sequence[T] | None:
    if isinstance(items, PageSource):
        return await cast("PageSource[T]", items).next_page()
    try:
        return (await anext(items),)
    except StopAsyncIteration:
        return None


class _Call(Generic[T_co]):
    """One coroutine on its way: handed over by its caller, worked off in the loop, and waited for."""

    __slots__ = ("_coroutine", "_done", "_has_begun", "error", "is_finished", "result", "task")

    result: T_co

    def __init__(self, coroutine: Coroutine[object, object, T_co]) -> None:
        self._coroutine = coroutine
        self._has_begun = False
        self.task: asyncio.Task[None] | None = None
        self.error: BaseException | None = None
        self.is_finished = False
        self._done = threading.Lock()
        self._done.acquire()

    def wait(self, seconds: float) -> None:
        """Wait for the end, as a caller."""
        if seconds >= threading.TIMEOUT_MAX <= _LONGEST_WAIT_SECONDS:
            while not self.is_finished:
                self._done.acquire()
            return
        deadline = time.monotonic() + seconds
        while not self.is_finished and (left := deadline - time.monotonic()) > 0:
            self._done.acquire(timeout=min(left, _LONGEST_WAIT_SECONDS))

    async def work(self) -> None:
        """Run the coroutine; all that it raises is its caller's, and nothing of it the loop's."""
        if self.is_finished:
            return
        self._has_begun = True
        try:
            self.result = await self._coroutine
        except BaseException as error:  # noqa: BLE001 - SystemExit, say, must end its caller and not this thread
            self.finish(error)
        else:
            self.finish(None)

    def cancel(self) -> None:
        """Cancel the coroutine, in the loop."""
        if self._has_begun and self.task is not None:
            self.task.cancel()
        else:
            self.reject(asyncio.CancelledError())

    def reject(self, error: BaseException) -> None:
        """End a call that will never be worked off, or never to its end."""
        if not self.is_finished:
            if not self._has_begun:
                self._coroutine.close()
            self.finish(error)

    def finish(self, error: BaseException | None) -> None:
        """Wake the caller."""
        self.error = error
        self.is_finished = True
        try:  # noqa: SIM105 - done for every call, and suppress() takes ten times as long
            self._done.release()
        except RuntimeError:
            pass  # woken already


class _LoopThread:
    """A running event loop, its thread, and the calls that it owes an end."""

    def __init__(self, grace_seconds: float) -> None:
        self._pid = os.getpid()
        self._owner = threading.Lock()  # of the loop, which whoever takes it runs, or closes
        self._has_started = False
        self._has_ended = False
        self._grace_seconds = grace_seconds
        self._calls: set[_Call[object]] = set()
        self._left: set[_Call[object]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._serving: asyncio.Task[None] | None = None
        self._last_call: _Call[object] | None = None
        self._refusal: Callable[[], BaseException] | None = None  # once the end has begun
        # An empty context: neither the loop nor its thread may keep the first caller's values alive.
        self._selector, self._loop = contextvars.Context().run(_new_loop)
        self._thread = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name="gradient-sync event loop", daemon=True
        )

    @property
    def is_over(self) -> bool:
        """Whether it takes no calls: it has not started, has ended, or is the parent's."""
        return self._has_ended or not self._has_started

    def start(self) -> None:
        """Start the thread; if there is none to be had, or an interrupt comes meanwhile, it is over."""
        try:
            _processwide.threads.add(self)
            self._thread.start()
            self._has_started = True
        except BaseException:
            # No exception tells whether there is a thread now: an interrupt can come before it is launched or after.
            if not self.abandon():
                self.end(_lost_error)
            raise

    def abandon(self) -> bool:
        """Close the loop, unless the thread has begun to run it; tells whether that was so."""
        if not self._owner.acquire(blocking=False):
            return False
        self._has_ended = True
        self._loop.close()
        _processwide.threads.discard(self)
        return True

    def check_caller(self) -> None:
        """Refuse the loop's own thread, and warn inside a running event loop."""
        self.refuse_itself()
        if _is_in_event_loop() and "ipykernel" not in sys.modules:
            warnings.warn(
                "the sync client blocks the event loop that it is called in; use the async client there",
                BlockingCallInEventLoopWarning,
                stacklevel=4,  # past run() or __next__(), and the client's own method
            )

    def refuse_itself(self) -> None:
        """Refuse the loop's own thread, which would wait for itself."""
        if threading.get_ident() == self._thread.ident and not self.is_over:
            raise RuntimeError(
                "the sync client was called by a coroutine that it runs, and would wait for itself for ever; "
                "await the async client there"
            )

    def perform(self, call: _Call[T], enter: Callable[[asyncio.TaskGroup, _Call[T]], None] | None = None) -> T:
        """Have a call worked off, by a task of its own or by what takes it, and give its result or raise its error."""
        self._hand_over(call, self._admit, call, enter)
        return self._outcome(call)

    def leave(self, steps: _Steps[T], *, is_waited_for: bool) -> None:
        """Have an iteration closed; never wait for it in the loop's own thread, whose garbage it may be."""
        if self.is_over:
            return
        if not is_waited_for or threading.get_ident() == self._thread.ident:
            self._post(steps.leave)
            return
        call = _Call(steps.close())
        self._hand_over(call, self._admit, call, steps.take, seconds=self._grace_seconds)
        if call.error is not None and self._refusal is None:
            self._outcome(call)

    def close(self, aclose: Callable[[], Coroutine[object, object, None]] | None) -> None:
        """Run a last call, then wait for the end of the thread."""
        deadline = time.monotonic() + self._grace_seconds
        last = None
        try:
            if aclose is not None and not self.is_over:
                last = _Call(aclose())
                self._hand_over(last, self._end, _closed_error, last, seconds=self._grace_seconds)
        finally:
            self.end(_closed_error)
        if not self.join(deadline - time.monotonic()):
            warnings.warn(
                f"the sync client's event loop did not end within {self._grace_seconds:g} s",
                ResourceWarning,
                stacklevel=4,
            )
        if last is not None and last.is_finished:
            self._outcome(last)

    def end(self, refusal: Callable[[], BaseException]) -> None:
        """Have the loop stop, without waiting."""
        if self._pid == os.getpid():  # and not a child's copy of its parent's
            self._post(self._end, refusal, None)

    def join(self, seconds: float) -> bool:
        """Wait for the end of the thread, and tell whether it has come."""
        if self._thread.is_alive():
            self._thread.join(max(seconds, 0))
        return not self._thread.is_alive()

    def put_aside(self) -> None:
        """Become a relic of the parent, in a forked child."""
        self._refusal = _forked_error
        self._has_ended = True
        for call in self._calls.copy():
            call.finish(_forked_error())
        _detach_from_parent(self._selector)

    def _hand_over(
        self, call: _Call[object], callback: Callable[..., None], *args: object, seconds: float = threading.TIMEOUT_MAX
    ) -> None:
        try:
            self._calls.add(call)
            # Looked at after the call was added: whatever ends the loop now, ends the call.
            if self.is_over:
                call.reject(self._refuse())
            else:
                self._post(callback, *args)
            call.wait(seconds)
        except BaseException as interrupt:
            self._post(call.cancel)
            call.wait(self._grace_seconds)
            if interrupt.__context__ is None:
                interrupt.__context__ = call.error
            raise
        finally:
            self._calls.discard(call)
            if not call.is_finished:
                self._keep(call)

    def _keep(self, call: _Call[object]) -> None:
        """Hold a call for which nobody waits any more: a task that nothing holds is collected before its end."""
        for other in self._left.copy():
            if other.is_finished:
                self._left.discard(other)
        self._left.add(call)

    def _outcome(self, call: _Call[T]) -> T:
        error, call.error = call.error, None
        if error is None:
            return call.result
        try:
            if isinstance(error, asyncio.CancelledError) and self._refusal is not None:
                raise self._refusal() from error
            raise error
        finally:
            del error  # or it would hold this frame, and this frame it

    def _refuse(self) -> BaseException:
        return (self._refusal or _lost_error)()

    def _post(self, callback: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and has rejected all its calls
            self._loop.call_soon_threadsafe(callback, *args)

    # The rest runs in the thread.

    def _run(self) -> None:
        if not self._owner.acquire(blocking=False):
            return  # who started it was interrupted, and has given it up
        try:
            self._serving = self._loop.create_task(self._serve())
            self._complete(self._serving)
            self._complete(self._loop.create_task(self._clear_away()))
        finally:
            self._has_ended = True
            for call in self._calls.copy():
                call.reject(self._refuse())
            self._loop.close()
            _processwide.threads.discard(self)

    def _complete(self, task: asyncio.Task[None]) -> None:
        while not task.done():
            # asyncio lets the first two out of the loop when a task that some coroutine started raises them. Whoever
            # awaits that task gets them too, and the loop is everybody's.
            with contextlib.suppress(SystemExit, KeyboardInterrupt, asyncio.CancelledError):
                self._loop.run_until_complete(task)

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as self._group:
            try:
                await self._loop.create_future()  # until this is cancelled, and the calls with it
            finally:
                self._refusal = self._refusal or _lost_error
                await _cancel_all({call.task for call in self._calls.copy() if call.task is not None})

    def _admit(self, call: _Call[T], enter: Callable[[asyncio.TaskGroup, _Call[T]], None] | None) -> None:
        if self._refusal is not None:
            call.reject(self._refuse())
        elif self._group is None:  # the first call can be ahead of the loop's first round
            self._loop.call_soon(self._admit, call, enter)
        elif enter is not None:
            enter(self._group, call)
        else:
            # Not the group's: a group is called back once more for each task, by another round of the loop, and its
            # thread and the caller's would fight for the interpreter over it. Calls know their tasks, and the loop its
            # calls.
            call.task = self._loop.create_task(call.work())

    def _end(self, refusal: Callable[[], BaseException], last: _Call[object] | None) -> None:
        if self._refusal is None and self._serving is not None:
            self._refusal = refusal
            self._last_call = last
            self._serving.cancel()
        elif last is not None:
            last.reject(self._refuse())

    async def _clear_away(self) -> None:
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


def _is_in_event_loop() -> bool:
    return asyncio._get_running_loop() is not None  # noqa: SLF001 - the public one's exception takes ten times as long


async def _cancel_all(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def _new_loop() -> tuple[selectors.BaseSelector | None, asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        return None, asyncio.ProactorEventLoop()
    selector = selectors.DefaultSelector()
    return selector, asyncio.SelectorEventLoop(selector)


def _exiting_error() -> BaseException:
    # Only daemon threads are left besides the main one, and of a thread that ends by SystemExit nothing is printed.
    is_main = threading.current_thread() is threading.main_thread()
    return (ClientClosedError if is_main else SystemExit)("the interpreter is exiting")


_closed_error: Final = partial(ClientClosedError, "the client is closed")
_forked_error: Final = partial(RuntimeError, "this was under way when the process was forked; it goes on in the parent")
_lost_error: Final = partial(RuntimeError, "the sync client's event loop ended unexpectedly")


class _Processwide:
    """The loop threads of this process, for the moments that concern them all: its exit, and a fork."""

    def __init__(self) -> None:
        # Re-entrant, for signal handlers that close a client while its first call starts it.
        self.lock = threading.RLock()
        self.threads: set[_LoopThread] = set()
        self.relics: list[_LoopThread] = []
        self.is_exiting = False

    def end(self) -> None:
        """Stop all loops, at the interpreter's exit."""
        self.is_exiting = True
        deadline = time.monotonic() + _EXIT_SECONDS
        threads = self.threads.copy()
        for thread in threads:
            thread.end(_exiting_error)
        for thread in threads:
            thread.join(deadline - time.monotonic())

    def begin_anew(self) -> None:
        """Put the parent's loop threads aside, in a forked child.

        They are kept for ever. Collected, their sockets would be taken out of the ``epoll`` object that the child
        shares with its parent, and the parent's next request would hang.
        """
        self.lock = threading.RLock()
        for thread in self.threads:
            thread.put_aside()
        self.relics.extend(self.threads)
        self.threads.clear()


def _detach_from_parent(selector: selectors.BaseSelector | None) -> None:
    """Take the parent's ``epoll`` object from a forked child, so that nothing collected there can change it."""
    if sys.platform == "linux" and isinstance(selector, selectors.EpollSelector):
        with contextlib.suppress(OSError, ValueError):  # no descriptor free, or closed
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, selector.fileno(), inheritable=False)
            os.close(null)


_processwide: Final = _Processwide()
# Now, to run after the exit handlers of the program, which may use its clients.
atexit.register(_processwide.end)

if sys.platform != "win32":
    os.register_at_fork(after_in_child=_processwide.begin_anew)
