"""One event loop's queue in front of a server, by a clock that stands still, with a ledger that does as told."""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from gradient_async.budget import redis_member
from gradient_async.budget.redis_member import MemberSlot, RedisMember, Report, _Waiter
from gradient_async.budget.redis_store import StoreAnswer, Wish
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http.request import Priority

if TYPE_CHECKING:
    from gradient_async.budget.outage import OnOutage

pytestmark = pytest.mark.once

AWAY = StoreAwayError("away")


@attrs.define
class Clock:
    """The monotonic clock."""

    now: float = 1000.0


@attrs.define
class Ledger:
    """Answers the next question as told, and notes what it is asked."""

    answers: list[Any] = attrs.field(factory=list)
    is_away: bool = False
    has_reports: bool = False
    last: Any = (0.0, None)
    shortest_window: float = 60.0
    alone: int = 0
    asked: list[dict[str, Any]] = attrs.field(factory=list)
    begun: list[int] = attrs.field(factory=list)
    returned: list[int] = attrs.field(factory=list)
    losses: list[float] = attrs.field(factory=list)
    next_number: int = 1
    ended: int = 0

    async def exchange(self, **question: Any) -> StoreAnswer:
        self.asked.append(question)
        await anyio.lowlevel.checkpoint()
        answer = self.answers.pop(0) if self.answers else StoreAnswer(epoch="e")
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, StoreAnswer)
        return answer

    def reserve_numbers(self, count: int) -> int:
        self.next_number += count
        return self.next_number - count

    def begin(self, slot: MemberSlot) -> None:
        self.begun.append(slot.number)

    def give_back(self, slot: MemberSlot) -> None:
        self.returned.append(slot.number)

    def end_all(self) -> None:
        self.ended += 1

    def may_send_alone(self) -> bool:
        self.alone -= 1
        return self.alone >= 0

    def note_loss(self, error: StoreAwayError, began: float) -> None:
        self.losses.append(began)
        if self.last is None:
            raise RateBudgetStoreError(f"never reached: {error}")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(redis_member, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def member_of(ledger: Any, on_outage: OnOutage = "share") -> RedisMember:
    return RedisMember(ledger, on_outage)


def wait_in(member: RedisMember, priority: Priority = Priority.ACT, timeout: float = 9.0) -> _Waiter:
    one = _Waiter(priority, next(member._order), timeout)
    heapq.heappush(member._queue, one)
    return one


def answer(**facts: Any) -> StoreAnswer:
    return StoreAnswer(epoch="e", **facts)


# --- one question for all ---


async def test_first_asks_for_all_of_its_priority(clock: Clock) -> None:
    ledger = Ledger([answer(got=2, sleep=3.0)])
    member = member_of(ledger)
    polling = wait_in(member, Priority.POLL)
    first, second, third = (wait_in(member, timeout=timeout) for timeout in (5.0, 9.0, 7.0))
    assert await member._ask(first) == 3.0
    assert ledger.asked == [{"wish": Wish(priority=Priority.ACT, wanted=3, lease=10.0, first=1)}]
    assert [one.slot and (one.slot.number, one.slot.deadline) for one in (first, second, third)] == [
        (1, 1010.0),
        (2, 1010.0),
        None,
    ]
    assert ledger.begun == [1, 2]
    assert (member.waiting, member._is_in_stores_queue) == (2, True)
    assert [one.event.is_set() for one in (first, second, third, polling)] == [True, True, True, False]
    assert (member._next_call_at, member._asked_priority) == (clock.now + 3.0, Priority.ACT)


async def test_server_is_not_asked_before_its_time_but_for_better_ones(clock: Clock) -> None:
    ledger = Ledger([answer(sleep=3.0), answer(sleep=2.0), answer(got=1)])
    member = member_of(ledger)
    polling = wait_in(member, Priority.POLL)
    assert await member._ask(polling) == 3.0
    clock.now += 1.0
    assert await member._ask(polling) == 2.0
    urgent = wait_in(member)
    assert await member._ask(polling) == 0.5, "it is not the first"
    assert await member._ask(urgent) == 2.0
    clock.now += 1.5
    assert await member._ask(urgent) == 0.5
    clock.now += 0.5
    assert await member._ask(urgent) == 0.0
    assert len(ledger.asked) == 3
    assert await member._ask(urgent) == 0.5, "it has a slot"
    assert polling.event.is_set()


async def test_server_is_asked_again_for_those_that_came_meanwhile() -> None:
    member = member_of(Ledger())
    for _ in range(3):
        wait_in(member)
    wait_in(member, Priority.POLL)
    wish = Wish(priority=Priority.ACT, wanted=2, lease=1.0, first=1)
    member._next_call_at = 7.0
    member._note_wait(wish, answer(got=0, sleep=3.0))
    assert member._next_call_at == -math.inf
    member._queue.pop(0)
    member._note_wait(wish, answer(got=0, sleep=3.0))
    assert member._next_call_at == 1003.0
    member._queue.clear()
    member._note_wait(wish, answer(got=2, sleep=3.0))
    assert not member._is_in_stores_queue


async def test_slot_that_nothing_waits_for_any_more_is_returned() -> None:
    ledger = Ledger()
    member = member_of(ledger)
    member._hand_to_next(MemberSlot(5, 1.0, member))
    assert (ledger.begun, ledger.returned) == ([5], [5])


async def test_wait_is_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    member = member_of(Ledger())
    wish = Wish(priority=Priority.ACT, wanted=1, lease=1.0, first=1)
    member._note_wait(wish, answer(got=1, sleep=1.0))
    for now, next_in in ((1000.0, 4.0), (1003.9, 4.0), (1004.0, None)):
        clock.now = now
        member._note_wait(wish, answer(sleep=0.5, next_in=next_in))
    text = "the rate budget is used up: the next request is sent in {} s"
    assert [one.getMessage() for one in caplog.records] == [text.format("4.0"), text.format("0.5")]


# --- the whole wait ---


async def test_new_request_makes_the_first_ask_at_once() -> None:
    ledger = Ledger([answer(sleep=60.0), answer(got=2)])
    member = member_of(ledger)
    got: list[MemberSlot] = []

    async def acquire() -> None:
        got.append(await member.acquire(Priority.ACT, 9.0))

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(acquire)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(acquire)
    assert [slot.number for slot in got] == [2, 3]
    assert member.waiting == 0


async def test_cancelled_wait_is_reported() -> None:
    ledger = Ledger([answer(sleep=60.0)])
    member = member_of(ledger)
    with anyio.move_on_after(0.02):
        await member.acquire(Priority.ACT, 9.0)
    assert ledger.asked[1:] == [{"leaves": True}]
    assert (member.waiting, member._is_in_stores_queue) == (0, False)


async def test_entry_cancelled_as_it_asks_leaves_the_servers_queue() -> None:
    ledger = Ledger()
    member = member_of(ledger)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await member.acquire(Priority.ACT, 9.0)
    assert [one.get("leaves") for one in ledger.asked] == [None, True]


async def test_entry_that_is_woken_in_vain_waits_on() -> None:
    ledger = Ledger([answer(sleep=60.0)])
    member = member_of(ledger)
    with anyio.move_on_after(0.1):
        async with anyio.create_task_group() as group:
            group.start_soon(member.acquire, Priority.ACT, 9.0)
            await anyio.wait_all_tasks_blocked()
            member._queue[0].event.set()
    assert len(ledger.asked) == 2, "once for a slot, and once to leave"


async def test_report_is_made_again_when_its_task_is_cancelled() -> None:
    ledger = Ledger([answer(), answer(free=1)], has_reports=True)
    member = member_of(ledger)
    member._next_call_at = 7.0
    task = asyncio.create_task(member.report())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(ledger.asked) == 2


async def test_entry_that_leaves_returns_its_slot_or_its_place() -> None:
    ledger = Ledger()
    member = member_of(ledger)
    first, second, urgent, third = (
        wait_in(member, one) for one in (Priority.POLL, Priority.POLL, Priority.ACT, Priority.POLL)
    )
    member._give_up(urgent)
    assert first.event.is_set()
    assert [heapq.heappop(member._queue) for _ in range(3)] == [first, second, third]
    first.slot = MemberSlot(4, 1.0, member)
    member._give_up(first)
    assert ledger.returned == [4]


# --- while the server is away ---


@pytest.mark.parametrize(("shortest", "pause"), [(60.0, 0.25), (6.0, 0.1)])
async def test_share_is_sent_while_the_server_is_away(shortest: float, pause: float) -> None:
    ledger = Ledger(is_away=True, alone=2, shortest_window=shortest)
    member = member_of(ledger)
    first, second, third = (wait_in(member, timeout=timeout) for timeout in (9.0, 7.0, 5.0))
    assert await member._ask(first) == pytest.approx(pause)
    assert [one.slot and one.slot.deadline for one in (first, second, third)] == [1010.0, 1008.0, None]
    assert third.event.is_set()
    assert ledger.begun == [1, 2]
    assert ledger.asked == []


async def test_nothing_is_sent_while_the_server_is_awaited() -> None:
    ledger = Ledger([AWAY], alone=2)
    member = member_of(ledger, "wait")
    assert await member._ask(wait_in(member)) == 0.25
    assert (ledger.losses, ledger.begun) == ([1000.0], [])


async def test_all_fail_when_the_server_was_never_reached() -> None:
    ledger = Ledger([AWAY], last=None)
    member = member_of(ledger)
    first, second = wait_in(member), wait_in(member)
    with pytest.raises(RateBudgetStoreError, match="never reached"):
        await member._ask(first)
    assert isinstance(second.failure, RateBudgetStoreError)
    assert second.event.is_set()
    assert await member._ask(second) == 0.5
    assert len(ledger.asked) == 1


# --- reports ---


@pytest.mark.parametrize(
    ("is_away", "has_reports", "in_queue", "waits", "asked"),
    [
        (False, False, False, False, []),
        (False, True, False, False, [{"leaves": False}]),
        (True, True, True, False, []),
        (False, False, True, False, [{"leaves": True}]),
        (False, False, True, True, []),
        (False, True, True, True, [{"leaves": False}]),
    ],
)
async def test_report_says_what_the_server_may_not_know(
    is_away: bool, has_reports: bool, in_queue: bool, waits: bool, asked: list[dict[str, bool]]
) -> None:
    ledger = Ledger(is_away=is_away, has_reports=has_reports)
    member = member_of(ledger)
    member._is_in_stores_queue = in_queue
    if waits:
        wait_in(member)
    await Report(member)
    assert ledger.asked == asked
    assert member._is_in_stores_queue is (in_queue and (waits or is_away))


@pytest.mark.parametrize(("free", "next_call_at"), [(0, 7.0), (1, -math.inf)])
async def test_free_slots_wake_the_first(free: int, next_call_at: float) -> None:
    member = member_of(Ledger([answer(free=free)], has_reports=True))
    first = wait_in(member)
    member._next_call_at = 7.0
    await member.report()
    assert (member._next_call_at, first.event.is_set()) == (next_call_at, bool(free))


@pytest.mark.parametrize(("last", "losses"), [(None, []), ((0.0, None), [1000.0])])
async def test_report_to_a_server_that_is_away_is_noted(last: Any, losses: list[float]) -> None:
    ledger = Ledger([AWAY], has_reports=True, last=last)
    await member_of(ledger).report()
    assert ledger.losses == losses


async def test_report_is_made_although_the_request_is_cancelled() -> None:
    ledger = Ledger([answer(free=1)], has_reports=True)
    member = member_of(ledger)
    member._next_call_at = 7.0
    with anyio.CancelScope() as scope:
        scope.cancel()
        await member.report()
    assert member._next_call_at == -math.inf


async def test_uses_are_asked_for() -> None:
    ledger = Ledger([answer(got=1), AWAY])
    member = member_of(ledger)
    assert await member.ask_for_uses() == answer(got=1)
    assert await member.ask_for_uses() is None
    assert ledger.asked == [{"wants_uses": True}] * 2
    assert ledger.losses == [1000.0]


async def test_new_event_loop_begins_without_a_queue() -> None:
    ledger = Ledger()
    member = member_of(ledger)
    wait_in(member)
    member._is_in_stores_queue, member._next_call_at = True, 2000.0
    member.move_to_new_loop()
    assert (member.waiting, member._is_in_stores_queue, ledger.ended) == (0, False, 2)
    ledger.answers = [answer(got=1)]
    assert await member._ask(wait_in(member, Priority.POLL)) == 0.0
