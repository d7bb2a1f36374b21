"""Finding out what became of an action request whose answer was lost (promise P1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import anyio
from attrs import evolve, frozen

from gradient_async import converter, endpoints
from gradient_async.errors import ActionOutcomeUnknownError, APIError, Attempt, ClientClosedError
from gradient_async.http import reconciliation, retry
from gradient_async.http.request import ActionTrace, Moment, Request, Response
from gradient_async.models.action import Action

if TYPE_CHECKING:
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.reconciliation import ActionClaims
    from gradient_async.models.responses import ActionListResponse

T = TypeVar("T")

_MOST_PAGES: Final = 10


class Send(Protocol):
    """How a request is sent."""

    async def __call__(self, request: Request[T], /) -> RawResponse[T]:
        """Send it, and return the successful answer."""
        ...


@frozen(kw_only=True)
class Doubt:
    """An action request that may or may not have been executed.

    Attributes:
        request: The request.
        trace: How its action can be found.
        since: When the first attempt whose outcome is unknown was sent.
        attempts: Every try so far.
    """

    request: Request[object]
    trace: ActionTrace
    since: Moment
    attempts: Sequence[Attempt]

    def unresolved(self, why: str, candidates: tuple[Action, ...] = ()) -> ActionOutcomeUnknownError:
        """The error for a doubt that stays one."""
        place = "by tag" if self.trace.droplet_id is None else f"of Droplet {self.trace.droplet_id}"
        reason = next(attempt.detail for attempt in self.attempts if attempt.outcome == "unknown")
        request_ids = [attempt.request_id for attempt in self.attempts if attempt.request_id]
        return ActionOutcomeUnknownError(
            f"{self.trace.type} {place} may or may not have been executed ({reason}), and {why}; it was not sent again",
            method=self.request.method,
            path=self.request.path,
            droplet_id=self.trace.droplet_id,
            type=self.trace.type,
            candidates=candidates,
            request_id=request_ids[-1] if request_ids else None,
            attempts=tuple(self.attempts),
        )


@frozen(kw_only=True)
class FoundAction:
    """An action in a Droplet's list, with the page that shows it."""

    action: Action
    page: Response

    def as_response(self) -> Response:
        """The answer that the lost one must have been: the page's, with this action as its body."""
        listed = converter.decode_json(self.page.body)
        items = listed["actions"] if isinstance(listed, dict) else []
        item = next(item for item in items if item["id"] == self.action.id)
        return evolve(self.page, body=converter.encode({"action": item}))


class ActionLookup:
    """Looks for the action of a doubtful request in its Droplet's own list.

    Args:
        send: Sends a request; used to read the list.
        claims: Actions that are some other request's result.
        settle_seconds: How long an executed action may take to show in the list.
    """

    def __init__(self, send: Send, claims: ActionClaims, settle_seconds: float) -> None:
        self._send = send
        self._claims = claims
        self._settle_seconds = settle_seconds

    async def find(self, doubt: Doubt) -> FoundAction | None:
        """The request's one action; ``None`` if none has shown when the settling time is over.

        Raises:
            ActionOutcomeUnknownError: The list shows several, or cannot be read, or there is no list that could tell.
        """
        droplet_id = doubt.trace.droplet_id
        if droplet_id is None:
            raise doubt.unresolved("for a request by tag no list can tell; look at the Droplets' own actions")
        found: list[FoundAction] = []
        for pause in (0.0, *retry.settling_pauses(self._settle_seconds)):
            await anyio.sleep(pause)
            found = await self._look(doubt, droplet_id)
            if found and not self._claims.is_contested(doubt.trace):
                break
        if not found:
            return None
        if len(found) > 1 or self._claims.is_contested(doubt.trace):
            ids = ", ".join(str(one.action.id) for one in found)
            others = ", or another such request's that is under way" if len(found) == 1 else ""
            raise doubt.unresolved(f"action {ids} may be its result{others}", tuple(one.action for one in found))
        return found[0]

    async def _look(self, doubt: Doubt, droplet_id: int) -> list[FoundAction]:
        """Every candidate that the list shows now and that no other request has claimed meanwhile."""
        found: dict[int, FoundAction] = {}
        for number in range(1, _MOST_PAGES + 1):
            page = await self._page(doubt, droplet_id, number)
            actions = page.parse().actions
            earliest = reconciliation.earliest_start(doubt.since, page.response)
            for action in reconciliation.candidates(actions, doubt.trace, earliest, self._claims):
                found.setdefault(action.id, FoundAction(action=action, page=page.response))
            if len(actions) < reconciliation.PAGE_LENGTH or reconciliation.reaches_back(actions, earliest):
                return [one for one in found.values() if one.action.id not in self._claims]
        raise doubt.unresolved(f"{_MOST_PAGES} pages of the Droplet's actions do not reach back to the request")

    async def _page(self, doubt: Doubt, droplet_id: int, number: int) -> RawResponse[ActionListResponse]:
        query = {"page": number, "per_page": reconciliation.PAGE_LENGTH}
        request = endpoints.list_actions(droplet_id, query, {})
        try:
            page = await self._send(evolve(request, timeout=doubt.request.timeout))
            page.parse()
        except (APIError, ClientClosedError) as error:
            raise doubt.unresolved(f"the Droplet's actions cannot be read: {error}") from error
        return page
