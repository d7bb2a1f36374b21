"""How many Droplets a fleet run acts on at once, and what stops it: errors and failed health checks."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, QUICK, acted, emulated, ids, most_at_once

from gradient_async import (
    UnhealthyDropletError,
)
from gradient_async.emulator import faults

if TYPE_CHECKING:
    from flavours import Flavour


pytestmark = pytest.mark.once


@pytest.mark.parametrize(("allowed", "most"), [(3, 3), ("20%", 2), ("1%", 1)])
async def test_no_more_in_progress_when_max_concurrency_is_given(
    flavour: Flavour, allowed: int | str, most: int
) -> None:
    async with emulated(10) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(10), max_concurrency=allowed, **QUICK)
        assert most_at_once(emulator) <= most
        assert report.counts["completed"] == 10


async def test_batch_starts_after_the_one_before_when_there_are_some(flavour: Flavour) -> None:
    async with emulated(7) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(7), batch_size=3, **QUICK)
        spans = {one.droplet_id: one for one in emulator.account.actions.values() if one.by_request}
        batches = [ids(7)[:3], ids(7)[3:6], ids(7)[6:]]
        for earlier, later in pairwise(batches):
            assert max(spans[one].due for one in earlier) <= min(spans[one].started for one in later)
        assert Counter(outcome.batch for outcome in report.outcomes) == {1: 3, 2: 3, 3: 1}


@pytest.mark.parametrize("at_once", [1, 2, 3])
async def test_what_runs_is_awaited_when_max_errors_stops_the_run(flavour: Flavour, at_once: int) -> None:
    errored = faults.ErroredAction(times=1)
    async with emulated(9, time_scale=150.0, faults=[errored]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(9), max_errors=0, max_concurrency=at_once, **QUICK
        )
        assert len(report.failed) == 1
        assert len(report.skipped) == 9 - at_once
        assert all(outcome.action.is_completed for outcome in report.completed)
        assert all("max_errors" in outcome.reason and outcome.action is None for outcome in report.skipped)
        assert len(acted(emulator)) == at_once
        assert report.stopped_by == report.skipped[0].reason


async def test_all_acted_on_when_errors_are_as_many_as_allowed(flavour: Flavour) -> None:
    async with emulated(10, faults=[faults.ErroredAction(times=2)]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(10), max_errors="20%", max_concurrency=1, **QUICK
        )
        assert report.counts == {"completed": 8, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}
        assert report.stopped_by is None


async def test_all_batches_done_when_each_droplet_is_well(flavour: Flavour) -> None:
    asked: list[int] = []

    def is_well(droplet: Any) -> bool:
        asked.append(droplet.id)
        return True

    async with emulated(6) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(6), batch_size=2, health_check=is_well, **QUICK
        )
        assert report.counts["completed"] == 6
        assert sorted(asked) == ids(6)
        assert [set(asked[start : start + 2]) for start in (0, 2, 4)] == [set(ids(6)[n : n + 2]) for n in (0, 2, 4)]


@pytest.mark.parametrize("kind", ["raises", "hangs", "not a bool"])
async def test_reason_is_given_when_a_plain_health_check_fails(flavour: Flavour, kind: str) -> None:
    released = threading.Event()
    calls = 0

    def is_well(_: Any) -> Any:
        nonlocal calls
        calls += 1
        if kind == "raises":
            raise LookupError("no route")
        if kind == "hangs":
            released.wait(5)
        return None

    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        options: Any = {"health_interval": 0.01, "health_retries": 2, "health_timeout": 0.5} | QUICK
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(1), health_check=is_well, **options)
        released.set()
        (failed,) = report.failed
        assert isinstance(failed.error, UnhealthyDropletError)
        assert {"raises": "no route", "hangs": "within 0.5 s", "not a bool": "True or False"}[kind] in failed.reason
        assert failed.action.is_completed
        assert calls == 3


async def test_health_check_not_asked_when_the_action_failed(flavour: Flavour) -> None:
    asked: list[int] = []

    def is_well(droplet: Any) -> bool:
        asked.append(droplet.id)
        return True

    errored = faults.ErroredAction(route=f"POST /v2/droplets/{FIRST}/actions")
    async with emulated(2, faults=[errored]) as emulator:
        client = flavour.client(emulator)
        await flavour.call(client.fleet.run, "reboot", droplets=ids(2), health_check=is_well, **QUICK)
        assert asked == [FIRST + 1]


async def test_next_batch_begins_when_an_unhealthy_one_is_allowed(flavour: Flavour) -> None:
    async with emulated(4) as emulator:
        client = flavour.client(emulator)
        options: Any = {"health_retries": 0, "batch_size": 2, "max_errors": 1} | QUICK
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(4), health_check=lambda one: one.id != FIRST, **options
        )
        assert report.counts == {"completed": 3, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}
