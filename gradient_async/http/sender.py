"""The loop of one call: rate budget, transport, reader, retry."""

from __future__ import annotations

import asyncio
import math
import random
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import anyio

from gradient_async import converter, log
from gradient_async._version import VERSION
from gradient_async.errors import ClientClosedError, RateBudgetStoreError, RequestKeyError
from gradient_async.http import retry
from gradient_async.http.call import Call
from gradient_async.http.request import EMPTY_MAPPING, ExchangeError, Timestamp, target_of
from gradient_async.http.request_counter import RequestCounter
from gradient_async.http.retry import Step
from gradient_async.settings import merged_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Self

    from gradient_async.errors import Attempt
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.results import Result
    from gradient_async.http.settlement import SettlementFactory
    from gradient_async.http.transport import Transport
    from gradient_async.settings import Settings

T = TypeVar("T")
Fact: TypeAlias = str | int | float | bool

_USER_AGENT: Final = f"gradient-async/{VERSION}"
# The attempt that ends with one of these was not sent.
_NOT_SENT: Final = (ClientClosedError, RateBudgetStoreError, RequestKeyError)


class Closing:
    """The flag of a closed sender. The sender's copies share it.

    Attributes:
        is_set: Whether the sender is closed. Any thread can set it, once.
    """

    __slots__ = ("is_set",)

    def __init__(self) -> None:
        self.is_set: bool = False


