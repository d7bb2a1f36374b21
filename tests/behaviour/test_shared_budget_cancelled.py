"""A request with a shared budget is cancelled at each of its awaits: no slot leaks, no task remains (promise P5)."""

from __future__ import annotations

import asyncio
import gc
import itertools
from typing import TYPE_CHECKING, Any, Literal

import anyio
import anyio.lowlevel
import pytest
from shared_stores import process_like
from wire_server import WireServer, action, reply, until

from gradient_async import AsyncGradientAI, RateBudget

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from shared_stores import Store

pytestmark = pytest.mark.once

DROPLET = 3164444
MAX_STEPS = 200


class CancelledAt:
    """Runs a coroutine, and cancels it at one of its awaits.

    Attributes:
        was_reached: Whether it has so many.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, object], step: int, how: Literal["task", "scope"]) -> None:
        self.was_reached = False
        self._coroutine = coroutine
        self._step = step
        self._how = how
        self._scope = anyio.CancelScope()

    async def run(self) -> None:
        try:
            with self._scope:
                await self
        except asyncio.CancelledError:
            asyncio.current_task().uncancel()  # type: ignore[union-attr]  # a task runs this

    def __await__(self) -> Generator[object, object, None]:
        resume: Any = self._coroutine.send
        value: object = None
        for step in itertools.count():
            try:
                future = resume(value)
            except StopIteration:
                return
            if step == self._step:
                self.was_reached = True
                if self._how == "scope":
                    self._scope.cancel()
                else:
                    asyncio.current_task().cancel()  # type: ignore[union-attr]  # likewise
            try:
                value = yield future
                resume = self._coroutine.send
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's
                value, resume = error, self._coroutine.throw


async def send(budget: RateBudget) -> None:
    """Do what the client's sender does."""
    slot = await budget.acquire()
    try:
        await anyio.lowlevel.checkpoint()
    finally:
        if (report := budget.release(200, {}, slot=slot)) is not None:
            await report


async def assert_nothing_is_left(watcher: RateBudget, before: set[asyncio.Task[Any]]) -> None:
    await watcher.refresh()
    uses = watcher.processes()
    assert [(use.pending, use.waiting) for use in uses] == [(0, 0)] * len(uses)
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("how", ["task", "scope"])
@pytest.mark.parametrize("is_new", [True, False], ids=["first request", "later request"])
async def test_slot_is_taken_and_returned(store: Store, how: Literal["task", "scope"], is_new: bool) -> None:
    watcher, budget = process_like(store, limit=1000), process_like(store, limit=1000)
    await send(budget)
    before = asyncio.all_tasks()
    for step in range(MAX_STEPS):
        if is_new:
            budget = process_like(store, limit=1000)
        driver = CancelledAt(send(budget), step, how)
        await driver.run()
        await assert_nothing_is_left(watcher, before)
        if not driver.was_reached:
            break
    assert not driver.was_reached
    assert step > 0


@pytest.mark.parametrize("how", ["task", "scope"])
async def test_slot_is_returned_beside_another_question(store: Store, how: Literal["task", "scope"]) -> None:
    """The store is being asked something else, so that the cancelled request has to wait for its turn."""
    watcher, budget = process_like(store, limit=1000), process_like(store, limit=1000)
    others = list[asyncio.Task[None]]()

    async def send_meanwhile() -> None:
        slot = await budget.acquire()
        others.append(asyncio.create_task(budget.refresh()))
        try:
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
        finally:
            if (report := budget.release(200, {}, slot=slot)) is not None:
                await report

    await send(budget)
    before = asyncio.all_tasks()
    for step in range(MAX_STEPS):
        driver = CancelledAt(send_meanwhile(), step, how)
        await driver.run()
        if others:
            await asyncio.wait(others)
        await assert_nothing_is_left(watcher, before)
        if not driver.was_reached:
            break
    assert not driver.was_reached
    assert step > 1


@pytest.mark.parametrize("how", ["task", "scope"])
async def test_wait_for_a_slot_is_given_up(store: Store, how: Literal["task", "scope"]) -> None:
    watcher, budget = process_like(store, limit=1, span=0.05), process_like(store, limit=1, span=0.05)
    before = asyncio.all_tasks()
    for step in range(MAX_STEPS):
        await send(watcher)
        driver = CancelledAt(send(budget), step, how)
        await driver.run()
        await assert_nothing_is_left(watcher, before)
        if not driver.was_reached:
            break
    assert not driver.was_reached
    assert step > 1


@pytest.mark.parametrize("how", ["task", "scope"])
async def test_whole_call_is_cancelled(store: Store, wire: WireServer, how: Literal["task", "scope"]) -> None:
    wire.script("GET", lambda _: reply(200, {"action": action(1)}))
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=RateBudget.shared(store.url)) as client:
        assert client.rate_budget is not None
        await send(client.rate_budget)
        before = asyncio.all_tasks()
        for step in range(MAX_STEPS):
            driver = CancelledAt(client.gpu_droplets.actions.retrieve(1, droplet_id=DROPLET), step, how)
            await driver.run()
            await client.rate_budget.refresh()
            uses = client.rate_budget.processes()
            assert [(use.pending, use.waiting) for use in uses] == [(0, 0)]
            await until(lambda: asyncio.all_tasks() <= before | wire.talks)
            if not driver.was_reached:
                break
    assert not driver.was_reached
    assert step > 2


async def test_coroutine_that_is_thrown_away_is_reported_later(store: Store) -> None:
    budget, watcher = process_like(store, limit=1000), process_like(store, limit=1000)
    slot = await budget.acquire()

    async def hold() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            if (report := budget.release(None, {}, slot=slot)) is not None:
                await report

    thrown_away = hold()
    thrown_away.send(None)
    thrown_away.close()
    gc.collect()
    await send(budget)
    await assert_nothing_is_left(watcher, asyncio.all_tasks())
