"""A process's budget on a server, with ledgers that do as told: what it shows, and to whom it passes what ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from budget_clock import Clock, stopped_clock

from gradient_async.budget import redis_budget, redis_member
from gradient_async.budget.redis_budget import RedisRateBudget
from gradient_async.budget.redis_member import MemberSlot, RedisMember, Report
from gradient_async.budget.redis_store import StoreAnswer
from gradient_async.http import budget as budget_module
from gradient_async.http import slot as slot_module
from gradient_async.http.request import Priority
from gradient_async.http.slot import Slot
from gradient_async.http.windows import ProcessUse, RateWindow, SpecialWindow, WindowUse

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

KEYS = SpecialWindow("account.keys", 2, 30.0)
USES = (ProcessUse(process="one", used=(1,), pending=0, waiting=0, seen_ago=0.0, is_this=True),)


@attrs.define(eq=False)
class Ledger:
    """Notes what it is told, and grants each request."""

    connection: object
    name: str
    windows: tuple[RateWindow, ...]
    reserve: float
    on_outage: str
    last: tuple[float, StoreAnswer] | None = None
    has_lost_the_store: bool = False
    is_away: bool = False
    has_reports: bool = False
    slots: list[Slot] = attrs.field(factory=list)
    returned: list[Slot] = attrs.field(factory=list)
    ended: list[tuple[Slot, int | None, Mapping[str, str]]] = attrs.field(factory=list)
    next_number: int = 1
    loops: int = 0

    async def exchange(self, **question: Any) -> StoreAnswer:
        wish = question.get("wish")
        return StoreAnswer(epoch="e", got=wish.wanted if wish else 0, uses=USES if "wants_uses" in question else ())

    def reserve_numbers(self, count: int) -> int:
        self.next_number += count
        return self.next_number - count

    def begin(self, slot: Slot) -> None:
        self.slots.append(slot)

    def oldest_slot(self) -> Slot | None:
        return next(iter(self.slots), None)

    def give_back(self, slot: Slot) -> None:
        self.returned.append(slot)

    def end(self, slot: Slot, status: int | None, headers: Mapping[str, str]) -> None:
        self.ended.append((slot, status, headers))

    def end_all(self) -> None:
        self.loops += 1

    def note_loss(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(redis_budget, "RedisLedger", Ledger)
    return stopped_clock(monkeypatch, budget_module, slot_module, redis_budget, redis_member)


@pytest.fixture
def runners() -> Iterator[list[asyncio.Runner]]:
    """Two event loops."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(asyncio.Runner()) for _ in range(2)]


def new_budget() -> RedisRateBudget:
    connection: Any = "the connection"
    return RedisRateBudget(((4, 60.0),), reserve=0.25, connection=connection, name="{gb:x}", on_outage="wait")


def ledger_of(member: RedisMember) -> Ledger:
    assert isinstance(member.ledger, Ledger)
    return member.ledger


async def member_of(budget: RedisRateBudget) -> RedisMember:
    return budget._member()


async def slot_of(budget: RedisRateBudget, window: SpecialWindow | None = None) -> MemberSlot:
    slot = await budget.acquire(window=window)
    assert isinstance(slot, MemberSlot)
    return slot


def members_in(report: Report | None) -> tuple[RedisMember, ...] | None:
    return None if report is None else report._members


# --- the state that is shown ---


def test_own_state_is_shown_before_the_first_answer(runners: list[asyncio.Runner]) -> None:
    budget = new_budget()
    members = [runner.run(member_of(budget)) for runner in runners]
    for member, count in zip(members, (1, 2), strict=True):
        waiting: list[Any] = [None] * count
        member._queue.extend(waiting)
    state = budget.snapshot()
    assert state.windows == (WindowUse(limit=3, seconds=60.0, used=0, left=3),)
    assert (state.next_free_in, state.paused_for, state.waiting) == (0.0, 0.0, 3)


def test_newest_answer_is_shown_as_it_ages(runners: list[asyncio.Runner], clock: Clock) -> None:
    budget = new_budget()
    old, new = (ledger_of(runner.run(member_of(budget))) for runner in runners)
    windows = (WindowUse(limit=9, seconds=60.0, used=7, left=2),)
    old.last = (clock.now - 3.0, StoreAnswer(epoch="z", next_in=50.0, paused_for=40.0))
    assert budget.snapshot().next_free_in == 47.0, "the other event loop has no answer yet"
    new.last = (clock.now - 2.0, StoreAnswer(epoch="a", windows=windows, next_in=5.0, paused_for=4.0))
    state = budget.snapshot()
    assert (state.windows, state.next_free_in, state.paused_for, state.waiting) == (windows, 3.0, 2.0, 0)
    clock.now += 10.0
    state = budget.snapshot()
    assert (state.next_free_in, state.paused_for) == (0.0, 0.0)
    new.last = (clock.now, StoreAnswer(epoch="a"))
    assert budget.snapshot().next_free_in is None, "it depends on a pending request"


