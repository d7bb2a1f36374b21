"""Powering off as the API's documentation recommends: shutdown first, the plug only if that does not help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import HANG, RESET, WireServer, action, html, reply

from gradient_async import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    ActionTimeoutError,
    GracefulPowerOff,
    NotFoundError,
)
from gradient_async.emulator import (
    Behaviour,
    DropAfter,
    DropletSpec,
    Emulator,
    ErroredAction,
    HTMLError,
    ShutdownIgnored,
    StatusLag,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
QUICK: Any = {"poll_interval": 0.005}


async def power_off(flavour: Flavour, client: Any, **options: Any) -> GracefulPowerOff:
    outcome = await flavour.call(client.gpu_droplets.actions.power_off_gracefully, DROPLET, **(QUICK | options))
    assert isinstance(outcome, GracefulPowerOff)
    return outcome


def started(emulator: Emulator) -> list[str]:
    """Types of the actions that were asked for, oldest first."""
    return [str(request.body["type"]) for request in emulator.requests.on(INITIATE)]  # type: ignore[index]  # JSON


async def test_shutdown_does_it_when_the_guest_obeys(flavour: Flavour) -> None:
    async with Emulator(time_scale=100) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=20)

        assert outcome.powered_off_by == "shutdown"
        assert outcome.droplet.status == "off"
        assert outcome.shutdown is not None
        assert outcome.shutdown.is_completed
        assert outcome.power_off is None
        assert started(emulator) == ["shutdown"]


async def test_power_cut_when_the_guest_ignores_its_shutdown(flavour: Flavour) -> None:
    async with Emulator(time_scale=100, faults=[ShutdownIgnored()]) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=0.6, force_timeout=20)

        assert outcome.powered_off_by == "power_off"
        assert outcome.droplet.status == "off"
        assert outcome.shutdown is not None
        assert outcome.power_off is not None
        assert outcome.power_off.is_completed
        assert started(emulator) == ["shutdown", "power_off"]


async def test_nothing_started_when_the_droplet_is_off_already(flavour: Flavour) -> None:
    async with Emulator([DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client)

        assert outcome.powered_off_by == "nobody"
        assert (outcome.shutdown, outcome.power_off) == (None, None)
        assert [request.method for request in emulator.requests] == ["GET"]


async def test_shutdown_waits_when_another_event_runs(flavour: Flavour) -> None:
    async with Emulator(time_scale=100) as emulator:
        emulator.account.start(DROPLET, "reboot")
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=20)

        assert outcome.powered_off_by == "shutdown"
        assert [action.type for action in emulator.account.actions_of(DROPLET)] == ["shutdown", "reboot", "create"]


async def test_power_off_waits_when_an_event_comes_in_between(flavour: Flavour) -> None:
    behaviour = Behaviour(metadata_event_rate=1.0)
    # The shutdown ends just before its time is over, and an event follows it.
    durations = {"shutdown": 10.0, "droplet_metadata_create": 10.0}
    options: Any = {"faults": [ShutdownIgnored()], "behaviour": behaviour, "durations": durations}
    async with Emulator(time_scale=20, **options) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=0.6, force_timeout=20)

        assert outcome.powered_off_by == "power_off"
        assert len(emulator.account.actions_of(DROPLET, "power_off")) == 1


@pytest.mark.parametrize("seconds", [10.0, -1.0])
async def test_result_only_when_the_droplet_itself_is_off(flavour: Flavour, seconds: float) -> None:
    async with Emulator(time_scale=100, faults=[StatusLag(seconds)]) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=20)

        assert outcome.powered_off_by == "shutdown"
        assert outcome.droplet.status == "off"
        assert outcome.shutdown is not None
        assert outcome.shutdown.is_completed
        assert started(emulator) == ["shutdown"]


async def test_power_cut_at_once_when_the_shutdown_is_errored(flavour: Flavour) -> None:
    async with Emulator(time_scale=100, faults=[ErroredAction(type="shutdown")]) as emulator:
        client = flavour.client(emulator)
        begun = time.monotonic()

        outcome = await power_off(flavour, client, timeout=40)

        assert time.monotonic() - begun < 20
        assert outcome.powered_off_by == "power_off"
        assert outcome.shutdown is not None
        assert outcome.shutdown.is_errored


async def test_failed_error_when_cutting_the_power_is_errored(flavour: Flavour) -> None:
    async with Emulator(time_scale=100, faults=[ShutdownIgnored(), ErroredAction(type="power_off")]) as emulator:
        client = flavour.client(emulator)

        with pytest.raises(ActionFailedError, match="power_off") as caught:
            await power_off(flavour, client, timeout=0.5, force_timeout=20)

        assert caught.value.action.type == "power_off"
        assert emulator.account.droplets[DROPLET].status == "active"


async def test_time_out_with_the_last_action_when_the_droplet_stays_on(flavour: Flavour) -> None:
    faults = [ShutdownIgnored(), StatusLag(100_000, type="power_off")]
    async with Emulator(time_scale=100, faults=faults) as emulator:
        client = flavour.client(emulator)
        begun = time.monotonic()

        with pytest.raises(ActionTimeoutError, match="'active'") as caught:
            await power_off(flavour, client, timeout=0.5, force_timeout=0.5)

        assert time.monotonic() - begun < 12
        assert caught.value.action is not None
        assert caught.value.action.type == "power_off"


async def test_time_out_when_another_event_never_ends(flavour: Flavour) -> None:
    async with Emulator(durations={"reboot": 10_000}) as emulator:
        emulator.account.start(DROPLET, "reboot")
        client = flavour.client(emulator)

        with pytest.raises(ActionTimeoutError) as caught:
            await power_off(flavour, client, timeout=0.5, force_timeout=0.5)

        assert caught.value.action is None
        # One may still be in progress at the deadline.
        assert {422} <= {request.status for request in emulator.requests.on(INITIATE)} <= {422, None}
        assert started(emulator)[0] == "shutdown"
        assert started(emulator)[-1] == "power_off"


async def test_result_when_the_account_is_hard_to_reach(flavour: Flavour) -> None:
    faults = [HTMLError(502, route="GET *", skip=1, rate=0.4), DropAfter(route=INITIATE, times=1)]
    async with Emulator(time_scale=100, faults=faults, seed=3) as emulator:
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=20)

        assert outcome.powered_off_by == "shutdown"
        assert len(emulator.account.actions_of(DROPLET, "shutdown")) == 1


async def test_not_found_error_when_there_is_no_such_droplet(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)

        with pytest.raises(NotFoundError):
            await flavour.call(client.gpu_droplets.actions.power_off_gracefully, 1, **QUICK)

        assert {request.method for request in emulator.requests} == {"GET"}


async def test_off_by_itself_when_the_api_says_it_is_already_off(flavour: Flavour) -> None:
    async with Emulator(behaviour=Behaviour(shutdown_when_off="refused"), time_scale=100) as emulator:
        # The list shows it on for a while although it is off by then.
        emulator.account.start(DROPLET, "power_off")
        client = flavour.client(emulator)

        outcome = await power_off(flavour, client, timeout=20)

        assert outcome.droplet.status == "off"
        assert outcome.powered_off_by == "nobody"
        assert emulator.account.actions_of(DROPLET, "shutdown") == ()


async def test_power_not_cut_when_the_shutdown_is_unknown(flavour: Flavour, wire: WireServer) -> None:
    droplet = {"id": DROPLET, "name": "gpu", "status": "active"}
    wire.script(f"GET /v2/droplets/{DROPLET}", reply(200, {"droplet": droplet}))
    wire.script("POST", RESET)
    wire.script("GET", html(502))
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await power_off(flavour, client, timeout=20, force_timeout=20)

    assert caught.value.type == "shutdown"
    assert [request.json["type"] for request in wire.sent("POST")] == ["shutdown"]


async def test_error_says_maybe_executed_when_the_time_is_over(flavour: Flavour, wire: WireServer) -> None:
    droplet = {"id": DROPLET, "name": "gpu", "status": "active"}
    wire.script("GET", reply(200, {"droplet": droplet}))
    wire.script("POST", HANG)
    client = flavour.client(wire, timeout=30)

    with pytest.raises(ActionOutcomeUnknownError, match="may or may not have been executed"):
        await power_off(flavour, client, timeout=0.5, force_timeout=0.5)

    assert [request.json["type"] for request in wire.sent("POST")] == ["shutdown"]


@pytest.mark.parametrize("options", [{"timeout": 0}, {"force_timeout": -1}, {"poll_interval": 0}], ids=str)
async def test_refused_before_sending_when_a_time_is_impossible(
    flavour: Flavour, wire: WireServer, options: dict[str, float]
) -> None:
    wire.script("POST", reply(201, {"action": action()}))
    client = flavour.client(wire)

    with pytest.raises(ValueError, match=next(iter(options))):
        await power_off(flavour, client, **options)

    assert wire.requests == []
