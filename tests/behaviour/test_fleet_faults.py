"""A fleet run whose requests are lost, refused or repeated, and the counts that it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import INITIATE, QUICK, acted, each, emulated, ids

from gradient_async.emulator import DropletSpec, faults

if TYPE_CHECKING:
    from flavours import Flavour

    from gradient_async import FleetProgress

pytestmark = pytest.mark.once


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_each_acted_on_once_when_answers_are_lost(flavour: Flavour, how: Any) -> None:
    lost = faults.DropAfter(how=how, route=INITIATE, rate=0.5)
    async with emulated(20, faults=[lost], seed=5) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(20), **QUICK)
        assert acted(emulator) == each(ids(20), ["reboot"])
        assert report.counts["completed"] == 20
        assert any(request.fault for request in emulator.requests.on(INITIATE))


async def test_rate_limited_requests_are_counted_and_waited_for(flavour: Flavour) -> None:
    refused = faults.TooManyRequests(route=INITIATE, times=2, retry_after=1)
    async with emulated(faults=[refused]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), **QUICK)
        assert acted(emulator) == each(ids(5), ["reboot"])
        assert report.refused_for_rate == 2
        assert report.requests == len(emulator.requests)


async def test_report_counts_all_requests_when_some_are_repeated(flavour: Flavour) -> None:
    trouble = [faults.ServerError(rate=0.3), faults.DropAfter(route=INITIATE, rate=0.2)]
    async with emulated(10, faults=trouble, seed=2) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(10), **QUICK)
        assert report.requests == len(emulator.requests) == len(report.request_times)


async def test_counts_add_up_when_progress_is_reported(flavour: Flavour) -> None:
    progresses: list[FleetProgress] = []
    async with emulated([*[DropletSpec()] * 4, DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), on_progress=progresses.append, **QUICK)
        assert [progress.ended for progress in progresses] == [1, 2, 3, 4, 5]
        assert {progress.total for progress in progresses} == {5}
        assert (progresses[-1].completed, progresses[-1].failed, progresses[-1].started) == (4, 1, 5)
        assert tuple(progress.latest for progress in progresses) == report.outcomes