def test_uses_are_those_of_the_last_refresh_but_in_an_outage(runners: list[asyncio.Runner]) -> None:
    budget = new_budget()
    first, second = runners
    assert budget.processes() == ()
    first.run(budget.refresh())
    ledger = ledger_of(second.run(member_of(budget)))
    assert budget.processes() == USES
    ledger.has_lost_the_store = True
    assert budget.processes() == (), "one event loop has noticed that the server is away"


async def test_uses_are_kept_when_the_server_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = new_budget()
    await budget.refresh()

    async def nothing(_: RedisMember) -> None: ...

    monkeypatch.setattr(RedisMember, "ask_for_uses", nothing)
    await budget.refresh()
    assert budget.processes() == USES


# --- what ended ---


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "oldest"])
async def test_slot_is_returned_and_ended_by_its_member(is_named: bool) -> None:
    budget = new_budget()
    slots = [await slot_of(budget) for _ in range(2)]
    slot = slots[1] if is_named else slots[0]
    ledger = ledger_of(slot.member)
    argument = slot if is_named else None
    assert members_in(budget.give_back(slot=argument)) == (slot.member,)
    assert members_in(budget.release(200, {"a": "b"}, slot=argument)) == (slot.member,)
    assert (ledger.returned, ledger.ended) == ([slot], [(slot, 200, {"a": "b"})])


async def test_endpoints_slot_is_returned_and_ended_too() -> None:
    budget = new_budget()
    slot = await slot_of(budget, KEYS)
    special = slot.special
    assert isinstance(special, MemberSlot)
    own, other = ledger_of(slot.member), ledger_of(special.member)
    assert own is not other
    assert members_in(budget.give_back(KEYS, slot)) == (special.member, slot.member)
    assert members_in(budget.release(429, {"a": "b"}, KEYS, slot)) == (special.member, slot.member)
    assert (own.returned, own.ended) == ([slot], [(slot, 429, {"a": "b"})])
    assert (other.returned, other.ended) == ([special], [(special, None, {})])
    for report in (budget.give_back(slot=slot), budget.release(200, {}, slot=slot)):
        assert members_in(report) == (slot.member,)
    plain = await slot_of(budget)
    for report in (budget.give_back(KEYS, plain), budget.release(200, {}, KEYS, plain)):
        assert members_in(report) == (plain.member,)
    assert (len(own.returned), len(own.ended)) == (3, 3)
    assert (len(other.returned), len(other.ended)) == (1, 1)


async def test_nothing_is_recorded_without_a_slot() -> None:
    budget = new_budget()
    assert budget.give_back() is None
    assert budget.release(200, {}) is None
    assert not budget.acquire_at_once()


async def test_discarded_request_reports_later() -> None:
    budget = new_budget()
    slot = await slot_of(budget)
    reports: list[Report | None] = []

    async def request() -> None:
        try:
            await asyncio.sleep(0)
        except BaseException:
            reports.append(budget.give_back(slot=slot))
            raise

    for failure in (ValueError(), GeneratorExit()):
        discarded = request()
        discarded.send(None)
        with pytest.raises(type(failure)):
            discarded.throw(failure)
    assert [members_in(report) for report in reports] == [(slot.member,), None]
    assert ledger_of(slot.member).returned == [slot, slot]


# --- its parts ---


async def test_each_endpoint_has_one_budget_without_a_reserve() -> None:
    budget = new_budget()
    special = budget._special_budget(KEYS)
    assert special is budget._special_budget(KEYS)
    assert special is not budget._special_budget(SpecialWindow("other", 2, 30.0))
    assert isinstance(special, RedisRateBudget)
    assert special._on_outage == "wait"
    for one, name, window, reserve in (
        (budget, "{gb:x}", RateWindow(4, 60.0), 0.25),
        (special, "{gb:x}:special:account_keys", RateWindow(2, 30.0), 0.0),
    ):
        ledger = ledger_of(one._member())
        assert (ledger.connection, ledger.name) == ("the connection", name)
        assert (ledger.windows, ledger.reserve) == ((window,), reserve)
        assert ledger.on_outage == budget._on_outage


def test_next_event_loop_takes_over_from_a_closed_one(runners: list[asyncio.Runner]) -> None:
    budget = new_budget()
    first, second = (runner.run(member_of(budget)) for runner in runners)
    assert first is not second
    assert runners[0].run(member_of(budget)) is first
    runners[0].close()
    with asyncio.Runner() as third:
        assert third.run(member_of(budget)) is first
        assert third.run(member_of(budget)) is first
        assert set(budget._members.values()) == {first, second}
        assert (ledger_of(first).loops, ledger_of(second).loops) == (2, 1)


async def test_child_has_members_and_a_lock_of_its_own() -> None:
    budget = new_budget()
    slot = await slot_of(budget)
    members, lock = budget._members, budget._lock
    budget._forget_other_threads()
    assert budget._lock is not lock, "a thread of the parent may hold it"
    assert redis_budget._parked.pop() is members, "a child that collected them would end the parent's connections"
    assert budget._member() is not slot.member


async def test_slot_is_held_for_the_requests_time(clock: Clock) -> None:
    budget = new_budget()
    slot = await budget.acquire(Priority.POLL, timeout=7.0)
    assert isinstance(slot, MemberSlot)
    assert (slot.member, slot.deadline) == (budget._member(), clock.now + 7.0 + 1.0)
