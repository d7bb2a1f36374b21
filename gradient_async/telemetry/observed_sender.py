"""The sender that records spans and metrics."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from gradient_async.http.request import Priority
from gradient_async.http.sender import Sender
from gradient_async.telemetry import metrics, providers, spans

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence

    from gradient_async.errors import Attempt
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.call import Call
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.results import Result
    from gradient_async.http.sender import Closing, Fact
    from gradient_async.http.settlement import SettlementFactory
    from gradient_async.http.transport import Transport
    from gradient_async.settings import Settings

T = TypeVar("T")

_STANDARD_PORTS: Final = {"http": 80, "https": 443}


class ObservedSender(Sender):
    """A sender that records its calls and attempts with OpenTelemetry.

    Args:
        transport: As for ``Sender``.
        settings: As for ``Sender``.
        budget: As for ``Sender``.
        settlement: As for ``Sender``.
        ancestors: As for ``Sender``.
    """

    def __init__(
        self,
        transport: Transport,
        settings: Settings,
        budget: RateBudget | None,
        settlement: SettlementFactory,
        *,
        ancestors: tuple[Closing, ...] = (),
    ) -> None:
        super().__init__(transport, settings, budget, settlement, ancestors=ancestors)
        self._server = _server_of(settings.base_url)
        if budget is not None:
            metrics.watch(budget, self._server)

    def send(
        self,
        request: Request[T],
        *,
        before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None,
        until: float = math.inf,
    ) -> Coroutine[None, None, RawResponse[T]]:
        """Send a request within a span of its own, unless it is a poll."""
        if request.priority is Priority.POLL or not providers.is_any_set_up():
            return super().send(request, before=before, until=until)
        return self._send_within_span(request, before, until)

    async def _send_within_span(
        self, request: Request[T], before: Callable[[Sequence[Attempt]], Awaitable[None]] | None, until: float
    ) -> RawResponse[T]:
        span = spans.start_call(request, self._server)
        if not span.get_span_context().is_valid:  # only a meter provider is set up
            return await super().send(request, before=before, until=until)
        with spans.CurrentSpan(span):
            reply = await super().send(request, before=before, until=until)
            spans.record_answer(span, reply)
        return reply

    @contextmanager
    def span(self, name: str, facts: Callable[[], Mapping[str, Fact]]) -> Iterator[None]:
        """Record the calls inside as one span."""
        span = spans.start_group(name)
        with spans.CurrentSpan(span):
            is_over = False
            try:
                yield
                is_over = True
            finally:
                spans.record_group(span, facts, is_over=is_over)

    def _exchange(self, call: Call[T]) -> Coroutine[None, None, Result]:
        return self._exchange_within_span(call) if providers.is_any_set_up() else super()._exchange(call)

    async def _exchange_within_span(self, call: Call[T]) -> Result:
        attempt = _Attempt(call.request, len(call.results) + 1)
        try:
            result = await super()._exchange(call)
        except asyncio.CancelledError:
            self._record(attempt, "cancelled", None)
            raise
        self._record(attempt, result.outcome, result.status)
        return result

    def _record(self, attempt: _Attempt, outcome: str, status: int | None) -> None:
        """Count an attempt that ended. Add it to its call's span, unless it is a poll."""
        request, number = attempt.request, attempt.number
        metrics.count_attempt(request, number, outcome, status, self._server)
        if request.priority is not Priority.POLL:
            seconds = time.monotonic() - attempt.began
            spans.record_attempt(number, outcome, status, began_at=attempt.began_at, seconds=seconds)


class _Attempt:
    """One attempt that is being sent."""

    __slots__ = ("began", "began_at", "number", "request")

    def __init__(self, request: Request[object], number: int) -> None:
        self.request = request
        self.number = number
        self.began_at = time.time_ns()
        self.began = time.monotonic()


def _server_of(base_url: str) -> dict[str, str | int]:
    """Return the attributes of the server."""
    url = urlsplit(base_url)
    port = url.port or _STANDARD_PORTS.get(url.scheme.lower(), 0)
    return {"server.address": url.hostname or "", "server.port": port}
