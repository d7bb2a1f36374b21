"""Polls actions: from the account's list or one by one, whichever takes fewer requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import define

from gradient_async.endpoints import actions
from gradient_async.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from gradient_async.http.action_trace import ActionOwner
from gradient_async.http.request import Priority
from gradient_async.models.action import Action
from gradient_async.models.responses import action_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Self

    from gradient_async.http.budget import RateBudget, RateBudgetSnapshot
    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender

_GROWTH: Final = 1.5
_FIRST_INTERVAL_SECONDS: Final = 1.0
_MAX_INTERVAL_SECONDS: Final = 15.0
_MAX_PAUSE_SECONDS: Final = 2.0
# A shorter window than this belongs to an emulator with faster time. The intervals between polls shrink with it.
_USUAL_WINDOW_SECONDS: Final = 60.0
_JITTER: Final = 0.2
PAGE_LENGTH: Final = 200
# For up to this many actions, single reads take no more requests than a list and one further read.
MAX_SINGLE_READS: Final = 2
# The share of a scarce window that polls may take.
_SHARE_OF_POLLS: Final = 0.03
_SHARE_OF_REMAINING: Final = 0.3
_SHARE_OF_STEADY_POLLS: Final = 0.15

# A wait continues after these errors: the next poll may succeed.
TRANSIENT_ERRORS: Final = (
    APIConnectionError,
    APIResponseValidationError,
    InternalServerError,
    RateLimitError,
)


@define(kw_only=True, eq=False)
class Awaited:
    """An action that a wait is about.

    Attributes:
        id: The action's id.
        owner: The resource that it is on, if known. A token without ``actions:read`` can read the action only through
            it.
        last: The action as last read.
        failure: Error of the last poll; ``None`` if it succeeded.
        reads: Number of attempts to read it.
    """

    id: int
    owner: ActionOwner | None = None
    last: Action | None = None
    failure: APIError | None = None
    reads: int = 0

    @property
    def key(self) -> int:
        """The action's id: all waits for an action share its entry."""
        return self.id

    @property
    def has_state(self) -> bool:
        """Whether the action was read, by the wait's caller or by a poll."""
        return self.last is not None

    @property
    def is_finished(self) -> bool:
        """Whether the action was read as finished."""
        return self.last is not None and self.last.is_finished

    @property
    def is_unreadable(self) -> bool:
        """Whether the last poll failed with an error that the next poll would get too."""
        return self.failure is not None and not isinstance(self.failure, TRANSIENT_ERRORS)

    def merge(self, other: Self) -> None:
        """Take what another wait for the action knows: a finished state, or the resource."""
        if other.is_finished:
            self.last = other.last
        self.owner = self.owner or other.owner

    def end_round(self) -> bool:
        """Note that a poll is complete. The intervals only grow."""
        return False


class Pace(NamedTuple):
    """Seconds between polls: the first interval, the longest interval, and the longest pause without a check."""

    first: float
    longest: float
    max_pause: float


