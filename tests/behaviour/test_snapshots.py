"""Snapshots of volumes and Droplets: taken, read, listed and deleted; never taken twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import NotFoundError, RateLimitError
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

DROPLET = 3164444
ONE = "b0798135-fb76-11eb-946a-0a58ac146f33"
GONE = reply(404, {"id": "not_found", "message": "gone"})
DELETED = reply(422, {"id": "unprocessable_entity", "message": "Can not delete an already deleted image."})
LOST = {"reset": RESET, "close": CLOSE, "hang": HANG, "504": html(504), "500": reply(500)}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(region="nyc3")], time_scale=1000) as emulator:
        yield emulator


async def new_volume(flavour: Flavour, droplets: Any) -> Any:
    volume = await flavour.call(droplets.volumes.create, name="data", region="nyc3", size_gigabytes=10)
    return volume.volume


async def test_snapshot_of_a_volume_is_taken_read_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets
    volume, snapshots = await new_volume(flavour, droplets), droplets.volumes.snapshots

    made = (await flavour.call(snapshots.create, volume.id, name="before", tags=["training"])).snapshot
    assert (made.name, made.resource_type, made.resource_id) == ("before", "volume", volume.id)
    assert (made.regions, made.min_disk_size, made.tags) == (("nyc3",), 10, ("training",))
    assert (await flavour.call(snapshots.retrieve, made.id)).snapshot == made
    assert (await flavour.call(droplets.snapshots.retrieve, made.id)).snapshot == made
    assert await flavour.items(snapshots.list_all(volume.id)) == [made]

    copy = (await flavour.call(droplets.volumes.create, name="copy", snapshot_id=made.id)).volume
    assert (copy.size_gigabytes, copy.region.slug) == (10, "nyc3")
    await flavour.call(droplets.volumes.delete, volume.id)
    assert await flavour.items(droplets.snapshots.list_all(resource_type="volume")) == [made]
    assert await flavour.call(snapshots.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(snapshots.retrieve, made.id)


async def test_snapshots_of_both_kinds_are_in_one_list(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    droplets, snapshots = client.gpu_droplets, client.gpu_droplets.snapshots
    volume = await new_volume(flavour, droplets)
    begun = await flavour.call(droplets.actions.initiate, droplet_id=DROPLET, type="snapshot", name="disk")
    await flavour.call(droplets.actions.wait, begun.action)
    await flavour.call(droplets.volumes.snapshots.create, volume.id, name="data")

    listed = await flavour.items(snapshots.list_all())
    assert sorted((one.name, one.resource_type) for one in listed) == [("data", "volume"), ("disk", "droplet")]
    (disk,) = (await flavour.call(snapshots.list, resource_type="droplet")).snapshots
    assert disk.resource_id == str(DROPLET)
    assert (await flavour.call(snapshots.retrieve, disk.id)).snapshot == disk
    assert (await flavour.call(snapshots.retrieve, int(disk.id))).snapshot == disk

    assert await flavour.call(snapshots.delete, disk.id) is None
    assert await flavour.call(snapshots.delete, int(disk.id)) is None  # it is deleted already
    with pytest.raises(NotFoundError):
        await flavour.call(snapshots.delete, 99)


async def test_second_snapshot_is_refused_when_it_comes_too_soon(flavour: Flavour) -> None:
    async with Emulator(droplets=0) as emulator:
        droplets = flavour.client(emulator, max_retries=0).gpu_droplets
        volume = await new_volume(flavour, droplets)
        await flavour.call(droplets.volumes.snapshots.create, volume.id, name="one")
        with pytest.raises(RateLimitError, match="one request per 10m0s"):
            await flavour.call(droplets.volumes.snapshots.create, volume.id, name="two")
        emulator.clock.advance(600)
        await flavour.call(droplets.volumes.snapshots.create, volume.id, name="two")


@pytest.mark.parametrize("then", [GONE, DELETED])
@pytest.mark.parametrize("lost", LOST)
async def test_snapshot_is_deleted_once_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, lost: str, then: Any
) -> None:
    droplets = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets
    wire.script("DELETE", LOST[lost], then)
    assert await flavour.call(droplets.snapshots.delete, 6372321) is None
    wire.script("DELETE", LOST[lost], GONE)
    assert await flavour.call(droplets.volumes.snapshots.delete, ONE) is None
    assert [one.path for one in wire.sent("DELETE")] == [
        *["/v2/snapshots/6372321"] * 2,
        *[f"/v2/volumes/snapshots/{ONE}"] * 2,
    ]


@pytest.mark.parametrize("snapshot_id", ["data", "", 0, -1, 1.5, None, True])
async def test_nothing_is_sent_when_the_id_is_impossible(flavour: Flavour, wire: WireServer, snapshot_id: Any) -> None:
    droplets = flavour.client(wire).gpu_droplets
    for method in (droplets.snapshots.delete, droplets.volumes.snapshots.delete):
        with pytest.raises((TypeError, ValueError), match=r"snapshot_id: expected|value for `snapshot_id` but"):
            await flavour.call(method, snapshot_id)
    assert not wire.requests
