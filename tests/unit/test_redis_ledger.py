"""What one process knows about its own requests, and reports: with a store that does as told, and a clock."""

from __future__ import annotations

import logging
import math
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from gradient_async.budget import redis_ledger
from gradient_async.budget.redis_ledger import RedisLedger
from gradient_async.budget.redis_store import StoreAnswer
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RateBudgetStoreError
from gradient_async.http.slot import Slot
from gradient_async.http.windows import RateWindow, WindowUse

pytestmark = pytest.mark.once

MINUTE = WindowUse(limit=8, seconds=60.0, used=2, left=6)
WINDOWS = (RateWindow(8, 60.0), RateWindow(50, 600.0))
USES = (MINUTE, WindowUse(limit=50, seconds=600.0, used=2, left=48))
ANSWER = StoreAnswer(epoch="e", windows=USES, processes=2, clock=5000.0)
AWAY = StoreAwayError("away")


@attrs.define
class Clock:
    """The monotonic clock."""

    now: float = 1000.0


@attrs.define
class Store:
    """Answers as told, after some seconds, and notes what it is asked."""

    clock: Clock
    answers: list[Any] = attrs.field(factory=list)
    asked: list[dict[str, Any]] = attrs.field(factory=list)
    seconds: float = 0.0
    connection: Any = attrs.field(factory=lambda: SimpleNamespace(masked_url="redis://host"))

    async def ask(self, **question: Any) -> StoreAnswer:
        self.asked.append(question)
        self.clock.now += self.seconds
        answer = self.answers.pop(0) if self.answers else ANSWER
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, StoreAnswer)
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(redis_ledger, "time", SimpleNamespace(monotonic=lambda: clock.now, time=lambda: 5000.0))
    return clock


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(clock)


@pytest.fixture
def ledger(store: Store) -> RedisLedger:
    connection: Any = None
    ledger = RedisLedger(connection, "budget", WINDOWS, 0.0, "share")
    ledger._store = store  # type: ignore[assignment]  # as far as the ledger sees
    return ledger


def begun(ledger: RedisLedger, count: int) -> list[Slot]:
    first = ledger.reserve_numbers(count)
    slots = [Slot(first + number, 2000.0) for number in range(count)]
    for slot in slots:
        ledger.begin(slot)
    return slots


def test_numbers_are_never_used_twice(ledger: RedisLedger) -> None:
    assert [ledger.reserve_numbers(count) for count in (1, 3, 2)] == [1, 2, 5]
    assert ledger.shortest_window == 60.0


async def test_each_end_is_reported_once(ledger: RedisLedger, store: Store, clock: Clock) -> None:
    assert not ledger.has_reports
    first, second, third, fourth = begun(ledger, 4)
    assert ledger.oldest_slot() is first
    for _ in range(2):
        ledger.give_back(second)
        ledger.end(first, 200, {})
    clock.now = 1001.0
    ledger.end(third, 429, {"retry-after": "7"})
    ledger.end(fourth, None, {"ratelimit-limit": "8", "ratelimit-remaining": "1", "ratelimit-reset": "5030"})
    assert ledger.has_reports
    await ledger.exchange()
    (question,) = store.asked
    facts = [(one.slot, one.at, one.is_answered, one.pause, one.allowance) for one in question["ended"]]
    assert facts == [(1, 1000.0, True, None, None), (3, 1001.0, True, 7.0, None), (4, 1001.0, False, None, None)]
    assert (question["returned"], question["own"], question["epoch"]) == ((2,), None, "")
    assert not ledger.has_reports
    assert ledger._sent == 3
    assert ledger._own.use(1001.0)[0].used == 3
    assert ledger._own.paused_for(1001.0) == 7.0
    await ledger.exchange(leaves=True, wants_uses=True)
    again = store.asked[1]
    assert (again["ended"], again["returned"], again["epoch"]) == ((), (), "e")
    assert (again["leaves"], again["wants_uses"], again["call"]) == (True, True, 2)


async def test_limit_in_an_answer_is_reported_by_the_servers_clock(
    ledger: RedisLedger, store: Store, clock: Clock
) -> None:
    headers = {"ratelimit-limit": "8", "ratelimit-remaining": "1", "ratelimit-reset": "5030"}
    for expected in (30.0, 28.0):
        (slot,) = begun(ledger, 1)
        ledger.end(slot, 200, headers)
        await ledger.exchange()
        assert store.asked[-1]["ended"][0].allowance.reset_in == expected
        clock.now += 2.0


