"""An action that is in progress when its run ends early is reported as started, and a second run waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import AsyncGradientAI, FleetCancelled
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

    from gradient_async.fleet.report import FleetReport

FIRST = 3164444
IDS = [FIRST, FIRST + 1, FIRST + 2]


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def slow(count: int = 3, **options: Any) -> Emulator:
    """Return an account in which no action ends by itself within a test."""
    return Emulator(count, **{"time_scale": 0.01, "limits": None, **options})


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def awaited(emulator: Emulator) -> int:
    """Return the number of actions that were polled. The list is read from three on, the others one by one."""
    paths = {one.path for one in emulator.requests if one.method == "GET" and "/actions" in one.path}
    return 3 if "/v2/actions" in paths else len(paths)


async def cancelled(emulator: Emulator, count: int, method: str = "reboot", **options: Any) -> FleetCancelled:
    """Start a run, and cancel it once it has sent an action and waits for so many."""
    client = AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
    async with client:
        run = asyncio.ensure_future(getattr(client.fleet, method)(**options))
        await emulator.requests.seen("POST *")
        while awaited(emulator) < count:  # noqa: ASYNC110 - the emulator has no event for so many
            await asyncio.sleep(0.005)
        run.cancel()
        with pytest.raises(FleetCancelled) as caught:
            await run
        return caught.value


def reasons(report: FleetReport) -> list[str]:
    return [one.reason for one in report.started]


async def test_action_is_started_when_its_run_is_cancelled() -> None:
    async with slow() as emulator:
        error = await cancelled(emulator, 2, droplets=IDS, max_concurrency=2)
        report = error.report
        assert report.counts == {"completed": 0, "started": 2, "failed": 0, "unknown": 0, "skipped": 1}
        assert str(error) == "cancelled: 2 started, 1 skipped; .report has each"
        started = emulator.account.actions_of(FIRST)[0].id
        fate = f"action {started} was started and continues on the server; not awaited"
        assert f"the run was cancelled; {fate}" in reasons(report)
        report.raise_for_failures()
        assert "2 started, 1 skipped" in str(report)


async def test_action_is_started_when_the_time_of_its_run_is_over(flavour: Flavour) -> None:
    async with slow() as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, droplets=IDS, timeout=0.5, max_errors=0)
        assert report.counts["started"] == 3
        assert all(one.error is None and one.action is not None for one in report.started)
        assert reasons(report)[0].startswith("the run's timeout of 0.5 s is over; action ")
        report.raise_for_failures()


async def test_action_is_failed_when_its_own_time_is_over(flavour: Flavour) -> None:
    async with slow(1) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, droplets=FIRST, timeout=30, action_timeout=0.3)
        assert report.counts["failed"] == 1


async def test_action_is_unknown_when_its_answer_has_not_come() -> None:
    async with slow(1, faults=[faults.Slow(5.0, route="POST *")]) as emulator:
        error = await cancelled(emulator, 0, droplets=FIRST)
        (outcome,) = error.report.unknown
        assert outcome.reason == "the run was cancelled; its reboot may or may not have been started"


async def test_steps_not_begun_are_named_when_the_run_is_cancelled() -> None:
    async with slow(1) as emulator:
        error = await cancelled(emulator, 1, "power_off", droplets=FIRST)
        reason = reasons(error.report)[0]
        assert reason.endswith("continues on the server; not awaited; not started after it: power_off")


async def test_second_run_only_waits_when_the_first_was_cancelled(tmp_path: Path) -> None:
    journal = str(tmp_path / "run.journal")
    async with slow() as emulator:
        first = await cancelled(emulator, 3, droplets=IDS, journal=journal)
        assert first.report.counts["started"] == 3
        # Its action is known from the journal alone, and was not read again.
        client = AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        async with client:
            again = await client.fleet.resume(journal, timeout=0.3)
            assert again.counts["started"] == 3
            emulator.clock.advance(3600)
            report = await client.fleet.resume(journal, timeout=None)
        assert report.counts["completed"] == 3
        assert posts(emulator) == 3


async def test_accepted_is_completed_when_nothing_is_waited_for(flavour: Flavour) -> None:
    async with slow() as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, droplets=IDS, wait=False)
        assert report.counts["completed"] == 3


# Names.


async def test_name_is_in_the_outcome_when_the_run_knows_it(flavour: Flavour) -> None:
    specs = [DropletSpec(name="trainer-1", tags=("t",)), DropletSpec(name="trainer-2", tags=("t",))]
    async with Emulator(specs, time_scale=600, limits=None) as emulator:
        client = flavour.client(emulator)
        expected = {FIRST: "trainer-1", FIRST + 1: "trainer-2"}
        tagged = await flavour.call(client.fleet.reboot, tag="t")
        assert {one.droplet_id: one.name for one in tagged.outcomes} == expected
        listed = (await flavour.call(client.gpu_droplets.list)).droplets
        given = await flavour.call(client.fleet.reboot, droplets=listed, max_errors=0)
        assert {one.droplet_id: one.name for one in given.outcomes} == expected
        read = await flavour.call(client.fleet.power_off, droplets=[FIRST], grace=10.0)
        assert [one.name for one in read.outcomes] == ["trainer-1"]
        by_id = await flavour.call(client.fleet.power_off, droplets=[FIRST, 7], graceful=False)
        assert {one.droplet_id: one.name for one in by_id.outcomes} == {FIRST: "trainer-1", 7: None}
        assert by_id.to_rows()[0]["name"] == by_id.outcomes[0].name


async def test_names_cost_no_request_when_ids_are_given(flavour: Flavour) -> None:
    async with Emulator(2, time_scale=600, limits=None) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, droplets=IDS[:2])
        assert [one.name for one in report.outcomes] == [None, None]
        assert not any(request.path.split("?")[0] == "/v2/droplets" for request in emulator.requests)


async def test_name_is_in_the_text_when_a_named_droplet_failed(flavour: Flavour) -> None:
    specs = [DropletSpec(name="trainer-1", tags=("t",))]
    async with Emulator(specs, time_scale=600, limits=None, faults=[faults.ErroredAction()]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="t")
        assert f"  failed  {FIRST} (trainer-1)  " in str(report)
