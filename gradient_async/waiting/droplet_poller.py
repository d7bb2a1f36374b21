"""Polls Droplets: from lists or one by one, whichever takes fewer requests."""

from __future__ import annotations

from collections import Counter
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
    USUAL_WINDOW_SECONDS,
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
        self._rounds = 0

    def reads_lists(self, count: int) -> bool:
        """Return whether this number of Droplets is read from lists."""
        return count > MAX_SINGLE_READS and self._may_list

    def pace(self) -> Pace:
        """Return the intervals between polls. They depend on the rate budget's shortest window."""
        budget = self._sender.budget
        return pace_for(USUAL_WINDOW_SECONDS if budget is None else budget.shortest_window)

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
        self._rounds += 1
        wanted: dict[int, list[AwaitedDroplet]] = {}
        for one in awaited:
            wanted.setdefault(one.id, []).append(one)
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
            leaves_one = is_any_absent and self._rounds % 2 and requests + pages >= budget
            if count > 1 and requests + pages <= budget and not (requests and leaves_one):
                requests += await self._read_list(kind, pages, wanted, options)
        return requests

    async def _read_list(
        self, kind: ListKind, count: int, wanted: dict[int, list[AwaitedDroplet]], options: ReadOptions
    ) -> int:
        """Read up to ``count`` pages: those that showed the Droplets before, then the next ones in turn."""
        mine = [same for same in wanted.values() if same[0].kind == kind]
        numbers: list[int] = []
        is_end, known = False, Counter(self._pages[same[0].id] for same in mine if same[0].id in self._pages)
        for number, _ in known.most_common(count):
            numbers.append(number)
            is_end |= await self._read_page(kind, number, wanted, options)
        while len(numbers) < count and not is_end and any(same[0].id in wanted for same in mine):
            number = self._next_page[kind]
            self._next_page[kind] += 1
            if number not in numbers:
                numbers.append(number)
                is_end |= await self._read_page(kind, number, wanted, options)
        if is_end:
            self._next_page[kind] = 1
        if is_end and len(numbers) >= max(numbers):
            for one in (one for same in mine if same[0].id in wanted for one in same):
                one.note_absence()
        return len(numbers)

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
                one.read(droplet)
                one.kind = kind
        for droplet_id in wanted:
            if self._pages.get(droplet_id) == number:
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
                one.read(answer.droplet)

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


def _urgency(one: AwaitedDroplet) -> tuple[bool, bool, int]:
    """Return the order of single reads: those that may be gone first, then those with the fewest reads."""
    return (not one.is_absent, not one.misses, one.reads)


def _gone(one: AwaitedDroplet, error: NotFoundError) -> DropletGoneError:
    droplet = one.last or one.given
    name = f"Droplet {one.id} ({droplet.name})" if droplet else f"Droplet {one.id}"
    text = "does not exist any more" if one.was_seen else "did not appear: the API does not know it"
    return DropletGoneError(f"{name} {text}", droplet_id=one.id, droplet=droplet, **placement.facts_of(error))
