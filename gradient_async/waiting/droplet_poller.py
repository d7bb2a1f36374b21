"""Polls Droplets: from lists or one by one, whichever takes fewer requests."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints import droplets
from gradient_async.errors import (
    APIError,
    BadRequestError,
    DropletGoneError,
    NotFoundError,
    PermissionDeniedError,
    UnprocessableEntityError,
)
from gradient_async.http.request import Priority
from gradient_async.waiting import placement
from gradient_async.waiting.poller import (
    MAX_SINGLE_READS,
    PAGE_LENGTH,
    min_gap,
    pace_for,
    pages_of,
    steady_gap,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.awaited_droplet import AwaitedDroplet, ListKind
    from gradient_async.waiting.poller import Pace

# The share of create_settle_seconds that a Droplet which was never read may answer 404.
_SHARE_OF_SETTLING: Final = 0.25
# A round that was left for longer begins anew.
_MAX_PAUSE_IN_ROUND: Final = 5.0
# Seconds that a state's age counts for, where the next page is chosen.
_MAX_AGE: Final = 3600.0


class DropletPoller:
    """Polls Droplets.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._may_list = True
        self._may_read_actions = True
        self._pages: dict[int, int] = {}  # the page that last showed a Droplet
        self._next_page: dict[ListKind, int] = {"gpus": 1, "plain": 1}
        self._spares_one = False  # whether this round keeps a request for a Droplet that no list shows
        self._unfinished_since = -math.inf

    def reads_lists(self, count: int) -> bool:
        """Return whether this number of Droplets is read from lists."""
        return count > MAX_SINGLE_READS and self._may_list

    def pace(self) -> Pace:
        """Return the intervals between polls. They depend on the rate budget's shortest window."""
        return pace_for(self._sender.budget)

    def min_gap(self, count: int) -> float:
        """Return the minimum seconds between two polls of Droplets, so that other requests can be sent."""
        budget = self._sender.budget
        if budget is None:
            return 0.0
        state = budget.snapshot()
        if not self.reads_lists(count):
            return min_gap(count, state)
        return max(min_gap(pages_of(count), state), steady_gap(pages_of(count), state))

    async def poll(self, awaited: Sequence[AwaitedDroplet], options: ReadOptions) -> None:
        """Poll Droplets. Where lists can be read, N Droplets take at most ⌈N/200⌉ + 1 requests.

        An error is stored with its Droplet. Only the waits for that Droplet raise it. After a 404, one of the requests
        of the next round looks up the ``create`` action.
        """
        began = anyio.current_time()
        if began - self._unfinished_since > _MAX_PAUSE_IN_ROUND:
            self._unfinished_since = began
            self._spares_one = not self._spares_one
        # A wait that led and ended in the middle of a round leaves the rest of the round.
        wanted: dict[int, list[AwaitedDroplet]] = {}
        for one in awaited:
            if one.read_at < self._unfinished_since:
                wanted.setdefault(one.id, []).append(one)
        await self._poll_round(awaited, wanted, options)
        self._unfinished_since = -math.inf

    async def _poll_round(
        self, awaited: Sequence[AwaitedDroplet], wanted: dict[int, list[AwaitedDroplet]], options: ReadOptions
    ) -> None:
        left = pages_of(len(wanted)) + 1
        missing = [one for one in awaited if one.misses > one.known_misses]
        if missing and self._may_read_actions:
            left -= 1
            await self._look_up_creates(missing, options)
        if self.reads_lists(len(wanted)):
            try:
                left -= await self._read_lists(wanted, left, options)
            except PermissionDeniedError:
                self._may_list = False
            except APIError as error:
                for one in awaited:
                    one.failure = error
                return
        if not self._may_list:
            left = len(wanted)
        rarely_read = sorted(wanted, key=lambda droplet_id: _urgency(wanted[droplet_id][0]))
        for droplet_id in rarely_read[:left]:
            await self._read(wanted[droplet_id], options)
        self._judge([one for one in awaited if one.misses])

    async def _read_lists(self, wanted: dict[int, list[AwaitedDroplet]], budget: int, options: ReadOptions) -> int:
        """Read lists, and remove what they show from ``wanted``. Return the number of requests."""
        kinds = Counter(same[0].kind for same in wanted.values())
        is_any_absent = any(same[0].is_absent for same in wanted.values())
        requests = 0
        for kind, count in kinds.most_common():
            pages = pages_of(count)
            # One Droplet is read by itself. Every second round has a request for one that no list shows.
            leaves_one = is_any_absent and self._spares_one and requests + pages >= budget
            if count > 1 and requests + pages <= budget and not (requests and leaves_one):
                requests += await self._read_list(kind, pages, wanted, options)
        return requests

    async def _read_list(
        self, kind: ListKind, count: int, wanted: dict[int, list[AwaitedDroplet]], options: ReadOptions
    ) -> int:
        """Read up to ``count`` pages: those that showed the Droplets before, and the next ones in turn."""
        mine = [same for same in wanted.values() if same[0].kind == kind]
        numbers: list[int] = []
        last: int | None = None
        while len(numbers) < count:
            left = [same[0] for same in mine if same[0].id in wanted]
            number = self._page_to_read(kind, left, numbers, last)
            if number is None:
                break
            is_last = await self._read_page(kind, number, wanted, options)
            numbers.append(number)
            last = number if is_last else last
            if number == self._next_page[kind]:
                self._next_page[kind] = 1 if is_last else number + 1
        if last is not None and set(range(1, last + 1)) <= set(numbers):
            for one in (one for same in mine if same[0].id in wanted for one in same):
                one.note_absence()
        return len(numbers)

    def _page_to_read(
        self, kind: ListKind, awaited: Sequence[AwaitedDroplet], numbers: Sequence[int], last: int | None
    ) -> int | None:
        """Return the page that may show most Droplets, and those whose states are oldest; ``None`` if none is left.

        A Droplet that no page has shown yet is looked for page by page.
        """
        now, end = anyio.current_time(), math.inf if last is None else last
        weights = defaultdict[int, float](float)
        for one in awaited:
            number = self._pages.get(one.id, self._next_page[kind])
            if number not in numbers and number < end:
                weights[number] += min(now - one.read_at, _MAX_AGE)
        if weights:
            return max(weights, key=lambda number: weights[number])
        following = next(number for number in itertools.count(1) if number not in numbers)
        return following if awaited and following < end else None

    async def _read_page(
        self, kind: ListKind, number: int, wanted: dict[int, list[AwaitedDroplet]], options: ReadOptions
    ) -> bool:
        """Record the Droplets on a page, and remove them from ``wanted``. Return whether it is the last page."""
        query = {"page": number, "per_page": PAGE_LENGTH, **({"type": "gpus"} if kind == "gpus" else {})}
        request = droplets.LIST.request(options, query=query)._replace(priority=Priority.POLL)
        listed: Collection[Droplet] = ()
        try:
            answer = (await self._sender.send(request)).parse()
        except (BadRequestError, NotFoundError, UnprocessableEntityError):
            if number == 1:
                raise
        else:
            self._sender.note_results(answer)
            listed = answer.droplets
        for droplet in listed:
            for one in wanted.pop(droplet.id, ()):
                self._pages[droplet.id] = number
                one.read(droplet, anyio.current_time())
                one.kind = kind
        for droplet_id, same in wanted.items():
            if same[0].kind == kind and self._pages.get(droplet_id) == number:
                del self._pages[droplet_id]
        return len(listed) < PAGE_LENGTH

    async def _read(self, same: Sequence[AwaitedDroplet], options: ReadOptions) -> None:
        request = droplets.RETRIEVE.request(options, same[0].id)._replace(priority=Priority.POLL)
        try:
            answer = (await self._sender.send(request)).parse()
        except NotFoundError as error:
            for one in same:
                one.miss(error, anyio.current_time())
        except APIError as error:
            for one in same:
                one.reads += 1
                one.failure = error
        else:
            self._sender.note_results(answer)
            for one in same:
                one.read(answer.droplet, anyio.current_time())

    async def _look_up_creates(self, missing: Sequence[AwaitedDroplet], options: ReadOptions) -> None:
        """Look up the ``create`` actions of Droplets that answered 404."""
        try:
            found = await placement.creates(self._sender, options)
        except PermissionDeniedError:
            self._may_read_actions = False
            return
        except APIError:
            found = {}
        for one in missing:
            one.create, one.known_misses = found.get(one.id, one.create), one.misses

    def _judge(self, missing: Sequence[AwaitedDroplet]) -> None:
        """Decide which of the Droplets that answered 404 are gone."""
        now, patience = anyio.current_time(), _SHARE_OF_SETTLING * self._sender.settings.create_settle_seconds
        for one in missing:
            if one.not_found is None or (self._may_read_actions and not one.known_misses):
                continue
            if one.create is not None and one.create.is_errored:
                one.failure = placement.lost(one.id, one.create, one.not_found, one.last or one.given)
            elif one.is_gone(now, patience):
                one.failure = _gone(one, one.not_found)


def _urgency(one: AwaitedDroplet) -> tuple[bool, bool, int, float]:
    """Return the order of single reads: those that may be gone first, then those with the fewest reads."""
    return (not one.is_absent, not one.misses, one.reads, one.read_at)


def _gone(one: AwaitedDroplet, error: NotFoundError) -> DropletGoneError:
    droplet = one.last or one.given
    name = f"Droplet {one.id} ({droplet.name})" if droplet else f"Droplet {one.id}"
    text = "does not exist any more" if one.was_seen else "did not appear: the API does not know it"
    return DropletGoneError(f"{name} {text}", droplet_id=one.id, droplet=droplet, **placement.facts_of(error))
