"""An iteration: an async iterator that a caller without an event loop reads step by step."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import weakref
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast, runtime_checkable

from gradient_sync._event_loop.call import Call
from gradient_sync._event_loop.interrupt import repeat_interrupt
from gradient_sync._event_loop.process import PROCESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from types import TracebackType
    from typing import Self

    from gradient_sync._event_loop.thread import LoopThread

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@runtime_checkable
class PageSource(Protocol[T_co]):
    """An async iterator that can be read a page at a time, so that the loop is entered once a page."""

    async def next_page(self) -> Sequence[T_co] | None:
        """Read the next items, in order; ``None`` after the last ones."""


class Items(Generic[T]):
    """The caller's side of an iteration: a sync iterator and context manager.

    Args:
        items: What to read.
        open_thread: Returns the loop thread, which the first step starts if need be.
    """

    def __init__(self, items: AsyncIterator[T], open_thread: Callable[[], LoopThread]) -> None:
        self._steps = Steps(items)
        self._open_thread = open_thread
        self._thread: LoopThread | None = None
        self._page: deque[T] = deque()
        self._step: Call[Sequence[T] | None] | None = None
        self._is_stepping = False
        self._is_done = False
        self._has_left = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while not self._page:
            page = None if self._is_done else self._next_page()
            if page is None:
                self._is_done = self._has_left = True
                raise StopIteration
            self._page.extend(page)
        return self._page.popleft()

    def close(self) -> None:
        """Drop the items that were read, and close the async iterator. A step of another thread ends, without items."""
        self._close(is_waited_for=True)

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
        try:
            if not sys.is_finalizing():
                # The garbage collector comes to any thread. The loop of another client must not stand still meanwhile.
                self._close(is_waited_for=not PROCESS.is_loop_thread())
        except BaseException as error:
            # Python would only show what a destructor raises, and the program would run on. The attributes go after it.
            if self._thread is not None and not self._has_left:
                self._thread.leave(self._steps, is_waited_for=False)
            if not repeat_interrupt(error, after=weakref.ref(self._page)):
                raise

    def _close(self, *, is_waited_for: bool) -> None:
        self._page.clear()
        self._is_done = True
        if self._thread is None or self._has_left:
            return
        if self._step is not None:
            self._thread.cancel(self._step)
        # A step that still runs was interrupted, and its caller has waited for it long enough.
        self._thread.leave(self._steps, is_waited_for=is_waited_for and not self._is_stepping)
        self._has_left = True

    def _next_page(self) -> Sequence[T] | None:
        if self._thread is None:
            self._thread = self._open_thread()
        self._thread.check_caller()
        step = self._step = Call(self._steps.next_page)
        try:
            page = self._thread.perform(step, self._steps.take)
        except asyncio.CancelledError:
            if not self._is_done:
                raise
            return None
        finally:
            self._step = None
            self._is_stepping = not step.is_finished
        return None if self._is_done else page


class Steps(Generic[T]):
    """The loop's side of an iteration: one task takes all steps of one async iterator.

    Args:
        items: What to read.
    """

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._queue: asyncio.Queue[Call[Sequence[T] | None] | Call[None] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def next_page(self) -> Sequence[T] | None:
        """Take one step; the last one closes the async iterator."""
        if self._is_closed:
            # Never ``None``: an interrupted list must not look like a short one.
            raise RuntimeError("the iteration was ended by an interrupt, or because its client was closed")
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
            # Otherwise scopes inside the async iterator would take the step's cancellation for their own.
            while _current_task().uncancel():
                pass
            aclose = getattr(self._items, "aclose", None)
            if aclose is not None:
                await aclose()

    def take(self, group: asyncio.TaskGroup, step: Call[Sequence[T] | None] | Call[None]) -> None:
        """Let the task take a step. The first step starts the task."""
        if self._task is None or self._task.done():
            self._task = group.create_task(self._take_all())
        step.task = self._task
        self._queue.put_nowait(step)

    def leave(self) -> None:
        """Let the task close the async iterator after the present step."""
        self._queue.put_nowait(None)

    async def _take_all(self) -> None:
        task = _current_task()
        with contextlib.suppress(asyncio.CancelledError):
            while not (self._is_closed or task.cancelling()) and (step := await self._queue.get()) is not None:
                await step.work()
        closing = Call(self.close)
        await closing.work()
        if isinstance(closing.error, Exception):
            context = {"message": "an iterator failed as it was closed", "exception": closing.error}
            asyncio.get_running_loop().call_exception_handler(context)
        while not self._queue.empty():
            if (step := self._queue.get_nowait()) is not None:
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
