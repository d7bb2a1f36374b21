"""The stores of a shared rate budget decide as each other, and as the windows in memory."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradient_async.budget import stored_budget, stored_ledger
from gradient_async.budget.redis_connection import RedisConnection, Script
from gradient_async.budget.redis_store import SCRIPT, EndedRequest, RedisStore, Wish
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_async.http import budget as http_budget
from gradient_async.http.budget import record_answer
from gradient_async.http.request import Priority
from gradient_async.http.slot import Slot
from gradient_async.http.windows import Allowance, RateWindow, SlidingWindows

if TYPE_CHECKING:
    from pathlib import Path

    from redis_servers import RedisServer

    from gradient_async.budget.redis_store import StoreAnswer

pytestmark = pytest.mark.once

WINDOWS: Final = (RateWindow(8, 10.0), RateWindow(20, 40.0), RateWindow(60, 3600.0))
PROCESSES: Final = 3
LEASE: Final = 15.0
# A binary fraction of a second, and a whole number of microseconds: nothing is rounded anywhere.
TICK: Final = 1 / 64
# The script with the time that the question tells, in place of the server's.
CLOCKED: Final = Script(SCRIPT.text.replace("redis.call('TIME')", "question.clock"))

processes = st.integers(0, PROCESSES - 1)
ticks = st.sampled_from([1, 30, 64, 200, 640, 2000])
news = st.builds(
    Allowance,
    st.sampled_from([8, 20, 20, 50]),
    st.sampled_from([0, 0, 1, 5, 14]),
    st.sampled_from([-5, 3, 30, 70, 3599]),
)
takes = st.tuples(st.just("take"), processes, st.sampled_from(list(Priority)), st.integers(1, 9))
ends = st.tuples(st.just("end"), processes, st.sampled_from([None, 200, 200, 200, 429]), st.none() | news)
steps = st.one_of(
    takes,
    takes,
    takes,
    ends,
    ends,
    st.tuples(st.just("give back"), processes),
    st.tuples(st.just("pass"), processes, ticks),
)


@define
class Clock:
    """The time of all stores."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (stored_budget, stored_ledger, http_budget):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic, time=clock.time))
    # Headers have whole seconds. These traces are finer.
    monkeypatch.setattr(http_budget, "allowance_of", lambda headers, _: headers["allowance"])
    monkeypatch.setattr(http_budget, "pause_of", lambda _, __: 1.0)
    monkeypatch.setattr(stored_ledger, "pause_of", lambda _, __: 1.0)
    return clock


@define
class Memory:
    """The windows in memory, with the requests of all processes, and their leases."""

    windows: SlidingWindows
    held: dict[tuple[int, int], float] = field(factory=dict)
    over: dict[tuple[int, int], float] = field(factory=dict)

    def expire(self, now: float) -> None:
        for key, deadline in sorted(self.held.items(), key=lambda one: one[1]):
            if deadline <= now:
                self.over[key] = self.held.pop(key)
                self.windows.end(deadline)

    def hold(self, process: int, numbers: range, deadline: float) -> None:
        for number in numbers:
            self.held[process, number] = deadline
            self.windows.start()

    def end(self, process: int, number: int, now: float) -> None:
        self.cancel(process, number)
        self.windows.start()
        self.windows.end(now)

    def cancel(self, process: int, number: int) -> None:
        if self.held.pop((process, number), None) is not None:
            self.windows.cancel()
        elif (deadline := self.over.pop((process, number))) in self.windows._answered:
            self.windows._answered.remove(deadline)


