"""Asyncio workers on a Redis stream are killed and stopped, and each entry's action is executed once all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis.asyncio

from gradient_async.emulator import Emulator, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis_servers import RedisServer

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parent.parent / "examples"
FIRST = 3164444
REBOOT = "POST /v2/droplets/{droplet_id}/actions"
# The example as it is, with short times.
COMMAND = """
import asyncio
import functools
import stream_worker
from gradient_async.budget import key_record

key_record.LEASE_SECONDS = 0.5
stream_worker.IDLE_SECONDS = 1.5
stream_worker.ga.AsyncGradientAI = functools.partial(stream_worker.ga.AsyncGradientAI, timeout=1.0, settle_seconds=0.3)
stream_worker.logging.basicConfig(level="INFO")
asyncio.run(stream_worker.main())
"""


@contextmanager
def stream_workers(count: int, emulator: Emulator, server: RedisServer) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run some workers inside the block."""
    account = {"DIGITALOCEAN_ACCESS_TOKEN": emulator.token, "GRADIENT_BASE_URL": emulator.base_url}
    stores = {"QUEUE_URL": server.url, "GRADIENT_RATE_BUDGET": server.url}
    environ = {**os.environ, **account, **stores, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path])}
    workers = [subprocess.Popen([sys.executable, "-c", COMMAND], env=environ) for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


async def worker_of(queue: redis.asyncio.Redis, entry_id: str) -> int:
    """Return the id of the process that has an entry."""
    (pending,) = await queue.xpending_range("reboots", "workers", entry_id, entry_id, 1)
    return int(pending["consumer"].rpartition("-")[2])


async def until_done(queue: redis.asyncio.Redis) -> None:
    """Wait until no entry is left."""
    async with asyncio.timeout(60):
        while await queue.xlen("reboots"):  # noqa: ASYNC110 - what is looked at is other processes' doing
            await asyncio.sleep(0.05)


async def test_entry_reboots_once_when_its_worker_is_killed(redis_server: RedisServer) -> None:
    slow = faults.Slow(0.4, route=REBOOT)
    async with (
        Emulator(droplets=3, time_scale=200, faults=[slow]) as emulator,
        redis.asyncio.Redis.from_url(redis_server.url, decode_responses=True) as queue,
    ):
        with stream_workers(3, emulator, redis_server) as workers:
            entries = [await queue.xadd("reboots", {"droplet_id": FIRST + number}) for number in range(3)]
            await emulator.requests.seen(REBOOT, timeout=60)
            first = emulator.requests.on(REBOOT)[0].path
            entry = next(entry for number, entry in enumerate(entries) if f"/{FIRST + number}/" in first)
            os.kill(await worker_of(queue, entry), signal.SIGKILL)
            await until_done(queue)
            assert sum(worker.poll() is None for worker in workers) == 2
        assert [len(emulator.account.actions_of(FIRST + number, "reboot")) for number in range(3)] == [1, 1, 1]
        assert len(emulator.requests.on(REBOOT)) == 3
        assert await queue.xlen("reboots:failed") == 0


async def test_worker_finishes_what_it_began_when_terminated(redis_server: RedisServer) -> None:
    slow = faults.Slow(0.4, route=f"POST /v2/droplets/{FIRST}/actions")
    async with (
        Emulator(droplets=2, time_scale=200, faults=[slow]) as emulator,
        redis.asyncio.Redis.from_url(redis_server.url, decode_responses=True) as queue,
    ):
        await queue.xadd("reboots", {"droplet_id": FIRST + 1}, id="1-1")  # from 1970
        for fields in ({"droplet_id": "training"}, {"droplet": 1}, {"droplet_id": 99}, {"droplet_id": FIRST}):
            await queue.xadd("reboots", fields)
        with stream_workers(1, emulator, redis_server) as (worker,):
            await emulator.requests.seen(slow.route, timeout=60)
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 60) == 0
        failed = {fields["error"][:25] for _, fields in await queue.xrange("reboots:failed")}
        old, wrong, missing = "this was asked for more t", "invalid literal for int()", "'droplet_id'"
        assert failed == {old, wrong, missing, "404 not_found: The resour"}
        assert [len(emulator.account.actions_of(FIRST + number, "reboot")) for number in range(2)] == [1, 0]
        assert await queue.xlen("reboots") == 0
