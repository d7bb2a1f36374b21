"""Processes that share a rate budget keep the windows together (promise P2)."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from shared_stores import hold, most_in, process_like, processes_of, send, state_of

from gradient_async import AsyncGradientAI, RateBudget
from gradient_async.budget.redis_budget import RedisRateBudget
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_async.emulator import Emulator, RateLimits
from gradient_async.endpoints import droplets
from gradient_async.http.request import Priority
from gradient_async.http.windows import SpecialWindow

if TYPE_CHECKING:
    from pathlib import Path

    from shared_stores import Store

pytestmark = pytest.mark.once

DROPLET = 3164444
TOKEN = "dop_v1_0123456789abcdef"

WORKER = """
import asyncio, sys
import anyio
from gradient_async import AsyncGradientAI, RateBudget

async def main(base_url, token, store, droplet_id, count, span):
    budget = RateBudget.shared(store, windows=((30, span), (5000, 60 * span)))
    async with AsyncGradientAI(token, base_url=base_url, rate_budget=budget, max_retries=0) as client:
        async with anyio.create_task_group() as group:
            for _ in range(count):
                group.start_soon(client.gpu_droplets.retrieve, droplet_id)

asyncio.run(main(*sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])))
"""
HOLDER = """
import asyncio, sys
from gradient_async import RateBudget
async def main(store):
    budget = RateBudget.shared(store, windows=((3, 0.3),)).bound_to(b"account")
    for _ in range(3):
        await budget.acquire(timeout=0.2)
    print("holds", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_are_never_refused_for_their_rate(store: Store) -> None:
    limits = RateLimits(burst=30)
    async with Emulator(droplets=1, time_scale=60, limits=limits) as emulator:
        arguments = [emulator.base_url, emulator.token, store.url, str(DROPLET), "20", "1.0"]
        command = [sys.executable, "-c", WORKER, *arguments]
        processes = [await asyncio.create_subprocess_exec(*command) for _ in range(3)]
        codes = [await process.wait() for process in processes]
        statuses = [request.status for request in emulator.requests]
    assert codes == [0, 0, 0]
    assert statuses == [200] * 60


async def test_two_processes_keep_one_window_together(store: Store) -> None:
    budgets, sent = [process_like(store), process_like(store)], list[float]()
    async with anyio.create_task_group() as group:
        for budget in budgets:
            for _ in range(6):
                group.start_soon(send, budget, sent)
    assert len(sent) == 12
    assert most_in(0.5, sent) <= 4


async def test_acting_overtakes_the_polls_of_another_process(store: Store) -> None:
    polling, acting = process_like(store, limit=1, span=0.2), process_like(store, limit=1, span=0.2)
    polls, acts = list[float](), list[float]()
    await send(acting, acts)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(send, polling, polls, Priority.POLL)
        await anyio.sleep(0.05)
        group.start_soon(send, acting, acts)
    assert acts[1] < min(polls[1:])


async def test_429_of_one_process_pauses_the_others(store: Store) -> None:
    refused, other = process_like(store, limit=9), process_like(store, limit=9)
    await send(refused, [], status=429, headers={"retry-after": "30"})
    assert 15 < (await state_of(other)).paused_for <= 30
    with anyio.move_on_after(0.1) as scope:
        await other.acquire()
    assert scope.cancelled_caught


async def test_window_of_some_endpoints_is_shared_too(store: Store) -> None:
    keys = SpecialWindow("account keys", 1, 0.4)
    budgets, sent = [process_like(store, limit=9), process_like(store, limit=9)], list[float]()
    for budget in budgets:
        await send(budget, sent, window=keys)
    assert sent[1] - sent[0] >= 0.4


async def test_slots_of_a_killed_process_come_back(store: Store) -> None:
    command = [sys.executable, "-c", HOLDER, store.url]
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    line = await holder.stdout.readline()
    began = time.monotonic()
    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    assert line == b"holds\n"
    await send(process_like(store, limit=3, span=0.3), [])
    # Its requests may have been sent: the slots are free after its attempts' time limit, a second, and the window.
    assert 0.3 < time.monotonic() - began < 12


async def test_slot_is_waited_for_again_after_it_went_to_others(store: Store) -> None:
    """What is done before the request takes longer than the request may: the slot is another process's by then."""
    pauses, sent = [0.0, 0.5], list[float]()

    async def write_slowly(_: object) -> None:
        await anyio.sleep(pauses.pop() if pauses else 0.0)

    async def send_later(budget: RateBudget) -> None:
        await anyio.sleep(0.1)
        await send(budget, sent)

    async with Emulator(droplets=1) as emulator, anyio.create_task_group() as group:
        mine, other = (RateBudget.shared(store.url, windows=((1, 1.0),)) for _ in range(2))
        options: dict[str, Any] = {"base_url": emulator.base_url, "timeout": 0.3, "max_retries": 0}
        async with (
            AsyncGradientAI(emulator.token, rate_budget=mine, **options) as client,
            AsyncGradientAI(emulator.token, rate_budget=other, **options) as neighbour,
        ):
            assert neighbour.rate_budget is not None
            group.start_soon(send_later, neighbour.rate_budget)
            await client._sender.send(droplets.RETRIEVE.request({}, DROPLET), before=write_slowly)
            ended = time.monotonic()
    assert (len(emulator.requests), pauses) == (1, [])
    assert ended - sent[0] > 0.9


async def test_slot_that_is_given_back_is_soon_another_processes(store: Store) -> None:
    holder, other = process_like(store, limit=1, span=60.0), process_like(store, limit=1, span=60.0)
    slot = await holder.acquire()
    async with anyio.create_task_group() as group:
        group.start_soon(other.acquire)
        await anyio.sleep(0.05)
        if (report := holder.give_back(slot=slot)) is not None:
            await report
        began = time.monotonic()
    assert time.monotonic() - began < 10


async def test_dead_waiter_delays_the_others_shortly(store: Store) -> None:
    command = [sys.executable, "-c", HOLDER.replace("range(3)", "range(4)"), store.url]
    waiter = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    other = process_like(store, limit=3, span=0.3)
    with anyio.fail_after(30):
        while not any(one.waiting for one in await processes_of(other)):  # noqa: ASYNC110 - another process waits
            await anyio.sleep(0.02)
    waiter.send_signal(signal.SIGSTOP)  # it neither takes the slot that it waits for nor gives its place up
    with anyio.fail_after(20):
        while any(one.waiting for one in await processes_of(other)):  # noqa: ASYNC110 - likewise
            await anyio.sleep(0.02)
    waiter.kill()
    await waiter.wait()


async def test_cancelled_wait_leaves_no_slot_behind(store: Store) -> None:
    budget, other = process_like(store, limit=2, span=0.2), process_like(store, limit=2, span=0.2)
    for seconds in (0.0, 0.001, 0.01, 0.05, 0.1, 0.15):
        async with anyio.create_task_group() as group:
            with anyio.move_on_after(seconds):
                for _ in range(5):
                    slot = await budget.acquire()
                    budget.give_back(slot=slot)
            group.cancel_scope.cancel()
    await state_of(budget)
    assert (await state_of(other)).windows[0].used == 0
    assert not any(one.waiting for one in await processes_of(other))


async def test_state_says_when_the_next_slot_is_free(store: Store) -> None:
    budget, other = process_like(store, limit=2, span=60.0), process_like(store, limit=2, span=60.0)
    assert (await state_of(other)).next_free_in == 0.0
    slots = [await budget.acquire() for _ in range(2)]
    assert (await state_of(other)).next_free_in is None  # as long as neither is answered
    for slot in slots:
        if (report := budget.release(200, {}, slot=slot)) is not None:
            await report
    await state_of(budget)
    free_in = (await state_of(other)).next_free_in
    assert free_in is not None
    assert 50 < free_in <= 60


async def test_long_wait_is_a_warning_at_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    budget = process_like(store, limit=1, span=60.0)
    await send(budget, [])
    with anyio.move_on_after(0.1):
        await budget.acquire()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "sent in 5" in warnings[0] or "sent in 60.0 s" in warnings[0]


async def test_environment_chooses_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_RATE_BUDGET", store.url)
    token = TOKEN + type(store).__name__  # the budget of another test's token may live as long as its frames
    async with AsyncGradientAI(token) as client, AsyncGradientAI(token) as other, AsyncGradientAI(token + "x") as third:
        assert isinstance(client.rate_budget, StoredRateBudget | RedisRateBudget)
        assert client.rate_budget is other.rate_budget
        assert third.rate_budget is not client.rate_budget
        await hold(client.rate_budget)
        assert (await state_of(client.rate_budget)).windows[0].used == 1
        assert third.rate_budget is not None
        assert (await state_of(third.rate_budget)).windows[0].used == 0


async def test_store_holds_no_token(store: Store) -> None:
    async with AsyncGradientAI(TOKEN, rate_budget=RateBudget.shared(store.url)) as client:
        assert client.rate_budget is not None
        await send(client.rate_budget, [])
        await hold(client.rate_budget)
    contents = await store.contents()
    assert contents
    assert not any(TOKEN.encode() in content for content in contents)


async def test_each_process_is_seen_with_what_it_uses(store: Store) -> None:
    busy, waiting = process_like(store, limit=3, span=60.0), process_like(store, limit=3, span=60.0)
    await send(busy, [])
    await hold(busy)
    await hold(busy)

    def facts() -> list[object]:
        return [(one.used, one.pending, one.waiting, one.is_this) for one in seen]

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(waiting.acquire)
            group.start_soon(waiting.acquire)
            seen = await processes_of(busy)
            while facts() != [((3,), 2, 0, True), ((0,), 0, 2, False)]:  # they have to be in the queue
                await anyio.sleep(0.02)
                seen = await processes_of(busy)
            group.cancel_scope.cancel()
    assert all(one.seen_ago is not None and one.seen_ago < 12 for one in seen)
    assert RateBudget().processes() == ()


async def test_next_request_goes_when_its_slot_is_free(store: Store) -> None:
    """The one before it got a slot, is still pending, and has nothing to report."""
    budget = process_like(store, limit=2, span=0.3)
    for pause in (0.1, 0.0):
        slot = await budget.acquire()
        if (report := budget.release(200, {}, slot=slot)) is not None:
            await report
        await anyio.sleep(pause)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(budget.acquire()) for _ in range(2)]
        with anyio.fail_after(0.8):
            await asyncio.wait(waiting)


