"""Finding the Droplets with a tag: the number of requests, and the errors if there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.emulator import Behaviour, DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from flavours import Flavour

FIRST = 3164444
LARGE = [DropletSpec(name="other")] * 450
READ_ONE_TAG = "GET /v2/tags/{tag_id}"


def account(specs: list[DropletSpec], **options: Any) -> Emulator:
    return Emulator(specs, **{"time_scale": 600.0, "limits": None, **options})


def reads(emulator: Emulator) -> list[str]:
    return [request.path for request in emulator.requests if request.method == "GET"]


async def test_two_requests_are_enough_when_there_is_no_such_tag(
    flavour: Flavour, caplog: pytest.LogCaptureFixture
) -> None:
    async with account(LARGE) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="nosuch")
        assert report.outcomes == ()
        assert len(emulator.requests) == report.requests == 2
        assert "no Droplet has the tag 'nosuch'" in caplog.text


async def test_no_second_list_when_the_list_by_tag_shows_gpu_droplets(flavour: Flavour) -> None:
    async with account([DropletSpec(tags=("env:prod",)), *LARGE]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="env:prod", wait=False)
        assert [one.droplet_id for one in report.completed] == [FIRST]
        assert len(reads(emulator)) == 1


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_all_are_found_when_the_list_by_tag_hides_gpu_droplets(flavour: Flavour, status: int) -> None:
    hides = Behaviour(tag_lists_include_gpus=False)
    failing = [faults.HTMLError(status, route=READ_ONE_TAG)] if status != 404 else []
    specs = [*LARGE, DropletSpec(tags=("env:prod",)), DropletSpec(gpu=False, tags=("mixed",))]
    async with account([*specs, DropletSpec(tags=("mixed",))], behaviour=hides, faults=failing) as emulator:
        client = flavour.client(emulator, max_retries=0)
        report = await flavour.call(client.fleet.reboot, tag="env:prod", wait=False)
        assert [one.droplet_id for one in report.completed] == [FIRST + 450]
        report = await flavour.call(client.fleet.reboot, tag="mixed", wait=False)
        assert {one.droplet_id for one in report.completed} == {FIRST + 451, FIRST + 452}
