"""Images of the emulated account: imported, copied to regions, converted, and used for Droplets."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec, ErroredAction

pytestmark = pytest.mark.once

IN_NYC = DropletSpec(region="nyc3", backups=True)
BASE = {"name": "base", "url": "https://example.com/base.qcow2", "region": "nyc3"}
NEW = {"name": "trainer", "size": "s-1vcpu-1gb", "region": "nyc3"}


def imported(desk: Desk, **changes: Any) -> int:
    reply = desk.ask("POST", "/v2/images", {**BASE, **changes})
    assert reply.status == 202, reply.data
    return int(reply.data["image"]["id"])


def read(desk: Desk, image_id: int) -> dict[str, Any]:
    shown: dict[str, Any] = desk.get(f"/v2/images/{image_id}").data["image"]
    return shown


def act(desk: Desk, image_id: int, type: Any, **fields: Any) -> Any:
    return desk.ask("POST", f"/v2/images/{image_id}/actions", {"type": type, **fields})


def backup_of(desk: Desk) -> int:
    (backup_id,) = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["backup_ids"]
    return int(backup_id)


def test_custom_image_is_new_then_pending_then_available() -> None:
    desk = Desk()
    image_id = imported(desk, tags=["training"], distribution="Debian", description="For runs.")
    seen = []
    for _ in range(3):
        seen.append(read(desk, image_id)["status"])
        desk.clock.advance(160)
    assert seen == ["NEW", "pending", "available"]
    image = read(desk, image_id)
    assert (image["type"], image["public"], image["slug"], image["regions"]) == ("custom", False, None, ["nyc3"])
    assert (image["distribution"], image["description"], image["tags"]) == ("Debian", "For runs.", ["training"])
    assert desk.get("/v2/tags/training").data["tag"]["resources"]["images"]["count"] == 1
    assert [one["id"] for one in desk.get("/v2/images?private=true").data["images"]] == [image_id]
    assert desk.get("/v2/snapshots").data["snapshots"] == []


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://example.com/a.img", "available"),
        ("https://example.com/A.VMDK?token=x.iso", "available"),
        ("http://example.com/a.raw.gz", "available"),
        ("https://example.com/a.iso", "deleted"),
        ("https://example.com/", "deleted"),
    ],
)
def test_import_fails_when_the_format_is_not_supported(url: str, status: str) -> None:
    desk = Desk()
    image_id = imported(desk, url=url)
    desk.clock.advance(600)
    assert read(desk, image_id)["status"] == status
    assert bool(read(desk, image_id)["error_message"]) is (status == "deleted")


@pytest.mark.parametrize(
    "changes", [{"name": None}, {"name": ""}, {"url": None}, {"url": "ftp://x"}, {"region": None}, {"region": "mars1"}]
)
def test_import_is_refused_when_the_request_is_impossible(changes: dict[str, Any]) -> None:
    assert Desk().ask("POST", "/v2/images", {**BASE, **changes}).status == 422


def test_droplet_is_made_from_a_custom_image_when_it_is_ready() -> None:
    desk = Desk(IN_NYC)
    image_id = imported(desk)
    assert desk.ask("POST", "/v2/droplets", {**NEW, "image": image_id}).status == 422
    assert desk.act("rebuild", image=image_id).status == 422
    desk.clock.advance(600)
    assert desk.ask("POST", "/v2/droplets", {**NEW, "image": image_id}).status == 202
    assert desk.ask("POST", "/v2/droplets", {**NEW, "image": image_id, "region": "sfo3"}).status == 422
    desk.run("rebuild", image=image_id)
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["image"]["id"] == image_id
    assert desk.act("restore", image=image_id).status == 422  # it is no backup


def test_image_is_copied_when_the_transfer_ends() -> None:
    desk = Desk(IN_NYC)
    image_id = backup_of(desk)
    begun = act(desk, image_id, "transfer", region="sfo3").data["action"]
    assert (begun["type"], begun["resource_type"], begun["resource_id"]) == ("transfer", "image", image_id)
    assert read(desk, image_id)["regions"] == ["nyc3"]
    assert "pending event" in act(desk, image_id, "transfer", region="tor1").message
    desk.clock.advance(600)
    assert read(desk, image_id)["regions"] == ["nyc3", "sfo3"]
    assert desk.get(f"/v2/images/{image_id}/actions/{begun['id']}").data["action"]["status"] == "completed"
    assert desk.get(f"/v2/images/{image_id}/actions").data["meta"] == {"total": 1}
    assert act(desk, image_id, "transfer", region="sfo3").status == 422


def test_image_is_not_copied_when_the_transfer_errs() -> None:
    desk = Desk(IN_NYC, faults=(ErroredAction(after=1.0),))
    image_id = backup_of(desk)
    act(desk, image_id, "transfer", region="sfo3")
    desk.clock.advance(600)
    assert read(desk, image_id)["regions"] == ["nyc3"]


def test_backup_becomes_a_snapshot_that_can_be_deleted() -> None:
    desk = Desk(IN_NYC)
    image_id = backup_of(desk)
    assert act(desk, image_id, "convert").status == 201
    desk.clock.advance(60)
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["backup_ids"], droplet["snapshot_ids"]) == ([], [image_id])
    assert [one["id"] for one in desk.get("/v2/snapshots").data["snapshots"]] == [str(image_id)]
    assert desk.ask("DELETE", f"/v2/snapshots/{image_id}").status == 204
    again = desk.ask("DELETE", f"/v2/images/{image_id}")
    assert (again.status, again.message) == (422, "Can not delete an already deleted image.")
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["snapshot_ids"] == []


@pytest.mark.parametrize(
    ("type", "fields", "status"),
    [
        ("transfer", {}, 422),
        ("transfer", {"region": "mars1"}, 422),
        ("copy", {}, 422),
        (None, {}, 422),
    ],
)
def test_event_is_refused_when_it_is_impossible(type: Any, fields: dict[str, Any], status: int) -> None:
    desk = Desk(IN_NYC)
    assert act(desk, backup_of(desk), type, **fields).status == status


def test_public_image_takes_no_event() -> None:
    desk = Desk(IN_NYC)
    public = desk.get("/v2/images/ubuntu-24-04-x64").data["image"]["id"]
    assert act(desk, public, "transfer", region="sfo3").status == 404
    assert desk.get(f"/v2/images/{public}/actions").data["actions"] == []
    assert act(desk, 99, "transfer", region="sfo3").status == 404
    assert desk.get("/v2/images/99/actions").status == 404


def test_event_of_a_deleted_image_changes_nothing() -> None:
    desk = Desk(IN_NYC)
    image_id = backup_of(desk)
    act(desk, image_id, "convert")
    desk.ask("DELETE", f"/v2/images/{image_id}")
    desk.clock.advance(60)
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["backup_ids"], droplet["snapshot_ids"]) == ([], [])
    assert desk.get(f"/v2/images/{image_id}").status == 404
