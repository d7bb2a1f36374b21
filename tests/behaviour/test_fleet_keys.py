"""Fleet runs with keys: each Droplet's request is executed once, however often the run is made, without a journal."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import (
    ActionOutcomeUnknownError,
    AsyncGradientAI,
    RateBudget,
    Rename,
    RequestKeyMismatchError,
    RequestKeyStoreError,
)
from gradient_async.budget import held_key, key_record
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
SIZE = "gpu-h100x8-640gb"
WORKER = """
    import asyncio, sys
    from gradient_async import AsyncGradientAI, RateBudget

    async def main():
        url, token, store, count = sys.argv[1:]
        options = {"rate_budget": RateBudget.shared(store, windows=((10_000, 60.0),)), "timeout": 0.5}
        async with AsyncGradientAI(token, base_url=url, **options) as client:
            droplets = range(3164444, 3164444 + int(count))
            await client.fleet.run("reboot", droplets=droplets, key_prefix="nightly", max_concurrency=4)

    asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_record, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.2)


def emulated(droplets: Any = 4, **options: Any) -> Emulator:
    return Emulator(droplets, **{"time_scale": 1000.0, "limits": None, **options})


def store_of(path: Path) -> str:
    return f"sqlite://{path / 'budget.sqlite3'}"


def fleet_of(flavour: Flavour, emulator: Emulator, path: Path) -> Any:
    """Return the fleet of a client that shares nothing but the file with the others."""
    budget = RateBudget.shared(store_of(path), windows=((10_000, 60.0),))
    return flavour.client(emulator, rate_budget=budget, timeout=0.5).fleet


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def acted(emulator: Emulator) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for action in emulator.account.actions.values():
        if action.by_request:
            found.setdefault(action.droplet_id, []).append(action.type)
    return found


async def test_second_run_executes_nothing_again(flavour: Flavour, tmp_path: Path) -> None:
    options = {"droplets": ids(4), "key_prefix": "nightly", "poll_interval": 0.02}
    async with emulated() as emulator:
        reports = []
        for _ in range(2):
            fleet = fleet_of(flavour, emulator, tmp_path)
            reports.append(await flavour.call(fleet.run, "reboot", **options))
        other = await flavour.call(fleet.reboot, **{**options, "key_prefix": "weekly"})
        assert [len(report.completed) for report in (*reports, other)] == [4, 4, 4]
        actions = [{one.droplet_id: one.action.id for one in report.outcomes} for report in reports]
        assert actions[0] == actions[1]
        assert acted(emulator) == {droplet_id: ["reboot"] * 2 for droplet_id in ids(4)}


async def test_two_runs_at_once_execute_each_request_once(flavour: Flavour, tmp_path: Path) -> None:
    reports: list[Any] = []

    async def run(emulator: Emulator) -> None:
        fleet = fleet_of(flavour, emulator, tmp_path)
        options = {"droplets": ids(4), "key_prefix": "nightly", "poll_interval": 0.02}
        reports.append(await flavour.call(fleet.run, "reboot", **options))

    async with (
        emulated(faults=[faults.Slow(route="POST *", seconds=0.2)]) as emulator,
        anyio.create_task_group() as group,
    ):
        group.start_soon(run, emulator)
        group.start_soon(run, emulator)
    actions = [{one.droplet_id: one.action.id for one in report.completed} for report in reports]
    assert actions[0] == actions[1]
    assert {outcome.reason for report in reports for outcome in report.outcomes} == {""}
    assert acted(emulator) == {droplet_id: ["reboot"] for droplet_id in ids(4)}


async def test_second_run_of_several_steps_executes_nothing_again(flavour: Flavour, tmp_path: Path) -> None:
    droplets = [DropletSpec(size="gpu-h100x1-80gb"), DropletSpec(size="gpu-h100x1-80gb", status="off")]
    async with emulated(droplets) as emulator:
        for _ in range(2):
            fleet = fleet_of(flavour, emulator, tmp_path)
            report = await flavour.call(
                fleet.resize, SIZE, droplets=ids(2), key_prefix="grow", poll_interval=0.02, check_first=False
            )
            assert len(report.completed) == 2, report.outcomes
        assert acted(emulator) == {FIRST: ["shutdown", "resize", "power_on"], FIRST + 1: ["resize"]}


