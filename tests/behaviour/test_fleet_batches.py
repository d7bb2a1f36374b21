"""A rolling run without ``max_errors`` stops after a batch in which everything failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import EarlierFailureError
from gradient_async.emulator import Emulator, faults
from gradient_async.fleet.fleet_run import BatchCounter
from gradient_async.fleet.outcome import Outcome
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

    from gradient_async.emulator import Fault

FIRST = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def emulated(count: int, *given: Fault) -> Emulator:
    return Emulator(count, time_scale=600.0, limits=None, faults=list(given))


def errored(droplet_id: int) -> Fault:
    return faults.ErroredAction(route=f"POST /v2/droplets/{droplet_id}/actions")


def droplets(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


async def test_run_stops_when_each_of_a_batch_failed(flavour: Flavour) -> None:
    async with emulated(6, faults.ErroredAction()) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=droplets(6), batch_size=2)
        assert [one.status for one in report.outcomes] == ["failed"] * 2 + ["skipped"] * 4
        assert posts(emulator) == 2
        expected = (
            "all 2 Droplets of batch 1 failed or are unknown; pass max_errors, such as '100%', to continue anyway"
        )
        assert report.stopped_by == expected
        assert {one.reason for one in report.skipped} == {expected}


async def test_run_stops_when_each_of_a_batch_is_unknown(flavour: Flavour) -> None:
    lost = (faults.DropAfter("close", times=None), faults.ServerError(503, route="GET *"))
    async with emulated(3, *lost) as emulator:
        client = flavour.client(emulator, timeout=1.0)
        report = await flavour.call(client.fleet.run, "reboot", droplets=droplets(3), batch_size=1)
        assert [one.status for one in report.outcomes] == ["unknown", "skipped", "skipped"]
        assert (report.stopped_by or "").startswith("the only Droplet of batch 1 failed or is unknown")


async def test_stream_stops_when_each_of_a_batch_failed(flavour: Flavour) -> None:
    async with emulated(4, faults.ErroredAction()) as emulator:
        client = flavour.client(emulator)
        outcomes = await flavour.items(client.fleet.stream("reboot", droplets=droplets(4), batch_size=2))
        assert [one.status for one in outcomes] == ["failed"] * 2 + ["skipped"] * 2
        assert posts(emulator) == 2


@pytest.mark.parametrize("max_errors", ["100%", 6])
async def test_run_continues_when_max_errors_allows_all(flavour: Flavour, max_errors: Any) -> None:
    async with emulated(6, faults.ErroredAction()) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=droplets(6), batch_size=2, max_errors=max_errors
        )
        assert report.counts["failed"] == posts(emulator) == 6
        assert report.stopped_by is None


async def test_run_continues_when_one_of_the_batch_completed(flavour: Flavour) -> None:
    async with emulated(4, errored(FIRST)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=droplets(4), batch_size=2)
        assert (report.counts["completed"], report.counts["failed"]) == (3, 1)
        assert report.stopped_by is None


@pytest.mark.parametrize("options", [{}, {"batch_size": 2}, {"batch_size": 4}], ids=str)
async def test_run_is_not_stopped_when_the_last_batch_failed(flavour: Flavour, options: dict[str, Any]) -> None:
    failing = [errored(FIRST + number) for number in (2, 3)]
    if options.get("batch_size") != 2:
        failing += [errored(FIRST + number) for number in (0, 1)]
    async with emulated(4, *failing) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=droplets(4), **options)
        assert report.counts["skipped"] == 0
        assert report.stopped_by is None


async def test_resumed_run_continues_when_the_failed_batch_is_old(flavour: Flavour, tmp_path: Path) -> None:
    journal = str(tmp_path / "run.journal")
    async with emulated(4, faults.ErroredAction(times=2)) as emulator:
        client = flavour.client(emulator)
        first = await flavour.call(
            client.fleet.run, "reboot", droplets=droplets(4), batch_size=2, max_concurrency=1, journal=journal
        )
        assert (first.counts["failed"], first.counts["skipped"]) == (2, 2)
        report = await flavour.call(client.fleet.resume, journal)
        assert (report.counts["failed"], report.counts["completed"]) == (2, 2)
        assert {type(one.error) for one in report.failed} == {EarlierFailureError}


@pytest.mark.once
def test_batch_objects_only_when_all_failed_and_one_of_them_now() -> None:
    from datetime import UTC, datetime

    def objection(*statuses: str) -> bool:
        counter = BatchCounter()
        for number, status in enumerate(statuses, 1):
            counter.add(
                Outcome(
                    droplet_id=number,
                    status=status.removeprefix("old "),  # type: ignore[arg-type]  # one of the statuses
                    ended_at=datetime.now(UTC),
                    is_resumed=status.startswith("old "),
                )
            )
        return counter.objection(1) is not None

    assert objection("failed")
    assert objection("failed", "unknown", "old failed")
    assert not objection()
    assert not objection("old failed", "old failed")
    assert not objection("failed", "skipped")
    assert not objection("failed", "old completed")
