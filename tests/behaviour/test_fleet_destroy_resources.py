"""Droplets destroyed with their volumes, snapshots and IPs, under faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, emulated, ids

from gradient_async.emulator import Token, faults
from gradient_async.emulator.associated_resources import AssociatedResources
from gradient_async.emulator.volumes import VolumeStore

if TYPE_CHECKING:
    from flavours import Flavour

    from gradient_async.emulator import Emulator

pytestmark = pytest.mark.once

SELECTIVE = "DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/selective"
QUICK: Any = {"poll_interval": 0.02}


async def volume_of(flavour: Flavour, client: Any, name: str = "data") -> str:
    volumes = client.gpu_droplets.volumes
    made = await flavour.call(volumes.create, name=name, region="tor1", size_gigabytes=10)
    answer = await flavour.call(volumes.actions.initiate_by_id, made.volume.id, type="attach", droplet_id=FIRST)
    await flavour.call(client.actions.wait, answer.action, poll_interval=0.02)
    return str(made.volume.id)


def volumes(emulator: Emulator) -> list[str]:
    return [one.name for one in emulator.account.part(VolumeStore).all()]


@pytest.mark.parametrize("fault", [faults.DropAfter, faults.DropBefore, faults.ServerError])
async def test_all_are_gone_once_when_the_answer_is_lost(flavour: Flavour, fault: Any) -> None:
    async with emulated(2, faults=[fault(route=SELECTIVE, times=1)]) as emulator:
        client = flavour.client(emulator)
        await volume_of(flavour, client)
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=True, **QUICK)
        (outcome,) = report.outcomes
        assert outcome.is_destroyed
        assert [str(one).partition(" ")[0] for one in outcome.destroyed_with] == ["volume"]
        assert volumes(emulator) == []
        assert list(emulator.account.droplets) == [FIRST + 1]


async def test_volumes_snapshots_and_ips_go_and_those_of_others_stay(flavour: Flavour) -> None:
    async with emulated(2) as emulator:
        client = flavour.client(emulator)
        await volume_of(flavour, client)
        other = await flavour.call(client.gpu_droplets.volumes.create, name="other", region="tor1", size_gigabytes=10)
        for droplet_id in (FIRST, FIRST + 1):
            await flavour.call(client.reserved_ips.create, droplet_id=droplet_id)
        emulator.clock.advance(600)
        for droplet_id in (FIRST, FIRST + 1):
            emulator.account.start(droplet_id, "snapshot", name=f"of-{droplet_id}")
        emulator.clock.advance(7200)
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=True, **QUICK)
        (outcome,) = report.outcomes
        assert sorted(one.kind for one in outcome.destroyed_with) == ["reserved_ips", "snapshots", "volumes"]
        assert (report.left, report.is_complete) == ((), True)
        assert volumes(emulator) == ["other"]
        snapshots = await flavour.items(client.gpu_droplets.snapshots.list_all(resource_type="droplet"))
        assert [one.name for one in snapshots] == [f"of-{FIRST + 1}"]
        (address,) = await flavour.items(client.reserved_ips.list_all())
        assert address.droplet.id == FIRST + 1
        assert other.volume.name == "other"


async def test_droplet_with_nothing_to_take_along_goes_alone(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        report = await flavour.call(flavour.client(emulator).fleet.destroy, FIRST, with_resources=True, **QUICK)
        assert report.is_complete
        assert [one.path for one in emulator.requests if one.method == "DELETE"] == [f"/v2/droplets/{FIRST}"]


async def test_other_kinds_stay_when_only_some_are_named(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        await volume_of(flavour, client)
        emulator.account.start(FIRST, "snapshot", name="old")
        emulator.clock.advance(7200)
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=["snapshots"], **QUICK)
        assert [one.name for one in report.left] == ["data"]
        assert volumes(emulator) == ["data"]
        assert not emulator.account.snapshots_of(FIRST)
        assert report.is_complete


async def test_held_volume_is_tried_again_until_it_goes(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        volume = await volume_of(flavour, client)
        stuck = emulator.account.part(AssociatedResources).stuck
        stuck[volume] = "A volume that's attached to a Droplet cannot be deleted"
        emulator.account.after(200.0, stuck.clear)
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=True, **QUICK)
        assert report.is_complete
        assert report.left == ()
        assert volumes(emulator) == []


async def test_what_cannot_go_is_named_when_the_time_is_over(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        volume = await volume_of(flavour, client)
        emulator.account.part(AssociatedResources).stuck[volume] = "it is held"
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=True, timeout=1.0, **QUICK)
        (outcome,) = report.outcomes
        assert outcome.is_destroyed
        assert "it is held" in outcome.reason
        assert [one.id for one in report.left] == [volume]


async def test_destroy_of_another_program_is_waited_for(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        await volume_of(flavour, client)
        await flavour.call(
            client.gpu_droplets.destroy_with_associated_resources.delete_dangerous, FIRST, x_dangerous=True
        )
        report = await flavour.call(client.fleet.destroy, FIRST, with_resources=True, **QUICK)
        assert report.is_complete
        assert volumes(emulator) == []


@pytest.mark.parametrize("scopes", [None, {"droplet:read", "droplet:delete", "block_storage:read"}])
async def test_lists_name_what_many_droplets_leave(flavour: Flavour, scopes: set[str] | None) -> None:
    async with emulated(12, tokens=[Token(value="some", scopes=scopes, limits=None)], gpu_limit=99) as emulator:
        client = flavour.client(emulator)
        await volume_of(flavour, client)
        emulator.account.start(FIRST + 1, "snapshot", name="old")
        emulator.clock.advance(7200)
        weak = flavour.client(emulator, access_token="some")
        report = await flavour.call(weak.fleet.destroy, ids(12), **QUICK)
        assert report.is_complete
        seen = {(one.kind, one.name) for one in report.left}
        assert seen == ({("volumes", "data"), ("snapshots", "old")} if scopes is None else {("volumes", "data")})
        single = sum("destroy_with" in request.path for request in emulator.requests)
        assert single == (0 if scopes is None else 12)
