"""A journal whose run is finished: the same line again must not look like a run."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import JournalFinishedError
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444


def emulated(**options: Any) -> Emulator:
    return Emulator([DropletSpec(tags=("t",))] * 3, **{"time_scale": 600.0, "limits": None, **options})


def options_of(folder: Path, **options: Any) -> dict[str, Any]:
    return {"droplets": range(FIRST, FIRST + 3), "journal": folder / "nightly", "poll_interval": 0.02, **options}


async def test_same_line_is_an_error_when_its_run_is_finished(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated() as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path)
        before = datetime.now(UTC)
        await flavour.call(client.fleet.reboot, **options)
        content, requests = options["journal"].read_bytes(), len(emulator.requests)
        with pytest.raises(JournalFinishedError) as caught:
            await flavour.call(client.fleet.reboot, **options)
        assert len(emulator.requests) == requests
        assert options["journal"].read_bytes() == content
        error = pickle.loads(pickle.dumps(caught.value))
        assert error.path == str(options["journal"])
        assert error.counts == {"completed": 3}
        assert before <= error.finished_at <= datetime.now(UTC)
        assert error.finished_at.utcoffset() == timedelta(0)
        for part in (error.path, " UTC with 3 completed", "another file name", "if_finished='report'", "delete"):
            assert part in str(error)


@pytest.mark.parametrize("how", ["run", "stream", "resume", "tag"])
async def test_every_way_is_an_error_when_the_run_is_finished(flavour: Flavour, tmp_path: Path, how: str) -> None:
    async with emulated() as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path)
        if how == "tag":
            options = {**options, "droplets": None, "tag": "t"}

        async def again(**more: Any) -> list[Any]:
            if how == "resume":
                return list((await flavour.call(client.fleet.resume, options["journal"], **more)).outcomes)
            if how == "stream":
                return await flavour.items(client.fleet.stream("reboot", **options, **more))
            return list((await flavour.call(client.fleet.run, "reboot", **options, **more)).outcomes)

        await flavour.call(client.fleet.run, "reboot", **options)
        requests = len(emulator.requests)
        with pytest.raises(JournalFinishedError, match="3 completed"):
            await again()
        outcomes = await again(if_finished="report")
        assert [outcome.status for outcome in outcomes] == ["completed"] * 3
        assert all(outcome.is_resumed for outcome in outcomes)
        assert len(emulator.requests) == requests


async def test_failed_action_is_counted_when_the_run_is_finished(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(faults=[faults.ErroredAction(times=1)]) as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path)
        await flavour.call(client.fleet.reboot, **options)
        with pytest.raises(JournalFinishedError, match="2 completed, 1 failed"):
            await flavour.call(client.fleet.reboot, **options)


async def test_run_continues_when_a_failure_would_be_tried_again(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(faults=[faults.ServerError(route="POST *", status=422, message="No.", times=1)]) as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path)
        report = await flavour.call(client.fleet.reboot, **options)
        assert report.counts["failed"] == 1
        report = await flavour.call(client.fleet.reboot, **options)
        assert report.counts["completed"] == 3
        with pytest.raises(JournalFinishedError):
            await flavour.call(client.fleet.reboot, **options)


async def test_run_continues_when_its_end_was_not_waited_for(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(time_scale=0.5) as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path)
        for _ in range(2):
            report = await flavour.call(client.fleet.reboot, timeout=0.3, **options)
            assert report.counts["completed"] == 0


async def test_journal_is_not_begun_when_there_are_no_droplets(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated() as emulator:
        client, options = flavour.client(emulator), options_of(tmp_path, droplets=None, tag="later")
        await flavour.call(client.fleet.reboot, **options)
        assert not options["journal"].exists()
        emulator.account.add(DropletSpec(tags=("later",)))
        assert (await flavour.call(client.fleet.reboot, **options)).counts["completed"] == 1
