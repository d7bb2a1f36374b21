"""Records which request started or created each thing, and which requests of this process are unresolved."""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from gradient_async.http.action_trace import ActionTrace
from gradient_async.http.create_rule import CreateTrace, ThingKey
from gradient_async.http.request import Timestamp
from gradient_async.waiting.reconciliation import Skew

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime
    from typing import Self

# A look-up reads back two hours. In that time an account can start 10,000 actions.
_MAX_ACTIONS: Final = 16_384
_MAX_SKEWS: Final = 16
_MAX_READINGS: Final = 64
_FRESH_SECONDS: Final = 600.0
# A request that was sent before an abandoned one was over may be looked up for so long.
_KEPT_SECONDS: Final = 600.0

_Clocks: TypeAlias = "tuple[datetime, str | None, Timestamp, Timestamp]"


class _Trace(Protocol):
    def is_rival_of(self, other: Self, /) -> bool: ...


K = TypeVar("K")
V = TypeVar("V")
TraceT = TypeVar("TraceT", bound=_Trace)


class _Abandoned(NamedTuple, Generic[TraceT]):
    """A request that may have been executed and whose caller got no result.

    Attributes:
        trace: How to find its result.
        since: When it was sent.
        until: After this time it can no longer be executed.
    """

    trace: TraceT
    since: Timestamp
    until: Timestamp


class Claims(Generic[K, TraceT]):
    """The things that are a request's result, and the requests whose result is not known.

    Several threads change its collections, by single operations of built-in types that cannot be interrupted.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[K, tuple[TraceT, Hashable]] = OrderedDict()
        self._seen: OrderedDict[K, Timestamp] = OrderedDict()
        self._under_way: dict[Hashable, TraceT] = {}
        self._abandoned: dict[Hashable, _Abandoned[TraceT]] = {}
        self._clocks: deque[_Clocks] = deque(maxlen=_MAX_SKEWS)

    # Requests.

    def begin(self, call: Hashable, trace: TraceT) -> None:
        """Record that a call's request is about to be sent."""
        self._under_way[call] = trace

    def end(self, call: Hashable) -> None:
        """Record that a call's request was answered or lost."""
        self._under_way.pop(call, None)

    def abandon(self, call: Hashable, trace: TraceT, since: Timestamp, settle_seconds: float) -> None:
        """Record that a call ends unresolved: it was cancelled while it was sent, or its outcome is unknown.

        Args:
            call: The call.
            trace: How to find its result.
            since: When its request was sent.
            settle_seconds: Maximum seconds from now until the request is executed.
        """
        now = Timestamp.now()
        for key, one in list(self._abandoned.items()):
            if one.until.monotonic + _KEPT_SECONDS < now.monotonic:
                self._abandoned.pop(key, None)
        until = Timestamp(now.wall + settle_seconds, now.monotonic + settle_seconds)
        self._abandoned[call] = _Abandoned(trace, since, until)

    def is_contested(self, trace: TraceT, since: Timestamp, *, is_of_another_process: bool = False) -> bool:
        """Return whether a thing may be the result of another request of this process.

        Args:
            trace: How the thing was found.
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

    # Their results.

    def add(self, key: K, trace: TraceT, origin: Hashable = None) -> None:
        """Claim a thing as the result of a request. The latest 16,384 claims are kept.

        Args:
            key: The thing.
            trace: The request's trace.
            origin: The request's origin.
        """
        self._results[key] = (trace, origin)
        _drop_oldest(self._results)

    def __contains__(self, key: object) -> bool:
        return key in self._results

    def has(self, key: K, trace: TraceT) -> bool:
        """Return whether a thing is the result of a request with this trace."""
        found = self._results.get(key)
        return found is not None and found[0] == trace

    def is_of_another(self, key: K, origin: Hashable) -> bool:
        """Return whether a thing is the result of a request of another origin, or of one without an origin."""
        found = self._results.get(key)
        return found is not None and (origin is None or found[1] != origin)

    def note_existing(self, keys: Iterable[K], at: Timestamp) -> None:
        """Record that things existed at a time. They are not the result of a request that is sent later."""
        seen = self._seen
        for key in keys:
            seen.setdefault(key, at)
        _drop_oldest(seen)

    def was_seen_before(self, key: K, sent_at: Timestamp) -> bool:
        """Return whether a thing already existed when a request was sent."""
        at = self._seen.get(key)
        return at is not None and at.wall < sent_at.wall and at.monotonic < sent_at.monotonic

    def measure(self, clocks: _Clocks) -> None:
        """Record the values of a ``Skew``. Only a look-up, which is rare, makes it one."""
        self._clocks.append(clocks)

    @property
    def skews(self) -> list[Skew]:
        """The latest measurements."""
        return [Skew(*clocks) for clocks in list(self._clocks)]

    def forget_requests(self) -> None:
        """Forget all requests. In a forked child, they belong to the parent."""
        self._under_way.clear()
        self._abandoned.clear()


class ActionClaims(Claims[int, ActionTrace]):
    """The actions of this process's requests."""


class CreateClaims(Claims[ThingKey, CreateTrace]):
    """The things that this process's requests created."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: dict[Hashable, deque[Timestamp]] = {}

    def note_whole(self, listing: Hashable, at: Timestamp) -> None:
        """Record that a list was read which showed all that exists.

        Args:
            listing: The list and its account.
            at: When it was read.
        """
        self._whole.setdefault(listing, deque(maxlen=_MAX_READINGS)).append(at)

    def was_absent(self, key: ThingKey, listing: Hashable, sent_at: Timestamp) -> bool:
        """Return whether a whole list did not show a thing, at most ten minutes before a request was sent.

        Args:
            key: The thing.
            listing: The list and its account.
            sent_at: When the request was sent.
        """
        seen = self._seen.get(key)
        return any(
            at.seconds_until(sent_at) <= _FRESH_SECONDS and (seen is None or at.monotonic < seen.monotonic)
            for at in list(self._whole.get(listing, ()))
        )


def claims_of(base_url: str) -> ActionClaims:
    """Return the claims that all clients of one API in this process share. Two clients can act on one Droplet."""
    return _shared_claims.setdefault(base_url, ActionClaims())


def creates_of(base_url: str) -> CreateClaims:
    """Return the claims of creates that all clients of one API in this process share."""
    return _shared_creates.setdefault(base_url, CreateClaims())


def _drop_oldest(remembered: OrderedDict[K, V]) -> None:
    while len(remembered) > _MAX_ACTIONS:
        try:
            remembered.popitem(last=False)
        except KeyError:  # another thread has shortened it
            return


def _forget_other_threads() -> None:
    for actions in _shared_claims.values():
        actions.forget_requests()
    for creates in _shared_creates.values():
        creates.forget_requests()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)

_shared_claims: Final[weakref.WeakValueDictionary[str, ActionClaims]] = weakref.WeakValueDictionary()
_shared_creates: Final[weakref.WeakValueDictionary[str, CreateClaims]] = weakref.WeakValueDictionary()
