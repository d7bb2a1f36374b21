"""What this process knows of actions: whose result each is, and which requests of its own are still in doubt."""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.http.request import ActionTrace, Timestamp

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from gradient_async.waiting.reconciliation import Skew

# In two hours, which is how far a look-up looks back, an account can start 10,000 actions.
_MAX_ACTIONS: Final = 16_384
_MAX_SKEWS: Final = 16


class _Abandoned(NamedTuple):
    """A request that may have been executed, and whose caller has no result.

    Attributes:
        trace: How its action can be found.
        since: When it was sent.
        until: When it has surely been executed, if it ever is.
    """

    trace: ActionTrace
    since: Timestamp
    until: Timestamp


class ActionClaims:
    """Which actions are some request's result, and which requests may have an action that is not known.

    Its parts are changed from several threads, by single operations of built-in types that cannot be interrupted.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[int, ActionTrace] = OrderedDict()
        self._seen: OrderedDict[int, Timestamp] = OrderedDict()
        self._under_way: dict[Hashable, ActionTrace] = {}
        self._abandoned: dict[Hashable, _Abandoned] = {}
        self._skews: deque[Skew] = deque(maxlen=_MAX_SKEWS)

    # Requests.

    def begin(self, call: Hashable, trace: ActionTrace) -> None:
        """Note that a call's request is about to go on the wire."""
        self._under_way[call] = trace

    def end(self, call: Hashable) -> None:
        """Note that a call's request is answered or lost."""
        self._under_way.pop(call, None)

    def abandon(self, call: Hashable, trace: ActionTrace, since: Timestamp, settle_seconds: float) -> None:
        """Note that a call ends in doubt: it was cancelled on its way, or its outcome is unknown.

        Args:
            call: The call.
            trace: How its action can be found.
            since: When its request was sent.
            settle_seconds: How long from now the action may take to begin.
        """
        now = Timestamp.now()
        for key, one in list(self._abandoned.items()):
            if one.until.monotonic < now.monotonic:
                self._abandoned.pop(key, None)
        until = Timestamp(now.wall + settle_seconds, now.monotonic + settle_seconds)
        self._abandoned[call] = _Abandoned(trace, since, until)

    def is_contested(self, trace: ActionTrace, since: Timestamp, *, is_of_another_process: bool = False) -> bool:
        """Return whether an action may as well be the result of another request of this process.

        Args:
            trace: How the action was found.
            since: When the request in doubt was sent.
            is_of_another_process: The request in doubt may be any of those that were abandoned after ``since``.
        """
        rivals = (trace, trace._replace(droplet_id=None))
        if any(one in rivals for one in list(self._under_way.values())):
            return True
        for one in list(self._abandoned.values()):
            if one.trace not in rivals or (is_of_another_process and one.since.wall >= since.wall):
                continue
            if one.until.wall > since.wall or one.until.monotonic > since.monotonic:
                return True
        return False

    # Actions.

    def add(self, action_id: int, trace: ActionTrace) -> None:
        """Claim an action as the result of a request with this trace. The latest 16,384 are remembered."""
        self._results[action_id] = trace
        _drop_oldest(self._results)

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._results

    def has(self, action_id: int, trace: ActionTrace) -> bool:
        """Return whether an action is the result of a request with this trace."""
        return self._results.get(action_id) == trace

    def note_existing(self, action_ids: Iterable[int], at: Timestamp) -> None:
        """Note that some actions existed at a moment: no request that is sent later has them as its result."""
        seen = self._seen
        for action_id in action_ids:
            seen.setdefault(action_id, at)
        _drop_oldest(seen)

    def was_seen_before(self, action_id: int, sent_at: Timestamp) -> bool:
        """Return whether an action existed already when a request was sent."""
        at = self._seen.get(action_id)
        return at is not None and at.wall < sent_at.wall and at.monotonic < sent_at.monotonic

    def measure(self, skew: Skew) -> None:
        """Note how far the ``Date`` of an own action's answer is from the action's stamp."""
        self._skews.append(skew)

    @property
    def skews(self) -> list[Skew]:
        """The latest of these measurements."""
        return list(self._skews)

    def forget_requests(self) -> None:
        """Forget what is on the wire: in a forked child, it is the parent's."""
        self._under_way.clear()
        self._abandoned.clear()


def claims_of(base_url: str) -> ActionClaims:
    """The claims that all clients of one API in this process share: two of them may act on one Droplet."""
    return _shared_claims.setdefault(base_url, ActionClaims())


def _drop_oldest(remembered: OrderedDict[int, ActionTrace] | OrderedDict[int, Timestamp]) -> None:
    while len(remembered) > _MAX_ACTIONS:
        try:
            remembered.popitem(last=False)
        except KeyError:  # another thread has shortened it
            return


def _forget_other_threads() -> None:
    for claims in _shared_claims.values():
        claims.forget_requests()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)

_shared_claims: Final[weakref.WeakValueDictionary[str, ActionClaims]] = weakref.WeakValueDictionary()
