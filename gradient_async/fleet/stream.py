"""A fleet run as an iterator of outcomes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

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

# Maximum number of outcomes that wait to be read; with so many, nothing new is started.
_MAX_WAITING: Final = 100


class OutcomeStream:
    """The outcomes of a fleet run, in the order in which they are known.

    The run begins with the first outcome that is asked for, in a task of its own, which is the stream's: it ends when
    the stream is exhausted, closed (``aclose``), dropped, or its client is closed. Where outcomes are not taken, the
    run starts nothing new.

    Args:
        begin: Makes the run.
        streams: Where it is known while it is open.
    """

    def __init__(self, begin: Callable[[], Execution], streams: OpenStreams) -> None:
        self._begin = begin
        self._streams = streams
        self._host: asyncio.Task[None] | None = None
        self._received: MemoryObjectReceiveStream[Outcome] | None = None
        self._items: deque[Outcome] = deque()
        self._is_closed = False
        self._is_closed_by_client = False

    @property
    def is_of_this_loop(self) -> bool:
        """Whether its run goes on in the running event loop."""
        return self._host is not None and self._host.get_loop() is asyncio.get_running_loop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if not self._items:
            self._items.extend(await self.next_page() or ())
        if not self._items:
            raise StopAsyncIteration
        return self._items.popleft()

    async def next_page(self) -> tuple[Outcome, ...] | None:
        """All outcomes that are known and not taken yet, at least one; ``None`` after the last one."""
        if self._is_closed:
            await self._finish()
            return None
        if self._received is None:
            self._received = self._start()
        try:
            outcomes = [await self._received.receive()]
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
                outcomes.append(self._received.receive_nowait())
        return tuple(outcomes)

    async def aclose(self, *, is_by_client: bool = False) -> None:
        """End the run: nothing more is sent, and what was started goes on by itself.

        Args:
            is_by_client: Whether it is the client that is closed.
        """
        if not self._is_closed:
            self._is_closed = True
            self._is_closed_by_client = is_by_client
        self._items.clear()
        if self._host is not None and self._received is not None:
            self._host.cancel()
            try:
                if self._host not in _enclosing_hosts.get():  # else the run would be waited for by a part of itself
                    await _ended(self._host)
            finally:
                self._received.close()

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
        if self._host is not None and not self._host.done() and self._received is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and has ended it
                self._host.get_loop().call_soon_threadsafe(_drop, self._host, self._received)

    def _start(self) -> MemoryObjectReceiveStream[Outcome]:
        running_loop()
        sent, received = anyio.create_memory_object_stream[Outcome](_MAX_WAITING)
        self._streams.add(self)
        self._host = asyncio.create_task(_host(self._begin, sent), name="fleet run")
        return received

    async def _finish(self) -> None:
        """The run is over; raise what it raised.

        Raises:
            ClientClosedError: The client was closed meanwhile.
            Exception: What reading the Droplets, or opening the journal, raised.
        """
        if self._is_closed_by_client:
            raise ClientClosedError("the client was closed, and the run of this stream has ended with it")
        if self._is_closed:  # by another task, which waits for the host and gets its error
            return
        self._is_closed = True
        if self._host is not None and self._received is not None:
            self._received.close()
            await self._host


# The tasks of runs that the running code is a part of, by a health check or by the Droplets that it is given.
_enclosing_hosts: Final[ContextVar[tuple[asyncio.Task[None] | None, ...]]] = ContextVar("enclosing_hosts", default=())


async def _host(begin: Callable[[], Execution], sent: MemoryObjectSendStream[Outcome]) -> None:
    _enclosing_hosts.set((*_enclosing_hosts.get(), asyncio.current_task()))
    async with sent:
        await begin().execute(sent.send)


async def _ended(host: asyncio.Task[None]) -> None:
    """Wait until a run has ended, however often the caller is cancelled meanwhile.

    Raises:
        asyncio.CancelledError: The caller was cancelled; the run has ended all the same.
    """
    cancelled: asyncio.CancelledError | None = None
    # The shield holds the cancellations of scopes, and the loop those of ``Task.cancel``.
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