class Sender:
    """Sends requests. Each is repeated until it is answered, is refused or has no attempt left.

    Args:
        transport: Sends single attempts.
        settings: The client's settings.
        budget: Paces the requests; ``None`` for no pacing.
        settlement: Creates what tracks requests that must not be executed twice.
        ancestors: Flags of the senders that this one is a copy of.
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
        self.transport = transport
        self.settings = settings
        self.budget = budget
        self.counter: RequestCounter = RequestCounter()
        self._warned_until = -math.inf
        self._make_settlement = settlement
        self._key_store = None if budget is None else budget.key_store
        self._settlements = settlement(self.send, settings, self._key_store)
        self._closing = (Closing(), *ancestors)
        own = {
            "Authorization": f"Bearer {settings.access_token.reveal()}",
            "Accept": "application/json",
            "User-Agent": _USER_AGENT,
        }
        # Without encryption, a proxy takes its credentials from the request itself.
        to_proxy = settings.proxy.headers if settings.proxy and settings.base_url.lower().startswith("http:") else {}
        self._headers = transport.prepared(merged_headers(own, to_proxy, settings.default_headers))

    @property
    def is_closed(self) -> bool:
        """Whether this sender, or one that it is a copy of, is closed."""
        return any(closing.is_set for closing in self._closing)

    def close(self) -> None:
        """Send nothing more, and retry no pending request."""
        self._closing[0].is_set = True

    def copy(self, settings: Settings, budget: RateBudget | None) -> Self:
        """Return another sender with the same connections. When this sender is closed, the copy is closed too."""
        return type(self)(self.transport, settings, budget, self._make_settlement, ancestors=self._closing)

    def send(
        self,
        request: Request[T],
        *,
        before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None,
        until: float = math.inf,
    ) -> Coroutine[None, None, RawResponse[T]]:
        """Send a request and return its successful answer.

        Args:
            request: The request.
            before: Called just before each attempt is sent, with the attempts so far. If it raises, the attempt is not
                sent, and the error is raised here.
            until: When no further attempt begins, by the event loop's clock. A look-up then has ``settle_seconds`` and
                one attempt's timeout, at most 10 s, left.

        Raises:
            APIStatusError: The server refused the request.
            APIConnectionError: There was no complete answer. The request is no action, or certainly was not executed.
            RequestOutcomeUnknownError: The request may have been executed, and its endpoint does not allow a retry, or
                lists did not resolve it.
            ActionOutcomeUnknownError: The action may have been executed, and the Droplet's list did not resolve it.
            RequestKeyError: The request's key is another request's, or cannot be kept.
            ClientClosedError: The client is closed.
        """
        if request.key is None:
            return self.run(self.new_call(request, until), before)
        # Imported here, since most programs use no keys.
        from gradient_async.budget.keyed_call import KeyedCall

        return KeyedCall(self, request, request.key).run(before, until)

    def new_call(self, request: Request[T], until: float = math.inf) -> Call[T]:
        """Return a call that ``run`` executes."""
        return Call(request, self._settlements.of(request), until)

    async def run(
        self, call: Call[T], before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None
    ) -> RawResponse[T]:
        """Execute a call, with a key or without. The arguments and errors are those of ``send``."""
        try:
            while True:
                step = call.next_step(await self._attempt(call, before))
                if step is Step.ACCEPT:
                    reply = call.reply()
                    if call.settlement is not None:
                        call.settlement.accept(reply)
                        if self._key_store is not None:
                            await call.settlement.publish(reply)
                    return reply
                other = await self._answer_after(call, step)
                if other is not None:
                    return other
        except BaseException as error:
            if call.settlement is not None:
                call.settlement.abandon(call)
            # A call can also be cancelled after its answer, while it is reported to a store.
            is_executed = bool(call.results) and call.results[-1].outcome == "answered"
            if isinstance(error, asyncio.CancelledError) and (call.is_open or is_executed) and error.__cause__ is None:
                error.__cause__ = call.cancelled()  # the sync client raises it if it is closed meanwhile
            if isinstance(error, _NOT_SENT) and call.is_open and (unknown := call.cancelled()) is not None:
                raise unknown from error  # the last attempt was not sent, but an earlier one may have been executed
            raise

    async def _answer_after(self, call: Call[T], step: Step) -> RawResponse[T] | None:
        """Return the answer of a call whose last attempt was not answered; ``None`` after the pause before another."""
        if step is Step.ACCEPT_AS_DONE:
            return call.reply(is_adopted=True)
        if step in {Step.LOOK_UP, Step.LOOK_UP_ONLY}:
            adopted = await self._adopted(call)
            if adopted is not None:
                return adopted
        pause = self._pause(call) if step in {Step.REPEAT, Step.LOOK_UP} else None
        if pause is None:
            raise call.unknown() if step is Step.GIVE_UP or call.may_exist_unlisted else call.error()
        self._warn_of(call, pause)
        await anyio.sleep(pause)
        return None

    def _warn_of(self, call: Call[T], pause: float) -> None:
        """Warn of a long pause, once for all requests that wait meanwhile."""
        now = time.monotonic()
        if call.response is not None and log.is_long(pause) and now >= self._warned_until:
            self._warned_until = now + pause
            log.pauses(call.request, call.response.status, pause)

    def span(
        self,
        name: str,  # noqa: ARG002 - for the subclass that records spans
        facts: Callable[[], Mapping[str, Fact]],  # noqa: ARG002 - likewise
    ) -> AbstractContextManager[None]:
        """Return a context manager that groups the calls inside. Here it does nothing.

        Args:
            name: Name of the group.
            facts: Returns the attributes of the group at its end.
        """
        return nullcontext()

    async def settle(
        self,
        request: Request[T],
        *,
        since: Timestamp,
        waited: float,
        detail: str,
        clock_error: float = 0.0,
        until: float = math.inf,
    ) -> RawResponse[T] | None:
        """Look up an action request that another process may have sent.

        Args:
            request: The request as it was sent.
            since: The earliest time at which it can have been sent.
            waited: Seconds since the latest time at which it can have been sent.
            detail: Description of why its outcome is not known.
            clock_error: Seconds by which ``since`` may be wrong, if another machine's clock measured it. If it is not
                zero, no action is adopted: an action that may be the result leaves the outcome unknown.
            until: As for ``send``.

        Returns:
            The lost answer, made from the Droplet's list of actions; ``None`` if the request was not executed.

        Raises:
            ActionOutcomeUnknownError: The look-up did not resolve the request.
        """
        call = Call(request, self._settlements.of(request), until)
        call.assume_sent(since, detail, clock_error)
        try:
            return await self._adopted(call, waited)
        except BaseException:
            if call.settlement is not None:
                call.settlement.abandon(call)
            raise

    async def _attempt(self, call: Call[T], before: Callable[[Sequence[Attempt]], Awaitable[None]] | None) -> Result:
        """Wait for a slot of the rate budget, send one attempt, and return its result."""
        self.check_open()
        request, budget = call.request, self.budget
        window, slot = request.endpoint.window, None
        if budget is not None and not (window is None and budget.acquire_at_once()):
            slot = await budget.acquire(request.priority, window, timeout=self._timeout_of(request))
        try:
            while True:
                if before is not None:
                    await before(call.attempts)
                self.check_open()
                if budget is None or slot is None or not slot.has_expired:
                    break
                # The process stood still, and its slot went to others.
                budget.give_back(window, slot)
                slot = await budget.acquire(request.priority, window, timeout=self._timeout_of(request))
        except BaseException:
            if budget is not None and (report := budget.give_back(window, slot)) is not None:
                await report
            raise
        try:
            return await self._exchange(call)
        finally:
            answer = call.response
            status, headers = (None, EMPTY_MAPPING) if answer is None else (answer.status, answer.headers)
            self.counter.add(status)
            if budget is not None and (report := budget.release(status, headers, window, slot)) is not None:
                await report

    async def _exchange(self, call: Call[T]) -> Result:
        request, settlement, settings = call.request, call.settlement, self.settings
        is_read = settlement is not None or request.endpoint.identity or request.endpoint.is_unknown_unread
        query = {**settings.default_query, **request.query} if request.query else settings.default_query
        call.begin()
        if settlement is not None:
            settlement.begin(call)
        try:
            response = await self.transport.exchange(
                request.method,
                settings.base_url,
                target_of(request.path, query),
                headers=self._headers.merged(request.headers) if request.headers else self._headers,
                body=None if request.body is None else converter.encode(request.body),
                timeout=self._timeout_of(request),
                limit=settings.max_response_bytes,
                matches=call.matches if is_read else None,
                proxy=settings.proxy,
            )
        except ExchangeError as error:
            return call.failed(error)
        except ClientClosedError:  # the user's own session
            call.take_back()
            raise
        except asyncio.CancelledError:
            if settlement is not None:
                log.cancelled(request)
            raise
        finally:
            if settlement is not None:
                settlement.end(call)
        return call.answered(response)

    def _timeout_of(self, request: Request[T]) -> float:
        """Return the seconds for one attempt."""
        return self.settings.timeout if request.timeout is None else request.timeout

    async def _adopted(self, call: Call[T], waited: float = 0.0) -> RawResponse[T] | None:
        """Return the lost answer; ``None`` if the request was not executed."""
        assert call.settlement is not None  # noqa: S101 - only such requests are looked up
        adopted = await call.settlement.find(call, waited)
        call.was_looked_up = adopted is None
        return adopted

    def _pause(self, call: Call[T]) -> float | None:
        """Return the seconds until the next attempt; ``None`` for no further attempt."""
        if len(call.results) > self.settings.max_retries:
            return None
        pause = retry.pause_before(
            len(call.results),
            call.response.headers if call.response else {},
            longest=self.settings.max_retry_after,
            now=time.time(),
            jitter=random.random(),  # noqa: S311 - it spreads load; it protects nothing
        )
        return pause if pause is None or anyio.current_time() + pause < call.until else None

    def note_results(self, answer: object) -> None:
        """Record the results of earlier requests that an answer shows."""
        self._settlements.note_results(answer)

    def check_open(self) -> None:
        """Refuse to send.

        Raises:
            ClientClosedError: The client is closed.
        """
        for closing in self._closing:
            if closing.is_set:
                raise ClientClosedError("this client is closed. Create a new one")
