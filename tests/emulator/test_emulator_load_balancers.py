"""Load balancers of the emulator: what is refused, and what time and the account's Droplets do to them."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk, Reply

from gradient_async.emulator import DropletSpec

pytestmark = pytest.mark.once

RULE = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}
BODY: dict[str, Any] = {"name": "lb", "region": "tor1", "forwarding_rules": [RULE]}
BUSY = "Load Balancer can't be updated while it processes previous actions"


def make(desk: Desk, **fields: Any) -> Reply:
    return desk.ask("POST", "/v2/load_balancers", {**BODY, **fields})


def active(desk: Desk, **fields: Any) -> str:
    """Return the path of a load balancer that takes changes."""
    reply = make(desk, **fields)
    assert reply.status == 202, reply.data
    desk.clock.advance(60)
    return f"/v2/load_balancers/{reply.data['load_balancer']['id']}"


def shown(desk: Desk, path: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(path).data["load_balancer"]
    return found


def test_load_balancer_gets_its_address_when_it_is_active() -> None:
    desk = Desk()
    new = make(desk, network_stack="DUALSTACK").data["load_balancer"]
    assert (new["status"], new["ip"], new["ipv6"]) == ("new", "", "")
    desk.clock.advance(60)
    after = shown(desk, f"/v2/load_balancers/{new['id']}")
    assert (after["status"], after["ip"], after["ipv6"]) == ("active", "198.19.0.1", "2001:db8:1::1")


def test_internal_load_balancer_has_no_public_address() -> None:
    desk = Desk()
    assert shown(desk, active(desk, network="INTERNAL"))["ip"] == ""


def test_settings_have_the_documented_defaults() -> None:
    desk = Desk()
    found = shown(desk, active(desk, health_check={"path": "/health", "port": None}))
    assert (found["size_unit"], found["size"], found["algorithm"]) == (1, "lb-small", "round_robin")
    assert found["health_check"] == {
        "protocol": "http",
        "port": 80,
        "path": "/health",
        "check_interval_seconds": 10,
        "response_timeout_seconds": 5,
        "healthy_threshold": 5,
        "unhealthy_threshold": 3,
    }
    assert found["sticky_sessions"] == {"type": "none"}
    assert found["forwarding_rules"] == [{**RULE, "certificate_id": "", "tls_passthrough": False}]
    assert found["vpc_uuid"] == desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["vpc_uuid"]


GLOBAL: dict[str, Any] = {
    "type": "GLOBAL",
    "region": None,
    "forwarding_rules": None,
    "glb_settings": {"target_protocol": "http", "target_port": 80, "cdn": {"is_enabled": False}},
}


@pytest.mark.parametrize(
    "fields", [{"droplet_ids": [FIRST]}, {"tag": "a"}, GLOBAL], ids=["droplets", "tag without droplets", "global"]
)
def test_what_was_read_can_be_sent_back(fields: dict[str, Any]) -> None:
    """Answers write an empty tag, and an empty list of Droplets. The region is sent as its slug."""
    desk = Desk()
    path = active(desk, **fields)
    read = shown(desk, path)
    region = {"region": read["region"]["slug"]} if "region" in read else {}
    reply = desk.ask("PUT", path, {**read, **region, "name": "other"})
    assert reply.status == 200, reply.data
    assert shown(desk, path) == {**read, "name": "other"}


def test_empty_texts_and_nulls_are_the_same_as_none() -> None:
    desk = Desk()
    blank = {"tag": "", "vpc_uuid": "", "project_id": "", "droplet_ids": []}
    usual, found = shown(desk, active(desk)), shown(desk, active(desk, name="blank", **blank))
    assert {name for name in usual if usual[name] != found[name]} <= {"id", "name", "ip", "created_at"}
    sticky = shown(desk, active(desk, name="sticky", sticky_sessions={"type": "none", "cookie_ttl_seconds": None}))
    assert sticky["sticky_sessions"] == {"type": "none"}


@pytest.mark.parametrize(("path", "expected"), [(None, None), ("/up", "/up")], ids=["none", "given"])
def test_health_check_by_tcp_has_only_a_given_path(path: str | None, expected: str | None) -> None:
    desk = Desk()
    check = shown(desk, active(desk, health_check={"protocol": "tcp", "port": 22, "path": path}))["health_check"]
    assert (check["protocol"], check["port"], check.get("path")) == ("tcp", 22, expected)


def test_global_load_balancer_has_no_rules_and_droplets_anywhere() -> None:
    desk = Desk(DropletSpec(), DropletSpec(gpu=False))
    found = shown(desk, active(desk, **GLOBAL, droplet_ids=[FIRST, FIRST + 1]))
    assert (found["forwarding_rules"], found["droplet_ids"]) == ([], [FIRST, FIRST + 1])
    assert make(desk, name="none", **{**GLOBAL, "type": "REGIONAL", "region": "tor1"}).status == 422


@pytest.mark.parametrize(("size", "nodes"), [("lb-small", 1), ("lb-medium", 3), ("lb-large", 6)])
def test_size_is_a_number_of_nodes(size: str, nodes: int) -> None:
    desk = Desk()
    assert shown(desk, active(desk, size=size))["size_unit"] == nodes


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"region": "moon1"}, "region is missing or invalid."),
        ({"region": None}, "region is missing or invalid."),
        ({"forwarding_rules": []}, "forwarding_rules is missing or invalid."),
        ({"forwarding_rules": [{**RULE, "entry_port": 0}]}, "forwarding_rules is missing or invalid."),
        ({"forwarding_rules": [{**RULE, "target_protocol": "http3"}]}, "forwarding_rules is missing or invalid."),
        ({"forwarding_rules": [RULE, {**RULE, "target_protocol": "udp"}]}, "target_protocol is missing or invalid."),
        ({"name": ""}, "name is missing or invalid."),
        ({"name": 7}, "name is missing or invalid."),
        (
            {"forwarding_rules": [RULE, {**RULE, "target_port": 9}]},
            "A forwarding rule with this entry port and protocol exists already.",
        ),
        ({"droplet_ids": [FIRST], "tag": "a"}, "droplet_ids and tag are mutually exclusive."),
        ({"droplet_ids": [FIRST + 9]}, "droplet_ids is missing or invalid."),
        ({"droplet_ids": [FIRST + 1]}, "droplet_ids is missing or invalid."),  # in another region
        ({"droplet_ids": FIRST}, "droplet_ids is missing or invalid."),
        ({"size_unit": 101}, "size_unit is missing or invalid."),
        ({"network": "internal"}, "network is missing or invalid."),
        ({"health_check": {"protocol": "udp"}}, "health_check is missing or invalid."),
        ({"firewall": {"allow": "ip:1.2.3.4"}}, "firewall is missing or invalid."),
        ({"project_id": "4de7ac8b-495b-4884-9a69-1050c6793cd6"}, "project_id is missing or invalid."),
        ({"vpc_uuid": "4de7ac8b-495b-4884-9a69-1050c6793cd6"}, "vpc_uuid is missing or invalid."),
        ({"name": "taken"}, "name is not unique"),
    ],
)
def test_load_balancer_is_refused_with_a_text(fields: dict[str, Any], message: str) -> None:
    desk = Desk(DropletSpec(), DropletSpec(gpu=False))
    make(desk, name="taken")
    reply = make(desk, **fields)
    assert (reply.status, reply.message) == (422, message)
    assert len(desk.get("/v2/load_balancers").data["load_balancers"]) == 1


def test_every_change_waits_until_the_load_balancer_is_active() -> None:
    desk = Desk()
    path = f"/v2/load_balancers/{make(desk).data['load_balancer']['id']}"
    droplets, rules = {"droplet_ids": [FIRST]}, {"forwarding_rules": [{**RULE, "entry_port": 81}]}
    changes = [
        ("PUT", path, {**BODY, "name": "other"}),
        *[(method, f"{path}/droplets", droplets) for method in ("POST", "DELETE")],
        *[(method, f"{path}/forwarding_rules", rules) for method in ("POST", "DELETE")],
    ]
    for method, target, body in changes:
        reply = desk.ask(method, target, body)
        assert (reply.status, reply.message) == (403, BUSY), method
    desk.clock.advance(60)
    assert [desk.ask(*change).status for change in changes] == [200, 204, 204, 204, 204]


def test_update_resets_what_it_does_not_say() -> None:
    desk = Desk()
    path = active(desk, droplet_ids=[FIRST], enable_proxy_protocol=True, network_stack="DUALSTACK")
    after = desk.ask("PUT", path, BODY).data["load_balancer"]
    assert (after["droplet_ids"], after["enable_proxy_protocol"]) == ([], False)
    assert after["network_stack"] == "DUALSTACK"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"network": "INTERNAL"}, "network is missing or invalid."),
        ({"network_stack": "DUALSTACK"}, "network_stack is missing or invalid."),
        ({"region": "nyc3"}, "region is missing or invalid."),
        ({"name": "other"}, "name is not unique"),
        ({"size_unit": 2}, "A load balancer can be resized once per hour."),
    ],
)
def test_update_is_refused_when_the_setting_cannot_change(fields: dict[str, Any], message: str) -> None:
    desk = Desk()
    make(desk, name="other")
    path = active(desk)
    reply = desk.ask("PUT", path, {**BODY, **fields})
    assert (reply.status, reply.message) == (422, message)


def test_load_balancer_can_be_resized_once_per_hour() -> None:
    desk = Desk()
    path = active(desk)
    desk.clock.advance(3600)
    assert desk.ask("PUT", path, {**BODY, "size_unit": 2}).status == 200
    assert desk.ask("PUT", path, {**BODY, "size_unit": 3}).status == 422
    desk.clock.advance(3600)
    assert desk.ask("PUT", path, {**BODY, "size_unit": 3}).data["load_balancer"]["size_unit"] == 3


def test_droplets_of_a_tag_are_those_that_have_it_now() -> None:
    desk = Desk(DropletSpec(tags=("a",)), DropletSpec())
    path = active(desk, tag="a")
    desk.account.add(DropletSpec(tags=("a",)))
    assert shown(desk, path)["droplet_ids"] == [FIRST, FIRST + 2]
    desk.account.remove(FIRST)
    assert shown(desk, path)["droplet_ids"] == [FIRST + 2]
    for method in ("POST", "DELETE"):
        assert desk.ask(method, f"{path}/droplets", {"droplet_ids": [FIRST + 1]}).status == 422


def test_droplets_of_a_tag_are_those_of_its_region() -> None:
    desk = Desk(DropletSpec(tags=("a",)), DropletSpec(gpu=False, tags=("a",)))
    assert shown(desk, active(desk, tag="a"))["droplet_ids"] == [FIRST]


def test_load_balancer_is_in_a_project_and_a_vpc() -> None:
    desk = Desk()
    usual = shown(desk, active(desk))
    assert usual["project_id"] == desk.get("/v2/projects/default").data["project"]["id"]
    project = {"name": "serving", "purpose": "Service or API"}
    made = desk.ask("POST", "/v2/projects", project).data["project"]["id"]
    vpc = {"name": "serving", "region": "tor1"}
    network = desk.ask("POST", "/v2/vpcs", vpc).data["vpc"]["id"]
    path = active(desk, name="second", project_id=made, vpc_uuid=network)
    assert (shown(desk, path)["project_id"], shown(desk, path)["vpc_uuid"]) == (made, network)
    urn = f"do:loadbalancer:{path.rpartition('/')[2]}"
    assert [one["urn"] for one in desk.get(f"/v2/projects/{made}/resources").data["resources"]] == [urn]
    assert [one["urn"] for one in desk.get(f"/v2/vpcs/{network}/members").data["members"]] == [urn]
    assert desk.ask("DELETE", path).status == 204
    assert desk.get(f"/v2/projects/{made}/resources").data["resources"] == []


def test_load_balancer_can_move_to_another_project() -> None:
    desk = Desk()
    path = active(desk)
    made = desk.ask("POST", "/v2/projects", {"name": "serving", "purpose": "Service or API"}).data["project"]["id"]
    urn = f"do:loadbalancer:{path.rpartition('/')[2]}"
    assert desk.ask("POST", f"/v2/projects/{made}/resources", {"resources": [urn]}).status == 200
    assert shown(desk, path)["project_id"] == made
    other = "do:loadbalancer:4de7ac8b-495b-4884-9a69-1050c6793cd6"
    (refused,) = desk.ask("POST", f"/v2/projects/{made}/resources", {"resources": [other]}).data["resources"]
    assert refused["status"] == "not_found"
    desk.ask("PUT", path, {**BODY, "project_id": desk.get("/v2/projects/default").data["project"]["id"]})
    assert shown(desk, path)["project_id"] != made


def test_destroyed_droplet_leaves_the_load_balancer() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    path = active(desk, droplet_ids=[FIRST, FIRST + 1, FIRST])
    desk.account.destroy(FIRST)
    desk.clock.advance(60)
    assert shown(desk, path)["droplet_ids"] == [FIRST + 1]


@pytest.mark.parametrize("ids", [[FIRST + 9], ["x"], [], None, [True]])
def test_droplets_are_refused_when_they_do_not_exist(ids: Any) -> None:
    desk = Desk()
    path = active(desk)
    assert desk.ask("POST", f"{path}/droplets", {"droplet_ids": ids}).status == 422


def test_last_rule_and_a_taken_entry_are_refused() -> None:
    desk = Desk()
    path = f"{active(desk)}/forwarding_rules"
    assert desk.ask("POST", path, {"forwarding_rules": [{**RULE, "target_port": 9}]}).status == 422
    udp = {**RULE, "entry_protocol": "udp", "target_protocol": "udp"}
    assert desk.ask("POST", path, {"forwarding_rules": [udp]}).status == 204
    assert desk.ask("DELETE", path, {"forwarding_rules": [RULE, udp]}).status == 422
    assert desk.ask("DELETE", path, {"forwarding_rules": [RULE]}).status == 204


def test_only_a_global_load_balancer_has_a_cache() -> None:
    desk = Desk()
    regional, everywhere = active(desk), active(desk, name="glb", region=None, type="GLOBAL")
    assert desk.ask("DELETE", f"{regional}/cache").status == 422
    assert desk.ask("DELETE", f"{everywhere}/cache").status == 204
    assert "region" not in shown(desk, everywhere)


def test_404_when_there_is_no_such_load_balancer() -> None:
    desk = Desk()
    path = active(desk)
    assert desk.ask("DELETE", path).status == 204
    changes: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("PUT", path, BODY),
        ("DELETE", path, None),
        ("DELETE", f"{path}/cache", None),
        ("POST", f"{path}/droplets", {"droplet_ids": [FIRST]}),
        ("DELETE", f"{path}/forwarding_rules", {"forwarding_rules": [RULE]}),
        ("GET", "/v2/load_balancers/lb", None),
    ]
    assert [desk.ask(*change).status for change in changes] == [404] * len(changes)
    assert desk.get("/v2/load_balancers").data["load_balancers"] == []
    assert desk.account.droplet(FIRST) is not None
