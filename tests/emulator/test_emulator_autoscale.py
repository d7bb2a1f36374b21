"""Autoscale pools of the emulator: what is refused, and how pools make, replace and destroy their Droplets."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk, Reply, public_key

from gradient_async.emulator import PUBLIC_CATALOGUE
from gradient_async.emulator.account import RefusedError
from gradient_async.emulator.autoscale import AutoscalePools
from gradient_async.emulator.autoscale_rules import Load, desired_count

pytestmark = pytest.mark.once

POOLS = "/v2/droplets/autoscale"
TEMPLATE: dict[str, Any] = {
    "region": "nyc3",
    "size": "s-1vcpu-1gb",
    "image": "ubuntu-24-04-x64",
    "ssh_keys": ["512189"],
}
FIXED = {"target_number_instances": 2}
BY_LOAD = {"min_instances": 1, "max_instances": 4, "target_cpu_utilization": 0.5, "cooldown_minutes": 5}
BODY: dict[str, Any] = {"name": "pool", "config": FIXED, "droplet_template": TEMPLATE}
COOLDOWN = 600


def a_desk(**options: Any) -> Desk:
    desk = Desk(**options)
    desk.ask("POST", "/v2/account/keys", {"name": "laptop", "public_key": public_key("laptop")})
    return desk


def make(desk: Desk, **fields: Any) -> Reply:
    return desk.ask("POST", POOLS, {**BODY, **fields})


def grown(desk: Desk, **fields: Any) -> str:
    """Return the path of a pool that has its first Droplets, and may have others now."""
    reply = make(desk, **fields)
    assert reply.status == 202, reply.data
    desk.clock.advance(COOLDOWN)
    return f"{POOLS}/{reply.data['autoscale_pool']['id']}"


def members(desk: Desk, path: str) -> dict[int, str]:
    return {one["droplet_id"]: one["status"] for one in desk.get(f"{path}/members").data["droplets"]}


def events(desk: Desk, path: str) -> list[tuple[str, str, int, int]]:
    """Reason, status, and the counts before and after; newest first."""
    found = desk.get(f"{path}/history").data["history"]
    keys = ("reason", "status", "current_instance_count", "desired_instance_count")
    return [tuple(one[key] for key in keys) for one in found]  # type: ignore[misc] # four keys


def set_load(desk: Desk, path: str, **load: float) -> None:
    desk.account.part(AutoscalePools).set_load(path.rpartition("/")[2], **load)


def test_pool_makes_its_droplets_a_little_later() -> None:
    desk = a_desk()
    path = f"{POOLS}/{make(desk).data['autoscale_pool']['id']}"
    assert members(desk, path) == {}
    desk.clock.advance(6)
    assert members(desk, path) == {FIRST + 1: "provisioning", FIRST + 2: "provisioning"}
    assert events(desk, path) == [("CONFIGURATION_CHANGE", "in_progress", 0, 2)]
    desk.clock.advance(60)
    assert members(desk, path) == {FIRST + 1: "active", FIRST + 2: "active"}
    assert events(desk, path) == [("CONFIGURATION_CHANGE", "success", 0, 2)]
    assert desk.get(path).data["autoscale_pool"]["active_resources_count"] == 2


def test_droplets_of_a_pool_are_as_its_template_says() -> None:
    desk = a_desk()
    grown(desk, droplet_template={**TEMPLATE, "name": "web", "tags": ["a"], "ipv6": True, "vpc_uuid": ""})
    shown = desk.get("/v2/droplets?tag_name=a").data["droplets"]
    assert [one["name"] for one in shown] == ["web-1", "web-2"]
    assert {(one["size_slug"], one["region"]["slug"], one["image"]["slug"]) for one in shown} == {
        ("s-1vcpu-1gb", "nyc3", "ubuntu-24-04-x64")
    }
    assert all("ipv6" in one["features"] for one in shown)


def test_droplets_of_a_pool_are_in_its_project() -> None:
    desk = a_desk()
    project = desk.ask("POST", "/v2/projects", {"name": "serving", "purpose": "Service or API"}).data["project"]["id"]
    grown(desk, droplet_template={**TEMPLATE, "project_id": project})
    found = desk.get(f"/v2/projects/{project}/resources").data["resources"]
    assert [one["urn"] for one in found] == [f"do:droplet:{FIRST + 1}", f"do:droplet:{FIRST + 2}"]


def test_template_shows_only_what_the_api_knows() -> None:
    desk = a_desk()
    made = make(desk, droplet_template={**TEMPLATE, "backups": True, "monitoring": True, "vpc_uuid": None})
    assert made.data["autoscale_pool"]["droplet_template"] == TEMPLATE
    desk.clock.advance(60)
    assert desk.get(f"/v2/droplets/{FIRST + 1}").data["droplet"]["backup_ids"] == []
    assert "backups" not in desk.get(f"/v2/droplets/{FIRST + 1}").data["droplet"]["features"]


def test_lost_droplet_is_replaced_after_the_cooldown() -> None:
    desk = a_desk()
    path = f"{POOLS}/{make(desk).data['autoscale_pool']['id']}"
    desk.clock.advance(60)
    desk.account.destroy(FIRST + 1)
    desk.clock.advance(COOLDOWN - 60)
    assert members(desk, path) == {FIRST + 2: "active"}
    desk.clock.advance(60)
    assert members(desk, path) == {FIRST + 2: "active", FIRST + 3: "active"}
    assert events(desk, path)[0] == ("SCALE_UP", "success", 1, 2)


def test_surplus_droplets_are_shut_down_before_they_go() -> None:
    desk = a_desk()
    path = grown(desk)
    desk.clock.advance(60)
    reply = desk.ask("PUT", path, {**BODY, "config": {"target_number_instances": 1}})
    assert reply.data["autoscale_pool"]["config"] == {"target_number_instances": 1}
    desk.clock.advance(10)
    assert members(desk, path) == {FIRST + 1: "deleting", FIRST + 2: "active"}
    assert desk.status_of(FIRST + 1) == "off"
    assert [one.type for one in desk.account.actions_of(FIRST + 1)] == ["shutdown", "create"]
    desk.clock.advance(80)
    assert members(desk, path) == {FIRST + 2: "active"}
    assert desk.account.droplet(FIRST + 1) is None
    assert events(desk, path)[0] == ("CONFIGURATION_CHANGE", "success", 2, 1)


def test_pool_of_a_full_account_can_shrink() -> None:
    desk = a_desk(catalogue=attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=3))
    path = grown(desk)
    assert len(desk.account.droplets) == 3
    assert desk.ask("PUT", path, {**BODY, "config": {"target_number_instances": 1}}).status == 200
    assert desk.ask("PUT", path, {**BODY, "droplet_template": {**TEMPLATE, "tags": ["new"]}}).status == 422


def test_another_template_replaces_droplets_after_new_ones() -> None:
    desk = a_desk()
    path = grown(desk)
    desk.clock.advance(60)
    desk.ask("PUT", path, {**BODY, "droplet_template": {**TEMPLATE, "tags": ["new"]}})
    desk.clock.advance(100)
    assert list(members(desk, path).values()) == ["active"] * 4
    desk.clock.advance(COOLDOWN)
    assert members(desk, path) == {FIRST + 3: "active", FIRST + 4: "active"}
    assert [one.tags for one in desk.account.droplets.values() if one.id > FIRST] == [("new",)] * 2


@pytest.mark.parametrize(
    ("config", "active", "load", "count"),
    [
        (FIXED, 5, Load(cpu=9), 2),
        (BY_LOAD, 0, Load(cpu=9), 1),
        (BY_LOAD, 2, Load(), 1),
        (BY_LOAD, 1, Load(cpu=0.5), 1),
        (BY_LOAD, 1, Load(cpu=0.51), 2),
        (BY_LOAD, 1, Load(cpu=9), 2),
        (BY_LOAD, 4, Load(cpu=9), 4),
        # The documentation's example: two Droplets at 95 % of their CPUs, with a target of 80 %.
        ({"min_instances": 1, "max_instances": 9, "target_cpu_utilization": 0.8}, 2, Load(cpu=1.9), 3),
        (
            {"min_instances": 1, "max_instances": 9, "target_cpu_utilization": 0.5, "target_memory_utilization": 0.1},
            2,
            Load(cpu=1.0, memory=0.6),
            6,
        ),
        ({"min_instances": 2, "max_instances": 9}, 3, Load(cpu=9), 2),
    ],
)
def test_size_of_a_pool_follows_its_load(config: dict[str, Any], active: int, load: Load, count: int) -> None:
    assert desired_count(config, active, load) == count


def test_load_is_that_of_active_members() -> None:
    desk = a_desk()
    path = grown(desk, config=BY_LOAD)
    set_load(desk, path, cpu=0.8, memory=1.5)
    desk.clock.advance(6)
    shown = desk.get(f"{path}/members").data["droplets"]
    assert [(one["status"], one["current_utilization"]) for one in shown] == [
        ("active", {"cpu": 0.8, "memory": 1.0}),
        ("provisioning", {"cpu": 0.0, "memory": 0.0}),
    ]


def test_user_data_may_have_64_kib() -> None:
    assert make(a_desk(), droplet_template={**TEMPLATE, "user_data": "x" * 65_536}).status == 202


@pytest.mark.parametrize("target", [0.05, 0.5, 1])
def test_target_may_be_any_share_of_the_documented_range(target: float) -> None:
    config = {"min_instances": 1, "max_instances": 1, "target_memory_utilization": target}
    made = make(a_desk(), config=config).data["autoscale_pool"]
    assert made["config"] == {**config, "cooldown_minutes": 10}


def test_pool_grows_and_shrinks_once_in_a_cooldown() -> None:
    desk = a_desk()
    path = grown(desk, config=BY_LOAD)
    set_load(desk, path, cpu=3.0)
    counts = []
    for _ in range(5):
        desk.clock.advance(300)
        counts.append(desk.get(path).data["autoscale_pool"]["active_resources_count"])
    assert counts == [2, 4, 4, 4, 4]
    assert desk.get(path).data["autoscale_pool"]["current_utilization"] == {"memory": 0.0, "cpu": 0.75}
    set_load(desk, path)
    desk.clock.advance(900)
    assert len(members(desk, path)) == 1
    assert [reason for reason, *_ in events(desk, path)] == [
        "SCALE_DOWN",
        "SCALE_UP",
        "SCALE_UP",
        "CONFIGURATION_CHANGE",
    ]


def test_history_says_why_when_there_is_no_room() -> None:
    desk = a_desk(catalogue=attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=2))
    path = grown(desk)
    (event,) = desk.get(f"{path}/history").data["history"]
    assert (event["status"], event["desired_instance_count"]) == ("error", 2)
    assert "limit" in event["error_reason"]
    assert list(members(desk, path)) == [FIRST + 1]
    desk.account.catalogue = PUBLIC_CATALOGUE
    desk.clock.advance(COOLDOWN + 60)
    assert list(members(desk, path)) == [FIRST + 1, FIRST + 2]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"config": None}, "config"),
        ({"config": {"min_instances": 1}}, "config"),
        ({"config": {**FIXED, "min_instances": 1, "max_instances": 2}}, "config"),
        ({"config": {**FIXED, "cooldown_minutes": 5}}, "config"),
        ({"config": {"target_number_instances": 0}}, "config.target_number_instances"),
        ({"config": {"target_number_instances": True}}, "config.target_number_instances"),
        ({"config": {**BY_LOAD, "min_instances": 5}}, "config.max_instances"),
        ({"config": {**BY_LOAD, "target_cpu_utilization": 80}}, "config.target_cpu_utilization"),
        ({"config": {**BY_LOAD, "cooldown_minutes": 1}}, "config.cooldown_minutes"),
        ({"droplet_template": {}}, "droplet_template.image"),
        ({"droplet_template": {**TEMPLATE, "ssh_keys": []}}, "droplet_template.ssh_keys"),
        ({"droplet_template": {**TEMPLATE, "user_data": "x" * 70_000}}, "droplet_template.user_data"),
    ],
)
def test_pool_is_refused_when_a_setting_is_wrong(fields: dict[str, Any], named: str) -> None:
    reply = make(a_desk(), **fields)
    assert (reply.status, reply.message) == (422, f"{named} is missing or invalid.")


@pytest.mark.parametrize(
    "change",
    [
        {"size": "gpu-none"},
        {"image": "none"},
        {"region": "moon1"},
        {"ssh_keys": ["7"]},
        {"tags": ["a b"]},
        {"vpc_uuid": "4de7ac8b-495b-4884-9a69-1050c6793cd6"},
        {"project_id": "4de7ac8b-495b-4884-9a69-1050c6793cd6"},
    ],
)
def test_pool_is_refused_when_the_account_has_no_such_thing(change: dict[str, Any]) -> None:
    desk = a_desk()
    assert make(desk, droplet_template={**TEMPLATE, **change}).status == 422
    assert desk.get(POOLS).data["autoscale_pools"] == []


def test_droplets_stay_when_only_the_pool_is_deleted() -> None:
    desk = a_desk()
    path = grown(desk)
    assert desk.ask("DELETE", path).status == 202
    assert desk.get(path).data["autoscale_pool"]["status"] == "deleting"
    assert desk.ask("PUT", path, BODY).status == 422
    assert desk.ask("DELETE", path).status == 202
    desk.clock.advance(6)
    assert desk.get(path).status == 404
    assert list(desk.account.droplets) == [FIRST, FIRST + 1, FIRST + 2]


def test_droplets_go_before_the_pool_when_both_are_deleted() -> None:
    desk = a_desk()
    path = grown(desk)
    for headers in ({}, {"x-dangerous": "false"}):
        assert desk.ask("DELETE", f"{path}/dangerous", headers=headers).status == 422
    assert desk.ask("DELETE", f"{path}/dangerous", headers={"x-dangerous": "true"}).status == 202
    desk.clock.advance(6)
    assert set(members(desk, path).values()) == {"deleting"}
    desk.clock.advance(60)
    assert desk.get(path).status == 404
    assert list(desk.account.droplets) == [FIRST]


def test_name_is_fixed_and_filters_the_list() -> None:
    desk = a_desk()
    path = grown(desk)
    make(desk, name="other")
    assert desk.ask("PUT", path, {**BODY, "name": "renamed"}).status == 422
    assert [one["name"] for one in desk.get(f"{POOLS}?name=other").data["autoscale_pools"]] == ["other"]
    assert len(desk.get(POOLS).data["autoscale_pools"]) == 2


def test_404_when_there_is_no_such_pool() -> None:
    desk = a_desk()
    path = f"{POOLS}/0d3db13e-a604-4944-9827-7ec2642d32ac"
    asked = [("GET", path), ("DELETE", path), ("GET", f"{path}/members"), ("GET", f"{path}/history")]
    assert [desk.ask(*one).status for one in asked] == [404] * 4
    assert desk.ask("PUT", path, BODY).status == 404
    assert desk.ask("DELETE", f"{path}/dangerous", headers={"x-dangerous": "true"}).status == 404
    with pytest.raises(RefusedError):
        desk.account.part(AutoscalePools).set_load("none", cpu=1)
