"""Volumes of the emulated account: attached, detached, resized, released and deleted."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import PUBLIC_CATALOGUE, DropletSpec, ErroredAction
from gradient_async.emulator.volume_refusals import MAX_VOLUMES

pytestmark = pytest.mark.once

IN_NYC = DropletSpec(region="nyc3")
PENDING = "pending event"


def volume_of(desk: Desk, name: str = "data", **changes: Any) -> dict[str, Any]:
    reply = desk.ask("POST", "/v2/volumes", {"name": name, "region": "nyc3", "size_gigabytes": 10, **changes})
    assert reply.status == 201, reply.data
    volume: dict[str, Any] = reply.data["volume"]
    return volume


def act(desk: Desk, volume: dict[str, Any], type: str, **fields: Any) -> Any:
    return desk.ask("POST", f"/v2/volumes/{volume['id']}/actions", {"type": type, **fields})


def attach(desk: Desk, volume: dict[str, Any], droplet_id: int = FIRST) -> None:
    assert act(desk, volume, "attach", droplet_id=droplet_id).status == 202
    desk.clock.advance(60)


def read(desk: Desk, volume: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = desk.get(f"/v2/volumes/{volume['id']}").data["volume"]
    return shown


def volumes_of(desk: Desk, droplet_id: int = FIRST) -> list[str]:
    ids: list[str] = desk.get(f"/v2/droplets/{droplet_id}").data["droplet"]["volume_ids"]
    return ids


def test_volume_is_attached_when_its_event_ends() -> None:
    desk = Desk(IN_NYC)
    volume = volume_of(desk)
    begun = act(desk, volume, "attach", droplet_id=FIRST, region="nyc3", tags=["training"])
    action = begun.data["action"]
    assert (begun.status, action["type"], action["status"]) == (202, "attach_volume", "in-progress")
    assert (action["resource_id"], action["region_slug"]) == (None, "nyc3")
    assert (read(desk, volume)["droplet_ids"], volumes_of(desk)) == ([], [])

    desk.clock.advance(60)
    assert (read(desk, volume)["droplet_ids"], volumes_of(desk)) == ([FIRST], [volume["id"]])
    assert read(desk, volume)["tags"] == ["training"]
    for path in (f"/v2/volumes/{volume['id']}/actions/{action['id']}", f"/v2/actions/{action['id']}"):
        assert desk.get(path).data["action"]["status"] == "completed"
    listed = desk.get(f"/v2/volumes/{volume['id']}/actions").data
    assert ([one["id"] for one in listed["actions"]], listed["meta"]) == ([action["id"]], {"total": 1})


def test_volume_is_detached_and_attached_elsewhere() -> None:
    desk = Desk(IN_NYC, IN_NYC)
    volume = volume_of(desk)
    attach(desk, volume)
    assert act(desk, volume, "attach", droplet_id=FIRST + 1).message == "This volume is already attached"
    assert act(desk, volume, "detach", droplet_id=FIRST + 1).message == "Attachment not found"
    assert act(desk, volume, "detach").message == "Attachment not found"
    assert act(desk, volume, "detach", droplet_id=str(FIRST)).data["action"]["type"] == "detach_volume"
    desk.clock.advance(60)
    attach(desk, volume, FIRST + 1)
    assert (volumes_of(desk), volumes_of(desk, FIRST + 1)) == ([], [volume["id"]])


def test_volume_and_droplet_are_busy_while_an_event_runs() -> None:
    desk = Desk(IN_NYC, IN_NYC)
    volume, other = volume_of(desk), volume_of(desk, "other")
    act(desk, volume, "attach", droplet_id=FIRST)
    busy = (
        act(desk, volume, "attach", droplet_id=FIRST + 1),
        act(desk, other, "attach", droplet_id=FIRST),
        desk.act("reboot"),
        desk.ask("DELETE", f"/v2/volumes/{volume['id']}"),
    )
    assert all((one.status, PENDING in one.message) == (422, True) for one in busy)
    desk.clock.advance(60)
    desk.act("reboot")
    assert PENDING in act(desk, other, "attach", droplet_id=FIRST).message
    assert PENDING in act(desk, volume, "detach", droplet_id=FIRST).message


def test_volume_grows_and_never_shrinks() -> None:
    desk = Desk(IN_NYC)
    volume = volume_of(desk)
    attach(desk, volume)
    assert act(desk, volume, "resize", size_gigabytes=20).data["action"]["type"] == "resize"
    desk.clock.advance(60)
    assert read(desk, volume)["size_gigabytes"] == 20
    for size in (20, 5, 16_385, None, "40", True):
        assert act(desk, volume, "resize", size_gigabytes=size).status == 422, size
    assert read(desk, volume)["size_gigabytes"] == 20


def test_nothing_changes_when_the_event_errs() -> None:
    desk = Desk(IN_NYC, faults=(ErroredAction(after=1.0),))
    volume = volume_of(desk)
    act(desk, volume, "attach", droplet_id=FIRST)
    desk.clock.advance(60)
    assert (read(desk, volume)["droplet_ids"], volumes_of(desk)) == ([], [])


@pytest.mark.parametrize(
    ("type", "fields", "status"),
    [
        ("attach", {"droplet_id": 99}, 404),
        ("attach", {}, 404),
        ("attach", {"droplet_id": FIRST + 1}, 422),  # in another region
        ("attach", {"droplet_id": FIRST, "region": "tor1"}, 422),
        ("format", {"droplet_id": FIRST}, 422),
        (None, {"droplet_id": FIRST}, 422),
    ],
)
def test_event_is_refused_when_it_is_impossible(type: Any, fields: dict[str, Any], status: int) -> None:
    desk = Desk(IN_NYC, DropletSpec(region="tor1"))
    assert act(desk, volume_of(desk), type, **fields).status == status
    assert not [one for one in desk.account.actions.values() if one.type != "create"]


def test_droplet_takes_fifteen_volumes_and_no_more() -> None:
    desk = Desk(IN_NYC)
    for number in range(MAX_VOLUMES):
        attach(desk, volume_of(desk, f"data-{number}"))
    assert len(volumes_of(desk)) == MAX_VOLUMES == 15
    assert act(desk, volume_of(desk, "last"), "attach", droplet_id=FIRST).status == 422


def test_volume_is_found_by_its_name() -> None:
    desk = Desk(IN_NYC)
    volume = volume_of(desk)
    volume_of(desk, region="tor1")
    named = {"type": "attach", "volume_name": "data", "droplet_id": FIRST}
    assert desk.ask("POST", "/v2/volumes/actions", {**named, "volume_name": "none"}).status == 404
    assert desk.ask("POST", "/v2/volumes/actions", named).status == 404  # two regions have one
    assert desk.ask("POST", "/v2/volumes/actions", {"type": "attach", "droplet_id": FIRST}).status == 422
    assert desk.ask("POST", "/v2/volumes/actions", {**named, "region": "nyc3"}).status == 202
    desk.clock.advance(60)
    assert read(desk, volume)["droplet_ids"] == [FIRST]


def test_volume_is_released_some_time_after_its_droplet_is_gone() -> None:
    desk = Desk(IN_NYC)
    volume = volume_of(desk)
    attach(desk, volume)
    desk.account.remove(FIRST)
    refused = desk.ask("DELETE", f"/v2/volumes/{volume['id']}")
    assert (refused.status, read(desk, volume)["droplet_ids"]) == (409, [FIRST])
    assert "Please detach it first" in refused.message
    desk.clock.advance(60)
    assert read(desk, volume)["droplet_ids"] == []
    assert desk.ask("DELETE", f"/v2/volumes/{volume['id']}").status == 204
    assert desk.ask("DELETE", f"/v2/volumes/{volume['id']}").status == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "Data"}, 422),
        ({"name": "1data"}, 422),
        ({"name": "d" * 65}, 422),
        ({"name": "data_1"}, 422),
        ({"name": None}, 422),
        ({"region": "mars1"}, 422),
        ({"size_gigabytes": 0}, 422),
        ({"size_gigabytes": 16_385}, 422),
        ({"size_gigabytes": "10"}, 422),
        ({"filesystem_type": "ntfs"}, 422),
        ({"filesystem_label": "x"}, 422),
        ({"filesystem_type": "xfs", "filesystem_label": "x" * 13}, 422),
        ({"filesystem_type": "xfs", "filesystem_label": "x" * 12}, 201),
        ({"tags": "a"}, 422),
        ({"name": "taken"}, 409),
        ({"name": "taken", "region": "tor1"}, 201),
    ],
)
def test_volume_is_made_only_when_it_is_possible(changes: dict[str, Any], status: int) -> None:
    desk = Desk()
    volume_of(desk, "taken")
    body = {"name": "data", "region": "nyc3", "size_gigabytes": 10, **changes}
    assert desk.ask("POST", "/v2/volumes", body).status == status


def test_volume_is_refused_when_the_account_has_enough() -> None:
    desk = Desk(catalogue=attrs.evolve(PUBLIC_CATALOGUE, volume_limit=1))
    volume_of(desk)
    refused = desk.ask("POST", "/v2/volumes", {"name": "more", "region": "nyc3", "size_gigabytes": 1})
    assert (refused.status, "capacity limit exceeded" in refused.message) == (403, True)


def test_volume_is_tagged_and_untagged_like_everything_else() -> None:
    desk = Desk()
    volume = volume_of(desk, tags=["training"])
    resources = {"resources": [{"resource_id": volume["id"], "resource_type": "volume"}]}
    desk.ask("POST", "/v2/tags", {"name": "later"})
    assert desk.ask("POST", "/v2/tags/later/resources", resources).status == 204
    assert desk.ask("DELETE", "/v2/tags/training/resources", resources).status == 204
    assert read(desk, volume)["tags"] == ["later"]
    assert desk.get("/v2/tags/later").data["tag"]["resources"]["volumes"]["count"] == 1
    desk.ask("DELETE", f"/v2/volumes/{volume['id']}")
    assert desk.get("/v2/tags/later").data["tag"]["resources"]["volumes"]["count"] == 0


def test_snapshot_is_taken_once_in_ten_minutes_and_25_times() -> None:
    desk = Desk()
    volume, other = volume_of(desk), volume_of(desk, "other")
    path = f"/v2/volumes/{volume['id']}/snapshots"
    assert desk.ask("POST", path, {"name": "one"}).status == 201
    assert desk.ask("POST", path, {"name": "two"}).status == 429
    assert desk.ask("POST", f"/v2/volumes/{other['id']}/snapshots", {"name": "other"}).status == 201
    for number in range(2, 26):
        desk.clock.advance(600)
        assert desk.ask("POST", path, {"name": f"number-{number}"}).status == 201
    desk.clock.advance(600)
    assert desk.ask("POST", path, {"name": "last"}).status == 422
    assert desk.get(path).data["meta"] == {"total": 25}
    assert desk.get("/v2/snapshots").data["meta"] == {"total": 26}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 201),
        ({"size_gigabytes": 20}, 201),
        ({"size_gigabytes": 5}, 422),
        ({"region": "nyc3"}, 201),
        ({"region": "tor1"}, 422),
        ({"snapshot_id": "506f78a4-e098-11e5-ad9f-000f53306ae1"}, 404),
    ],
)
def test_volume_is_a_copy_when_it_is_made_from_a_snapshot(changes: dict[str, Any], status: int) -> None:
    desk = Desk()
    volume = volume_of(desk, filesystem_type="xfs", filesystem_label="runs")
    taken = desk.ask("POST", f"/v2/volumes/{volume['id']}/snapshots", {"name": "before"}).data["snapshot"]
    desk.ask("DELETE", f"/v2/volumes/{volume['id']}")
    reply = desk.ask("POST", "/v2/volumes", {"name": "copy", "snapshot_id": taken["id"], **changes})
    assert reply.status == status
    if status == 201:
        copy = reply.data["volume"]
        assert copy["size_gigabytes"] == changes.get("size_gigabytes", 10)
        assert (copy["region"]["slug"], copy["filesystem_type"], copy["filesystem_label"]) == ("nyc3", "xfs", "runs")


def test_volume_is_new_when_its_snapshot_is_an_empty_text() -> None:
    """Terraform's provider sends one in each create."""
    blank = {"snapshot_id": "", "description": "", "filesystem_label": ""}
    assert volume_of(Desk(), filesystem_type="ext4", **blank)["filesystem_type"] == "ext4"


