"""A web app in four processes keeps the account's limits, and executes a repeated request once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from free_ports import free_port

from gradient_async import AsyncGradientAI, RateBudget
from gradient_async.emulator import Emulator, RateLimits, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parent.parent / "examples"
FIRST = 3164444
REBOOT = "POST /v2/droplets/{droplet_id}/actions"
SCALE = 20.0
LIMIT, SECONDS = 50, 1.5
# The example as it is, on an account with a short window.
APP = f"""
from gradient_async.http import windows
windows.DOCUMENTED_WINDOWS = (windows.RateWindow({LIMIT}, {SECONDS}), windows.RateWindow(5000, 180.0))
from fastapi_workers import app
"""


@contextmanager
def app_in_four_processes(folder: Path, emulator: Emulator, store: str) -> Iterator[str]:
    """Run the app inside the block, and return its URL."""
    (folder / "app_of_test.py").write_text(APP)
    account = {"DIGITALOCEAN_ACCESS_TOKEN": emulator.token, "GRADIENT_BASE_URL": emulator.base_url}
    path = os.pathsep.join([str(folder), str(EXAMPLES), *sys.path])
    environ = {**os.environ, **account, "GRADIENT_RATE_BUDGET": store, "PYTHONPATH": path}
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--workers", "4", "--port", str(port), "app_of_test:app"]
    with subprocess.Popen(command, env=environ) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


async def post(url: str, number: int, key: str) -> tuple[int, dict[str, Any]]:
    """Ask for a reboot, over a connection of its own, so that any of the processes gets it."""
    async with aiohttp.ClientSession() as session:
        path = f"{url}/droplets/{FIRST + number}/reboot"
        async with session.post(path, headers={"Idempotency-Key": key}) as answer:
            return answer.status, await answer.json()


async def until_it_answers(url: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/openapi.json"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_app_in_four_processes_keeps_limits_and_keys(tmp_path: Path) -> None:
    store = f"sqlite://{tmp_path}/budget.sqlite3"
    limits = RateLimits(burst=LIMIT, burst_seconds=SECONDS * SCALE)
    slow = faults.Slow(0.3, route=f"POST /v2/droplets/{FIRST}/actions")
    async with Emulator(2 * LIMIT, time_scale=SCALE, limits=limits, faults=[slow]) as emulator:
        with app_in_four_processes(tmp_path, emulator, store) as url:
            await until_it_answers(url)
            twins = await asyncio.gather(*(post(url, 0, "a") for _ in range(6)))
            answers = await asyncio.gather(*(post(url, number, f"key {number}") for number in range(1, 2 * LIMIT)))
            late_twin = await post(url, 0, "a")
            other_droplet = await post(url, 1, "a")
            async with AsyncGradientAI(
                emulator.token, base_url=emulator.base_url, rate_budget=RateBudget.shared(store)
            ) as client:
                processes = client.rate_budget.processes()
        assert [answer.status for answer in emulator.requests if answer.status == 429] == []
        assert {status for status, _ in (*twins, *answers)} == {202}
        assert sorted(twin["is_replayed"] for _, twin in (*twins, late_twin)) == [False, *[True] * 6]
        assert len({twin["action_id"] for _, twin in (*twins, late_twin)}) == 1
        assert (other_droplet[0], other_droplet[1]["error"]) == (422, "RequestKeyMismatchError")
        actions = [len(emulator.account.actions_of(FIRST + number, "reboot")) for number in range(2 * LIMIT)]
        assert actions == [1] * 2 * LIMIT
        assert len(emulator.requests) == 2 * LIMIT
    assert len(processes) > 1
