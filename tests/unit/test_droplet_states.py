"""The reads of a run's Droplets: which requests they share, when those are sent, and what of them fails."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from virtual_time import BEGIN, FakeSender, run

from gradient_async import ClientClosedError, InternalServerError, NotFoundError
from gradient_async.fleet import droplet_states
from gradient_async.fleet.droplet_states import DropletStates
from gradient_async.http.request import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.once

MISSING = NotFoundError("no", method="GET", path="/v2/droplets/7", status=404)
DOWN = InternalServerError("no", method="GET", path="/v2/droplets/7", status=503)
CLOSED = ClientClosedError("closed")


class Account(FakeSender):
    """An account with lists of Droplets.

    Args:
        gpus: Ids in the list of Droplets with GPUs.
        plain: Ids in the list of the others.
        total: What the lists say of their length; ``None`` for nothing.
        errors: What requests raise, by the id of the Droplet or the type of the list.
    """

    def __init__(
        self,
        gpus: Sequence[int] = (),
        plain: Sequence[int] = (),
        *,
        total: int | None = 1,
        errors: dict[Any, Exception] | None = None,
    ) -> None:
        super().__init__(self._answered)
        self.lists = {"gpus": list(gpus), "droplets": list(plain)}
        self.total = total
        self.errors = errors or {}
        self.seen: list[str] = []

    def _answered(self, request: Any) -> Any:
        last = request.path.rpartition("/")[2]
        if last != "droplets":
            self.seen.append(last)
            number = int(last)
            return self.errors.get(number) or {"droplet": {"id": number, "name": "d", "status": "active"}}
        kind, page = request.query["type"], int(request.query["page"])
        self.seen.append(f"{kind} {page}")
        assert request.query["per_page"] == "200"
        ids = self.lists[kind][(page - 1) * 200 : page * 200]
        found = [{"id": number, "name": "d", "status": "active"} for number in ids]
        return self.errors.get(kind) or {"droplets": found, "meta": {"total": self.total}}

    @property
    def priorities(self) -> list[Priority]:
        return [one.priority for one in self.sent]


class Polls:
    """Takes what the reads say of an outage."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, float, float]] = []

    def polled(self, failure: Any, *, began: float, now: float) -> None:
        self.seen.append((failure, round(began - BEGIN, 6), round(now - BEGIN, 6)))


async def answers(states: DropletStates, ids: Sequence[int], priority: Priority = Priority.POLL) -> list[Any]:
    """Return what each read returns or raises."""
    return await asyncio.gather(*(states.read(one, priority) for one in ids), return_exceptions=True)


def served(account: Account, work: Any, polls: Polls | None = None) -> Any:
    """Run work while the reads are served."""
    sender: Any = account
    outage: Any = polls or Polls()

    async def both() -> Any:
        states = DropletStates(sender, outage)
        async with anyio.create_task_group() as group:
            group.start_soon(states.serve)
            found = await work(states)
            group.cancel_scope.cancel()
        return found

    return run(both())


FIRST_PAGE = range(1, 201)


@pytest.mark.parametrize(
    ("ids", "account", "requests"),
    [
        ([7], Account([7]), ["7"]),
        ([7, 8], Account([7, 8]), ["7", "8"]),
        ([7, 7, 7], Account([7]), ["7"]),
        ([7, 8, 9], Account([7, 8, 9]), ["gpus 1"]),
        ([7, 8, 9], Account([7, 8, 9], total=None), ["gpus 1"]),
        ([7, 8, 9], Account([7], total=None), ["gpus 1", "8", "9"]),
        ([7, 8, 9], Account([], [7, 8, 9]), ["gpus 1", "droplets 1"]),
        ([6, 7, 8, 9], Account([6], [7, 8]), ["gpus 1", "droplets 1", "9"]),
        ([6, 7, 8, 9], Account([6, 7], [8, 9]), ["gpus 1", "8", "9"]),
        # A further page is read while it serves as many Droplets as pages are left, and more than two.
        ([1, 201, 202, 203], Account(range(1, 301), total=300), ["gpus 1", "gpus 2"]),
        ([1, 201, 202, 203], Account(range(1, 301), total=200), ["gpus 1", "droplets 1", "201", "202", "203"]),
        ([1, 2, 201, 202], Account(range(1, 301), total=300), ["gpus 1", "201", "202"]),
        ([201, 401, 601], Account(range(1, 801), total=800), ["gpus 1", "gpus 2", "401", "601"]),
        ([401, 402, 403], Account(range(1, 801), total=800), ["gpus 1", "gpus 2", "gpus 3"]),
        ([401, 402, 403], Account(range(1, 801), total=801), ["gpus 1", "droplets 1", "401", "402", "403"]),
    ],
)
def test_reads_take_as_few_requests_as_possible(ids: list[int], account: Account, requests: list[str]) -> None:
    found = served(account, lambda states: answers(states, ids))
    assert [one.id for one in found] == ids
    assert account.seen == requests


