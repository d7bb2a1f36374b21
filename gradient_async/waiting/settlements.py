"""Tracks all requests that must not be executed twice: each kind of look-up has its own part."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gradient_async.waiting.create_settlement import CreateSettlement
from gradient_async.waiting.settlement import ActionSettlement

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.correspondence import Mismatch
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.settlement import Send, Settlement
    from gradient_async.settings import Settings

T = TypeVar("T")


class Settlements:
    """Gives each request to the part that looks up its result: an action, or a created thing.

    Args:
        send: Sends a request that reads a list.
        settings: The sender's settings.
    """

    def __init__(self, send: Send, settings: Settings) -> None:
        self._actions = ActionSettlement(send, settings)
        self._creates = CreateSettlement(send, settings)

    def _part(self, request: Request[T]) -> Settlement | None:
        if request.action is not None:
            return self._actions
        return self._creates if request.is_looked_up else None

    def begin(self, call: Call[T]) -> None:
        """Record that a call's request is about to be sent."""
        part = self._part(call.request)
        if part is not None:
            part.begin(call)

    def end(self, call: Call[T]) -> None:
        """Record that a call's request was answered or lost."""
        part = self._part(call.request)
        if part is not None:
            part.end(call)

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return why a successful answer belongs to another request; ``None`` if it does not."""
        part = self._part(call.request)
        return None if part is None else part.mismatch(call, answer)

    def accept(self, reply: RawResponse[T]) -> None:
        """Record a request's own answer."""
        part = self._part(reply.request)
        if part is not None:
            part.accept(reply)

    def abandon(self, call: Call[T]) -> None:
        """Record that a call ends without a result although its request may have been executed."""
        part = self._part(call.request)
        if part is not None:
            part.abandon(call)

    def note_results(self, answer: object) -> None:
        """Record what an answer shows. It is not the result of a request that is sent later."""
        self._actions.note_results(answer)
        self._creates.note_results(answer)

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the lost answer; ``None`` if the request certainly was not executed.

        Args:
            call: The call; its request may have been executed.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            RequestOutcomeUnknownError: The look-up did not resolve the request.
        """
        part = self._part(call.request)
        assert part is not None  # noqa: S101 - only such requests are looked up
        return await part.find(call, waited)
