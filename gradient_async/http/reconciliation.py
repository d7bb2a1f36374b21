"""Which action, if any, is the result of a request whose answer was lost.

The API has no idempotency key. What it has is the Droplet's own list of actions: an action of the wanted type that
was started no earlier than the request was sent, and that belongs to no other request of this process, is the result.
One that was started a little earlier is none, but too close to be sure that nothing was executed.
"""

from __future__ import annotations

import math
import os
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from gradient_async.http.reader import date_of
from gradient_async.models.responses import ActionBulkInitiateResponse, ActionInitiateResponse

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Sequence

    from gradient_async.http.request import ActionTrace, Moment, Response
    from gradient_async.models.action import Action

PAGE_LENGTH: Final = 20

# The clock that stamps actions and the one behind the Date header are not the same machine's.
_CLOCK_TOLERANCE_SECONDS: Final = 1.0
_CLOCKS_APART_SECONDS: Final = 10.0
_UNKNOWN_CLOCK_SECONDS: Final = 300.0
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


def suspect_start(sent_at: Moment, page: Response) -> float:
    """The server's time from which on an action is too close before the sending to be told from its result.

    The clock that stamps actions may be some seconds off the one behind ``Date``; without ``Date``, this machine's
    clock may be off by far more. Such an action is no result, but a reason not to send again.
    """
    margin = _UNKNOWN_CLOCK_SECONDS if date_of(page.headers) is None else _CLOCKS_APART_SECONDS
    return earliest_start(sent_at, page) - margin


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
    """Which actions are some request's result already, and which requests are on the wire without one.

    Its parts are changed from several threads, by single operations of built-in types that cannot be interrupted.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()
        self._under_way: dict[Hashable, ActionTrace] = {}

    def begin(self, call: Hashable, trace: ActionTrace) -> None:
        """A call's request is about to go on the wire."""
        self._under_way[call] = trace

    def end(self, call: Hashable) -> None:
        """A call's request is answered or lost."""
        self._under_way.pop(call, None)

    def is_contested(self, trace: ActionTrace) -> bool:
        """Whether an action may as well be the result of a request that is still unanswered."""
        by_tag = trace._replace(droplet_id=None)
        return any(one in (trace, by_tag) for one in list(self._under_way.values()))

    def add(self, action_id: int) -> None:
        """Claim an action; the latest few thousand are remembered, which is longer than any doubt lasts."""
        self._ids[action_id] = None
        if len(self._ids) > _MOST_CLAIMED:
            self._ids.popitem(last=False)

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._ids


def claims_of(base_url: str) -> ActionClaims:
    """The claims that all clients of one API in this process share: two of them may act on one Droplet."""
    return _shared_claims.setdefault(base_url, ActionClaims())


def _forget_other_threads() -> None:
    """In a forked child: what is on the wire is the parent's."""
    for claims in _shared_claims.values():
        claims._under_way.clear()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)

_shared_claims: Final[weakref.WeakValueDictionary[str, ActionClaims]] = weakref.WeakValueDictionary()


def _may_have_started_since(action: Action, earliest: float) -> bool:
    return action.started_at is None or action.started_at.timestamp() >= earliest
