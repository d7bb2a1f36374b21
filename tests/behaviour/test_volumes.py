"""Volumes: made, read, listed and deleted; never made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import ConflictError, NotFoundError
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

VOLUME_ID = "506f78a4-e098-11e5-ad9f-000f53306ae1"
DATA = {"name": "data", "region": "nyc3", "size_gigabytes": 10}
LOST = {"reset": RESET, "close": CLOSE, "hang": HANG, "504": html(504), "500": reply(500)}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=0) as emulator:
        yield emulator


async def test_volume_is_made_read_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    volumes = flavour.client(emulator).gpu_droplets.volumes
    facts = {"description": "for runs", "filesystem_type": "ext4", "filesystem_label": "runs", "tags": ["training"]}

    made = (await flavour.call(volumes.create, **DATA, **facts)).volume
    assert (made.name, made.size_gigabytes, made.region.slug, made.droplet_ids) == ("data", 10, "nyc3", ())
    assert (made.description, made.filesystem_type, made.filesystem_label) == ("for runs", "ext4", "runs")
    assert made.tags == ("training",)
    assert repr(made) == f"Volume(id='{made.id}', name='data', size_gigabytes=10, region='nyc3', droplet_ids=())"
    assert (await flavour.call(volumes.retrieve, made.id)).volume == made
    assert await flavour.items(volumes.list_all()) == [made]

    assert await flavour.call(volumes.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(volumes.retrieve, made.id)
    with pytest.raises(NotFoundError):
        await flavour.call(volumes.delete, made.id)


async def test_volume_is_found_and_deleted_by_its_name(flavour: Flavour, emulator: Emulator) -> None:
    volumes = flavour.client(emulator).gpu_droplets.volumes
    for region in ("nyc3", "tor1"):
        await flavour.call(volumes.create, name="data", region=region, size_gigabytes=1)
    await flavour.call(volumes.create, name="other", region="tor1", size_gigabytes=1)

    found = (await flavour.call(volumes.list, name="data", region="tor1")).volumes
    assert [(one.name, one.region.slug) for one in found] == [("data", "tor1")]
    assert await flavour.call(volumes.delete_by_name, name="data", region="tor1") is None
    left = await flavour.items(volumes.list_all(region="tor1"))
    assert [one.name for one in left] == ["other"]
    with pytest.raises(NotFoundError):
        await flavour.call(volumes.delete_by_name, name="data", region="tor1")


async def test_second_volume_is_refused_when_the_name_is_taken(flavour: Flavour, emulator: Emulator) -> None:
    volumes = flavour.client(emulator).gpu_droplets.volumes
    await flavour.call(volumes.create, **DATA)
    with pytest.raises(ConflictError, match="already exists"):
        await flavour.call(volumes.create, **DATA)


@pytest.mark.parametrize("lost", LOST)
async def test_volume_is_deleted_once_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    volumes = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.volumes
    assert await flavour.call(volumes.delete, VOLUME_ID) is None
    assert len(wire.sent("DELETE")) == 2
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    assert await flavour.call(volumes.delete_by_name, name="data", region="nyc3") is None
    assert [request.query for request in wire.sent("DELETE")[2:]] == [{"name": "data", "region": "nyc3"}] * 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"size_gigabytes": None}, "size_gigabytes: missing"),
        ({"region": None, "size_gigabytes": None}, "region and size_gigabytes: missing"),
        ({"size_gigabytes": 0}, "size_gigabytes: expected a number from 1 to 16384, got 0"),
        ({"size_gigabytes": "10"}, "size_gigabytes: expected"),
        ({"size_gigabytes": True}, "size_gigabytes: expected"),
        ({"name": ""}, "name: expected text such as 'training-data'"),
        ({"name": "x" * 65}, "name: expected from 1 to 64 characters, got 65"),
        ({"filesystem_label": "runs"}, "filesystem_label: not allowed without filesystem_type"),
        ({"filesystem_type": "xfs", "filesystem_label": "x" * 13}, "filesystem_label: expected up to 12 characters"),
        ({"filesystem_type": "ext4", "filesystem_label": "x" * 17}, "filesystem_label: expected up to 16 characters"),
        ({"tags": "training"}, "tags: expected a list"),
        ({"tags": ["a", 3]}, r"tags\[1\]: expected"),
    ],
)
async def test_nothing_is_sent_when_the_volume_is_impossible(
    flavour: Flavour, wire: WireServer, changes: dict[str, Any], fault: str
) -> None:
    volumes = flavour.client(wire).gpu_droplets.volumes
    with pytest.raises((TypeError, ValueError), match=fault):
        await flavour.call(volumes.create, **{**DATA, **changes})
    assert not wire.requests


async def test_new_words_are_sent_when_the_api_may_know_them(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(201, {"volume": {"id": VOLUME_ID, "droplet_ids": None, "tags": None, "tier": "gold"}}))
    volumes = flavour.client(wire).gpu_droplets.volumes
    label = "x" * 40
    words = {"region": "mars1", "filesystem_type": "zfs", "filesystem_label": label}
    made = (await flavour.call(volumes.create, **{**DATA, **words})).volume
    assert (made.droplet_ids, made.tags, made.name) == ((), (), None)
    assert repr(made) == f"Volume(id='{VOLUME_ID}', name=None, size_gigabytes=None, region=None, droplet_ids=())"
    assert wire.requests[0].json == {**DATA, **words}


async def test_volume_needs_no_size_when_it_is_made_from_a_snapshot(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(201, {"volume": {"id": VOLUME_ID}}))
    volumes = flavour.client(wire).gpu_droplets.volumes
    await flavour.call(volumes.create, name="copy", snapshot_id=VOLUME_ID)
    assert wire.requests[0].json == {"name": "copy", "snapshot_id": VOLUME_ID}
