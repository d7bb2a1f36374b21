"""A call whose request is executed once, whichever process asks for it, and however often."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import anyio

from gradient_async import log
from gradient_async.budget import key_record
from gradient_async.budget.held_key import HeldKey, LostKeyError
from gradient_async.budget.key_record import KeptAnswer, KeyRecord, Step
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import (
    RequestKeyBusyError,
    RequestKeyMismatchError,
    RequestKeyStoreError,
    RequestOutcomeUnknownError,
)
from gradient_async.http.headers import made_of
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Response, Timestamp
from gradient_async.http.token_budgets import account_of
from gradient_async.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gradient_async.budget.held_key import Change
    from gradient_async.budget.key_record import KeyState
    from gradient_async.errors import Attempt
    from gradient_async.http.endpoint import Request
    from gradient_async.http.key_store import KeyStore
    from gradient_async.http.request_key import RequestKey
    from gradient_async.http.sender import Sender

T = TypeVar("T")
R = TypeVar("R")

_FIRST_PAUSE_SECONDS: Final = 0.02
_MAX_PAUSE_SECONDS: Final = 0.5
# The last write of a call that ends is not cancelled with the call, but it ends.
_LAST_WRITE_SECONDS: Final = 5.0
_KEPT_HEADERS: Final = ("content-type", "date", "x-request-id")


class KeyedCall(Generic[T]):
    """One call with a key.

    Args:
        sender: Sends the request.
        request: The request.
        key: Its key.

    Attributes:
        request: The request; its origin is the key.
    """

    def __init__(self, sender: Sender, request: Request[T], key: RequestKey) -> None:
        account = account_of(sender.settings)
        self._sender = sender
        self.request: Request[T] = request._replace(origin=f"key {key.name(account)}")
        self._key = key
        self._held = HeldKey(store_of(sender), key, account, _described(request))

    async def run(
        self, before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None, until: float = math.inf
    ) -> RawResponse[T]:
        """Return the result of the key's one execution: an earlier call's, or this call's own.

        Args:
            before: As for ``Sender.send``.
            until: As for ``Sender.send``. A wait for another call with the key ends then, too.

        Raises:
            RequestKeyMismatchError: The key belongs to another request.
            RequestKeyBusyError: Another call with the key did not end in time.
            RequestKeyStoreError: The store cannot be used. Nothing was sent.
        """

        async def execute(settle_at: Timestamp | None) -> RawResponse[T]:
            found = None if settle_at is None else await self._found(settle_at, until)
            return found or await self._sent(before, until)

        return await self._when_free(execute, until)

    async def find(self, until: float = math.inf) -> RawResponse[T] | None:
        """Return the result of an earlier call; ``None`` if none was executed. Nothing is sent but look-ups.

        Args:
            until: As for ``run``.

        Raises:
            RequestOutcomeUnknownError: An earlier call may have been executed.
            RequestKeyError: As for ``run``.
        """

        async def settle(settle_at: Timestamp | None) -> RawResponse[T] | None:
            found = None if settle_at is None else await self._found(settle_at, until)
            if found is None:
                await self._leave(_removed)
            return found

        return await self._when_free(settle, until)

    async def kept(self) -> tuple[KeyState | None, RawResponse[T] | None]:
        """Return what is known of an earlier call: the state of the key, ``None`` if it is free, and the result.

        Raises:
            RequestKeyError: As for ``run``.
        """
        record = self._held.decoded((await self._held.read()).text)
        if record is None:
            return None, None
        if record.asked != self._held.asked:
            raise self._mismatch(record)
        return record.state, None if record.answer is None else self._replayed(record.answer)

    async def _when_free(self, execute: Callable[[Timestamp | None], Awaitable[R]], until: float) -> R | RawResponse[T]:
        """Return the kept result, or what a function returns once this call has the key.

        Args:
            execute: The function. It is given the time if an earlier call may have been executed, else ``None``.
            until: When the wait for another call ends.
        """
        held, pause = self._held, _FIRST_PAUSE_SECONDS
        while True:
            self._sender.check_open()
            now, reading = Timestamp.now(), await held.read()
            record = held.decoded(reading.text)
            step = key_record.next_step(record, held.asked, reading.time)
            if step is Step.REFUSE and record is not None:
                raise self._mismatch(record)
            if step is Step.REPLAY and record is not None and record.answer is not None:
                return self._replayed(record.answer)
            if step is not Step.WAIT and await held.take(reading, record):
                try:
                    return await self._renewing(execute(now if step is Step.SETTLE else None))
                except LostKeyError:
                    continue
            if anyio.current_time() >= until:
                raise RequestKeyBusyError(
                    f"key {self._key!r}: another call still sends {held.what}, and the time for this one is over. It "
                    "sent nothing"
                )
            await anyio.sleep(pause)
            pause = min(_MAX_PAUSE_SECONDS, 1.5 * pause)

    async def _renewing(self, work: Awaitable[R]) -> R:
        """Do work under the key that this call took, and renew the lease until it ends."""
        failure: Exception | None = None
        result: list[R] = []
        async with anyio.create_task_group() as group:
            group.start_soon(self._held.renew)
            try:
                result.append(await work)
            except Exception as error:  # noqa: BLE001 - raised below, without the group of exceptions around it
                failure = error
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return result[0]

    async def _found(self, now: Timestamp, until: float) -> RawResponse[T] | None:
        """Return the result of a request that an earlier call may have sent; ``None`` if it was not executed."""
        before = key_record.sent_before(self._held.record, self._held.time_of_sending(now))
        try:
            reply = await self._sender.settle(
                self.request,
                since=before.since,
                waited=before.waited,
                detail=before.detail,
                clock_error=before.clock_error,
                until=until,
            )
        except BaseException:
            await self._leave(KeyRecord.left)
            raise
        if reply is None:
            await self._held.change(KeyRecord.not_executed)
        else:
            await self._keep(reply)
        return reply

    async def _sent(
        self, before: Callable[[Sequence[Attempt]], Awaitable[None]] | None, until: float
    ) -> RawResponse[T]:
        """Send the request, and keep its result."""

        async def record_sending(attempts: Sequence[Attempt]) -> None:
            if before is not None:
                await before(attempts)
            await self._record_sending()

        call = self._sender.new_call(self.request, until)
        try:
            reply = await self._sender.run(call, record_sending)
        except BaseException as error:
            is_unknown = any(isinstance(one, RequestOutcomeUnknownError) for one in (error, error.__cause__))
            may_be_executed = call.is_open or is_unknown
            await self._leave(KeyRecord.left if may_be_executed else _removed)
            raise
        await self._keep(reply)
        return reply

    async def _record_sending(self) -> None:
        """Record that an attempt is about to leave. It leaves only while no other call can have taken the key."""
        request, settings = self.request, self._sender.settings
        timeout = settings.timeout if request.timeout is None else request.timeout
        while True:
            now = Timestamp.now()
            await self._held.record_sending(now, timeout)
            if now.seconds_until(Timestamp.now()) < key_record.LEASE_SECONDS / 3:
                return

    async def _leave(self, change: Change) -> None:
        """Make the last change of a call that failed. If that fails too, the lease ends by itself."""
        with anyio.move_on_after(_LAST_WRITE_SECONDS, shield=True):
            try:
                await self._held.try_to_change(change)
            except (StoreAwayError, LostKeyError):
                return

    async def _keep(self, reply: RawResponse[T]) -> None:
        """Keep a result for the next calls. The caller gets it in any case: the request was executed."""
        answer = _kept(reply)
        try:
            await self._write(answer)
        except asyncio.CancelledError:
            await self._write(answer)  # a task is cancelled once; the next call need not look the request up
            raise

    async def _write(self, answer: KeptAnswer) -> None:
        with anyio.move_on_after(_LAST_WRITE_SECONDS, shield=True) as scope:
            try:
                await self._held.keep(answer)
            except (StoreAwayError, RequestKeyStoreError) as error:
                log.result_not_kept(self.request, str(error))
        if scope.cancelled_caught:
            log.result_not_kept(self.request, "the store did not answer in time")

    def _mismatch(self, record: KeyRecord) -> RequestKeyMismatchError:
        return RequestKeyMismatchError(
            f"key {self._key!r} was used for {record.what}, and this is {self._held.what}. Nothing was sent. Pass "
            "another key for another request",
            used_for=record.what,
            asked_for=self._held.what,
        )

    def _replayed(self, answer: KeptAnswer) -> RawResponse[T]:
        response = Response(answer.status, made_of([*answer.headers.items()]), answer.content, Timestamp.now())
        replayed = RawResponse(response, self.request, is_adopted=answer.is_adopted, is_replayed=True)
        rule = self.request.endpoint.lookup
        if not answer.others or rule is None:
            return replayed
        kind = type(rule.things_in(replayed.parse())[0])
        others = tuple(kind.from_dict(one) for one in answer.others) if issubclass(kind, Model) else ()
        return RawResponse(response, self.request, is_adopted=answer.is_adopted, others=others, is_replayed=True)


def _removed(record: KeyRecord) -> None:
    """Free a key: its request certainly was not executed."""
    del record


def _kept(reply: RawResponse[T]) -> KeptAnswer:
    headers = {name: value for name in _KEPT_HEADERS if (value := reply.headers.get(name)) is not None}
    others = tuple(one.to_dict() for one in reply.others if isinstance(one, Model))
    return KeptAnswer(reply.status, headers, KeptAnswer.packed(reply.body), reply.is_adopted, others)


def _described(request: Request[object]) -> str:
    """Return a request in messages."""
    action = "" if request.action is None else f"{request.action.type} {request.action.place}, "
    return f"{action}{request.method} {request.path}"


def store_of(sender: Sender) -> KeyStore:
    """Return the store that keeps a sender's keys.

    Raises:
        RequestKeyStoreError: It has none.
    """
    store = None if sender.budget is None else sender.budget.key_store
    if store is None:
        raise RequestKeyStoreError(
            "key: it needs a store that keeps it, and this client has none. Pass "
            "rate_budget=RateBudget.shared('sqlite:///path/to/file') to the client, or set GRADIENT_RATE_BUDGET to "
            "such a URL. Nothing was sent"
        )
    return store
