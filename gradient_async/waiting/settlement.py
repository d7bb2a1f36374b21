"""Tracks action requests: which request started each action, and look-ups of unresolved requests (promise P1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from gradient_async import log
from gradient_async.http.correspondence import Mismatch
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.models.action import Action
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse, actions_in
from gradient_async.waiting.claims import claims_of
from gradient_async.waiting.fixed_answers import fixed_answer
from gradient_async.waiting.look_up_time import limited
from gradient_async.waiting.lookup import ActionLookup, UnresolvedRequest

if TYPE_CHECKING:
    from gradient_async.budget.shared_claims import SharedClaims
    from gradient_async.http.call import Call
    from gradient_async.http.settlement import Send
    from gradient_async.settings import Settings

T = TypeVar("T")

# Times are whole seconds: an action that begins this long after a request can have the time of another request.
LATE_SECONDS: Final = 2.0
_FRESH_SECONDS: Final = 7200.0


class ActionSettlement:
    """Tracks action requests. It ignores other requests.

    Args:
        send: Sends a request that reads a list of actions.
        settings: The sender's settings.
        shared: The claims of all processes that share a store; ``None`` if there is none.
    """

    def __init__(self, send: Send, settings: Settings, shared: SharedClaims | None = None) -> None:
        self._send = send
        self._claims = claims_of(settings.base_url)
        self._shared = shared
        self._settings = settings
        self._lookup = ActionLookup(send, self._claims, settings.settle_seconds, shared)

    def begin(self, call: Call[T]) -> None:
        """Record that a call's request is about to be sent."""
        if call.request.action is not None:
            self._claims.begin(call, call.request.action)

    def end(self, call: Call[T]) -> None:
        """Record that a call's request was answered or lost."""
        self._claims.end(call)

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return a mismatch if an answer names the action of an earlier request with the same trace."""
        trace = call.request.action
        if trace is None:
            return None
        for action in actions_in(answer):
            started_at = action.started_at
            if not self._claims.has(action.id, trace):
                continue
            # A test server may answer every request with the same action, which was started long ago.
            if started_at is not None and abs(started_at.timestamp() - call.sent_at.wall) < _FRESH_SECONDS:
                return Mismatch("$", f"the answer is about action {action.id}, which is an earlier request's")
        return None

    def accept(self, reply: RawResponse[T]) -> None:
        """Record a request's own answer: claim its action, and measure the server's clocks."""
        trace = reply.request.action
        if trace is None:
            return
        actions = actions_in(reply.parse())
        if actions and (stamp := actions[0].started_at) is not None:
            after, before = reply.results[-1].started, reply.response.received_at
            self._claims.measure((stamp, reply.response.headers.get("date"), after, before))
        for action in actions:
            self._claims.add(action.id, trace, reply.request.origin)

    async def publish(self, reply: RawResponse[T]) -> None:
        """Tell other processes, by the shared store, that the action in a request's own answer is taken."""
        trace = reply.request.action
        # No list resolves a request by tag, and the Droplets of one are looked up by other requests.
        if self._shared is None or trace is None or trace.resource_id is None:
            return
        for action in actions_in(reply.parse()):
            await self._shared.publish(action.id, reply.request.origin)

    def abandon(self, call: Call[T]) -> None:
        """Record that a call ends without a result although its action may have been started."""
        trace = call.request.action
        if trace is not None and call.is_open:
            self._claims.abandon(call, trace, call.sent_since, self._settings.settle_seconds + LATE_SECONDS)

    def note_results(self, answer: object) -> None:
        """Record the actions that an answer shows. They are not the result of a request that is sent later."""
        if isinstance(answer, ActionListResponse):
            self._claims.note_existing((action.id for action in answer.actions), Timestamp.now())
        elif isinstance(answer, ActionRetrieveResponse):
            self._claims.note_existing((answer.action.id,), Timestamp.now())
        elif isinstance(answer, Action):
            self._claims.note_existing((answer.id,), Timestamp.now())

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the lost answer, made from the resource's list of actions; ``None`` if no action was started.

        The fixed answer of a test server is returned as it is, with a warning.

        Args:
            call: The call; its request may have been executed.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            ActionOutcomeUnknownError: The look-up did not resolve the request.
        """
        unresolved = UnresolvedRequest.of(call)
        found = None
        with limited(call, self._settings, unresolved.error, settle_seconds=self._settings.settle_seconds):
            fixed = await fixed_answer(call, self._send)
            if fixed is not None:
                log.answer_is_fixed(call.request, call.results[-1].detail)
                return fixed
            found = await self._lookup.find(unresolved, waited)
        if found is None:
            if call.was_accepted:
                raise unresolved.error("its list of actions shows none, though the server answered with a success")
            return None
        trace, owner = unresolved.trace, unresolved.trace.kind.title
        log.adopted(call.request, found.action.id, owner, is_expected=call.is_of_another_process)
        # So that no other request adopts it.
        self._claims.add(found.action.id, trace, call.request.origin)
        return RawResponse(found.as_response(), call.request, call.results, is_adopted=True)