def test_backup_is_no_snapshot() -> None:
    desk = Desk(DropletSpec(backups=True))
    (backup_id,) = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["backup_ids"]
    assert desk.get("/v2/snapshots").data["snapshots"] == []
    assert desk.get(f"/v2/snapshots/{backup_id}").status == 404
    assert desk.get("/v2/snapshots?resource_type=image").status == 422


NEW = {"name": "trainer", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64", "region": "nyc3"}


def test_droplet_is_created_with_its_volumes() -> None:
    desk = Desk(IN_NYC)
    volume, other, elsewhere = volume_of(desk), volume_of(desk, "other"), volume_of(desk, region="sfo3")
    attach(desk, other)
    for volumes in ([other["id"]], [elsewhere["id"]], ["506f78a4-e098-11e5-ad9f-000f53306ae1"]):
        assert desk.ask("POST", "/v2/droplets", {**NEW, "volumes": volumes}).status in (404, 422)
    several = {**NEW, "names": ["a", "b"], "volumes": [volume["id"]]}
    several.pop("name")
    assert desk.ask("POST", "/v2/droplets", several).status == 422
    assert len(desk.account.droplets) == 1

    made = desk.ask("POST", "/v2/droplets", {**NEW, "volumes": [volume["id"]]})
    assert made.status == 202, made.data
    droplet_id = made.data["droplet"]["id"]
    assert read(desk, volume)["droplet_ids"] == [droplet_id]
    assert volumes_of(desk, droplet_id) == [volume["id"]]


def test_droplet_is_created_with_a_volume_in_an_object() -> None:
    """godo, and with it doctl and Terraform's provider, writes a volume so."""
    desk = Desk(IN_NYC)
    volume = volume_of(desk)
    for wrong in ([{"name": "data"}], [{"id": 7}], [7], [None]):
        refused = desk.ask("POST", "/v2/droplets", {**NEW, "volumes": wrong})
        assert (refused.status, refused.message) == (422, "volumes is missing or invalid.")
    made = desk.ask("POST", "/v2/droplets", {**NEW, "volumes": [{"id": volume["id"]}]})
    assert made.status == 202, made.data
    assert volumes_of(desk, made.data["droplet"]["id"]) == [volume["id"]]


def test_volumes_are_destroyed_with_their_droplet() -> None:
    desk = Desk(IN_NYC)
    volume, kept = volume_of(desk), volume_of(desk, "kept")
    attach(desk, volume)
    for one in (volume, kept):
        assert desk.ask("POST", f"/v2/volumes/{one['id']}/snapshots", {"name": "before"}).status == 201
    path = f"/v2/droplets/{FIRST}/destroy_with_associated_resources"
    found = desk.get(path).data
    assert [(one["id"], one["cost"]) for one in found["volumes"]] == [(volume["id"], "1.00")]
    assert [one["name"] for one in found["volume_snapshots"]] == ["before"]

    assert desk.ask("DELETE", f"{path}/dangerous", headers={"x-dangerous": "true"}).status == 202
    desk.clock.advance(60)
    assert [one["name"] for one in desk.get("/v2/volumes").data["volumes"]] == ["kept"]
    assert desk.get("/v2/snapshots").data["meta"] == {"total": 1}
    status = desk.get(f"{path}/status").data
    assert (status["failures"], [one["id"] for one in status["resources"]["volumes"]]) == (0, [volume["id"]])
