"""What a fleet run does to one Droplet between its steps: stopped in a retry, refused as busy, waiting for a status."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fleet_account import FIRST, INITIATE, QUICK, acted, emulated, ids, of
from wire_server import action, created_for, listed, reply

from gradient_async.emulator import ServerError, ShutdownIgnored, StatusLag, TooManyRequests

if TYPE_CHECKING:
    from flavours import Flavour
    from wire_server import Reply, WireRequest, WireServer

pytestmark = pytest.mark.once

BUSY = {"id": "unprocessable_entity", "message": "Droplet already has a pending event."}


async def test_retry_is_not_sent_when_the_run_stops_after_a_429(flavour: Flavour) -> None:
    """The 429 was a refusal: nothing was executed, so a run that is stopped meanwhile leaves the Droplet alone."""
    limited = TooManyRequests(route=f"POST /v2/droplets/{FIRST}/actions", times=1, retry_after=1)
    refused = ServerError(403, route=f"POST /v2/droplets/{FIRST + 1}/actions")
    async with emulated(2, faults=[limited, refused]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), max_errors=0, **QUICK)
        assert of(report, FIRST + 1).status == "failed"
        assert of(report, FIRST).status == "skipped"
        assert acted(emulator) == {}
        assert [one.status for one in emulator.requests.on(f"POST /v2/droplets/{FIRST}/actions")] == [429]


@pytest.mark.parametrize("on_busy", ["fail", "skip"])
async def test_power_off_waits_when_busy_after_its_shutdown(flavour: Flavour, wire: WireServer, on_busy: str) -> None:
    """A shutdown that is completed has touched the Droplet, though it is still on: the later steps still run."""
    refusals = [reply(422, BUSY)]

    def started(request: WireRequest) -> Reply:
        if request.json["type"] == "power_off" and refusals:
            return refusals.pop()
        return created_for(request)

    def status_of(_: WireRequest) -> Reply:
        is_off = not refusals and wire.sent("POST")[-1].json["type"] == "power_off"
        droplet = {"id": FIRST, "name": "gpu", "status": "off" if is_off and len(wire.sent("POST")) > 2 else "active"}
        return reply(200, {"droplet": droplet})

    def ended(request: WireRequest) -> Reply:
        return reply(200, {"action": action(int(request.path.rpartition("/")[2]), status="completed")})

    wire.script("POST", started)
    wire.script(f"GET /v2/droplets/{FIRST}", status_of)
    wire.script(f"GET /v2/droplets/{FIRST}/actions", listed([]))
    wire.script("GET", ended)
    client = flavour.client(wire)
    report = await flavour.call(client.fleet.power_off, droplets=[FIRST], grace=0.3, on_busy=on_busy, **QUICK)
    assert report.counts["completed"] == 1, of(report, FIRST).reason
    assert [request.json["type"] for request in wire.sent("POST")] == ["shutdown", "power_off", "power_off"]


async def test_polls_are_apart_when_a_status_lags_to_the_end(flavour: Flavour) -> None:
    lag = StatusLag(100_000.0, route=INITIATE)
    async with emulated(1, faults=[lag]) as emulator:
        client = flavour.client(emulator)
        await flavour.call(
            client.fleet.run, "power_off", droplets=ids(1), until="status", action_timeout=2.0, poll_interval=0.4
        )
        polls = emulator.requests.on("GET /v2/droplets/{droplet_id}")
        assert 2 <= len(polls) <= 7
        assert min(later.at - earlier.at for earlier, later in pairwise(polls[:-1])) > 0.1


async def test_power_off_follows_when_the_guest_ignores_its_shutdown(flavour: Flavour) -> None:
    async with emulated(1, faults=[ShutdownIgnored()]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_off, droplets=ids(1), grace=0.3, **QUICK)
        assert acted(emulator) == {FIRST: ["shutdown", "power_off"]}
        assert report.counts["completed"] == 1
