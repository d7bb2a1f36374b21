"""A call with a key that is cancelled at any moment, and repeated: its request is executed once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from shared_stores import STORES

from gradient_async import AsyncGradientAI, RateBudget
from gradient_async.budget import held_key, key_record
from gradient_async.budget.held_key import HeldKey
from gradient_async.budget.key_record import KeyRecord
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.emulator import Emulator, faults
from gradient_async.http.request import Timestamp
from gradient_async.http.request_key import RequestKey

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.http.key_store import Swap

pytestmark = pytest.mark.once

FIRST = 3164444
MAX_STEPS = 400


async def cancelled_after(steps: int, client: AsyncGradientAI, droplet_id: int, seconds: float) -> bool:
    """Cancel a call after a number of steps of the event loop. Return whether it was over by then."""
    task = asyncio.create_task(client.gpu_droplets.actions.initiate(droplet_id, "reboot", key=f"reboot {droplet_id}"))
    for _ in range(steps):
        await asyncio.sleep(seconds)
    is_over = task.done()
    task.cancel()
    await asyncio.wait([task])
    return is_over


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
async def test_request_is_executed_once_when_cancelled_after_any_step(lost: bool) -> None:
    losses = [faults.DropAfter(route="POST *", rate=0.5)] if lost else []
    async with Emulator(MAX_STEPS, limits=None, faults=losses, time_scale=100) as emulator:
        budget = RateBudget.shared("memory:", windows=((10_000, 60.0),))
        options = {"rate_budget": budget, "timeout": 0.06, "settle_seconds": 0.01}
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, **options) as client:
            for step in range(MAX_STEPS):
                is_over = await cancelled_after(step, client, FIRST + step, 0)
                droplet_id = FIRST + step
                await client.gpu_droplets.actions.initiate(droplet_id, "reboot", key=f"reboot {droplet_id}")
                assert len(emulator.account.actions_of(droplet_id, "reboot")) == 1, step
                if is_over:
                    break
    assert is_over
    assert step > 10


@pytest.mark.parametrize("name", STORES)
async def test_request_is_executed_once_when_cancelled_at_any_time(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_record, "LEASE_SECONDS", 0.4)
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.2)
    store = STORES[name](tmp_path)
    async with Emulator(60, limits=None, time_scale=100) as emulator:
        budget = RateBudget.shared(store.url, windows=((10_000, 60.0),))
        options = {"rate_budget": budget, "timeout": 0.3, "settle_seconds": 0.05}
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, **options) as client:
            for number in range(60):
                is_over = await cancelled_after(number, client, FIRST + number, 0.001)
                droplet_id = FIRST + number
                await client.gpu_droplets.actions.initiate(droplet_id, "reboot", key=f"reboot {droplet_id}")
                assert len(emulator.account.actions_of(droplet_id, "reboot")) == 1, number
                if is_over and number > 20:
                    break
    store.close()


class CancellingStore:
    """A store in memory, whose first exchange is made, and its task cancelled just after."""

    title = "a store"

    def __init__(self) -> None:
        self.kept = MemoryKeyStore()
        self.read = self.kept.read
        self.is_quiet = True

    async def swap(self, name: str, old: str | None, new: str | None, ttl: float, *, is_durable: bool = True) -> Swap:
        swap = await self.kept.swap(name, old, new, ttl, is_durable=is_durable)
        task = asyncio.current_task()
        if not self.is_quiet and task is not None:
            self.is_quiet = True
            task.cancel()
            await asyncio.sleep(0)
        return swap


@pytest.mark.parametrize("is_of_a_dead_call", [False, True])
async def test_key_is_as_before_when_its_taking_is_cancelled(is_of_a_dead_call: bool) -> None:
    store, key = CancellingStore(), RequestKey("once", 60.0, b"asked")
    dead = HeldKey(store, key, b"account", "reboot")
    if is_of_a_dead_call:
        assert await dead.take(await dead.read(), None)
        await dead.record_sending(Timestamp.now(), 60.0)
        await dead.change(KeyRecord.left)
    before, store.is_quiet = await dead.read(), False
    taking = asyncio.create_task(HeldKey(store, key, b"account", "reboot").take(before, dead.decoded(before.text)))
    await asyncio.wait([taking])
    assert taking.cancelled()
    assert (await dead.read()).text == before.text
