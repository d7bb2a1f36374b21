"""P5 and P6 where processes die: kill -9 at any moment, Ctrl-C, and two clients that do not know of each other."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import textwrap
import time
from collections import Counter
from typing import TYPE_CHECKING

import anyio.to_thread
import pytest

from gradient_async import AsyncGradientAI, RateBudget
from gradient_async.emulator import Emulator, faults
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from pathlib import Path

FIRST = 3164444
SCALE = 40.0

JOURNALED = """
    import asyncio, sys
    from gradient_async import AsyncGradientAI

    async def main():
        url, token, journal, count = sys.argv[1:]
        async with AsyncGradientAI(token, base_url=url, rate_budget=None, settle_seconds=0.3) as client:
            droplets = range(3164444, 3164444 + int(count))
            report = await client.fleet.run(
                "reboot", droplets=droplets, journal=journal, max_concurrency=20, poll_interval=0.05
            )
            print(report.to_json())

    asyncio.run(main())
"""
INTERRUPTED = """
    import sys
    from gradient_async import FleetCancelled
    from gradient_sync import GradientAI

    url, token, _, count = sys.argv[1:]
    with GradientAI(token, base_url=url, rate_budget=None) as client:
        try:
            client.fleet.run("reboot", droplets=range(3164444, 3164444 + int(count)), max_concurrency=3)
        except KeyboardInterrupt as interrupt:
            assert isinstance(interrupt.__context__, FleetCancelled), repr(interrupt.__context__)
            report = interrupt.__context__.report
            print(len(report.outcomes), report.counts["skipped"] > 0, report.counts["failed"])
"""


def reboots(emulator: Emulator) -> Counter[int]:
    """Return the number of reboots of each Droplet."""
    return Counter(
        droplet_id
        for droplet_id in emulator.account.droplets
        for action in emulator.account.actions_of(droplet_id)
        if action.type == "reboot"
    )


async def started(script: str, emulator: Emulator, journal: Path, count: int) -> asyncio.subprocess.Process:
    arguments = ["-c", textwrap.dedent(script), emulator.base_url, emulator.token, str(journal), str(count)]
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.timeout(180)  # it starts five processes
async def test_each_droplet_is_rebooted_once_when_killed_repeatedly(tmp_path: Path) -> None:
    count, journal = 60, tmp_path / "reboot.journal"
    moments = random.Random(7)
    # Executed at once and answered late: many requests are in progress when the process dies.
    late = faults.Slow(route="POST *", seconds=0.1, rate=0.3)
    async with Emulator(count, time_scale=200.0, limits=None, faults=[late]) as emulator:
        for kills in range(1, 5):
            process = await started(JOURNALED, emulator, journal, count)
            await emulator.requests.seen("POST *", count=12 * kills, timeout=60.0)
            await asyncio.sleep(moments.uniform(0, 0.05))  # the moment is what is tried
            process.kill()
            await process.wait()
        process = await started(JOURNALED, emulator, journal, count)
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        assert reboots(emulator) == dict.fromkeys(range(FIRST, FIRST + count), 1)
        assert f'"completed": {count}' in output.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
async def test_report_is_the_context_of_a_sync_interrupt(tmp_path: Path) -> None:
    async with Emulator(20, time_scale=5.0, limits=None) as emulator:
        process = await started(INTERRUPTED, emulator, tmp_path / "none", 20)
        await emulator.requests.seen("POST *", count=3, done=True, timeout=60.0)
        process.send_signal(signal.SIGINT)
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert output.decode().split() == ["20", "True", "0"], errors.decode()
        assert sum(reboots(emulator).values()) == 3


async def test_no_429_when_a_fleet_is_larger_than_the_windows() -> None:
    async with Emulator(400, time_scale=SCALE) as emulator:
        budget = RateBudget(((250, 60 / SCALE), (5000, 3600 / SCALE)))
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
            began = time.monotonic()
            report = await client.fleet.reboot(droplets=range(FIRST, FIRST + 400))
            seconds = time.monotonic() - began
        statuses = Counter(request.status for request in emulator.requests)
        polls = sum(request.method == "GET" for request in emulator.requests)
        assert len(report.completed) == 400
        assert reboots(emulator) == dict.fromkeys(range(FIRST, FIRST + 400), 1)
        assert statuses[429] == report.refused_for_rate == 0
        # Polls are for time, not for Droplets, which would be 400 of them at the least. The run takes two to three
        # seconds, on a busy machine far longer.
        assert polls <= 20 + 12 * seconds


async def test_no_429_when_two_clients_of_both_flavours_share_a_budget() -> None:
    async with Emulator(360, time_scale=SCALE) as emulator:
        budget = RateBudget(((250, 60 / SCALE), (5000, 3600 / SCALE)))

        def reboot_half() -> int:
            with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
                return len(client.fleet.reboot(droplets=range(FIRST, FIRST + 180)).completed)

        async with (
            AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client,
            asyncio.TaskGroup() as group,
        ):
            sync = group.create_task(anyio.to_thread.run_sync(reboot_half))
            report = await client.fleet.reboot(droplets=range(FIRST + 180, FIRST + 360))
        assert (len(report.completed), sync.result()) == (180, 180)
        assert Counter(request.status for request in emulator.requests)[429] == 0
        assert reboots(emulator) == dict.fromkeys(range(FIRST, FIRST + 360), 1)
