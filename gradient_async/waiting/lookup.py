"""Looks up an action request whose answer was lost (promise P1)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
from attrs import evolve, frozen

from gradient_async import converter
from gradient_async.errors import ActionOutcomeUnknownError, APIError, Attempt, ClientClosedError
from gradient_async.http import retry
from gradient_async.http.action_trace import ActionTrace
from gradient_async.http.endpoint import Request
from gradient_async.http.request import Response, Timestamp
from gradient_async.models.action import Action
from gradient_async.waiting import reconciliation
from gradient_async.waiting.foreign_claims import ForeignClaims
from gradient_async.waiting.list_pages import page_of
from gradient_async.waiting.reconciliation import Reading, Sending, Verdict

if TYPE_CHECKING:
    from gradient_async.budget.shared_claims import SharedClaims
    from gradient_async.http.call import Call
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.settlement import Send
    from gradient_async.models.responses import ActionListResponse
    from gradient_async.waiting.claims import ActionClaims

T = TypeVar("T")

_MAX_PAGES: Final = 10
# Of the candidates, in a message. The error has all of them.
_MAX_NAMED: Final = 5


@frozen(kw_only=True)
class UnresolvedRequest:
    """An action request that may or may not have been executed.

    Attributes:
        request: The request.
        trace: How to find its action.
        since: When the first attempt with an unknown outcome was sent.
        attempts: All attempts so far.
        is_of_another_process: Whether another process sent the request, perhaps with another clock.
        clock_error: Seconds by which ``since`` may be wrong.
    """

    request: Request[object]
    trace: ActionTrace
    since: Timestamp
    attempts: Sequence[Attempt]
    is_of_another_process: bool = False
    clock_error: float = 0.0

    @classmethod
    def of(cls, call: Call[T]) -> UnresolvedRequest:
        """Return the unresolved request of a call."""
        assert call.request.action is not None  # noqa: S101 - only actions are looked up
        assert call.unresolved_since is not None  # noqa: S101 - set before a look-up
        return cls(
            request=call.request,
            trace=call.request.action,
            since=call.unresolved_since,
            attempts=call.attempts,
            is_of_another_process=call.is_of_another_process,
            clock_error=call.clock_error,
        )

    def error(self, why: str, candidates: tuple[Action, ...] = ()) -> ActionOutcomeUnknownError:
        """Return the error for a request that stays unresolved.

        Args:
            why: Why the look-up did not resolve it.
            candidates: Actions that may be its result.
        """
        reason = next(attempt.detail for attempt in self.attempts if attempt.outcome == "unknown")
        request_ids = [attempt.request_id for attempt in self.attempts if attempt.request_id]
        return ActionOutcomeUnknownError(
            f"{self.trace.type} {self.trace.place} may or may not have been executed ({reason}), and {why}; "
            "it was not sent again",
            method=self.request.method,
            path=self.request.path,
            droplet_id=self.trace.droplet_id,
            resource_id=self.trace.resource_id,
            type=self.trace.type,
            candidates=candidates,
            request_id=request_ids[-1] if request_ids else None,
            attempts=tuple(self.attempts),
        )


@frozen(kw_only=True)
class FoundAction:
    """An action in its resource's list, with the page that shows it."""

    action: Action
    page: Response

    def as_response(self) -> Response:
        """Return the page's response with only this action as its body, in place of the lost answer."""
        listed = converter.decode_json(self.page.body)
        items = listed["actions"] if isinstance(listed, dict) else []
        item = next(item for item in items if item["id"] == self.action.id)
        return self.page._replace(body=converter.encode({"action": item}))


@frozen(kw_only=True)
class _ListResult:
    """The result of reading a list once.

    Attributes:
        results: Actions that can be adopted.
        unclear: Actions that may be the result of this request, or of another one.
        may_become_clear: Whether a better reading of the server's clock may decide about an unclear action.
        is_consistent: Whether all lists show the same server clock.
        is_whole: Whether the list showed all actions that its links and its total announce.
    """

    results: Sequence[FoundAction]
    unclear: tuple[Action, ...]
    may_become_clear: bool
    is_consistent: bool
    is_whole: bool


