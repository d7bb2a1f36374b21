"""The log of requests, for tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import overload

import attrs

from gradient_async.emulator.selection import Subject, subject_matches


@attrs.frozen(kw_only=True)
class RecordedRequest:
    """A request that was read completely, and its result.

    Args:
        path: The path, percent signs decoded.
        target: Path and query as they were on the wire.
        template: The route's path with its parameters in braces, None without a route.
        query: Names and values in their order.
        headers: By lower-case name; the credentials are replaced.
        body: The parsed JSON body, None if there was none or it was no JSON.
        status: The HTTP status of the answer; None while it is pending, and if there was no answer.
        at: The time when it was read, in unix seconds by the server's clock.
        fault: Names of the faults that applied to it, joined by `+`; None if there were none.
        disconnected: The client disconnected before the answer.
        is_done: It was answered or cancelled.
    """

    method: str
    path: str
    target: str
    template: str | None
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: object
    at: float
    status: int | None = None
    fault: str | None = None
    disconnected: bool = False
    is_done: bool = False

    def is_on(self, route: str) -> bool:
        """Return whether it was sent to a route, given as for faults: as a template, or with wildcards."""
        subject = Subject(method=self.method, path=self.path, template=self.template)
        return subject_matches(subject, route)


class RequestLog(Sequence[RecordedRequest]):
    """Every request in the order of arrival. Any thread can read it while the emulator runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []
        #: Called with each request that was answered or cancelled, in the server's thread.
        self.on_done: Callable[[RecordedRequest], None] | None = None
        self._waiters: list[tuple[Callable[[], bool], Future[None]]] = []

    @overload
    def __getitem__(self, index: int) -> RecordedRequest: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordedRequest]: ...

    def __getitem__(self, index: int | slice) -> RecordedRequest | Sequence[RecordedRequest]:
        with self._lock:
            return self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[RecordedRequest]:
        with self._lock:
            return iter(self._requests.copy())

    def __repr__(self) -> str:
        return f"<RequestLog of {len(self)} requests>"

    def on(self, route: str) -> Sequence[RecordedRequest]:
        """Return the requests on a route, given as for faults: as a template, or with wildcards."""
        return [request for request in self if request.is_on(route)]

    async def seen(self, route: str = "*", *, count: int = 1, done: bool = False, timeout: float = 10.0) -> None:
        """Wait until the server has read requests on a route.

        Args:
            route: The route, as for faults.
            count: Number of requests since the emulator started.
            done: Count only requests that were answered or cancelled.
            timeout: Maximum seconds to wait.

        Raises:
            TimeoutError: The requests did not arrive in time.
        """
        await asyncio.wait_for(asyncio.wrap_future(self._when_seen(route, count, done=done)), timeout)

    def wait_seen(self, route: str = "*", *, count: int = 1, done: bool = False, timeout: float = 10.0) -> None:
        """Do as `seen` does, for a thread without an event loop."""
        self._when_seen(route, count, done=done).result(timeout)

    def add(self, request: RecordedRequest) -> int:
        """Record a request that has arrived, and return its number for `finish`."""
        with self._lock:
            self._requests.append(request)
            number = len(self._requests) - 1
        self._wake_waiters()
        return number

    def finish(self, number: int, *, status: int | None, disconnected: bool) -> None:
        """Record the result of a request."""
        with self._lock:
            self._requests[number] = attrs.evolve(
                self._requests[number], status=status, disconnected=disconnected, is_done=True
            )
            request = self._requests[number]
        if self.on_done is not None:
            self.on_done(request)
        self._wake_waiters()

    def _when_seen(self, route: str, count: int, *, done: bool) -> Future[None]:
        future: Future[None] = Future()
        self._waiters.append((lambda: sum(request.is_done or not done for request in self.on(route)) >= count, future))
        self._wake_waiters()
        return future

    def _wake_waiters(self) -> None:
        for waiter in self._waiters.copy():
            is_seen, future = waiter
            if future.done() or is_seen():
                with suppress(InvalidStateError, ValueError):  # cancelled, or woken by another thread
                    self._waiters.remove(waiter)
                    future.set_result(None)
