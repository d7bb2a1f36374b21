"""Power, size and snapshots of a fleet: the methods with a plan of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fleet_account import FIRST, QUICK, acted, each, emulated, ids, of

from gradient_async import (
    ActionFailedError,
    WrongPowerStateError,
)
from gradient_async.emulator import Behaviour, DropletSpec, faults

if TYPE_CHECKING:
    from flavours import Flavour


pytestmark = pytest.mark.once


async def test_no_shutdown_sent_when_it_need_not_be_graceful(flavour: Flavour) -> None:
    async with emulated([DropletSpec(), DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_off, droplets=ids(3), graceful=False, **QUICK)
        assert acted(emulator) == each(ids(2), ["power_off"])
        assert report.counts["completed"] == 3
        assert {droplet.status for droplet in emulator.account.droplets.values()} == {"off"}


async def test_droplets_are_read_one_by_one_if_lists_cannot_be(flavour: Flavour) -> None:
    unlisted = faults.ServerError(403, route="GET /v2/droplets")
    async with emulated([DropletSpec(status="off"), *[DropletSpec()] * 4], faults=[unlisted]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_on, droplets=ids(5), **QUICK)
        assert report.counts["completed"] == 5
        assert acted(emulator) == {FIRST: ["power_on"]}
        paths = [one.path for one in emulator.requests if one.method == "GET"]
        assert {f"/v2/droplets/{droplet_id}" for droplet_id in ids(5)} <= {*paths}


async def test_only_those_that_are_off_are_switched_on(flavour: Flavour) -> None:
    async with emulated([DropletSpec(status="off"), DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_on, droplets=ids(3), **QUICK)
        assert acted(emulator) == {FIRST: ["power_on"], FIRST + 2: ["power_on"]}
        assert of(report, FIRST + 1).reason == "nothing had to be done"


async def test_state_named_when_power_on_is_run_on_one_that_is_on(flavour: Flavour) -> None:
    behaviour = Behaviour(power_on_when_on="refused")
    async with emulated([DropletSpec(), DropletSpec(status="off")], behaviour=behaviour) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_on", droplets=ids(2), **QUICK)
        assert isinstance(of(report, FIRST).error, WrongPowerStateError)
        assert "'active'" in of(report, FIRST).reason


async def test_power_given_back_when_the_resize_is_errored(flavour: Flavour) -> None:
    async with emulated(2, faults=[faults.ErroredAction(type="resize")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, "gpu-h100x8-640gb", droplets=ids(2), **QUICK)
        assert acted(emulator) == each(ids(2), ["shutdown", "resize", "power_on"])
        assert all(isinstance(outcome.error, ActionFailedError) for outcome in report.failed)
        assert len(report.failed) == 2
        assert {droplet.status for droplet in emulator.account.droplets.values()} == {"active"}


async def test_droplet_left_alone_when_it_has_the_size_already(flavour: Flavour) -> None:
    async with emulated([DropletSpec(), DropletSpec(size="gpu-h100x8-640gb")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, "gpu-h100x8-640gb", droplets=ids(2), **QUICK)
        assert acted(emulator) == {FIRST: ["shutdown", "resize", "power_on"]}
        assert report.counts["completed"] == 2


async def test_snapshot_is_named_after_the_day_when_no_name_is_given(flavour: Flavour) -> None:
    async with emulated([DropletSpec(name="a"), DropletSpec(name="b")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.snapshot, droplets=ids(2), **QUICK)
        day = report.began_at.date().isoformat()
        names = [emulator.account.snapshots_of(droplet_id)[0].name for droplet_id in ids(2)]
        assert names == [f"a-{day}", f"b-{day}"]