async def test_many_waiting_requests_ask_their_file_seldom(tmp_path: Path) -> None:
    """The first one asks for all, and reports for all: a question holds the lock that others wait for."""
    shared = RateBudget.shared(f"sqlite://{tmp_path / 'budget'}", windows=((20, 0.3),))
    budget, sent, statements = shared.bound_to(b"account"), list[float](), list[str]()
    assert isinstance(budget, StoredRateBudget)
    await send(budget, [])
    connection = budget._ledger._store._connection
    assert connection is not None
    connection.set_trace_callback(statements.append)
    async with anyio.create_task_group() as group:
        for _ in range(59):
            group.start_soon(send, budget, sent)
    assert len(sent) == 59
    assert statements.count("begin immediate") < 59
    assert budget.snapshot().windows[0].used <= 20


async def test_request_that_ends_first_returns_its_own_slot(tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    budget = RateBudget.shared(f"sqlite://{path}", windows=((10, 60.0),)).bound_to(b"account")
    await budget.acquire(timeout=600.0)
    quick = await budget.acquire(timeout=1.0)
    budget.release(200, {}, slot=quick)
    name = f"budget_{b'account'.hex()}"
    with closing(sqlite3.connect(path)) as file:
        deadlines = [until for (until,) in file.execute(f"select until from {name}_pending")]
    assert [until > time.monotonic() + 300.0 for until in deadlines] == [True]
