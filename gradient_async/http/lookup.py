"""Finding out what became of an action request whose answer was lost (promise P1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import anyio
from attrs import frozen

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
        return self.page._replace(body=converter.encode({"action": item}))


@frozen(kw_only=True)
class _Sight:
    """What one look at a list showed.

    Attributes:
        found: Actions that may be the result.
        suspects: These, and those that were started a little too early for it.
    """

    found: Sequence[FoundAction] = ()
    suspects: tuple[Action, ...] = ()


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

    async def find(self, doubt: Doubt, waited: float = 0.0) -> FoundAction | None:
        """The request's one action; ``None`` if none has shown when the settling time is over.

        Args:
            doubt: The request.
            waited: Seconds of the settling time that have passed already.

        Raises:
            ActionOutcomeUnknownError: The list shows several, or cannot be read, or there is no list that could tell.
        """
        droplet_id = doubt.trace.droplet_id
        if droplet_id is None:
            raise doubt.unresolved("for a request by tag no list can tell; look at the Droplets' own actions")
        sight = _Sight()
        for pause in (0.0, *retry.settling_pauses(self._settle_seconds - waited)):
            await anyio.sleep(pause)
            sight = await self._look(doubt, droplet_id)
            if sight.found and not self._claims.is_contested(doubt.trace):
                break
        if len(sight.found) > 1 or (sight.found and self._claims.is_contested(doubt.trace)):
            others = ", or another such request's that is under way" if len(sight.found) == 1 else ""
            actions = tuple(one.action for one in sight.found)
            raise doubt.unresolved(f"action {_ids(actions)} may be its result{others}", actions)
        if not sight.found and sight.suspects:
            raise doubt.unresolved(
                f"action {_ids(sight.suspects)} was started too shortly before to be told from its result",
                sight.suspects,
            )
        return sight.found[0] if sight.found else None

    async def _look(self, doubt: Doubt, droplet_id: int) -> _Sight:
        """What the list shows now, less what other requests have claimed meanwhile."""
        found: dict[int, FoundAction] = {}
        suspects: dict[int, Action] = {}
        for number in range(1, _MOST_PAGES + 1):
            page = await self._page(doubt, droplet_id, number)
            actions = page.parse().actions
            earliest = reconciliation.earliest_start(doubt.since, page.response)
            suspect = reconciliation.suspect_start(doubt.since, page.response)
            for action in reconciliation.candidates(actions, doubt.trace, suspect, self._claims):
                suspects.setdefault(action.id, action)
            for action in reconciliation.candidates(actions, doubt.trace, earliest, self._claims):
                found.setdefault(action.id, FoundAction(action=action, page=page.response))
            if len(actions) < reconciliation.PAGE_LENGTH or reconciliation.reaches_back(actions, suspect):
                return _Sight(
                    found=[one for one in found.values() if one.action.id not in self._claims],
                    suspects=tuple(one for one in suspects.values() if one.id not in self._claims),
                )
        raise doubt.unresolved(f"{_MOST_PAGES} pages of the Droplet's actions do not reach back to the request")

    async def _page(self, doubt: Doubt, droplet_id: int, number: int) -> RawResponse[ActionListResponse]:
        query = {"page": number, "per_page": reconciliation.PAGE_LENGTH}
        request = endpoints.list_actions(droplet_id, query, {})
        try:
            page = await self._send(request._replace(timeout=doubt.request.timeout))
            page.parse()
        except (APIError, ClientClosedError) as error:
            raise doubt.unresolved(f"the Droplet's actions cannot be read: {error}") from error
        return page


def _ids(actions: Sequence[Action]) -> str:
    return ", ".join(str(action.id) for action in actions)