async def test_all_is_said_again_after_a_lost_answer(ledger: RedisLedger, store: Store) -> None:
    first, second = begun(ledger, 2)
    ledger.end(first, 200, {})
    store.answers = [AWAY, ANSWER]
    await ledger.exchange()
    assert [len(one["ended"]) for one in store.asked] == [1, 1]
    assert store.asked[1]["own"].holds == ((second.number, 2000.0),)
    assert store.asked[1]["own"].answered is None
    assert not ledger.has_reports


@pytest.mark.parametrize(("seconds", "count"), [(0.5, 2), (0.6, 1)])
async def test_server_that_is_silent_is_not_asked_twice(
    ledger: RedisLedger, store: Store, seconds: float, count: int
) -> None:
    store.answers, store.seconds = [AWAY, AWAY], seconds
    with pytest.raises(StoreAwayError):
        await ledger.exchange()
    assert len(store.asked) == count
    assert ledger.has_reports


async def test_state_that_is_new_gets_the_whole_history(ledger: RedisLedger, store: Store, clock: Clock) -> None:
    await ledger.exchange()
    first, second, third = begun(ledger, 3)
    ledger.end(first, 200, {})
    clock.now = 1500.0
    ledger.end(second, 200, {})
    clock.now = 1600.0
    store.answers = [StoreAnswer(epoch="f", is_anew=True), attrs.evolve(ANSWER, epoch="f")]
    await ledger.exchange()
    own = store.asked[-1]["own"]
    assert (own.answered, own.holds) == ((1500.0,), ((third.number, 2000.0),)), "not that which counts no more"
    assert not ledger.has_reports
    store.answers = [StoreAnswer(epoch="g", is_anew=True)] * 2
    with pytest.raises(StoreAwayError, match="emptied repeatedly"):
        await ledger.exchange()
    assert ledger.has_reports


@pytest.mark.parametrize(("passed", "epoch"), [(600.0, "e"), (600.1, "")])
async def test_process_that_was_idle_for_long_takes_any_state(
    ledger: RedisLedger, store: Store, clock: Clock, passed: float, epoch: str
) -> None:
    await ledger.exchange()
    clock.now += passed
    await ledger.exchange()
    assert store.asked[-1]["epoch"] == epoch


async def test_outage_is_warned_of_once(
    ledger: RedisLedger, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "gradient_async")
    with pytest.raises(RateBudgetStoreError, match="redis://host cannot be used: away"):
        ledger.note_loss(AWAY, 1000.0)
    assert ledger.last is None
    assert not ledger.may_send_alone()
    await ledger.exchange()
    assert ledger.last == (1000.0, ANSWER)
    assert not ledger.may_send_alone()
    begun(ledger, 1)
    for _ in range(2):
        ledger.note_loss(AWAY, clock.now)
    assert len(caplog.records) == 1
    assert (ledger.has_lost_the_store, ledger.is_away) == (True, True)
    sent = 0
    while ledger.may_send_alone():
        begun(ledger, 1)
        sent += 1
    assert sent == 3, "half of the six that were free"
    store.answers, store.seconds = [AWAY], 3.0
    with pytest.raises(StoreAwayError):
        await ledger.exchange()
    ledger.note_loss(AWAY, clock.now - 3.0)
    clock.now += 2.9
    assert ledger.is_away, "it takes as long as each try"
    clock.now += 0.1
    assert not ledger.is_away
    await ledger.exchange()
    assert store.asked[-1]["own"].answered is not None
    assert not ledger.has_lost_the_store


async def test_nothing_is_sent_alone_in_a_pause(ledger: RedisLedger, store: Store, clock: Clock) -> None:
    store.answers = [attrs.evolve(ANSWER, paused_for=5.0)]
    await ledger.exchange()
    assert not ledger.may_send_alone(), "the server is there"
    ledger.note_loss(AWAY, clock.now)
    clock.now = 1004.9
    assert not ledger.may_send_alone()
    clock.now = 1005.0
    assert ledger.may_send_alone()
    (slot,) = begun(ledger, 1)
    ledger.end(slot, 429, {"retry-after": "2"})
    assert not ledger.may_send_alone()
    assert ledger._own.free_at(clock.now, ahead=1) == math.inf
    clock.now = 1007.0
    assert ledger.may_send_alone()
    (slot,) = begun(ledger, 1)
    ledger.end(slot, 200, {})
    assert ledger._own.free_at(clock.now, ahead=1) <= clock.now


def test_requests_of_a_closed_loop_have_ended(ledger: RedisLedger) -> None:
    slots = begun(ledger, 3)
    ledger.end_all()
    assert ledger.oldest_slot() is None
    assert [one.is_answered for one in ledger._ended] == [False] * 3
    assert all(slot.is_over for slot in slots)
