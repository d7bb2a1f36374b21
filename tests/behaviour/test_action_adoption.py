"""Which action is adopted after a lost answer, and what the errors say about it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, WireServer, action, created, html, listed, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    AsyncGradientAI,
    InternalServerError,
    RateLimitError,
)
from gradient_async.emulator import DropAfter, DropBefore, Emulator

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
ROUTE = "POST /v2/droplets/{droplet_id}/actions"


async def initiate(flavour: Flavour, client: Any, type: str = "reboot") -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type=type)


@pytest.mark.parametrize("seconds", [2, 4, 9, 30, 3600])
async def test_not_resent_when_an_action_started_a_little_too_early(
    flavour: Flavour, wire: WireServer, seconds: int
) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([action(7, age=seconds)]))
    client = flavour.client(wire, settle_seconds=0.05)
    with pytest.raises(ActionOutcomeUnknownError, match="may have begun before the request was sent") as caught:
        await initiate(flavour, client)
    assert [one.id for one in caught.value.candidates] == [7]
    assert len(wire.sent("POST")) == 1


async def test_sent_again_when_the_last_such_action_is_old(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([action(7, age=3 * 3600)]))
    client = flavour.client(wire, settle_seconds=0.05)
    assert (await initiate(flavour, client)).action.id == 8


async def test_action_of_another_client_is_not_adopted(flavour: Flavour) -> None:
    fault = DropBefore(route=ROUTE, skip=1, times=1)
    async with Emulator(time_scale=6000, limits=None, faults=[fault]) as emulator:
        first, second = flavour.client(emulator), flavour.client(emulator)
        one = await initiate(flavour, first)
        await asyncio.sleep(0.05)
        other = await initiate(flavour, second)
        assert one.action.id != other.action.id
        assert len(emulator.account.actions_of(DROPLET, "reboot")) == 2


async def test_answer_says_that_it_was_adopted(flavour: Flavour) -> None:
    async with Emulator(time_scale=60, limits=None, faults=[DropAfter(route=ROUTE, times=1)]) as emulator:
        client = flavour.client(emulator)
        assert (await initiate(flavour, client)).is_adopted
        emulator.clock.advance(600)
        assert not (await initiate(flavour, client)).is_adopted


async def test_error_says_not_executed_when_the_list_shows_that(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", html(502))
    wire.script("GET", listed([]))
    client = flavour.client(wire, settle_seconds=0.02, max_retries=0)
    with pytest.raises(InternalServerError, match="was not executed: the Droplet's list of actions shows none"):
        await initiate(flavour, client)


async def test_error_names_no_list_when_none_was_read(wire: WireServer) -> None:
    wire.script("POST", reply(429, headers={"Retry-After": "0"}))
    client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None, max_retries=1)
    first = asyncio.create_task(client.gpu_droplets.actions.bulk_initiate(tag_name="training", type="power_off"))
    await wire.seen(method="POST")
    with pytest.raises(RateLimitError) as caught:
        await first
    assert "list of actions" not in str(caught.value)
    await client.aclose()
