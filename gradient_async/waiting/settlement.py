"""Following action requests: whose result each action is, and what became of a request in doubt (promise P1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from gradient_async import log
from gradient_async.http.correspondence import Mismatch
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse, actions_in
from gradient_async.waiting.claims import claims_of
from gradient_async.waiting.lookup import ActionLookup, UnresolvedRequest
from gradient_async.waiting.reconciliation import Skew

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.settlement import Send
    from gradient_async.settings import Settings

T = TypeVar("T")

# Stamps are whole seconds: what begins this long after a request may carry the stamp of another one.
_LATE_SECONDS: Final = 2.0
_FRESH_SECONDS: Final = 7200.0


class ActionSettlement:
    """Follows action requests; other requests pass by.

    Args:
        send: Sends a request; used to read lists of actions.
        settings: The sender's.
    """

    def __init__(self, send: Send, settings: Settings) -> None:
        self._claims = claims_of(settings.base_url)
        self._settle_seconds = settings.settle_seconds
        self._lookup = ActionLookup(send, self._claims, settings.settle_seconds)

    def begin(self, call: Call[T]) -> None:
        """Note that a call's request is about to go on the wire."""
        if call.request.action is not None:
            self._claims.begin(call, call.request.action)

    def end(self, call: Call[T]) -> None:
        """Note that a call's request is answered or lost."""
        self._claims.end(call)

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return how an answer names an action that is the result of an earlier request of this kind."""
        trace = call.request.action
        if trace is None:
            return None
        for action in actions_in(answer):
            started_at = action.started_at
            if not self._claims.has(action.id, trace):
                continue
            # A server for tests answers every request with one action, which was started long ago.
            if started_at is not None and abs(started_at.timestamp() - call.sent_at.wall) < _FRESH_SECONDS:
                return Mismatch("$", f"the answer is about action {action.id}, which is an earlier request's")
        return None

    def accept(self, reply: RawResponse[T]) -> None:
        """Note a request's own answer: its action is claimed, and tells of the server's clocks."""
        if reply.request.action is None:
            return
        after, before, date = reply.results[-1].started, reply.response.received_at, reply.headers.get("date")
        for action in actions_in(reply.parse())[:1]:
            if action.started_at is not None:
                self._claims.measure(Skew(action.started_at, date, after, before))
        self._claim(reply)

    def abandon(self, call: Call[T]) -> None:
        """Note that a call ends without a result, though its action may have been started."""
        trace = call.request.action
        if trace is not None and call.is_open:
            self._claims.abandon(call, trace, call.sent_since, self._settle_seconds + _LATE_SECONDS)

    def note_results(self, answer: object) -> None:
        """Note the actions that an answer shows: they are the result of no request that is sent later."""
        if isinstance(answer, ActionListResponse):
            self._claims.note_existing((action.id for action in answer.actions), Timestamp.now())
        elif isinstance(answer, ActionRetrieveResponse):
            self._claims.note_existing((answer.action.id,), Timestamp.now())

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the answer that was lost, made from the Droplet's list of actions; ``None`` if none was executed.

        Args:
            call: The call, which may have been executed.
            waited: Seconds of the settling time that have passed already.

        Raises:
            ActionOutcomeUnknownError: It cannot be told.
        """
        unresolved = UnresolvedRequest.of(call)
        try:
            found = await self._lookup.find(unresolved, waited)
        except asyncio.CancelledError:
            if not call.is_of_another_process:
                log.cancelled(call.request)
            raise
        if found is None:
            if call.was_accepted:
                raise unresolved.error("its list of actions shows none, though the server answered with a success")
            return None
        log.adopted(call.request, found.action.id, is_expected=call.is_of_another_process)
        reply = RawResponse(found.as_response(), call.request, call.results, is_adopted=True)
        self._claim(reply)
        return reply

    def _claim(self, reply: RawResponse[T]) -> None:
        """Remember whose result an action is, so that no other request adopts it."""
        trace = reply.request.action
        if trace is not None:
            for action in actions_in(reply.parse()):
                self._claims.add(action.id, trace)
