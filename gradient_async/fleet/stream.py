"""A fleet run as an iterator of outcomes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from gradient_async.errors import ClientClosedError
from gradient_async.event_loops import running_loop
from gradient_async.fleet.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from gradient_async.fleet.execution import Execution
    from gradient_async.fleet.open_streams import OpenStreams

# Maximum number of outcomes that wait to be read. At the maximum, no further Droplet is started.
_MAX_WAITING: Final = 100


class _Started(NamedTuple):
    """The task of a run, and the end of the stream that takes its outcomes."""

    host: asyncio.Task[None]
    received: MemoryObjectReceiveStream[Outcome]


class OutcomeStream:
    """The outcomes of a fleet run, in the order in which they are known.

    The run starts when the first outcome is requested, in a task that belongs to the stream. It ends when the stream is
    exhausted, closed (``aclose``) or dropped, or when its client is closed. While too many outcomes wait to be read,
    the run starts no further Droplet.

    Args:
        make_execution: Makes the run.
        streams: The client's open streams.
    """

    def __init__(self, make_execution: Callable[[], Execution], streams: OpenStreams) -> None:
        self._make_execution = make_execution
        self._streams = streams
        self._started: _Started | None = None
        self._items: deque[Outcome] = deque()
        self._is_closed = False
        self._is_closed_by_client = False

    @property
    def is_of_this_loop(self) -> bool:
        """Whether its run is in the running event loop."""
        return self._started is not None and self._started.host.get_loop() is asyncio.get_running_loop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if not self._items:
            self._items.extend(await self.next_page() or ())
        if not self._items:
            raise StopAsyncIteration
        return self._items.popleft()

    async def next_page(self) -> tuple[Outcome, ...] | None:
        """Return all outcomes that are known and not yet returned, at least one; ``None`` after the last one."""
        if self._is_closed:
            await self._finish()
            return None
        if self._started is None:
            self._started = self._start()
        received = self._started.received
        try:
            outcomes = [await received.receive()]
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            await self._finish()
            return None
        except BaseException:
            # The reader is cancelled, and the run with it, as a generator would be. Otherwise the run would continue
            # for as long as a reference to the error keeps this stream.
            await self.aclose()
            raise
        with contextlib.suppress(anyio.WouldBlock, anyio.EndOfStream):
            while True:
                outcomes.append(received.receive_nowait())
        return tuple(outcomes)

    async def aclose(self, *, is_by_client: bool = False) -> None:
        """End the run. Nothing more is sent; actions in progress continue on the server.

        Args:
            is_by_client: Whether the reason is that the client is closed.
        """
        if not self._is_closed:
            self._is_closed = True
            self._is_closed_by_client = is_by_client
        self._items.clear()
        if self._started is not None:
            host, received = self._started
            host.cancel()
            try:
                if host not in _enclosing_hosts.get():  # else a part of the run would wait for the run
                    await _wait_for_end(host)
            finally:
                received.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if self._started is not None and not self._started.host.done():
            with contextlib.suppress(RuntimeError):  # the loop is closed, and the task has ended with it
                self._started.host.get_loop().call_soon_threadsafe(_drop, *self._started)

    def _start(self) -> _Started:
        running_loop()
        sent, received = anyio.create_memory_object_stream[Outcome](_MAX_WAITING)
        self._streams.add(self)
        return _Started(asyncio.create_task(_host(self._make_execution, sent), name="fleet run"), received)

    async def _finish(self) -> None:
        """Close the stream, and raise the run's error, if any.

        Raises:
            ClientClosedError: The client was closed during the run.
            Exception: An error of reading the Droplets, or of opening the journal.
        """
        if self._is_closed_by_client:
            raise ClientClosedError("the client was closed, and the run of this stream has ended with it")
        if self._is_closed:  # by another task, which waits for the host and gets its error
            return
        self._is_closed = True
        if self._started is not None:
            self._started.received.close()
            await self._started.host


# The tasks of the runs that call the present code, as a health check or as an iterator of Droplets.
_enclosing_hosts: Final[ContextVar[tuple[asyncio.Task[None] | None, ...]]] = ContextVar("enclosing_hosts", default=())


async def _host(make_execution: Callable[[], Execution], sent: MemoryObjectSendStream[Outcome]) -> None:
    _enclosing_hosts.set((*_enclosing_hosts.get(), asyncio.current_task()))
    async with sent:
        await make_execution().execute(sent.send)


async def _wait_for_end(host: asyncio.Task[None]) -> None:
    """Wait until a run has ended, even if the caller is cancelled.

    Raises:
        asyncio.CancelledError: The caller was cancelled. The run has ended too.
    """
    cancelled: asyncio.CancelledError | None = None
    # The shield holds back the cancellations of scopes, the loop those of ``Task.cancel``.
    with anyio.CancelScope(shield=True):
        while not host.done():
            try:
                await asyncio.wait([host])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        raise cancelled


def _drop(host: asyncio.Task[None], received: MemoryObjectReceiveStream[Outcome]) -> None:
    host.cancel()
    received.close()
