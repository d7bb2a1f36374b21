"""Celery workers are killed, and each task's action is executed once all the same."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest
from celery_workers import celery_workers

from gradient_async.emulator import DropletSpec, Emulator, Outcome, faults

if TYPE_CHECKING:
    from pathlib import Path

    from celery_workers import CeleryWorker
    from redis_servers import RedisServer

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="Celery does not support Windows"),
]

FIRST = 3164444
REBOOT = "POST /v2/droplets/{droplet_id}/actions"


def journal_of(worker: CeleryWorker, task_id: str) -> Path:
    return worker.folder / f"research-{task_id}.journal"


async def test_task_reboots_once_when_its_worker_is_killed(tmp_path: Path, redis_server: RedisServer) -> None:
    slow = faults.Slow(0.4, route=REBOOT, times=1)
    async with Emulator(time_scale=200, faults=[slow]) as emulator:
        with celery_workers(2, tmp_path, emulator, redis_server) as (app, workers):
            task = await asyncio.to_thread(app.send_task, "reboot", [FIRST])
            await emulator.requests.seen(REBOOT, timeout=60)
            next(worker for worker in workers if worker.has(task.id)).kill()
            done = await asyncio.to_thread(task.get, timeout=60)
        (action,) = emulator.account.actions_of(FIRST, "reboot")
        assert done == {"action_id": action.id, "status": "completed"}
        assert len(emulator.requests.on(REBOOT)) == 1


async def test_fleet_task_continues_on_another_host(tmp_path: Path, redis_server: RedisServer) -> None:
    slow = faults.Slow(0.4, route=REBOOT)
    async with Emulator([DropletSpec(tags=["training"])] * 6, time_scale=200, faults=[slow]) as emulator:
        with celery_workers(2, tmp_path, emulator, redis_server) as (app, workers):
            task = await asyncio.to_thread(app.send_task, "reboot_fleet", ["research", "training"])
            await emulator.requests.seen(REBOOT, count=3, timeout=60)
            next(worker for worker in workers if journal_of(worker, task.id).exists()).kill()
            done = await asyncio.to_thread(task.get, timeout=60)
        reboots = [len(emulator.account.actions_of(FIRST + number, "reboot")) for number in range(6)]
        assert reboots == [1] * 6
        assert (done["counts"]["completed"], done["unknown"]) == (6, [])
        assert all(journal_of(worker, task.id).exists() for worker in workers)


async def test_task_is_run_again_only_if_that_is_safe(tmp_path: Path, redis_server: RedisServer) -> None:
    busy, unresolved = FIRST, FIRST + 1
    lost = faults.DropAfter(route=f"POST /v2/droplets/{unresolved}/actions")
    unreadable = faults.HTMLError(403, route=f"GET /v2/droplets/{unresolved}/actions")
    async with Emulator(2, time_scale=200, faults=[lost, unreadable]) as emulator:
        with celery_workers(1, tmp_path, emulator, redis_server) as (app, _):
            unknown = await asyncio.to_thread(app.send_task, "reboot", [unresolved])
            error = await asyncio.to_thread(unknown.get, timeout=60, propagate=False)
            emulator.account.start(busy, "power_cycle", outcome=Outcome(duration=100_000))
            task = await asyncio.to_thread(app.send_task, "reboot", [busy])
            await emulator.requests.seen(f"POST /v2/droplets/{busy}/actions", done=True, timeout=60)
            emulator.clock.advance(100_000)
            done = await asyncio.to_thread(task.get, timeout=60)
        assert "ActionOutcomeUnknownError" in str(error)
        assert done["status"] == "completed"
        assert [request.status for request in emulator.requests.on(REBOOT)] == [None, 422, 201]
        assert len(emulator.requests.on(unreadable.route)) == 1  # it was looked up once, and never run again
        assert [len(emulator.account.actions_of(droplet, "reboot")) for droplet in (busy, unresolved)] == [1, 1]