def test_reads_at_about_the_same_time_share_a_request() -> None:
    async def work(states: DropletStates) -> None:
        first = asyncio.ensure_future(states.read(7, Priority.POLL))
        await asyncio.sleep(0.015)
        await asyncio.gather(first, states.read(7, Priority.ACT))
        await states.read(7, Priority.POLL)

    account = Account()
    served(account, work)
    assert account.seen == ["7", "7"]
    assert account.times == [0.02, 0.04]
    assert account.priorities == [Priority.ACT, Priority.POLL]


@pytest.mark.parametrize("ids", [[7, 8], [7, 8, 9]])
def test_most_urgent_read_sets_the_priority(ids: list[int]) -> None:
    async def work(states: DropletStates) -> None:
        await asyncio.gather(states.read(ids[0], Priority.ACT), *(states.read(one, Priority.POLL) for one in ids[1:]))

    account = Account([7, 8, 9])
    served(account, work)
    assert set(account.priorities) == {Priority.ACT}


@pytest.mark.parametrize(
    ("ids", "priority", "gap"),
    [(1, Priority.POLL, 5.0), (200, Priority.POLL, 5.0), (201, Priority.POLL, 10.0), (1, Priority.ACT, 0.0)],
)
def test_polls_leave_a_gap_for_the_rate_limit(
    ids: int, priority: Priority, gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(droplet_states, "min_gap", lambda requests, snapshot: requests * snapshot)
    account = Account(range(1, 300), total=300)
    account.budget = SimpleNamespace(snapshot=lambda: 5.0)

    async def work(states: DropletStates) -> float:
        await states.read(1, Priority.ACT)
        last = anyio.current_time()
        await asyncio.gather(*(states.read(one, priority) for one in range(1, ids + 1)))
        return anyio.current_time() - last

    assert served(account, work) == pytest.approx(max(gap, 0.02))
    assert account.times[0] == 0.02


def test_pause_of_the_reader_counts_as_a_part_of_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(droplet_states, "min_gap", lambda *_: 5.0)
    account = Account()
    account.budget = SimpleNamespace(snapshot=lambda: 5.0)

    async def work(states: DropletStates) -> None:
        await states.read(1, Priority.ACT)
        await asyncio.sleep(20.0)
        await asyncio.gather(states.read(1, Priority.POLL), states.read(2, Priority.POLL))
        await asyncio.gather(states.read(1, Priority.POLL), states.read(2, Priority.ACT))

    served(account, work)
    assert account.times == [0.02, 20.04, 20.04, 20.06, 20.06]


def test_each_read_has_its_own_error() -> None:
    account = Account([7, 8], errors={8: MISSING})
    first, second = served(account, lambda states: answers(states, [7, 8]))
    assert (first.id, second) == (7, MISSING)


def test_droplets_are_read_one_by_one_when_the_lists_fail() -> None:
    account = Account([7, 8, 9], errors={"gpus": DOWN, "droplets": MISSING, 9: DOWN})
    found = served(account, lambda states: answers(states, [7, 8, 9]))
    assert account.seen == ["gpus 1", "droplets 1", "7", "8", "9"]
    assert [found[0].id, found[1].id, found[2]] == [7, 8, DOWN]


def test_reads_that_are_left_fail_when_the_client_is_closed() -> None:
    account = Account([6], [7, 8, 9], errors={"droplets": CLOSED})

    async def work(states: DropletStates) -> Any:
        found = await answers(states, [6, 7, 8, 9])
        return found, await answers(states, [5])

    found, later = served(account, work)
    assert [found[0].id, *found[1:]] == [6, CLOSED, CLOSED, CLOSED]
    assert later[0].id == 5


@pytest.mark.parametrize(
    ("errors", "failure"),
    [({}, None), ({7: DOWN}, None), ({7: MISSING, 8: MISSING}, None), ({7: DOWN, 8: DOWN}, DOWN)],
)
def test_outage_is_one_of_all_reads(errors: dict[Any, Exception], failure: Any) -> None:
    polls = Polls()
    served(Account(errors=errors), lambda states: answers(states, [7, 8]), polls)
    assert polls.seen == [(failure, 0.02, 0.02)]
