"""Records which request started each action, and which requests of this process are unresolved."""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from gradient_async.http.action_trace import ActionTrace
    from gradient_async.waiting.reconciliation import Skew

# A look-up reads back two hours. In that time an account can start 10,000 actions.
_MAX_ACTIONS: Final = 16_384
_MAX_SKEWS: Final = 16


class _Abandoned(NamedTuple):
    """A request that may have been executed and whose caller got no result.

    Attributes:
        trace: How to find its action.
        since: When it was sent.
        until: After this time it can no longer be executed.
    """

    trace: ActionTrace
    since: Timestamp
    until: Timestamp


class ActionClaims:
    """The actions that are a request's result, and the requests whose action is not known.

    Several threads change its collections, by single operations of built-in types that cannot be interrupted.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[int, ActionTrace] = OrderedDict()
        self._seen: OrderedDict[int, Timestamp] = OrderedDict()
        self._under_way: dict[Hashable, ActionTrace] = {}
        self._abandoned: dict[Hashable, _Abandoned] = {}
        self._skews: deque[Skew] = deque(maxlen=_MAX_SKEWS)

    # Requests.

    def begin(self, call: Hashable, trace: ActionTrace) -> None:
        """Record that a call's request is about to be sent."""
        self._under_way[call] = trace

    def end(self, call: Hashable) -> None:
        """Record that a call's request was answered or lost."""
        self._under_way.pop(call, None)

    def abandon(self, call: Hashable, trace: ActionTrace, since: Timestamp, settle_seconds: float) -> None:
        """Record that a call ends unresolved: it was cancelled while it was sent, or its outcome is unknown.

        Args:
            call: The call.
            trace: How to find its action.
            since: When its request was sent.
            settle_seconds: Maximum seconds from now until the action begins.
        """
        now = Timestamp.now()
        for key, one in list(self._abandoned.items()):
            if one.until.monotonic < now.monotonic:
                self._abandoned.pop(key, None)
        until = Timestamp(now.wall + settle_seconds, now.monotonic + settle_seconds)
        self._abandoned[call] = _Abandoned(trace, since, until)

    def is_contested(self, trace: ActionTrace, since: Timestamp, *, is_of_another_process: bool = False) -> bool:
        """Return whether an action may be the result of another request of this process.

        Args:
            trace: How the action was found.
            since: When the unresolved request was sent.
            is_of_another_process: Whether another process may have sent the request. Then requests that were abandoned
                after ``since`` may be the same request, and do not count.
        """
        if any(trace.is_rival_of(one) for one in list(self._under_way.values())):
            return True
        for one in list(self._abandoned.values()):
            if not trace.is_rival_of(one.trace) or (is_of_another_process and one.since.wall >= since.wall):
                continue
            if one.until.wall > since.wall or one.until.monotonic > since.monotonic:
                return True
        return False

    # Actions.

    def add(self, action_id: int, trace: ActionTrace) -> None:
        """Claim an action as the result of a request with this trace. The latest 16,384 claims are kept."""
        self._results[action_id] = trace
        _drop_oldest(self._results)

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._results

    def has(self, action_id: int, trace: ActionTrace) -> bool:
        """Return whether an action is the result of a request with this trace."""
        return self._results.get(action_id) == trace

    def note_existing(self, action_ids: Iterable[int], at: Timestamp) -> None:
        """Record that actions existed at a time. They are not the result of a request that is sent later."""
        seen = self._seen
        for action_id in action_ids:
            seen.setdefault(action_id, at)
        _drop_oldest(seen)

    def was_seen_before(self, action_id: int, sent_at: Timestamp) -> bool:
        """Return whether an action already existed when a request was sent."""
        at = self._seen.get(action_id)
        return at is not None and at.wall < sent_at.wall and at.monotonic < sent_at.monotonic

    def measure(self, skew: Skew) -> None:
        """Record the difference between an action's time and the ``Date`` of the answer to its request."""
        self._skews.append(skew)

    @property
    def skews(self) -> list[Skew]:
        """The latest measurements."""
        return list(self._skews)

    def forget_requests(self) -> None:
        """Forget all requests. In a forked child, they belong to the parent."""
        self._under_way.clear()
        self._abandoned.clear()


def claims_of(base_url: str) -> ActionClaims:
    """Return the claims that all clients of one API in this process share. Two clients can act on one Droplet."""
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
