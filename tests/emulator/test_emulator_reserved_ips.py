"""Reserved IPs: quota, places, assignments as events, and both names."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import PUBLIC_CATALOGUE, DropletSpec, ErroredAction

pytestmark = pytest.mark.once

REGION = "tor1"


@pytest.fixture
def desk() -> Desk:
    return Desk(DropletSpec(), DropletSpec(), DropletSpec(gpu=False))


def made(desk: Desk, **place: Any) -> str:
    reply = desk.ask("POST", "/v2/reserved_ips", place or {"region": REGION})
    assert reply.status == 202, reply.data
    return str(reply.data["reserved_ip"]["ip"])


def act(desk: Desk, ip: str, type: str, **fields: Any) -> Any:
    return desk.ask("POST", f"/v2/reserved_ips/{ip}/actions", {"type": type, **fields})


def owner(desk: Desk, ip: str) -> int | None:
    droplet = desk.get(f"/v2/reserved_ips/{ip}").data["reserved_ip"]["droplet"]
    return droplet and droplet["id"]


def assigned(desk: Desk, droplet_id: int = FIRST) -> str:
    ip = made(desk, droplet_id=droplet_id)
    desk.clock.advance(60)
    return ip


def test_ip_has_its_droplet_when_the_action_has_ended(desk: Desk) -> None:
    reply = desk.ask("POST", "/v2/reserved_ips", {"droplet_id": FIRST})
    ip = reply.data["reserved_ip"]["ip"]
    assert (reply.data["reserved_ip"]["droplet"], reply.data["reserved_ip"]["locked"]) == (None, True)
    action_id = reply.data["links"]["actions"][0]["id"]
    assert desk.get(f"/v2/actions/{action_id}").data["action"]["status"] == "in-progress"
    assert owner(desk, ip) is None
    desk.clock.advance(11)
    assert desk.get(f"/v2/actions/{action_id}").data["action"]["status"] == "completed"
    assert owner(desk, ip) == FIRST
    assert desk.get(f"/v2/reserved_ips/{ip}").data["reserved_ip"]["locked"] is False


def test_resource_of_an_action_is_the_address_as_a_number(desk: Desk) -> None:
    ip = made(desk)
    action = act(desk, ip, "assign", droplet_id=FIRST).data["action"]
    assert (action["type"], action["resource_type"]) == ("assign_ip", "reserved_ip")
    assert ip_address(action["resource_id"]) == ip_address(ip)


def test_assignment_blocks_the_ip_and_the_droplet(desk: Desk) -> None:
    ip = made(desk, droplet_id=FIRST)
    assert act(desk, ip, "unassign").message == "The floating IP already has a pending event."
    assert act(desk, ip, "assign", droplet_id=FIRST + 1).message == "The floating IP already has a pending event."
    assert desk.ask("DELETE", f"/v2/reserved_ips/{ip}").status == 422
    assert desk.act("reboot").message == "Droplet already has a pending event."
    assert desk.act("reboot", FIRST + 1).status == 201


@pytest.mark.parametrize("place", [{"droplet_id": FIRST}, {"region": REGION}])
def test_busy_droplet_gets_no_ip(desk: Desk, place: dict[str, Any]) -> None:
    ip = made(desk)
    desk.act("reboot")
    reply = act(desk, ip, "assign", droplet_id=FIRST)
    assert (reply.status, reply.message) == (422, "Droplet already has a pending event.")
    reply = desk.ask("POST", "/v2/reserved_ips", place)
    assert reply.status == (422 if "droplet_id" in place else 202)


def test_droplet_has_one_ip_at_most(desk: Desk) -> None:
    assigned(desk)
    assert act(desk, made(desk), "assign", droplet_id=FIRST).message == "The Droplet already has a reserved IP."
    assert desk.ask("POST", "/v2/reserved_ips", {"droplet_id": FIRST}).status == 422


def test_assignment_moves_the_ip(desk: Desk) -> None:
    ip = assigned(desk)
    assert act(desk, ip, "assign", droplet_id=str(FIRST + 1)).status == 201
    assert owner(desk, ip) == FIRST
    desk.clock.advance(60)
    assert owner(desk, ip) == FIRST + 1


def test_failed_assignment_changes_nothing(desk: Desk) -> None:
    ip = made(desk)
    desk.faults.add(ErroredAction())
    action = act(desk, ip, "assign", droplet_id=FIRST).data["action"]
    desk.clock.advance(60)
    assert desk.get(f"/v2/actions/{action['id']}").data["action"]["status"] == "errored"
    assert owner(desk, ip) is None


def test_ip_stays_when_its_droplet_is_gone(desk: Desk) -> None:
    ip = assigned(desk)
    desk.account.remove(FIRST)
    assert owner(desk, ip) is None
    assert act(desk, ip, "unassign").status == 422
    assert act(desk, ip, "assign", droplet_id=FIRST + 1).status == 201


def test_ip_is_not_given_to_a_droplet_that_went_meanwhile(desk: Desk) -> None:
    ip = made(desk, droplet_id=FIRST)
    desk.account.remove(FIRST)
    desk.clock.advance(60)
    assert owner(desk, ip) is None
    assert "not assigned" in act(desk, ip, "unassign").message


def test_quota_is_the_accounts(desk: Desk) -> None:
    desk.account.catalogue = attrs.evolve(PUBLIC_CATALOGUE, reserved_ip_limit=2)
    first, _ = made(desk), made(desk)
    assert "exceed your reserved IP limit" in desk.ask("POST", "/v2/reserved_ips", {"region": REGION}).message
    assert desk.ask("DELETE", f"/v2/reserved_ips/{first}").status == 204
    assert made(desk) != first


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Either a Droplet or a region is required."),
        ({"region": "atlantis"}, "The region does not exist"),
        ({"droplet_id": 1}, "The Droplet does not exist."),
    ],
)
def test_ip_is_refused_with_its_reason(desk: Desk, body: dict[str, Any], message: str) -> None:
    reply = desk.ask("POST", "/v2/reserved_ips", body)
    assert (reply.status, message in reply.message) == (422, True), reply.data


@pytest.mark.parametrize(
    ("type", "fields", "message"),
    [
        ("assign", {}, "droplet_id is missing or invalid."),
        ("assign", {"droplet_id": 1}, "The Droplet does not exist."),
        ("assign", {"droplet_id": FIRST + 2}, "different regions"),
        ("unassign", {}, "not assigned"),
        ("move", {}, "type must be assign or unassign."),
    ],
)
def test_action_is_refused_with_its_reason(desk: Desk, type: str, fields: dict[str, Any], message: str) -> None:
    reply = act(desk, made(desk), type, **fields)
    assert (reply.status, message in reply.message) == (422, True), reply.data


def test_ip_can_be_deleted_when_a_droplet_has_it(desk: Desk) -> None:
    ip = assigned(desk)
    assert desk.ask("DELETE", f"/v2/reserved_ips/{ip}").status == 204
    assert desk.get(f"/v2/reserved_ips/{ip}").status == 404


def test_actions_of_an_ip_are_its_own(desk: Desk) -> None:
    first, second = assigned(desk), assigned(desk, FIRST + 1)
    listed = desk.get(f"/v2/reserved_ips/{first}/actions").data["actions"]
    assert [action["type"] for action in listed] == ["assign_ip", "reserve_ip"]
    assert desk.get(f"/v2/reserved_ips/{first}/actions/{listed[0]['id']}").status == 200
    assert desk.get(f"/v2/reserved_ips/{second}/actions/{listed[0]['id']}").status == 404
    assert desk.get("/v2/reserved_ips/192.0.2.1/actions").status == 404


def test_both_names_show_the_same_ips_in_their_own_words(desk: Desk) -> None:
    ip = made(desk)
    floating = desk.get(f"/v2/floating_ips/{ip}").data["floating_ip"]
    assert floating == desk.get(f"/v2/reserved_ips/{ip}").data["reserved_ip"]
    action = desk.ask("POST", f"/v2/floating_ips/{ip}/actions", {"type": "assign", "droplet_id": FIRST}).data["action"]
    assert action["resource_type"] == "floating_ip"
    assert [one["ip"] for one in desk.get("/v2/floating_ips").data["floating_ips"]] == [ip]


@pytest.mark.parametrize(("scope", "hidden"), [("droplet:read", "droplet"), ("project:read", "project_id")])
def test_field_is_hidden_when_the_token_lacks_its_scope(scope: str, hidden: str) -> None:
    desk = Desk(scopes={"reserved_ip:create", "droplet:read", "project:read"} - {scope})
    assert hidden not in desk.ask("POST", "/v2/reserved_ips", {"region": REGION}).data["reserved_ip"]


def test_ip_belongs_to_its_droplet_and_is_destroyed_with_it(desk: Desk) -> None:
    ip = assigned(desk)
    path = f"/v2/droplets/{FIRST}/destroy_with_associated_resources"
    found = desk.get(path).data
    assert [one["name"] for one in found["reserved_ips"]] == [ip]
    assert found["reserved_ips"] == found["floating_ips"]
    reply = desk.ask("DELETE", f"{path}/dangerous", headers={"x-dangerous": "true"})
    assert reply.status == 202, reply.data
    desk.clock.advance(60)
    assert desk.get(f"/v2/reserved_ips/{ip}").status == 404
    assert desk.get(f"{path}/status").data["failures"] == 0


def test_ip_is_in_the_named_or_the_default_project(desk: Desk) -> None:
    body = {"name": "training", "purpose": "Machine learning / AI / Data processing"}
    project = desk.ask("POST", "/v2/projects", body).data["project"]["id"]
    default = desk.get("/v2/projects/default").data["project"]["id"]
    named, other = made(desk, region=REGION, project_id=project), made(desk)
    places = [desk.get(f"/v2/reserved_ips/{ip}").data["reserved_ip"]["project_id"] for ip in (named, other)]
    assert places == [project, default]
    shown = [one["urn"] for one in desk.get(f"/v2/projects/{project}/resources").data["resources"]]
    assert shown == [f"do:floatingip:{named}"]
    assert desk.ask("DELETE", f"/v2/reserved_ips/{named}").status == 204
    assert desk.get(f"/v2/projects/{project}/resources").data["resources"] == []


def test_ip_is_refused_when_its_project_does_not_exist(desk: Desk) -> None:
    body = {"region": REGION, "project_id": "00000000-0000-4000-8000-000000000000"}
    assert desk.ask("POST", "/v2/reserved_ips", body).status == 404
    assert desk.get("/v2/reserved_ips").data["reserved_ips"] == []
