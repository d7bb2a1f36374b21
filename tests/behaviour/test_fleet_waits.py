"""The waits of a fleet run, and their time limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from fleet_account import FIRST, QUICK, acted, emulated, ids, of, posts

from gradient_async import (
    ActionTimeoutError,
    DropletStateError,
    PendingEventError,
)
from gradient_async.emulator import faults

if TYPE_CHECKING:
    from flavours import Flavour


pytestmark = pytest.mark.once


async def test_one_request_for_each_droplet_when_not_waited_for(flavour: Flavour) -> None:
    async with emulated(time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), wait=False)
        assert [request.method for request in emulator.requests] == ["POST"] * 5
        assert report.requests == 5
        assert report.duration < 10
        assert not report.is_waited_for


async def test_droplet_failed_when_its_status_never_changes(flavour: Flavour) -> None:
    never = faults.StatusLag(100_000.0, route=f"POST /v2/droplets/{FIRST}/actions")
    async with emulated(2, faults=[never]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "power_off", droplets=ids(2), until="status", action_timeout=1.5, **QUICK
        )
        assert isinstance(of(report, FIRST).error, DropletStateError)
        assert "'active'" in of(report, FIRST).reason
        assert of(report, FIRST + 1).is_completed


async def test_droplet_failed_when_its_action_does_not_end_in_time(flavour: Flavour) -> None:
    async with emulated(2, time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), action_timeout=0.2, **QUICK)
        assert all(isinstance(outcome.error, ActionTimeoutError) for outcome in report.failed)
        assert {outcome.action.status for outcome in report.failed} == {"in-progress"}
        assert len(report.failed) == 2


async def test_blocking_event_named_when_it_does_not_end_in_time(flavour: Flavour) -> None:
    async with emulated(2, durations={"snapshot": 100_000}) as emulator:
        emulator.account.start(FIRST, "snapshot", name="x")
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), action_timeout=0.4, **QUICK)
        assert isinstance(of(report, FIRST).error, PendingEventError)
        assert "snapshot" in of(report, FIRST).reason
        assert acted(emulator) == {FIRST + 1: ["reboot"]}


async def test_busy_droplet_skipped_when_the_run_ends_before(flavour: Flavour) -> None:
    async with emulated(2, durations={"snapshot": 100_000}) as emulator:
        emulator.account.start(FIRST, "snapshot", name="x")
        client = flavour.client(emulator)
        begun = time.monotonic()
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), timeout=1.5, **QUICK)
        assert time.monotonic() - begun < 10
        assert of(report, FIRST).status in {"skipped", "failed"}
        assert acted(emulator) == {FIRST + 1: ["reboot"]}


@pytest.mark.parametrize("batch_size", [None, 1])
async def test_nothing_started_later_when_the_run_has_a_timeout(flavour: Flavour, batch_size: int | None) -> None:
    async with emulated(time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run,
            "reboot",
            droplets=ids(5),
            timeout=1.0,
            max_concurrency=1,
            batch_size=batch_size,
            **QUICK,
        )
        assert report.duration < 10
        assert report.counts == {"completed": 0, "started": 1, "failed": 0, "unknown": 0, "skipped": 4}
        assert all("timeout of 1 s" in outcome.reason for outcome in report.skipped)
        assert posts(emulator) == 1
