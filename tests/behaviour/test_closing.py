"""P5: a closed client says so, sends nothing more, and leaves no connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import HANG, RESET, WireServer, action, html, listed, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    APIError,
    ClientClosedError,
    FleetClosedError,
    GradientAIError,
    RequestOutcomeUnknownError,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444


async def test_connection_closed_when_the_client_is(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"action": action(7)}))
    client = flavour.client(wire)
    await flavour.call(client.actions.retrieve, 7)
    assert not client.is_closed

    await flavour.close(client)

    await wire.left()
    assert client.is_closed
    assert "closed" in repr(client)


async def test_clear_error_when_a_closed_client_is_used(flavour: Flavour, wire: WireServer) -> None:
    client = flavour.client(wire)
    await flavour.close(client)
    actions = client.gpu_droplets.actions

    for method, arguments in [
        (client.actions.retrieve, (7,)),
        (client.actions.list, ()),
        (client.gpu_droplets.retrieve, (7,)),
        (actions.wait, (7,)),
        (actions.power_off_gracefully, (7,)),
        (actions.with_raw_response.list, (7,)),
    ]:
        with pytest.raises(ClientClosedError, match="closed"):
            await flavour.call(method, *arguments)
    with pytest.raises(ClientClosedError):
        await flavour.call(actions.initiate, DROPLET, type="reboot")
    with pytest.raises(ClientClosedError):
        await flavour.items(client.actions.list_all())

    assert wire.requests == []
    assert wire.connections == 0


async def test_nothing_happens_when_a_client_is_closed_twice_or_unused(flavour: Flavour, wire: WireServer) -> None:
    client = flavour.client(wire)

    await flavour.close(client)
    await flavour.close(client)

    assert client.is_closed
    assert wire.connections == 0


async def test_requests_end_and_none_is_resent_when_closed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", HANG)
    wire.script("POST", HANG)
    client = flavour.client(wire, timeout=30)
    waiting = [
        asyncio.create_task(flavour.call(client.actions.retrieve, 7)),
        asyncio.create_task(flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")),
        asyncio.create_task(flavour.call(client.gpu_droplets.actions.wait, 7)),
    ]
    await wire.seen(3)

    await flavour.close(client)
    outcomes: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)

    for number in (1, 2, 3):
        await wire.left(number)
    assert all(isinstance(outcome, GradientAIError) for outcome in outcomes), outcomes
    assert len(wire.requests) == 3


async def test_nothing_sent_again_when_the_client_is_closed_in_a_pause(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(503, headers={"Retry-After": "0.3"}))
    client = flavour.client(wire)
    task = asyncio.create_task(flavour.call(client.actions.retrieve, 7))
    await wire.seen()

    await flavour.close(client)

    with pytest.raises((ClientClosedError, APIError)):
        await task
    assert len(wire.requests) == 1


async def test_outcome_unknown_when_closed_during_a_look_up(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", HANG)
    client = flavour.client(wire, timeout=30)
    task = asyncio.create_task(flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot"))
    await wire.seen(method="GET")

    await flavour.close(client)

    with pytest.raises(ActionOutcomeUnknownError, match="may or may not have been executed"):
        await task
    assert [request.method for request in wire.requests] == ["POST", "GET"]


async def test_outcome_unknown_when_closed_while_an_action_is_sent(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG)
    wire.script("GET", listed([]))
    client = flavour.client(wire, timeout=30)
    task = asyncio.create_task(flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot"))
    await wire.seen(method="POST")

    await flavour.close(client)

    with pytest.raises(ActionOutcomeUnknownError, match="may or may not have been executed") as caught:
        await task
    assert (caught.value.droplet_id, caught.value.type) == (DROPLET, "reboot")


async def test_outcome_unknown_when_closed_while_a_key_is_created(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG)
    client = flavour.client(wire, timeout=30)
    create = client.gpu_droplets.account.keys.create
    task = asyncio.create_task(flavour.call(create, name="laptop", public_key="ssh-ed25519 AAAA"))
    await wire.seen(method="POST")

    await flavour.close(client)

    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed"):
        await task


async def test_report_not_lost_when_closed_in_a_fleet_run(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG)
    client = flavour.client(wire, timeout=30)
    task = asyncio.create_task(flavour.call(client.fleet.reboot, [DROPLET, 7, 8], max_concurrency=2))
    await wire.seen(2, method="POST")

    await flavour.close(client)

    if flavour.name == "async":
        report = await task
    else:
        with pytest.raises(FleetClosedError, match="2 unknown, 1 skipped") as caught:
            await task
        report = caught.value.report
    assert sorted(outcome.status for outcome in report.outcomes) == ["skipped", "unknown", "unknown"]


async def test_copy_ends_with_its_original_and_not_the_other_way_round(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([action(7)]))
    client = flavour.client(wire)
    copy, other = client.with_options(timeout=3), client.with_options(timeout=4)
    await flavour.call(copy.actions.list)

    await flavour.close(copy)

    assert copy.is_closed
    assert not client.is_closed
    assert not other.is_closed
    with pytest.raises(ClientClosedError):
        await flavour.call(copy.actions.list)
    await flavour.call(client.actions.list)
    await flavour.call(other.actions.list)
    assert wire.connections == 1

    await flavour.close(client)
    assert other.is_closed
    with pytest.raises(ClientClosedError):
        await flavour.call(other.actions.list)


async def test_error_not_masked_when_it_leaves_the_clients_context(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", html(502))
    client = flavour.client(wire, max_retries=0)

    async def use() -> None:
        if flavour.name == "async":
            async with client as entered:
                assert entered is client
                await entered.actions.list()
        else:
            await asyncio.to_thread(_use_in_context, client)

    with pytest.raises(APIError, match="502"):
        await use()

    assert client.is_closed
    with pytest.raises(ClientClosedError):
        await use()


def _use_in_context(client: Any) -> None:
    with client as entered:
        assert entered is client
        entered.actions.list()
