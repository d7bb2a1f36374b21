"""Copies of a client with other options: what they share with the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wire_server import WireServer, listed

from gradient_async import (
    AsyncGradientAI,
    RateBudget,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
ROUTE = "POST /v2/droplets/{droplet_id}/actions"


async def initiate(flavour: Flavour, client: Any, type: str = "reboot") -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type=type)


async def test_copies_of_copies_work_and_close_with_the_first(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    first = client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None)
    for _ in range(1200):
        client = client.with_options(timeout=5)
    await client.actions.list()
    await first.aclose()
    assert client.is_closed


def test_own_budget_stays_when_a_copy_names_the_same_api() -> None:
    budget = RateBudget([(1, 1.0)])
    client = AsyncGradientAI("dop_v1_x", base_url="http://localhost", rate_budget=budget)
    assert client.with_options(base_url="http://localhost").rate_budget is budget
    assert client.with_options(access_token="dop_v1_y").rate_budget is budget