class ActionLookup:
    """Searches the resource's list for the action of an unresolved request.

    Args:
        send: Sends a request that reads the list.
        claims: The actions and requests of this process.
        settle_seconds: Maximum seconds until an executed action shows in the list.
        shared: The claims of all processes that share a store; ``None`` if there is none.
    """

    def __init__(
        self, send: Send, claims: ActionClaims, settle_seconds: float, shared: SharedClaims | None = None
    ) -> None:
        self._shared = shared
        self._send = send
        self._claims = claims
        self._settle_seconds = settle_seconds

    async def find(self, unresolved: UnresolvedRequest, waited: float = 0.0) -> FoundAction | None:
        """Return the request's action, claimed; ``None`` if the request certainly was not executed.

        The list is read until the action shows, or until ``settle_seconds`` have passed.

        Args:
            unresolved: The request.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            ActionOutcomeUnknownError: The list shows several actions, or one that may be another request's, or it
                cannot be read. A request by tag has no list.
        """
        unresolved = await self._with_id(unresolved)
        # An earlier run, whose request this is, may have claimed the action. Without an origin this cannot be seen.
        is_own_claim_known = unresolved.request.origin is not None or not unresolved.is_of_another_process
        foreign = ForeignClaims(self._shared if is_own_claim_known else None, self._claims, unresolved)
        while True:
            found = await self._find(unresolved, waited, foreign)
            if found is None or await foreign.claim(found.action):
                return found

    async def _find(self, unresolved: UnresolvedRequest, waited: float, foreign: ForeignClaims) -> FoundAction | None:
        search = _Search(self._send, self._claims, unresolved, foreign)
        listed = await search.read()
        if listed.may_become_clear and not self._is_found(listed, unresolved):
            await anyio.sleep(reconciliation.seconds_until_best_reading(unresolved.since, Timestamp.now()))
            listed = await search.read()
        for pause in retry.settling_pauses(self._settle_seconds - waited):
            if self._is_found(listed, unresolved):
                break
            await anyio.sleep(pause)
            listed = await search.read()
        return self._resolved(listed, unresolved)

    async def _with_id(self, unresolved: UnresolvedRequest) -> UnresolvedRequest:
        """Return the request with the id of its resource. A request with a name needs a search."""
        trace = unresolved.trace
        if trace.resource_id is not None:
            return unresolved
        if trace.search is None:
            raise unresolved.error(f"a request {trace.place} cannot be looked up: check the actions of the Droplets")
        title = trace.kind.title
        try:
            answer = page_of(await self._send(trace.search._replace(timeout=unresolved.request.timeout)))
        except (APIError, ClientClosedError) as error:
            raise unresolved.error(f"the {title}'s id cannot be read: {error}") from error
        ids = [item.id for item in getattr(answer, trace.search.endpoint.items)]
        if len(ids) != 1:
            raise unresolved.error(f"a list shows {len(ids)} {title}s with its name")
        return evolve(unresolved, trace=trace._replace(resource_id=ids[0]))

    def _is_found(self, listed: _ListResult, unresolved: UnresolvedRequest) -> bool:
        return bool(listed.results) and not self._is_contested(unresolved)

    def _is_contested(self, unresolved: UnresolvedRequest) -> bool:
        return self._claims.is_contested(
            unresolved.trace, unresolved.since, is_of_another_process=unresolved.is_of_another_process
        )

    def _resolved(self, listed: _ListResult, unresolved: UnresolvedRequest) -> FoundAction | None:
        results = tuple(one.action for one in listed.results)
        if len(results) > 1:
            raise unresolved.error(f"each of the actions {_ids(results)} may be its result", results)
        if results and self._is_contested(unresolved):
            raise unresolved.error(
                f"{_one_of(results)} may be its result, or that of another such request of this process", results
            )
        if results:
            return listed.results[0]
        if listed.unclear:
            raise unresolved.error(
                f"{_one_of(listed.unclear)} may be its result, or may have begun before the request was sent",
                listed.unclear,
            )
        if not listed.is_consistent:
            raise unresolved.error("the Date headers of its lists of actions contradict each other")
        if not listed.is_whole:
            raise unresolved.error("its list of actions is shorter than the list itself announces")
        return None


