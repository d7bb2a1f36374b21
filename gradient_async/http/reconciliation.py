"""Which action, if any, is the result of a request whose answer was lost.

The API has no idempotency key. What it has is the Droplet's own list of actions: an action of the wanted type that
was started no earlier than the request was sent, and that belongs to no other request of this process, is the result.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from gradient_async.http.reader import date_of
from gradient_async.models.responses import ActionBulkInitiateResponse, ActionInitiateResponse

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from gradient_async.http.request import ActionTrace, Moment, Response
    from gradient_async.models.action import Action

PAGE_LENGTH: Final = 20

# The clock that stamps actions and the one behind the Date header are not the same machine's.
_CLOCK_TOLERANCE_SECONDS: Final = 1.0
_MOST_CLAIMED: Final = 4096


def earliest_start(sent_at: Moment, page: Response) -> float:
    """The server's time before which the action cannot have been started, in seconds since the epoch.

    The server's clock comes from the ``Date`` header of the list itself, so that it does not matter how wrong this
    machine's clock is; without one, this machine's clock has to do. Stamps are whole seconds.
    """
    date = date_of(page.headers)
    server_time = page.received_at.wall if date is None else date
    elapsed = sent_at.seconds_until(page.received_at)
    return math.floor(server_time - elapsed - _CLOCK_TOLERANCE_SECONDS)


def candidates(
    actions: Sequence[Action], trace: ActionTrace, earliest: float, claimed: Container[int]
) -> tuple[Action, ...]:
    """The actions that may be the request's result."""
    return tuple(
        action
        for action in actions
        if action.type == trace.type
        and action.id not in claimed
        and action.resource_id in (None, trace.droplet_id)
        and _may_have_started_since(action, earliest)
    )


def reaches_back(actions: Sequence[Action], earliest: float) -> bool:
    """Whether a page of a list shows all that was started since ``earliest``.

    The API promises no order. Only a page that runs from new to old, and ends before ``earliest``, leaves nothing
    for the next page.
    """
    starts = [action.started_at for action in actions]
    stamps = [start.timestamp() for start in starts if start is not None]
    if not actions:
        return True
    return len(stamps) == len(starts) and stamps == sorted(stamps, reverse=True) and stamps[-1] < earliest


def ids_in(answer: object) -> tuple[int, ...]:
    """Ids of the actions that the answer to an action request names."""
    if isinstance(answer, ActionInitiateResponse):
        return (answer.action.id,)
    return tuple(action.id for action in answer.actions) if isinstance(answer, ActionBulkInitiateResponse) else ()


class ActionClaims:
    """Which actions are some request's result already, and which requests are on the wire without one."""

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()
        self._under_way: Counter[ActionTrace] = Counter()

    @contextmanager
    def under_way(self, trace: ActionTrace | None) -> Iterator[None]:
        """A request is on the wire, from before it is sent until it is answered or lost."""
        if trace is None:
            yield
            return
        self._under_way[trace] += 1
        try:
            yield
        finally:
            self._under_way[trace] -= 1
            if not self._under_way[trace]:
                del self._under_way[trace]

    def is_contested(self, trace: ActionTrace) -> bool:
        """Whether an action may as well be the result of a request that is still unanswered."""
        return self._under_way[trace] > 0

    def add(self, action_id: int) -> None:
        """Claim an action; the latest few thousand are remembered, which is longer than any doubt lasts."""
        self._ids[action_id] = None
        if len(self._ids) > _MOST_CLAIMED:
            self._ids.popitem(last=False)

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._ids


def _may_have_started_since(action: Action, earliest: float) -> bool:
    return action.started_at is None or action.started_at.timestamp() >= earliest