@pytest.mark.parametrize("step", ["shutdown", "resize", "power_on"])
async def test_run_continues_where_an_earlier_one_lost_an_answer(flavour: Flavour, tmp_path: Path, step: str) -> None:
    number = ["shutdown", "resize", "power_on"].index(step)
    lost = faults.DropAfter(route="POST /v2/droplets/{droplet_id}/actions", times=1, skip=number)
    denied = faults.HTMLError(403, route="GET /v2/droplets/{droplet_id}/actions", times=1)
    async with emulated([DropletSpec(size="gpu-h100x1-80gb")], faults=[lost, denied]) as emulator:
        reports = []
        for _ in range(2):
            fleet = fleet_of(flavour, emulator, tmp_path)
            reports.append(
                await flavour.call(
                    fleet.resize, SIZE, droplets=FIRST, key_prefix="grow", poll_interval=0.02, check_first=False
                )
            )
        assert isinstance(reports[0].outcomes[0].error, ActionOutcomeUnknownError)
        assert len(reports[1].completed) == 1, reports[1].outcomes
        assert acted(emulator) == {FIRST: ["shutdown", "resize", "power_on"]}


async def test_prefix_of_another_run_is_refused(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated() as emulator:
        fleet = fleet_of(flavour, emulator, tmp_path)
        await flavour.call(fleet.run, "reboot", droplets=ids(2), key_prefix="nightly", wait=False)
        report = await flavour.call(fleet.run, "power_off", droplets=ids(3), key_prefix="nightly", poll_interval=0.02)
        assert report.counts["failed"] == 2
        assert all(isinstance(one.error, RequestKeyMismatchError) for one in report.failed)
        assert acted(emulator) == {FIRST: ["reboot"], FIRST + 1: ["reboot"], FIRST + 2: ["power_off"]}


async def test_nothing_is_sent_when_the_keys_have_no_store(flavour: Flavour) -> None:
    async with emulated() as emulator:
        fleet = flavour.client(emulator).fleet
        with pytest.raises(RequestKeyStoreError, match=r"RateBudget\.shared"):
            await flavour.call(fleet.run, "reboot", droplets=ids(2), key_prefix="nightly")
        assert len(emulator.requests) == 0


async def test_name_from_a_template_does_not_change_the_key(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(1) as emulator:
        fleet = fleet_of(flavour, emulator, tmp_path)
        options = {"droplets": FIRST, "key_prefix": "nightly", "poll_interval": 0.02}
        await flavour.call(fleet.snapshot, "{name}", **options)
        await flavour.call(fleet.run, Rename(name="other"), droplets=FIRST, poll_interval=0.02)
        report = await flavour.call(fleet_of(flavour, emulator, tmp_path).snapshot, "{name}", **options)
        assert len(report.completed) == 1, report.outcomes
        assert acted(emulator) == {FIRST: ["snapshot", "rename"]}


async def test_request_by_tag_is_executed_once(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated([DropletSpec(tags=["a"])] * 2) as emulator:
        for _ in range(2):
            fleet = fleet_of(flavour, emulator, tmp_path)
            report = await flavour.call(
                fleet.run, "power_cycle", tag="a", by_tag=True, key_prefix="nightly", poll_interval=0.02
            )
            assert len(report.completed) == 2
        assert acted(emulator) == {droplet_id: ["power_cycle"] for droplet_id in ids(2)}


async def test_resumed_run_keeps_its_keys(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(2, faults=[faults.ErroredAction(times=1)]) as emulator:
        options = {"droplets": ids(2), "key_prefix": "nightly", "poll_interval": 0.02}
        fleet = fleet_of(flavour, emulator, tmp_path)
        await flavour.call(fleet.run, "reboot", journal=journal, max_errors=0, max_concurrency=1, **options)
        await flavour.call(fleet.resume, journal)
        again = await flavour.call(fleet_of(flavour, emulator, tmp_path).run, "reboot", **options)
        assert len(again.outcomes) == 2
        assert acted(emulator) == {droplet_id: ["reboot"] for droplet_id in ids(2)}


async def test_each_droplet_is_rebooted_once_when_a_run_is_killed(tmp_path: Path) -> None:
    late = faults.Slow(route="POST *", seconds=0.1)
    async with emulated(8, faults=[late]) as emulator:
        arguments = ["-c", textwrap.dedent(WORKER), emulator.base_url, emulator.token, store_of(tmp_path), "8"]
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        await emulator.requests.seen("POST *", count=5, timeout=60.0)
        process.kill()
        await process.wait()
        budget = RateBudget.shared(store_of(tmp_path))
        async with AsyncGradientAI(
            emulator.token, base_url=emulator.base_url, rate_budget=budget, timeout=0.5
        ) as client:
            report = await client.fleet.run("reboot", droplets=ids(8), key_prefix="nightly", poll_interval=0.02)
        assert len(report.completed) == 8, report.outcomes
        assert acted(emulator) == {droplet_id: ["reboot"] for droplet_id in ids(8)}