class Poller:
    """Polls actions.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._may_list = True
        self._later_page = 1
        self._reads_later_page = False

    def reads_lists(self, count: int) -> bool:
        """Return whether this number of actions is read from the account's list."""
        return count > MAX_SINGLE_READS and self._may_list

    def pace(self) -> Pace:
        """Return the intervals between polls. They depend on the rate budget's shortest window."""
        return pace_for(self._sender.budget)

    def min_gap(self, count: int) -> float:
        """Return the minimum seconds between two polls of actions, so that other requests can be sent."""
        budget = self._sender.budget
        requests = pages_of(count) if self.reads_lists(count) else count
        if budget is None:
            return 0.0
        state = budget.snapshot()
        return max(min_gap(requests, state), steady_gap(requests, state) if self.reads_lists(count) else 0.0)

    async def poll(self, awaited: Sequence[Awaited], options: ReadOptions) -> None:
        """Poll actions. Where lists can be read, N actions take at most ⌈N/200⌉ + 1 requests.

        An error is stored with its action. Only the waits for that action raise it.
        """
        if self.reads_lists(len(awaited)):
            try:
                await self._poll_list({one.id: one for one in awaited}, options)
            except PermissionDeniedError:
                self._may_list = False
            except APIError as error:
                for one in awaited:
                    one.failure = error
                return
            else:
                return
        for one in awaited:
            await self._read(one, options)

    async def _poll_list(self, wanted: dict[int, Awaited], options: ReadOptions) -> None:
        """Read the newest actions of the account, and use one further request for those that are on later pages.

        In a busy account an old action is on a later page. If several are, every second round reads the next later
        page. The other rounds read one action by itself: the one with the fewest reads.
        """
        oldest = _oldest_start(wanted.values())
        pages = pages_of(len(wanted))
        shows_all = False
        for number in range(1, pages + 1):
            shows_all = await self._read_page(number, wanted, oldest, options)
            if shows_all:
                break
        self._reads_later_page = len(wanted) > 1 and not shows_all and not self._reads_later_page
        if self._reads_later_page:
            self._later_page = max(self._later_page, pages) + 1
            if await self._read_page(self._later_page, wanted, oldest, options):
                self._later_page = 1
        elif wanted:
            await self._read(min(wanted.values(), key=lambda one: one.reads), options)

    async def _read_page(
        self, number: int, wanted: dict[int, Awaited], oldest: datetime | None, options: ReadOptions
    ) -> bool:
        """Update the actions on a page, and remove them from ``wanted``. Return whether later pages show none."""
        query = {"page": number, "per_page": PAGE_LENGTH}
        request = actions.LIST.request(options, query=query)._replace(priority=Priority.POLL)
        try:
            answer = (await self._sender.send(request)).parse()
        except (BadRequestError, NotFoundError, UnprocessableEntityError):
            if number == 1:
                raise
            return True  # past the end
        self._sender.note_results(answer)
        page = answer.actions
        for action in page:
            if one := wanted.pop(action.id, None):
                one.last, one.failure = action, None
                one.reads += 1
        last_start = page[-1].started_at if page else None
        is_past_all = oldest is not None and last_start is not None and last_start < oldest
        return not wanted or len(page) < PAGE_LENGTH or is_past_all

    async def _read(self, one: Awaited, options: ReadOptions) -> None:
        one.reads += 1
        request = actions.retrieve(one.id, one.owner, options)._replace(priority=Priority.POLL)
        try:
            one.last = action_of((await self._sender.send(request)).parse())
            one.failure = None
        except APIError as error:
            one.failure = error


def pace_for(budget: RateBudget | None) -> Pace:
    """Return the intervals between polls. They depend on the rate budget's shortest window."""
    window_seconds = _USUAL_WINDOW_SECONDS if budget is None else budget.shortest_window
    scale = min(1.0, window_seconds / _USUAL_WINDOW_SECONDS)
    return Pace(
        first=scale * _FIRST_INTERVAL_SECONDS,
        longest=scale * _MAX_INTERVAL_SECONDS,
        max_pause=scale * _MAX_PAUSE_SECONDS,
    )


def interval(polls: int, first: float, jitter: float, longest: float = _MAX_INTERVAL_SECONDS) -> float:
    """Return the seconds before the next poll. The interval grows after each poll, with a jitter of one fifth.

    Args:
        polls: Number of polls so far.
        first: Seconds before the first poll.
        jitter: A random number from 0 to 1.
        longest: Maximum of the growing interval. If ``first`` is longer, the interval stays ``first``.
    """
    if polls == 0:
        return first
    grown = min(first * _GROWTH ** min(polls, 64), max(first, longest))
    return grown * (1 - _JITTER + 2 * _JITTER * jitter)


def min_gap(requests: int, budget: RateBudgetSnapshot) -> float:
    """Return the minimum seconds between two polls of this number of requests, so that other requests can be sent.

    A window that is more than half used is scarce. While requests wait, polls take a small share of it. Otherwise they
    take a part of what is left.
    """
    scarce = [use for use in budget.windows if 2 * use.left < use.limit]
    gaps = [0.0]
    for use in scarce:
        share = _SHARE_OF_POLLS * use.limit
        if not budget.waiting:
            share = max(share, _SHARE_OF_REMAINING * use.left)
        gaps.append(requests * use.seconds / share)
    return max(gaps)


def steady_gap(requests: int, budget: RateBudgetSnapshot) -> float:
    """Return the minimum seconds between two polls of many actions, so that they use a small share of the window."""
    window = min(budget.windows, key=lambda use: use.seconds)
    return requests * window.seconds / (_SHARE_OF_STEADY_POLLS * window.limit)


def _oldest_start(awaited: Iterable[Awaited]) -> datetime | None:
    """Return the start of the oldest action; ``None`` if one start is not known."""
    starts = [one.last.started_at if one.last else None for one in awaited]
    known = [start for start in starts if start is not None]
    return min(known) if len(known) == len(starts) else None


def pages_of(count: int) -> int:
    """Return the number of pages that this number of items fills."""
    return math.ceil(count / PAGE_LENGTH)
