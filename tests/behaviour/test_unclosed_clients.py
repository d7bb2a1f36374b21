"""Clients and sessions that were not closed, or could not be made."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import WireServer, listed

from gradient_async import (
    AsyncGradientAI,
)
from gradient_async.http import transport

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
ROUTE = "POST /v2/droplets/{droplet_id}/actions"


async def initiate(flavour: Flavour, client: Any, type: str = "reboot") -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type=type)


async def test_connections_close_when_an_async_client_is_left_open(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    for _ in range(5):
        await AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None).actions.list()
    gc.collect()
    await wire.left(5)


async def test_nothing_kept_when_a_session_is_closed_or_not_made(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    kept = set(transport._kept_lifetimes)  # of earlier tests, which may end meanwhile
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:
        await client.actions.list()
        assert len(transport._kept_lifetimes.keys() - kept) == 1
    no_session: Any = int
    wrong = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None, http_session=no_session)
    with pytest.raises(TypeError, match=r"http_session: expected the function to make .*, got 0"):
        await wrong.actions.list()
    assert transport._kept_lifetimes.keys() <= kept


def test_no_warning_when_sync_clients_are_left_open() -> None:
    source = """
import gc
from gradient_async.emulator import Emulator
from gradient_sync import GradientAI
def status(emulator):
    client = GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
    return client.gpu_droplets.retrieve(3164444).droplet.status
with Emulator(limits=None) as emulator:
    for _ in range(60):
        status(emulator)
    gc.collect()
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", source],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    # asyncio's debug mode reports callbacks that took long; on a busy machine some do.
    warned = [line for line in ended.stderr.splitlines() if not line.startswith("Executing <")]
    assert (ended.returncode, warned) == (0, [])