@define
class Worlds:
    """The same processes on each store."""

    clock: Clock
    memory: Memory
    files: list[StoredRateBudget]
    servers: list[RedisStore]
    slots: list[dict[int, Slot]]
    calls: Iterator[int] = field(factory=lambda: itertools.count(1))
    numbers: Iterator[int] = field(factory=lambda: itertools.count(1))

    async def ask(self, process: int, **question: object) -> StoreAnswer:
        microseconds = round(self.clock.now * 1_000_000)
        return await self.servers[process].ask(
            now=self.clock.now,
            call=next(self.calls),
            epoch="",
            clock=[microseconds // 1_000_000, microseconds % 1_000_000],
            **question,  # type: ignore[arg-type]  # the steps below give what it takes
        )

    async def take(self, process: int, priority: Priority, wanted: int) -> StoreAnswer:
        slots, seconds = self.files[process]._take(priority, wanted, LEASE)
        self.files[process]._is_in_stores_queue = False  # it waits, although it has no queue here
        numbers = [next(self.numbers) for _ in range(wanted)]
        wish = Wish(priority=priority, wanted=wanted, lease=LEASE, first=numbers[0])
        answer = await self.ask(process, wish=wish)
        assert (answer.got, answer.sleep) == (len(slots), pytest.approx(seconds or 0.0, abs=2e-6))
        self.memory.hold(process, range(numbers[0], numbers[0] + answer.got), self.clock.now + LEASE)
        for number, slot in zip(numbers, slots, strict=False):
            self.files[process]._ledger._slots[slot] = None
            self.slots[process][number] = slot
        return answer

    async def end(self, process: int, status: int | None, allowance: Allowance | None) -> StoreAnswer:
        if not self.slots[process]:
            return await self.ask(process)
        number, slot = self.slots[process].popitem()
        now = self.clock.now
        headers: Any = {"allowance": allowance}  # see the fixture
        self.files[process].release(status, headers, slot=slot)
        self.memory.end(process, number, now)
        if status is not None:
            record_answer(self.memory.windows, status, headers, now)
        pause = http_budget.pause_of(headers, now) if status == 429 else None
        learned = allowance if status == 200 else None
        ended = EndedRequest(slot=number, at=now, is_answered=status is not None, pause=pause, allowance=learned)
        return await self.ask(process, ended=[ended])

    async def give_back(self, process: int) -> StoreAnswer:
        if not self.slots[process]:
            return await self.ask(process)
        number, slot = self.slots[process].popitem()
        self.files[process].give_back(slot=slot)
        self.memory.cancel(process, number)
        return await self.ask(process, returned=[number])

    def holder(self, process: int) -> int:
        """Return the process, or the next one that has a slot."""
        order = (*range(process, PROCESSES), *range(process))
        return next((one for one in order if self.slots[one]), process)

    def compare(self, process: int, answer: StoreAnswer) -> None:
        now, windows, state = self.clock.now, self.memory.windows, self.files[process].snapshot()
        assert answer.windows == state.windows == windows.use(now)
        next_in = windows.free_at(now) - now
        expected = None if next_in == math.inf else pytest.approx(max(0.0, next_in), abs=2e-6)
        assert (answer.next_in, state.next_free_in) == (expected, expected)
        assert answer.paused_for == pytest.approx(state.paused_for, abs=2e-6)
        assert answer.paused_for == pytest.approx(windows.paused_for(now), abs=2e-6)
        assert answer.processes == self.files[process]._ledger._processes
        assert answer.free == 0 or windows.free_at(now, answer.free - 1) <= now
        assert windows.free_at(now, answer.free) > now


_traces = itertools.count()


def worlds(path: Path, connection: RedisConnection, clock: Clock, reserve: float) -> Worlds:
    name = f"trace_{next(_traces)}"
    first = RedisStore(connection=connection, name=name, process="0", windows=WINDOWS, reserve=reserve, script=CLOCKED)
    return Worlds(
        clock=clock,
        memory=Memory(SlidingWindows(WINDOWS, reserve)),
        files=[
            StoredRateBudget(WINDOWS, reserve=reserve, path=path, name=name, on_outage="wait") for _ in range(PROCESSES)
        ],
        servers=[evolve(first, process=str(process)) for process in range(PROCESSES)],
        slots=[{} for _ in range(PROCESSES)],
    )


async def follow(here: Worlds, trace: list[tuple[object, ...]]) -> None:
    for step in trace:
        here.clock.now += TICK  # no two things happen at the same time
        here.memory.expire(here.clock.now)
        match step:
            case ("take", int(process), Priority() as priority, int(wanted)):
                answer = await here.take(process, priority, wanted)
            case ("end", int(process), status, allowance):
                process = here.holder(process)
                answer = await here.end(process, status, allowance)  # type: ignore[arg-type]  # see the strategy
            case ("give back", int(process)):
                process = here.holder(process)
                answer = await here.give_back(process)
            case (_, int(process), int(passed)):
                here.clock.now += passed * TICK
                here.memory.expire(here.clock.now)
                answer = await here.ask(process)
            case _:
                raise AssertionError(step)
        here.compare(process, answer)


ACT, POLL = Priority.ACT, Priority.POLL
END = ("end", 0, 200, None)
# What traces at random seldom have.
TRACES: Final[dict[str, list[tuple[object, ...]]]] = {
    "served as it waits": [
        *[("take", 0, ACT, 8), *[END] * 8, ("pass", 0, 615)],
        *[("take", 1, ACT, 1), ("pass", 1, 40), ("take", 1, ACT, 1), ("take", 2, ACT, 9)],
    ],
    "each in turn": [
        *[("take", 0, ACT, 8), *[END] * 4, ("pass", 0, 64), *[END] * 4, ("pass", 0, 560)],
        *[("take", 1, ACT, 5), ("take", 2, ACT, 5), ("pass", 1, 30)],
        *[("take", 1, ACT, 5), ("take", 2, ACT, 5), ("take", 1, ACT, 4), ("take", 2, ACT, 3), ("take", 0, POLL, 1)],
    ],
    "none left in the short window": [
        *[("take", 0, ACT, 8), ("end", 0, 200, Allowance(60, 0, 3599)), ("pass", 0, 2000), ("pass", 0, 2000)],
    ],
    "none left after some were": [
        *[("take", 0, ACT, 8), ("end", 0, 200, Allowance(60, 14, 3000)), ("pass", 0, 64)],
        *[("end", 0, 200, Allowance(60, 0, 70)), ("pass", 0, 3850), ("pass", 0, 500)],
    ],
    "fewer left than can be": [
        *[("take", 0, ACT, 8), ("end", 0, 200, Allowance(60, 50, 3000)), ("pass", 0, 64)],
        *[("end", 0, 200, Allowance(60, 0, 70)), ("pass", 0, 3850), ("pass", 0, 500)],
    ],
}


@pytest.mark.parametrize("reserve", [0.0, 0.3])
@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
async def test_all_decide_alike_on_a_given_trace(
    tmp_path: Path, redis_server: RedisServer, clock: Clock, trace: list[tuple[object, ...]], reserve: float
) -> None:
    await follow(worlds(tmp_path / "budget.db", RedisConnection(redis_server.url), clock, reserve), trace)


def test_script_asks_for_the_time_once() -> None:
    assert SCRIPT.text.count("redis.call('TIME')") == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(trace=st.lists(steps, min_size=15, max_size=40), reserve=st.sampled_from([0.0, 0.3]))
def test_all_decide_alike(
    tmp_path: Path, redis_server: RedisServer, clock: Clock, trace: list[tuple[object, ...]], reserve: float
) -> None:
    async def main() -> None:
        await follow(worlds(tmp_path / "budget.db", RedisConnection(redis_server.url), clock, reserve), trace)

    asyncio.run(main())
