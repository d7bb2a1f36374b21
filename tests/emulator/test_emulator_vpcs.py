"""VPCs of the emulator: one default for each region, ranges that do not overlap, and members."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec

pytestmark = pytest.mark.once

NAME = {"name": "training", "region": "tor1"}


def vpcs(desk: Desk, region: str = "tor1") -> list[dict[str, Any]]:
    return [one for one in desk.get("/v2/vpcs?per_page=200").data["vpcs"] if one["region"] == region]


def members(desk: Desk, vpc_id: str, query: str = "") -> list[str]:
    return [one["name"] for one in desk.get(f"/v2/vpcs/{vpc_id}/members{query}").data["members"]]


def test_droplet_is_in_the_default_vpc_of_its_region() -> None:
    desk = Desk()
    (default,) = vpcs(desk)
    assert default["default"]
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["vpc_uuid"] == default["id"]
    assert members(desk, default["id"]) == [f"gpu-{FIRST}"]
    assert members(desk, default["id"], "?resource_type=load_balancer") == []


def test_vpc_is_made_changed_and_deleted() -> None:
    desk = Desk()
    made = desk.ask("POST", "/v2/vpcs", {**NAME, "ip_range": "192.168.4.0/24"}).data["vpc"]
    assert (made["ip_range"], made["default"], made["urn"]) == ("192.168.4.0/24", False, f"do:vpc:{made['id']}")
    path = f"/v2/vpcs/{made['id']}"
    changed = desk.ask("PATCH", path, {"description": "For training."}).data["vpc"]
    assert (changed["name"], changed["description"]) == ("training", "For training.")
    assert desk.ask("PUT", path, {"description": "x"}).status == 422
    assert desk.ask("PUT", path, {"name": "serving"}).data["vpc"]["name"] == "serving"
    assert desk.ask("DELETE", path).status == 204
    assert desk.ask("DELETE", path).status == desk.get(path).status == 404


def test_ranges_do_not_overlap_when_the_api_chooses() -> None:
    desk = Desk()
    for index in range(20):
        assert desk.ask("POST", "/v2/vpcs", {"name": f"vpc-{index}", "region": "tor1"}).status == 201
    ranges = [one["ip_range"] for one in desk.get("/v2/vpcs?per_page=200").data["vpcs"]]
    assert len(set(ranges)) == len(ranges)
    taken = {"name": "other", "region": "tor1", "ip_range": ranges[0]}
    assert "overlaps" in desk.ask("POST", "/v2/vpcs", taken).message


@pytest.mark.parametrize(
    "change",
    [
        {"name": "two words"},
        {"name": None},
        {"region": "mars1"},
        {"region": None},
        {"ip_range": "8.8.8.0/24"},
        {"ip_range": "10.0.0.0/8"},
        {"ip_range": "192.168.0.0/29"},
        {"ip_range": "192.168.0.1/24"},
        {"ip_range": 3},
        {"description": "x" * 256},
    ],
)
def test_422_when_the_body_is_wrong(change: dict[str, Any]) -> None:
    desk = Desk()
    assert desk.ask("POST", "/v2/vpcs", {**NAME, **change}).status == 422
    assert len(vpcs(desk)) == 1


def test_422_when_the_name_is_taken() -> None:
    desk = Desk()
    made = desk.ask("POST", "/v2/vpcs", NAME).data["vpc"]
    assert desk.ask("POST", "/v2/vpcs", NAME).status == 422
    assert desk.ask("PATCH", f"/v2/vpcs/{made['id']}", {"name": "default-tor1"}).status == 422
    assert desk.ask("PATCH", f"/v2/vpcs/{made['id']}", {"name": "training"}).status == 200


def test_vpc_is_kept_when_it_has_members_or_is_a_default_one() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    (default,) = vpcs(desk)
    assert desk.ask("DELETE", f"/v2/vpcs/{default['id']}").status == 403
    made = desk.ask("POST", "/v2/vpcs", NAME).data["vpc"]
    desk.account.change(FIRST, lambda droplet: attrs.evolve(droplet, vpc_uuid=made["id"]))
    assert members(desk, made["id"]) == [f"gpu-{FIRST}"]
    assert desk.ask("DELETE", f"/v2/vpcs/{made['id']}").status == 409
    desk.account.remove(FIRST)
    assert desk.ask("DELETE", f"/v2/vpcs/{made['id']}").status == 204


def test_default_of_a_region_changes_by_another_one_only() -> None:
    desk = Desk()
    (before,) = vpcs(desk)
    made = desk.ask("POST", "/v2/vpcs", NAME).data["vpc"]
    assert desk.ask("PATCH", f"/v2/vpcs/{before['id']}", {"default": False}).status == 422
    assert desk.ask("PATCH", f"/v2/vpcs/{made['id']}", {"default": True}).status == 200
    assert [one["default"] for one in vpcs(desk)] == [False, True]
    assert desk.ask("DELETE", f"/v2/vpcs/{before['id']}").status == 409  # its Droplet is still there


def test_members_are_hidden_when_the_token_does_not_see_them() -> None:
    desk = Desk(scopes={"vpc:read"})
    (default,) = vpcs(desk)
    assert members(desk, default["id"]) == []


def test_urn_of_a_member_has_another_id_than_the_droplet() -> None:
    desk = Desk()
    (default,) = vpcs(desk)
    (member,) = desk.get(f"/v2/vpcs/{default['id']}/members").data["members"]
    assert re.fullmatch(r"do:droplet:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", member["urn"])
