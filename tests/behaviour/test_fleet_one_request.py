"""A fleet run that starts the actions of all tagged Droplets with one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import BY_TAG, FIRST, QUICK, acted, each, emulated, ids, of, posts

from gradient_async.emulator import Behaviour, DropletSpec, faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour


pytestmark = pytest.mark.once


async def test_each_started_by_itself_when_the_request_was_lost(flavour: Flavour) -> None:
    lost = [faults.DropBefore(route=BY_TAG)]
    async with emulated([DropletSpec(tags=["t"])] * 4, faults=lost) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert acted(emulator) == each(ids(4), ["power_cycle"])
        assert report.counts["completed"] == 4


async def test_droplet_failed_when_the_request_by_tag_left_it_out(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], status="off"), DropletSpec(tags=["t"])]
    async with emulated(specs) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert posts(emulator) == 1
        assert of(report, FIRST + 1).status == "failed"
        assert "wrong state" in of(report, FIRST + 1).reason
        assert report.counts["completed"] == 2


async def test_all_failed_when_the_request_by_tag_is_refused(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], status="off")]
    async with emulated(specs, behaviour=Behaviour(bulk_refusals="refused")) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert report.counts == {"completed": 0, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}
        assert acted(emulator) == {}


async def test_second_run_sends_nothing_when_the_first_began_by_tag(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated([DropletSpec(tags=["t"])] * 4) as emulator:
        client = flavour.client(emulator)
        options: Any = {"tag": "t", "by_tag": True, "journal": tmp_path / "journal"} | QUICK
        await flavour.call(client.fleet.run, "power_cycle", **options)
        before = posts(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", if_finished="report", **options)
        assert posts(emulator) == before == 1
        assert all(outcome.is_resumed and outcome.is_completed for outcome in report.outcomes)
