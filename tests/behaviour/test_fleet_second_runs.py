"""A second run on the journal of one that ended or was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, QUICK, acted, each, emulated, ids, of, posts

from gradient_async.emulator import faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour


pytestmark = pytest.mark.once


@pytest.mark.parametrize("method", ["power_off", "resize"])
async def test_second_run_sends_nothing_when_a_plan_of_steps_is_done(
    flavour: Flavour, tmp_path: Path, method: str
) -> None:
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        size = ["gpu-h100x8-640gb"] if method == "resize" else []
        options: Any = {"droplets": ids(3), "journal": tmp_path / "journal"} | QUICK
        await flavour.call(getattr(client.fleet, method), *size, **options)
        before = posts(emulator)
        report = await flavour.call(getattr(client.fleet, method), *size, if_finished="report", **options)
        assert posts(emulator) == before
        assert report.counts["completed"] == 3


async def test_skipped_ones_are_started_when_a_run_is_resumed(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(6, faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(6), "journal": tmp_path / "journal", "max_concurrency": 1} | QUICK
        first = await flavour.call(client.fleet.run, "reboot", max_errors=0, **options)
        before = {outcome.droplet_id for outcome in first.outcomes if outcome.status != "skipped"}
        assert before == {FIRST}
        second = await flavour.call(client.fleet.run, "reboot", max_errors=0, **options)
        assert {one.droplet_id for one in second.outcomes if one.is_resumed} == before
        assert of(second, FIRST).status == "failed"
        assert second.counts["completed"] == 5
        assert acted(emulator) == each(ids(6), ["reboot"])


async def test_actions_awaited_when_the_first_run_had_no_time_left(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(3, time_scale=8.0) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(3), "journal": tmp_path / "journal"} | QUICK
        first = await flavour.call(client.fleet.run, "reboot", timeout=1.0, **options)
        assert first.counts["started"] == 3
        second = await flavour.call(client.fleet.run, "reboot", **options)
        assert second.counts["completed"] == 3
        assert acted(emulator) == each(ids(3), ["reboot"])