class _Search:
    """The search for one request's action.

    Args:
        send: Sends a request.
        claims: The actions and requests of this process.
        unresolved: The request.
        foreign: The claims of other processes.
    """

    def __init__(self, send: Send, claims: ActionClaims, unresolved: UnresolvedRequest, foreign: ForeignClaims) -> None:
        self._foreign = foreign
        self._send = send
        self._claims = claims
        self._unresolved = unresolved
        self._readings: list[Reading] = []
        self._newest_stamp = -math.inf
        self._before: set[int] = set()

    @property
    def _title(self) -> str:
        return self._unresolved.trace.kind.title

    async def read(self) -> _ListResult:
        """Return what the list shows now, without the actions that other requests have claimed."""
        found: dict[int, FoundAction] = {}
        items_read = 0
        for number in range(1, _MAX_PAGES + 1):
            page = await self._page(number)
            listing = page.parse()
            actions = listing.actions
            items_read += len(actions)
            sending = self._learn(page, actions)
            for action in actions:
                if self._may_match(action):
                    found.setdefault(action.id, FoundAction(action=action, page=page.response))
            if actions and reconciliation.reaches_back(actions, sending.horizon):
                return await self._unclaimed(found.values(), sending, is_whole=True)
            is_more_announced = reconciliation.announces_more(listing, items_read)
            if not actions or (len(actions) < reconciliation.PAGE_LENGTH and not is_more_announced):
                return await self._unclaimed(found.values(), sending, is_whole=not is_more_announced)
        raise self._unresolved.error(
            f"{_MAX_PAGES} pages of the {self._title}'s actions do not reach back to the request"
        )

    def _learn(self, page: RawResponse[ActionListResponse], actions: Sequence[Action]) -> Sending:
        """Record the clocks and the actions of a page. Return when the request was sent."""
        sent_at, received_at = page.results[-1].started, page.response.received_at
        self._claims.note_existing((action.id for action in actions), received_at)
        reading = reconciliation.reading_of(page.headers, sent_at, received_at)
        if reading is not None:
            self._readings.append(reading)
        self._newest_stamp = max(self._newest_stamp, reconciliation.newest_stamp_in(actions))
        sending = reconciliation.sending_of(
            self._unresolved.since,
            received_at,
            self._readings,
            self._newest_stamp,
            self._claims.skews,
            self._unresolved.clock_error,
        )
        if sending.elapsed < self._unresolved.clock_error:
            raise self._unresolved.error("by this machine's clock it was sent in the future, so its age is not known")
        return sending

    def _may_match(self, action: Action) -> bool:
        unresolved = self._unresolved
        trace = unresolved.trace
        if trace.is_of_kind(action) and not trace.is_of_resource(action):
            raise unresolved.error(f"its list of actions shows one of {self._title} {action.resource_id}")
        return (
            trace.is_of_type(action)
            and trace.is_of_resource(action)
            and (unresolved.is_of_another_process or not self._claims.was_seen_before(action.id, unresolved.since))
        )

    async def _unclaimed(self, found: Collection[FoundAction], sending: Sending, *, is_whole: bool) -> _ListResult:
        """Return what the actions mean, without those that other processes have claimed."""
        listed = self._evaluated(found, sending, is_whole=is_whole)
        candidates = [*(one.action for one in listed.results), *listed.unclear]
        is_any_foreign = await self._foreign.note(candidates)
        return self._evaluated(found, sending, is_whole=is_whole) if is_any_foreign else listed

    def _evaluated(self, found: Iterable[FoundAction], sending: Sending, *, is_whole: bool) -> _ListResult:
        results: list[FoundAction] = []
        unclear: list[Action] = []
        for one in found:
            is_anothers = self._claims.is_of_another(one.action.id, self._unresolved.request.origin)
            if is_anothers or one.action.id in self._before:
                continue
            verdict = reconciliation.verdict_on(one.action, sending)
            if verdict is Verdict.RESULT:
                results.append(one)
            elif verdict is Verdict.UNCLEAR:
                unclear.append(one.action)
            else:
                # This verdict is final. A later reading is less precise, since more time has passed.
                self._before.add(one.action.id)
        return _ListResult(
            results=results,
            unclear=tuple(unclear),
            may_become_clear=any(reconciliation.may_become_clear(action, sending) for action in unclear),
            is_consistent=sending.is_consistent,
            is_whole=is_whole,
        )

    async def _page(self, number: int) -> RawResponse[ActionListResponse]:
        unresolved = self._unresolved
        query = {"page": number, "per_page": reconciliation.PAGE_LENGTH}
        trace = unresolved.trace
        request = trace.kind.list.request({}, trace.resource_id, query=query)
        try:
            page = await self._send(request._replace(timeout=unresolved.request.timeout))
            page_of(page)
        except (APIError, ClientClosedError) as error:
            raise unresolved.error(f"the {self._title}'s actions cannot be read: {error}") from error
        return page


def _one_of(actions: Sequence[Action]) -> str:
    return f"action {_ids(actions)}" if len(actions) == 1 else f"one of the actions {_ids(actions)}"


def _ids(actions: Sequence[Action]) -> str:
    named = ", ".join(str(action.id) for action in actions[:_MAX_NAMED])
    more = len(actions) - _MAX_NAMED
    return f"{named} and {more:,} more" if more > 0 else named
